// Looking things up in what is sorted: by halves.
// Symbols, line tables and logs of numbers are, by address or tick.
// What is not in ascending order gives some count or other, never an error.

/** How many of the first `length` have a key that is not above `limit`, if the keys ascend. */
export function countUpTo(length: number, keyAt: (index: number) => number, limit: number): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (keyAt(middle) <= limit) low = middle + 1;
    else high = middle;
  }
  return low;
}
