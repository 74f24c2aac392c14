// Reading a call's arguments must give the same before and after the row got code of its own.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Hart } from '../../emulator/cpu/hart.ts';
import type { Kind, Register } from '../abi/kind.ts';
import { ArgumentReader } from './argument-reader.ts';

function kindsOf(...registers: Register[]): [string, Kind][] {
  return registers.map((register) => [register, { name: register, register, when: 'enter', print: String }]);
}

const ROW = kindsOf('i32', 'u32', 'i64', 'u64');
const VALUES: [bigint, Record<string, number>][] = [
  [0n, { i32: 0, u32: 0, i64: 0, u64: 0 }],
  [-1n, { i32: -1, u32: 0xffff_ffff, i64: -1, u64: 2 ** 64 }],
  [0x1_8000_0000n, { i32: -(2 ** 31), u32: 2 ** 31, i64: 0x1_8000_0000, u64: 0x1_8000_0000 }],
  [0x000f_ffff_ffff_fffen, { i32: -2, u32: 0xffff_fffe, i64: 2 ** 52 - 2, u64: 2 ** 52 - 2 }],
];

afterEach(() => {
  vi.unstubAllGlobals();
});

describe('the arguments of a row', () => {
  it('are the same in the first call and in the thousandth, in new and in used objects', () => {
    const reader = new ArgumentReader(ROW);
    const hart = new Hart();
    for (let round = 0; round < 1000; round++) {
      for (const [register, values] of VALUES) {
        for (let n = 10; n < 14; n++) hart.setX(n, register);
        const args = reader.read(hart);
        expect(args).toEqual(values);
        if (round % 3 === 0) reader.giveBack(args);
      }
    }
  });

  it('are the same where no code may be made from text', () => {
    let refused = 0;
    const forbidden = function refuse() {
      refused++;
      throw new EvalError('Code generation from strings disallowed for this context');
    };
    vi.stubGlobal('Function', forbidden);
    const reader = new ArgumentReader(ROW);
    const hart = new Hart();
    for (let n = 10; n < 14; n++) hart.setX(n, -1n);
    for (let round = 0; round < 1000; round++) {
      const args = reader.read(hart);
      expect(args).toEqual({ i32: -1, u32: 0xffff_ffff, i64: -1, u64: 2 ** 64 });
      reader.giveBack(args);
    }
    expect(refused).toBe(1);
  });

  it('of two calls at the same time are two objects', () => {
    const reader = new ArgumentReader(ROW);
    const hart = new Hart();
    for (let round = 0; round < 1000; round++) reader.giveBack(reader.read(hart));
    expect(reader.read(hart)).not.toBe(reader.read(hart));
  });
});
