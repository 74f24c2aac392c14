// The beginning of some bytes, as answers are cut to the room that there is for them.

/**
 * The first `length` bytes of `bytes`, not a copy; the array itself where that is all of it. To view a small array, V8 first
 * makes it a buffer, which takes half a microsecond (docs/decisions/0026).
 */
export function firstBytes(bytes: Uint8Array, length: number): Uint8Array {
  return length < bytes.length ? bytes.subarray(0, length) : bytes;
}
