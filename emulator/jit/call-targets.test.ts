// Indirect calls: the small table of targets is only a short cut, and never leads to code that is gone.
import { describe, expect, it } from 'vitest';
import { Cpu } from '../cpu/cpu.ts';
import { Hart } from '../cpu/hart.ts';
import { TrapCause } from '../cpu/trap.ts';
import { hostFusesMultiplyAdd } from '../fp/fused-multiply-add.ts';
import { type GuestMemory, Perm } from '../memory/guest-memory.ts';
import { CALL_TARGET_COUNT, PAGE_SIZE } from '../memory/layout.ts';
import { assemble } from '../testing/assembler.ts';
import { CodeCache } from './code-cache.ts';

const CODE = 0x1_0000;
const CALLEE = 0x2_0000;
/** Takes the callee's slot of the table. */
const RIVAL = CALLEE + 2 * CALL_TARGET_COUNT;
const [RA, A0, A1, A2, A3] = [1, 10, 11, 12, 13];
const LOTS = 1_000_000;

/** Calls a1, exchanges a1 and a2, and so on until a3 is 0. */
const CALLER = [
  assemble('jalr', { rd: RA, rs1: A1 }),
  assemble('xor', { rd: A1, rs1: A1, rs2: A2 }),
  assemble('xor', { rd: A2, rs1: A1, rs2: A2 }),
  assemble('xor', { rd: A1, rs1: A1, rs2: A2 }),
  assemble('addi', { rd: A3, rs1: A3, imm: -1 }),
  assemble('bne', { rs1: A3, imm: -20 }),
  assemble('ebreak'),
];
const adds = (imm: number) => [assemble('addi', { rd: A0, rs1: A0, imm }), assemble('jalr', { rs1: RA })];

function write(memory: GuestMemory, address: number, words: readonly number[]): void {
  words.forEach((word, i) => {
    memory.prepareKernelWrite(Math.floor(address / PAGE_SIZE));
    memory.setU32(address + 4 * i, word);
  });
}

function start(compiles: boolean, other: number, rounds: number) {
  const options = { fusesMultiplyAdd: hostFusesMultiplyAdd(), maxRegions: 100, threshold: 1 };
  const cpu = new Cpu(compiles ? { jit: new CodeCache(options) } : {});
  const memory = cpu.createMemory();
  memory.grow(0x10_0000);
  memory.setPermission(CODE / PAGE_SIZE, 1, Perm.R | Perm.X);
  memory.setPermission(CALLEE / PAGE_SIZE, 1, Perm.R | Perm.X);
  write(memory, CODE, CALLER);
  write(memory, CALLEE, adds(1));
  write(memory, RIVAL, adds(16));
  const hart = new Hart();
  const call = (): void => {
    hart.setXNumber(A1, CALLEE);
    hart.setXNumber(A2, other);
    hart.setXNumber(A3, rounds);
    hart.pc = CODE;
  };
  call();
  return { cpu, memory, hart, call };
}

type Started = ReturnType<typeof start>;
const finish = ({ cpu, memory, hart }: Started) => [
  cpu.run(hart, memory, LOTS),
  hart.pc,
  hart.ticks,
  ...[RA, A0, A1, A2, A3].map((n) => hart.x(n)),
];

function compare(other: number, scenario: (started: Started) => unknown[]): unknown[] {
  const results = [true, false].map((compiles) => scenario(start(compiles, other, 60)));
  expect(results[0]).toEqual(results[1]);
  return results[0] as unknown[];
}

describe('indirect calls in compiled code', () => {
  it.each([CALLEE, RIVAL])('reach each target, even where two share a slot (%d)', (other) => {
    const end = compare(other, finish);
    expect(end[0]).toBe(TrapCause.Breakpoint);
    expect(end[4]).toBe(other === CALLEE ? 60n : 30n * 17n);
  });

  it.each([CALLEE, RIVAL])('run what the callee was rewritten to (%d)', (other) => {
    compare(other, (started) => {
      finish(started);
      write(started.memory, CALLEE, adds(100));
      started.call();
      return finish(started);
    });
  });

  it('fault when the callee is no longer there', () => {
    const end = compare(CALLEE, (started) => {
      finish(started);
      started.memory.setPermission(CALLEE / PAGE_SIZE, 1, 0);
      started.call();
      return finish(started);
    });
    expect(end.slice(0, 2)).toEqual([TrapCause.FetchFault, CALLEE]);
  });
});
