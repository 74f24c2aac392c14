// Where a program begins, as its auxiliary vector says: the interpreter jumps there when it has loaded the libraries.
// Calls by hand return to it, and thread-local.ts tells the program from its libraries by it.
import type { Thread } from '../kernel/task/thread.ts';

const AT_ENTRY = 9n;

/** AT_ENTRY; undefined when the vector has none. */
export function entryPointOf({ mm }: Thread): number | undefined {
  const words = new BigUint64Array(mm.image.auxv.slice().buffer);
  for (let at = 0; at + 1 < words.length; at += 2) if (words[at] === AT_ENTRY) return Number(words[at + 1]);
  return undefined;
}
