import { describe, expect, it } from 'vitest';
import { Random } from '../testing/random.ts';
import { Flag } from './helpers.ts';
import * as soft from './soft-float.ts';

const view = new DataView(new ArrayBuffer(8));
const fromBits = (bits: bigint) => {
  view.setBigUint64(0, bits);
  return view.getFloat64(0);
};
const toBits = (value: number) => {
  view.setFloat64(0, value);
  return Number.isNaN(value) ? 0x7ff8_0000_0000_0000n : view.getBigUint64(0);
};
const singleToBits = (value: number) => {
  view.setFloat32(0, value);
  return Number.isNaN(value) ? 0x7fc0_0000n : BigInt(view.getUint32(0));
};
const singleFromBits = (bits: bigint) => {
  view.setUint32(0, Number(bits));
  return view.getFloat32(0);
};
const nearest = () => ({ rounding: 0, flags: 0 });
const CASES = 4000;

describe('soft float', () => {
  it.each([
    ['add', (a: number, b: number) => a + b],
    ['sub', (a: number, b: number) => a - b],
    ['mul', (a: number, b: number) => a * b],
    ['div', (a: number, b: number) => a / b],
  ] as const)('rounds %s to nearest as the host does', (operation, host) => {
    const random = new Random(1);
    for (let i = 0; i < CASES; i++) {
      const [a, b] = [random.double(), random.double()];
      const expected = toBits(host(fromBits(a), fromBits(b)));
      expect(soft.arithmetic(operation, 'd', nearest(), a, b), `${a.toString(16)} ${b.toString(16)}`).toBe(
        expected,
      );
      const [c, d] = [BigInt.asUintN(32, random.single()), BigInt.asUintN(32, random.single())];
      const single = singleToBits(Math.fround(host(singleFromBits(c), singleFromBits(d))));
      expect(soft.arithmetic(operation, 's', nearest(), c, d), `${c.toString(16)} ${d.toString(16)}`).toBe(
        single,
      );
    }
  });

  it('takes square roots as the host does', () => {
    const random = new Random(2);
    for (let i = 0; i < CASES; i++) {
      const a = random.double();
      expect(soft.squareRoot('d', nearest(), a)).toBe(toBits(Math.sqrt(fromBits(a))));
    }
  });

  it('narrows as the host does', () => {
    const random = new Random(3);
    for (let i = 0; i < CASES; i++) {
      const a = random.double();
      expect(soft.convert('s', nearest(), a)).toBe(singleToBits(Math.fround(fromBits(a))));
    }
  });

  it('rounds a multiply-add once', () => {
    // (1 + 2^-52)² − (1 + 2^-51) = 2^-104, which two roundings lose.
    const a = toBits(1 + 2 ** -52);
    expect(fromBits(soft.fusedMultiplyAdd('d', nearest(), a, a, toBits(-(1 + 2 ** -51))))).toBe(2 ** -104);
  });

  it.each([
    [0, 1, 0x3ff5_5555_5555_5555n],
    [3, 1, 0x3ff5_5555_5555_5556n],
    [2, -1, 0xbff5_5555_5555_5556n],
    [1, -1, 0xbff5_5555_5555_5555n],
  ])('rounds 4/3 in mode %d with sign %d', (rounding, sign, bits) => {
    const environment = { rounding, flags: 0 };
    expect(soft.arithmetic('div', 'd', environment, toBits(4 * sign), toBits(3))).toBe(bits);
    expect(environment.flags).toBe(Flag.INEXACT);
  });

  it('detects tininess after rounding', () => {
    // Just below the smallest normal, so near that rounding with an unbounded exponent reaches it.
    const environment = nearest();
    const [a, b] = [toBits(1 - 2 ** -53), toBits(2 ** -1022)];
    expect(soft.arithmetic('mul', 'd', environment, a, b)).toBe(0x0010_0000_0000_0000n);
    expect(environment.flags).toBe(Flag.INEXACT | Flag.UNDERFLOW);
  });

  it('says ∞ × 0 + NaN is invalid', () => {
    const environment = nearest();
    const nan = soft.fusedMultiplyAdd('d', environment, toBits(Infinity), 0n, toBits(Number.NaN));
    expect([nan, environment.flags]).toEqual([0x7ff8_0000_0000_0000n, Flag.INVALID]);
  });
});
