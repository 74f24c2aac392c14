// What a descriptor is, as -y and -yy show it: `3</tmp/x>`, `4<UNIX-STREAM:[12->13]>`.
// The kinds Fd and DirFd call it, and printers of structs that hold descriptors.
// Without -y it is the bare number.
import type { PrintContext } from '../kind.ts';

/** `fd`, followed by what it refers to when -y or -yy asks. */
export function printFd(fd: number, context: PrintContext): string {
  if (context.decodeFds === 0) return String(fd);
  const described = context.describeFd?.(fd);
  return described === undefined ? String(fd) : `${fd}<${described}>`;
}
