// Frames of code without tables, on functions as gcc writes them. The comments are objdump's.
import { describe, expect, it } from 'vitest';
import { decode } from '../../emulator/isa/decode.ts';
import { prologueRow } from './prologue.ts';
import type { UnwindRow } from './unwind-tables.ts';

const EARLY_RETURN = [
  0x02050a63, // 00 beqz a0,34
  0xfd010113, // 04 addi sp,sp,-48
  0x02813023, // 08 sd s0,32(sp)
  0x02113423, // 0c sd ra,40(sp)
  0x00913c23, // 10 sd s1,24(sp)
  0x03010413, // 14 addi s0,sp,48
  0x00000097, // 18 auipc ra
  0x000080e7, // 1c jalr ra
  0x02813083, // 20 ld ra,40(sp)
  0x02013403, // 24 ld s0,32(sp)
  0x01813483, // 28 ld s1,24(sp)
  0x03010113, // 2c addi sp,sp,48
  0x00008067, // 30 ret
  0x00000013, // 34 nop
  0x00008067, // 38 ret
];

const TWO_WAYS = [
  0xfe010113, // 00 addi sp,sp,-32
  0x00113c23, // 04 sd ra,24(sp)
  0x00051c63, // 08 bnez a0,20
  0x00000097, // 0c auipc ra
  0x000080e7, // 10 jalr ra
  0x01813083, // 14 ld ra,24(sp)
  0x02010113, // 18 addi sp,sp,32
  0x00008067, // 1c ret
  0x00000097, // 20 auipc ra
  0x000080e7, // 24 jalr ra
];

const ABORTS = [
  0x00050a63, // 00 beqz a0,14
  0xff010113, // 04 addi sp,sp,-16
  0x00113423, // 08 sd ra,8(sp)
  0x00000097, // 0c auipc ra
  0x000080e7, // 10 jalr ra: never returns
  0x00000013, // 14 nop
  0x00008067, // 18 ret
];

const ALLOCA = [
  0xfe010113, // 00 addi sp,sp,-32
  0x00113c23, // 04 sd ra,24(sp)
  0x00813823, // 08 sd s0,16(sp)
  0x02010413, // 0c addi s0,sp,32
  0x40a10133, // 10 sub sp,sp,a0
  0x00000013, // 14 nop
];

const COMPRESSED = [
  0xe406_1141, // 00 c.addi sp,-16; 02 c.sdsp ra,8(sp)
  0x0001_0001, // 04 c.nop; 06 c.nop
];

const BASE = 0x1000;

/** The row at an offset in a function that stands at BASE. */
function rowIn(words: readonly number[], offset: number): UnwindRow | undefined {
  const bytes = new DataView(new ArrayBuffer(words.length * 4 + 2));
  for (const [index, word] of words.entries()) bytes.setUint32(index * 4, word, true);
  const read = (address: number) =>
    decode(bytes.getUint16(address - BASE, true) | (bytes.getUint16(address - BASE + 2, true) << 16)) ??
    undefined;
  return prologueRow(read, BASE, BASE + offset);
}

/** CFA as text, and where registers are saved. */
function frameIn(words: readonly number[], offset: number): string {
  const row = rowIn(words, offset);
  if (row === undefined) return 'unknown';
  const saved = [...row.rules].map(
    ([register, rule]) => `x${register} ${'offset' in rule ? rule.offset : rule.kind}`,
  );
  return [`x${row.cfaRegister}+${row.cfaOffset}`, ...saved.sort()].join(', ');
}

describe('the frame of code without unwind tables', () => {
  it('grows with the prologue', () => {
    expect(frameIn(EARLY_RETURN, 0)).toBe('x2+0');
    expect(frameIn(EARLY_RETURN, 0x08)).toBe('x2+48');
    expect(frameIn(EARLY_RETURN, 0x10)).toBe('x2+48, x1 -8, x8 -16');
    expect(frameIn(EARLY_RETURN, 0x20)).toBe('x2+48, x1 -8, x8 -16, x9 -24');
    expect(frameIn(COMPRESSED, 4)).toBe('x2+16, x1 -8');
  });

  it('shrinks with the epilogue', () => {
    expect(frameIn(EARLY_RETURN, 0x28)).toBe('x2+48, x9 -24');
    expect(frameIn(EARLY_RETURN, 0x30)).toBe('x2+0');
  });

  it('is that of the branch which leads behind a return', () => {
    expect(frameIn(EARLY_RETURN, 0x34)).toBe('x2+0');
    expect(frameIn(TWO_WAYS, 0x20)).toBe('x2+32, x1 -8');
  });

  it('is that of the branch which leads behind a call that never returns', () => {
    expect(frameIn(ABORTS, 0x10)).toBe('x2+16, x1 -8');
    expect(frameIn(ABORTS, 0x18)).toBe('x2+0');
  });

  it('is found by the frame pointer after alloca', () => {
    expect(frameIn(ALLOCA, 0x14)).toBe('x8+0, x1 -8, x8 -16');
  });

  it('is unknown outside the function', () => {
    expect(rowIn(ALLOCA, -4)).toBeUndefined();
  });
});
