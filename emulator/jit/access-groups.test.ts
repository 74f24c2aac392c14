import { describe, expect, it } from 'vitest';
import { decode } from '../isa/decode.ts';
import { type AccessGroup, groupAccesses } from './access-groups.ts';
import type { Located } from './region.ts';
import { writesInteger } from './register-use.ts';

function block(...words: number[]): Located[] {
  return words.map((word, i) => {
    const instruction = decode(word);
    if (instruction === null) throw new Error('test words decode');
    return { pc: 0x1000 + 4 * i, instruction };
  });
}

const group = (words: number[], inherited: ReadonlyMap<number, AccessGroup> = new Map()) =>
  groupAccesses(block(...words), inherited, ({ instruction }) => writesInteger(instruction));

const LD_A0_0_SP = 0x0001_3503; // ld a0, 0(sp)
const LD_A1_16_SP = 0x0101_3583; // ld a1, 16(sp)
const SD_A0_8_SP = 0x00a1_3423; // sd a0, 8(sp)
const ADDI_SP = 0xff01_0113; // addi sp, sp, -16
const LD_A0_2040_SP = 0x7f81_3503; // ld a0, 2040(sp)
const LD_A0_M2048_SP = 0x8001_3503; // ld a0, -2048(sp)

describe('access groups', () => {
  it('put accesses off one value of a base register together', () => {
    const { groups } = group([LD_A0_0_SP, SD_A0_8_SP, LD_A1_16_SP]);
    expect(groups[0]).toBe(groups[2]);
    expect(groups[0]).toMatchObject({ low: 0, high: 24, writes: true });
  });

  it('end when the base register changes', () => {
    const { groups, live } = group([LD_A0_0_SP, ADDI_SP, LD_A1_16_SP]);
    expect(groups[0]).not.toBe(groups[2]);
    expect(live.get(2)).toBe(groups[2]);
  });

  it('span less than a page', () => {
    const { groups } = group([LD_A0_M2048_SP, LD_A0_2040_SP]);
    expect(groups[0]).not.toBe(groups[1]);
  });

  it('reuse an inherited check only for what it covered', () => {
    const inherited: AccessGroup = { base: 2, low: 0, high: 8, writes: false, checked: true };
    const { groups } = group([LD_A0_0_SP, SD_A0_8_SP], new Map([[2, inherited]]));
    expect(groups[0]).toBe(inherited);
    expect(groups[1]).not.toBe(inherited);
  });
});
