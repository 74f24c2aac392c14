// Repeatable random numbers and operands that tend to break arithmetic.
// Called by the emulator's tests; the same seed gives the same sequence on every host.
// Values are unsigned 64-bit integers.

const SPECIAL_INTEGERS: readonly bigint[] = [
  0n,
  1n,
  2n,
  31n,
  32n,
  63n,
  64n,
  0x7fn,
  0x80n,
  0xffn,
  0x7fffn,
  0x8000n,
  0xffffn,
  0x7fff_ffffn,
  0x8000_0000n,
  0xffff_ffffn,
  0x1_0000_0000n,
  0x7fff_ffff_ffff_ffffn,
  0x8000_0000_0000_0000n,
  0xffff_ffff_8000_0000n,
  0xffff_ffff_7fff_ffffn,
  0xffff_ffff_ffff_fffen,
  0xffff_ffff_ffff_ffffn,
];

/** Bit patterns: zeros, subnormals, limits, infinities, NaNs of both kinds, integers' edges. */
const SPECIAL_DOUBLES: readonly bigint[] = [
  0x0000_0000_0000_0000n,
  0x0000_0000_0000_0001n,
  0x000f_ffff_ffff_ffffn,
  0x0010_0000_0000_0000n,
  0x0010_0000_0000_0001n,
  0x3ca0_0000_0000_0000n,
  0x3fe0_0000_0000_0000n,
  0x3ff0_0000_0000_0000n,
  0x3ff0_0000_0000_0001n,
  0x3fef_ffff_ffff_ffffn,
  0x4000_0000_0000_0000n,
  0x41df_ffff_ffc0_0000n,
  0x41e0_0000_0000_0000n,
  0x43d0_0000_0000_0000n,
  0x43e0_0000_0000_0000n,
  0x43ef_ffff_ffff_ffffn,
  0x43f0_0000_0000_0000n,
  0x47ef_ffff_f000_0000n,
  0x36a0_0000_0000_0000n,
  0x3810_0000_0000_0000n,
  0x7fef_ffff_ffff_ffffn,
  0x7ff0_0000_0000_0000n,
  0x7ff0_0000_0000_0001n,
  0x7ff8_0000_0000_0000n,
  0x7fff_ffff_ffff_ffffn,
];
const SPECIAL_SINGLES: readonly bigint[] = [
  0x0000_0000n,
  0x0000_0001n,
  0x007f_ffffn,
  0x0080_0000n,
  0x0080_0001n,
  0x3380_0000n,
  0x3f00_0000n,
  0x3f80_0000n,
  0x3f80_0001n,
  0x3f7f_ffffn,
  0x4effffffn,
  0x4f00_0000n,
  0x5eff_ffffn,
  0x5f00_0000n,
  0x5f80_0000n,
  0x7f7f_ffffn,
  0x7f80_0000n,
  0x7f80_0001n,
  0x7fc0_0000n,
  0x7fff_ffffn,
];
const BOX = 0xffff_ffff_0000_0000n;

export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** Mulberry32. */
  u32(): number {
    this.#state = (this.#state + 0x6d2b_79f5) >>> 0;
    let z = this.#state;
    z = Math.imul(z ^ (z >>> 15), z | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return (z ^ (z >>> 14)) >>> 0;
  }

  below(limit: number): number {
    return this.u32() % limit;
  }

  pick<T>(list: readonly T[]): T {
    return list[this.below(list.length)] as T;
  }

  u64(): bigint {
    return (BigInt(this.u32()) << 32n) | BigInt(this.u32());
  }

  integer(): bigint {
    switch (this.below(4)) {
      case 0:
        return this.pick(SPECIAL_INTEGERS);
      case 1:
        return BigInt.asUintN(64, this.pick(SPECIAL_INTEGERS) + BigInt(this.below(5) - 2));
      case 2:
        return BigInt.asUintN(64, BigInt.asIntN(64, this.u64()) >> BigInt(this.below(64)));
      default:
        return this.u64();
    }
  }

  /** A register's 64 bits. */
  double(): bigint {
    const sign = this.below(2) === 0 ? 0n : 1n << 63n;
    switch (this.below(5)) {
      case 0:
        return this.pick(SPECIAL_DOUBLES) ^ sign;
      case 1:
        // Exponents near 1, so that sums cancel and products stay ordinary.
        return (BigInt(1023 + this.below(64) - 32) << 52n) | (this.u64() >> 12n) | sign;
      case 2:
        // Few significant bits: exact results.
        return (BigInt(1023 + this.below(20) - 10) << 52n) | (BigInt(this.below(256)) << 44n) | sign;
      case 3:
        // Near the bottom and the top of the range.
        return (
          (BigInt(this.pick([0, 1, 30, 500, 520, 1540, 2040, 2046])) << 52n) | (this.u64() >> 12n) | sign
        );
      default:
        return this.u64();
    }
  }

  /** A register's 64 bits: boxed, except now and then. */
  single(): bigint {
    const sign = this.below(2) === 0 ? 0n : 1n << 31n;
    const box = this.below(30) === 0 ? this.u64() & BOX : BOX;
    switch (this.below(5)) {
      case 0:
        return this.pick(SPECIAL_SINGLES) | sign | box;
      case 1:
        return (BigInt(127 + this.below(48) - 24) << 23n) | BigInt(this.u32() >>> 9) | sign | box;
      case 2:
        return (BigInt(127 + this.below(16) - 8) << 23n) | (BigInt(this.below(32)) << 18n) | sign | box;
      case 3:
        return (
          (BigInt(this.pick([0, 1, 20, 63, 190, 250, 254])) << 23n) | BigInt(this.u32() >>> 9) | sign | box
        );
      default:
        return BigInt(this.u32()) | box;
    }
  }
}
