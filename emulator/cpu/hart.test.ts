import { describe, expect, it } from 'vitest';
import { GuestMemory } from '../memory/guest-memory.ts';
import { HART_STATE_SIZE } from '../memory/layout.ts';
import { Hart } from './hart.ts';

describe('a hart', () => {
  it('gives a register as halves and as a whole', () => {
    const hart = new Hart();
    hart.setX(5, 0xffff_fffe_8000_0001n);
    expect([hart.xLo(5), hart.xHi(5), hart.x(5)]).toEqual([0x8000_0001, -2, 0xffff_fffe_8000_0001n]);
  });

  it.each([0, 1, -1, 0x7fff_ffff, 0x8000_0000, -0x8000_0000, 2 ** 53 - 1, -(2 ** 53 - 1), -(2 ** 32)])(
    'sign-extends the number %d',
    (value) => {
      const hart = new Hart();
      hart.setXNumber(7, value);
      expect(hart.x(7)).toBe(BigInt.asUintN(64, BigInt(value)));
    },
  );

  it('keeps x0 at zero', () => {
    const hart = new Hart();
    hart.setX(0, 5n);
    hart.setXNumber(0, 5);
    expect(hart.x(0)).toBe(0n);
  });

  it('takes its state along from memory to memory, and back', () => {
    const [hart, other] = [new Hart(), new Hart()];
    const [first, second] = [new GuestMemory(), new GuestMemory()];
    hart.setX(1, 11n);
    other.setX(1, 22n);
    hart.moveTo(first);
    other.moveTo(first);
    expect([hart.x(1), other.x(1)]).toEqual([11n, 22n]);
    hart.moveTo(second);
    first.grow(1 << 20);
    second.grow(1 << 20);
    hart.setX(1, 12n);
    hart.moveTo(first);
    expect([hart.x(1), other.x(1)]).toEqual([12n, 22n]);
  });

  it('copies everything but ticks and the reservation', () => {
    const [hart, copy] = [new Hart(), new Hart()];
    hart.pc = 0x1234;
    hart.setF(3, 7n);
    hart.fcsr = 0x41;
    hart.reservation = 0x1000n;
    hart.ticks = 9;
    copy.copyStateFrom(hart);
    expect([copy.pc, copy.f(3), copy.fcsr, copy.ticks]).toEqual([0x1234, 7n, 0x41, 0]);
    expect(copy.reservation).toBe(0xffff_ffff_ffff_ffffn);
  });

  it('survives a snapshot', () => {
    const [hart, restored] = [new Hart(), new Hart()];
    hart.setX(31, 0x0123_4567_89ab_cdefn);
    const bytes = new Uint8Array(HART_STATE_SIZE);
    hart.saveTo(bytes);
    restored.loadFrom(bytes);
    expect(restored.x(31)).toBe(0x0123_4567_89ab_cdefn);
  });

  it('has another mixture of its state when any bit of a register is another', () => {
    const hart = new Hart();
    const empty = hart.mixState();
    const places: ((value: bigint) => void)[] = [
      (value) => {
        hart.pcBig = value;
      },
    ];
    for (let n = 1; n < 32; n++) places.push((value) => hart.setX(n, value));
    for (let n = 0; n < 32; n++) places.push((value) => hart.setF(n, value));
    const seen = new Set([empty]);
    for (const set of places) {
      for (let bit = 0n; bit < 64n; bit++) {
        set(1n << bit);
        expect(hart.mixState()).not.toBe(empty);
      }
      set(0x1234_5678_9abc_def0n);
      seen.add(hart.mixState());
      set(0n);
    }
    expect(seen.size).toBe(1 + places.length); // the same value elsewhere is something else
  });

  it('has a mixture of pc and the integer registers alone', () => {
    const hart = new Hart();
    const seen = new Set([hart.mixIntegers()]);
    for (let n = 1; n < 32; n++) {
      for (const value of [1n, 1n << 32n, 1n << 63n]) {
        hart.setX(n, value);
        seen.add(hart.mixIntegers());
      }
      hart.setX(n, 0n);
    }
    hart.pc = 0x1234;
    seen.add(hart.mixIntegers());
    expect(seen.size).toBe(1 + 31 * 3 + 1);
    const before = hart.mixIntegers();
    for (let n = 0; n < 32; n++) hart.setF(n, 1n);
    expect(hart.mixIntegers()).toBe(before);
  });

  it('has another mixture of what a call shows for pc, ra, sp and the arguments', () => {
    const hart = new Hart();
    const seen = new Set([hart.mixCall()]);
    const shown = [1, 2, 10, 11, 12, 13, 14, 15, 16, 17];
    for (const n of shown) {
      hart.setX(n, 0x1234n);
      seen.add(hart.mixCall());
      hart.setX(n, 0n);
    }
    hart.pc = 0x1234;
    seen.add(hart.mixCall());
    expect(seen.size).toBe(1 + shown.length + 1);
  });
});
