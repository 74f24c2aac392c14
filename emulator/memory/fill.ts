// Filling memory of address spaces: V8 writes shared memory a byte at a time, but copies it in words.
// Called by guest memory, its maps included, and by the decode cache.

const PATTERN_SIZE = 0x4000;
const FEW = 64;
/** PATTERN_SIZE bytes of each value that was asked for. */
const patterns = new Map<number, Uint8Array>();

/** As target.fill(value, start, end), which must lie inside `target`. */
export function fillBytes(target: Uint8Array, value: number, start: number, end: number): void {
  if (end - start <= FEW) {
    target.fill(value, start, end);
    return;
  }
  let pattern = patterns.get(value);
  if (pattern === undefined) {
    pattern = new Uint8Array(PATTERN_SIZE).fill(value);
    patterns.set(value, pattern);
  }
  for (let at = start; at < end; at += PATTERN_SIZE)
    target.set(end - at >= PATTERN_SIZE ? pattern : pattern.subarray(0, end - at), at);
}
