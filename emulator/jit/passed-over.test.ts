// A region that the interpreter passes over, because what left the region before it cannot be compiled code, is executed
// as if it were not there: whatever kind of operation it begins with.
import { expect, it } from 'vitest';
import { Cpu } from '../cpu/cpu.ts';
import { Hart } from '../cpu/hart.ts';
import { TrapCause } from '../cpu/trap.ts';
import { hostFusesMultiplyAdd } from '../fp/fused-multiply-add.ts';
import { Perm } from '../memory/guest-memory.ts';
import { PAGE_SIZE } from '../memory/layout.ts';
import { assemble } from '../testing/assembler.ts';
import { CodeCache } from './code-cache.ts';

const CODE = 0x1_0000;
/** A page that may only be read, and one that may be written. */
const DATA = 0x2_0000;
const [T0, S0, A1, A4, T6] = [5, 8, 11, 14, 31];
const FCSR = 3;
const ROUNDS = 50;

/** One check for the read before the writable page and the write in it fails each time, so the interpreter goes on. */
function run(cpu: Cpu, first: number): readonly unknown[] {
  const memory = cpu.createMemory();
  memory.grow(0x10_0000);
  memory.setPermission(CODE / PAGE_SIZE, 1, Perm.R | Perm.X);
  memory.setPermission(DATA / PAGE_SIZE, 1, Perm.R);
  memory.setPermission(DATA / PAGE_SIZE + 1, 1, Perm.R | Perm.W);
  const words = [
    first,
    assemble('ld', { rd: T6, rs1: A4, imm: -32 }),
    assemble('sd', { rs2: T6, rs1: A4, imm: 24 }),
    assemble('addi', { rd: S0, rs1: S0, imm: -1 }),
    assemble('bne', { rs1: S0, rs2: 0, imm: -16 }),
    assemble('csrrs', { rd: T0, rs1: 0, imm: FCSR }),
    assemble('ecall'),
  ];
  memory.prepareKernelWrite(CODE / PAGE_SIZE);
  words.forEach((word, i) => {
    memory.setU32(CODE + 4 * i, word);
  });
  const hart = new Hart();
  hart.pc = CODE;
  hart.setXNumber(S0, ROUNDS);
  hart.setXNumber(A1, 1);
  hart.setXNumber(A4, DATA + PAGE_SIZE + 0x18);
  expect(cpu.run(hart, memory, 1_000_000)).toBe(TrapCause.Ecall);
  return [hart.ticks, ...Array.from({ length: 32 }, (_, i) => [hart.x(i), hart.f(i)])];
}

it.each([
  ['addi', assemble('addi', { rd: A1, rs1: A1, imm: 3 })],
  ['sh1add', assemble('sh1add', { rd: A1, rs1: A1, rs2: S0 })],
  ['rori', assemble('rori', { rd: A1, rs1: A1, imm: 3 })],
  ['slli.uw', assemble('slli.uw', { rd: A1, rs1: A1, imm: 1 })],
  ['mulhu', assemble('mulhu', { rd: A1, rs1: A4, rs2: S0 })],
  ['fcvt.d.l', assemble('fcvt.d.l', { rd: A1, rs1: S0 })],
  ['amoadd.d', assemble('amoadd.d', { rd: A1, rs1: A4, rs2: S0 })],
])('a region that begins with %s', (_, first) => {
  const jit = new CodeCache({ fusesMultiplyAdd: hostFusesMultiplyAdd(), threshold: 1, maxRegions: 100 });
  expect(run(new Cpu({ jit }), first)).toEqual(run(new Cpu(), first));
});
