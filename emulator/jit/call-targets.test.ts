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
const [RA, T1, A0, A1, A2, A3] = [1, 6, 10, 11, 12, 13];
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

/** Calls a1 through entries as a procedure linkage table has, which come one after the other. */
const LINKED_CALLER = [
  assemble('jal', { rd: RA, imm: 24 }),
  assemble('jal', { rd: RA, imm: 28 }),
  assemble('addi', { rd: A3, rs1: A3, imm: -1 }),
  assemble('bne', { rs1: A3, imm: -12 }),
  assemble('ebreak'),
  assemble('ebreak'),
  ...[assemble('jalr', { rd: T1, rs1: A1 }), assemble('ebreak')],
  ...[assemble('jalr', { rd: T1, rs1: A2 }), assemble('ebreak')],
];

describe('jumps that link through t1', () => {
  it.each([CALLEE, RIVAL])('pass the return on to the caller (%d)', (other) => {
    const end = compare(other, (started) => {
      write(started.memory, CODE, LINKED_CALLER);
      return [...finish(started), started.hart.x(T1)];
    });
    expect(end[0]).toBe(TrapCause.Breakpoint);
    expect(end[1]).toBe(CODE + 16);
    expect(end[4]).toBe(other === CALLEE ? 120n : 60n * 17n);
    expect(end.at(-1)).toBe(BigInt(CODE + 36));
  });

  it('pass on a return to another place than behind the call', () => {
    const end = compare(CALLEE, (started) => {
      write(started.memory, CODE, LINKED_CALLER);
      // once a0 is 40 the callee returns to the ebreak
      write(started.memory, CALLEE, [
        assemble('addi', { rd: A0, rs1: A0, imm: 1 }),
        assemble('addi', { rd: T1, imm: 40 }),
        assemble('bne', { rs1: A0, rs2: T1, imm: 8 }),
        assemble('addi', { rd: RA, rs1: RA, imm: 8 }),
        assemble('jalr', { rs1: RA }),
      ]);
      return finish(started);
    });
    expect(end.slice(0, 2)).toEqual([TrapCause.Breakpoint, CODE + 16]);
    expect(end[4]).toBe(40n);
  });
});

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
