// The machine's random bytes: getrandom, /dev/urandom, AT_RANDOM, autobind names, schedules.
// With a seed every byte is a function of the seed alone (xoshiro128**); without, the host's entropy.

export class Random {
  readonly #host: ((bytes: Uint8Array) => void) | undefined;
  readonly #state = new Uint32Array(4);

  constructor(seed: number | undefined, host: (bytes: Uint8Array) => void) {
    this.#host = seed === undefined ? host : undefined;
    let mix = (seed ?? 0) >>> 0;
    for (let i = 0; i < 4; i++) {
      // splitmix32, so that small seeds give unrelated states
      mix = (mix + 0x9e3779b9) >>> 0;
      let word = Math.imul(mix ^ (mix >>> 16), 0x85ebca6b);
      word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35);
      this.#state[i] = word ^ (word >>> 16);
    }
  }

  /** Fills `bytes` and returns it. */
  fill(bytes: Uint8Array): Uint8Array {
    if (this.#host !== undefined) {
      this.#host(bytes);
      return bytes;
    }
    for (let i = 0; i < bytes.length; i += 4) {
      const word = this.#next();
      for (let k = 0; k < 4 && i + k < bytes.length; k++) bytes[i + k] = word >>> (8 * k);
    }
    return bytes;
  }

  /** A uniform integer in [0, limit), limit ≤ 2^32. */
  below(limit: number): number {
    const bytes = this.fill(new Uint8Array(4));
    return Math.floor((new DataView(bytes.buffer).getUint32(0) / 0x1_0000_0000) * limit);
  }

  #next(): number {
    const [a = 0, b = 0, c = 0, d = 0] = this.#state;
    const product = Math.imul(b, 5);
    const result = Math.imul((product << 7) | (product >>> 25), 9) >>> 0;
    const shifted = b << 9;
    const c1 = c ^ a;
    const d1 = d ^ b;
    this.#state[1] = b ^ c1;
    this.#state[0] = a ^ d1;
    this.#state[2] = c1 ^ shifted;
    this.#state[3] = (d1 << 11) | (d1 >>> 21);
    return result;
  }
}
