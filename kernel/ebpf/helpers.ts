// Functions that a program may call (include/uapi/linux/bpf.h, ___BPF_FUNC_MAPPER): of those that device programs have, the ones without arguments.
import type { Thread } from '../task/thread.ts';

function pair(high: number, low: number): bigint {
  return (BigInt(high >>> 0) << 32n) | BigInt(low >>> 0);
}

export const HELPERS: Readonly<Record<number, (thread: Thread) => bigint>> = {
  // bpf_ktime_get_ns
  5: ({ kernel }) => BigInt(kernel.clock.monotonicNs()),
  // bpf_get_smp_processor_id
  8: () => 0n,
  // bpf_get_current_pid_tgid
  14: ({ process, tid }) => pair(process.pid, tid),
  // bpf_get_current_uid_gid
  15: ({ credentials }) => pair(credentials.rgid, credentials.ruid),
};
