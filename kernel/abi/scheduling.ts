// struct sched_attr of sched_setattr(2), as include/uapi/linux/sched/types.h declares it.
// kernel/syscalls/sched.ts reads and writes it, traces print it.
import { b64, i32, struct, u32 } from './struct.ts';

export const SchedAttr = struct('sched_attr', {
  size: u32,
  policy: u32,
  flags: b64,
  nice: i32,
  priority: u32,
  runtime: b64,
  deadline: b64,
  period: b64,
  utilMin: u32,
  utilMax: u32,
});

export const SCHED_FIFO = 1;
export const SCHED_RR = 2;
export const SCHED_IDLE = 5;
