// Structs of clone3 and of resource limits (include/uapi/linux/sched.h, resource.h).
// kernel/syscalls/process.ts and limits.ts read and write them, traces print them.
import { b64, struct } from './struct.ts';

/** CLONE_ARGS_SIZE_VER0: what clone3 demands at least. */
export const CloneArgsVer0 = struct('clone_args', {
  flags: b64,
  pidfd: b64,
  child_tid: b64,
  parent_tid: b64,
  exit_signal: b64,
  stack: b64,
  stack_size: b64,
  tls: b64,
});

/** CLONE_ARGS_SIZE_VER2. */
export const CloneArgs = struct('clone_args', {
  ...CloneArgsVer0.fields,
  set_tid: b64,
  set_tid_size: b64,
  cgroup: b64,
});

export const Rlimit = struct('rlimit', { rlim_cur: b64, rlim_max: b64 });
