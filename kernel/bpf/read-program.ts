// A program of classic BPF from guest memory (struct sock_fprog), for seccomp(2) and SO_ATTACH_FILTER.
// The callers read the struct itself, as what they ask before the instructions differs.
import { SockFilter } from '../abi/bpf.ts';
import { EINVAL, fail } from '../errno.ts';
import type { Thread } from '../task/thread.ts';
import { type BpfInstruction, MOST_INSTRUCTIONS } from './classic-bpf.ts';

/** EINVAL: no program has this length (bpf_check_basics_ok). */
export function demandLength(length: number): void {
  if (length === 0 || length > MOST_INSTRUCTIONS) fail(EINVAL, 'a filter has 1 to 4096 instructions');
}

/** EFAULT; EINVAL: no instructions at all. */
export function readInstructions(thread: Thread, address: number, length: number): BpfInstruction[] {
  if (address === 0) fail(EINVAL, 'a filter has instructions');
  return Array.from({ length }, (_, i) => thread.user.readStruct(address + i * SockFilter.size, SockFilter));
}
