// What a tracer may learn of its tracee's seccomp filters (kernel/seccomp.c, seccomp_get_filter, seccomp_get_metadata).
// requests.ts comes here. Filters are numbered from the one that was installed first.

import { SockFilter } from '../abi/bpf.ts';
import { SeccompMetadata } from '../abi/ptrace.ts';
import { EACCES, EINVAL, ENOENT, fail } from '../errno.ts';
import { type Filter, filterCount, SECCOMP_MODE_FILTER } from '../seccomp/filters.ts';
import { CAP_SYS_ADMIN, capable } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';

/** EACCES, EINVAL when the tracee has no filters, ENOENT when not so many. */
function findFilter(tracer: Thread, { confinement }: Thread, number: number): Filter {
  demandRight(tracer);
  if (confinement?.mode !== SECCOMP_MODE_FILTER) return fail(EINVAL, 'the thread has no filters');
  let above = filterCount(confinement) - 1 - number;
  if (above < 0) fail(ENOENT, 'not so many filters');
  let filter = confinement.last;
  while (above-- > 0 && filter.earlier !== undefined) filter = filter.earlier;
  return filter;
}

function demandRight({ credentials, confinement }: Thread): void {
  if (!capable(credentials, CAP_SYS_ADMIN) || confinement !== undefined)
    fail(EACCES, 'needs CAP_SYS_ADMIN, and no filters of its own');
}

/** PTRACE_SECCOMP_GET_FILTER: how many instructions there are; they go to `data` unless it is NULL. */
export function getFilter(tracer: Thread, thread: Thread, number: number, data: number): number {
  const { program } = findFilter(tracer, thread, number);
  if (data === 0) return program.length;
  for (const [index, instruction] of program.entries())
    tracer.user.writeStruct(data + index * SockFilter.size, SockFilter, instruction);
  return program.length;
}

/** PTRACE_SECCOMP_GET_METADATA: `size` bytes, whose first word says which filter. */
export function getFilterFacts(tracer: Thread, thread: Thread, size: number, data: number): number {
  demandRight(tracer);
  const length = Math.min(size, SeccompMetadata.size);
  if (length < 8) fail(EINVAL, 'no room for the number of the filter');
  const number = tracer.user.readU64(data);
  const { flags } = findFilter(tracer, thread, number);
  tracer.user.write(data, SeccompMetadata.encode({ filter_off: number, flags }).subarray(0, length));
  return length;
}
