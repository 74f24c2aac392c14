// Writes an assembly program that executes instructions on many operands and prints every result.
// Called by the comparison with qemu; the same binary runs there and here, and the outputs must be equal.
// Each stub: loads a row of operands, executes one instruction, stores integer, float, fcsr and scratch memory.
import { ENCODINGS, type Encoding } from '../isa/encodings.ts';
import type { Random } from './random.ts';

const ROW_BYTES = 64;
export const RESULT_BYTES = 32;
const [A0, A1, A2, S2] = [10, 11, 12, 18];
const [FA0, FA1, FA2, FA3] = [10, 11, 12, 13];
const WRITE = 64;
const EXIT = 93;
/** Not functions of the operands, or not known to qemu 7.2. */
const LEFT_OUT = /^(j|b(eq|ne|lt|ge)|auipc|ecall|ebreak|csr|fence|czero|lr|sc)/;

export interface Stub {
  readonly name: string;
  readonly word: number;
}

export interface InstructionProgram {
  readonly source: string;
  readonly stubs: readonly Stub[];
  readonly rows: readonly (readonly bigint[])[];
}

/** Each instruction in some variants of immediate and rounding mode, each on `rowCount` rows of operands. */
export function writeProgram(random: Random, variants: number, rowCount: number): InstructionProgram {
  const stubs: Stub[] = [];
  for (const encoding of ENCODINGS) {
    if (LEFT_OUT.test(encoding.name)) continue;
    const count = encoding.operands.some((name) => VARIED.has(name)) ? variants : 1;
    for (let i = 0; i < count; i++) stubs.push({ name: encoding.name, word: wordOf(random, encoding) });
  }
  const rows = Array.from({ length: rowCount }, () => rowOf(random));
  const data = rows.map((row) => `.quad ${row.map((value) => `0x${value.toString(16)}`).join()}`);
  const source = [
    '.option norvc',
    '.globl _start',
    '.text',
    '_start:',
    ...stubs.map(stubText),
    `li a0,0`,
    `li a7,${EXIT}`,
    'ecall',
    '.data',
    '.balign 16',
    'rows:',
    ...data,
    'rows_end:',
    '.bss',
    '.balign 16',
    `results: .space ${rowCount * RESULT_BYTES}`,
    '.space 32',
    'scratch: .space 64',
    '',
  ].join('\n');
  return { source, stubs, rows };
}

const VARIED: ReadonlySet<string> = new Set(['imm', 'upper', 'shamt5', 'shamt6', 'rm', 'load', 'store']);

/** Integer operands twice, floats three times, fcsr, and what the destinations held. */
function rowOf(random: Random): bigint[] {
  const float = random.below(2) === 0 ? () => random.double() : () => random.single();
  const a = float();
  const fcsr = (random.pick([0, 0, 0, 1, 2, 3, 4]) << 5) | random.pick([0, 0, 1, 31]);
  const second = random.below(8) === 0 ? random.u64() : random.integer();
  return [random.integer(), second, a, float(), float(), BigInt(fcsr), random.u64(), 0n];
}

function wordOf(random: Random, { match, operands }: Encoding): number {
  let word = match;
  const put = (value: number, shift: number) => {
    word |= value << shift;
  };
  for (const operand of operands) {
    switch (operand) {
      case 'rd':
        put(A0, 7);
        break;
      case 'fd':
        put(FA0, 7);
        break;
      case 'rs1':
        put(A1, 15);
        break;
      case 'fs1':
        put(FA1, 15);
        break;
      case 'atomic':
        put(S2, 15);
        break;
      case 'rs2':
        put(A2, 20);
        break;
      case 'fs2':
        put(FA2, 20);
        break;
      case 'fs3':
        put(FA3, 27);
        break;
      case 'load':
        put(S2, 15);
        put((random.below(16) - 8) & 0xfff, 20);
        break;
      case 'store': {
        const offset = (random.below(16) - 8) & 0xfff;
        put(S2, 15);
        put(offset >> 5, 25);
        put(offset & 31, 7);
        break;
      }
      case 'imm':
        put(random.pick([0, 1, 2, 2047, 2048, 4095, random.below(4096)]), 20);
        break;
      case 'shamt6':
        put(random.pick([0, 1, 31, 32, 63, random.below(64)]), 20);
        break;
      case 'shamt5':
        put(random.pick([0, 1, 31, random.below(32)]), 20);
        break;
      case 'upper':
        put(random.u32() >>> 12, 12);
        break;
      case 'rm':
        put(random.pick([0, 1, 2, 3, 4, 7, 7]), 12);
        break;
      default:
        break;
    }
  }
  return word;
}

/** All rows through one instruction, then one write of the results. */
function stubText({ word }: Stub): string {
  return `
lla s0,rows
lla s1,results
lla s3,rows_end
lla s2,scratch
1: ld a1,0(s0)
ld a2,8(s0)
fld fa1,16(s0)
fld fa2,24(s0)
fld fa3,32(s0)
ld t0,40(s0)
ld a0,48(s0)
fld fa0,48(s0)
sd a1,-8(s2)
sd a2,0(s2)
sd a0,8(s2)
fscsr t0
.insn 0x${(word >>> 0).toString(16)}
frcsr t0
ld t1,0(s2)
sd a0,0(s1)
fsd fa0,8(s1)
sd t0,16(s1)
sd t1,24(s1)
addi s0,s0,${ROW_BYTES}
addi s1,s1,${RESULT_BYTES}
bltu s0,s3,1b
li a0,1
lla a1,results
sub a2,s1,a1
li a7,${WRITE}
ecall`;
}
