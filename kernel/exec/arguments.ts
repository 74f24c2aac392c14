// Limits on arguments and environment (execve(2), "Limits on size of arguments and environment"; fs/exec.c).
// syscalls/exec.ts reads them from the guest under these limits; exec.ts checks what comes from outside.
import { E2BIG, fail } from '../errno.ts';

/** One string with its NUL. */
export const MAX_ARG_STRLEN = 131_072;
/** All strings and pointers together, at least. */
const ARG_MAX = 131_072;
/** At most: three quarters of the default stack. */
const TOTAL_MAX = 6 << 20;

/** Bytes that strings may take after their pointers. E2BIG when the pointers alone are too many. */
export function stringSpace(stackLimit: number, argc: number, envc: number): number {
  const limit = Math.max(ARG_MAX, Math.min(TOTAL_MAX, Math.floor(stackLimit / 4)));
  const pointers = (Math.max(argc, 1) + envc) * 8;
  if (limit <= pointers) fail(E2BIG, 'more arguments than a quarter of the stack holds');
  return limit - pointers;
}

/** E2BIG when strings are too long, alone or together. */
export function checkArguments(strings: readonly string[], space: number): void {
  let used = 0;
  for (const { length } of strings) {
    if (length + 1 > MAX_ARG_STRLEN) fail(E2BIG, 'an argument of 128 KiB or more');
    used += length + 1;
    if (used > space) fail(E2BIG, 'arguments and environment are larger than a quarter of the stack');
  }
}
