// What a descriptor is, as -y and -yy show it: `3</tmp/x>`, `4<UNIX-STREAM:[12->13]>`.
// The kinds Fd and DirFd call it, and printers of structs that hold descriptors.
// Without -y it is the bare number.
import type { PrintContext } from '../kind.ts';

const GONE = ' (deleted)';

/** `fd`, followed by what it refers to when -y or -yy asks. */
export function printFd(fd: number, context: PrintContext): string {
  if (context.decodeFds === 0) return String(fd);
  const described = context.describeFd?.(fd);
  if (described === undefined) return String(fd);
  // of a file that has no name any more
  return described.endsWith(GONE)
    ? `${fd}<${described.slice(0, -GONE.length)}>${GONE.trim()}`
    : `${fd}<${described}>`;
}
