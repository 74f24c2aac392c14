// Jumps from one region into another: the second takes the first one's place, and nothing else tells them from interpreted jumps.
import { describe, expect, it } from 'vitest';
import { Cpu } from '../cpu/cpu.ts';
import { Hart } from '../cpu/hart.ts';
import { TrapCause } from '../cpu/trap.ts';
import { hostFusesMultiplyAdd } from '../fp/fused-multiply-add.ts';
import { Perm } from '../memory/guest-memory.ts';
import { PAGE_SIZE } from '../memory/layout.ts';
import { assemble } from '../testing/assembler.ts';
import { CodeCache } from './code-cache.ts';

const CODE = 0x1_0000;
/** Too far apart to be one region. */
const HANDLERS = [0x2_0000, 0x4_0000, 0x6_0000, 0x8_0000];
const PROGRAM = 0xa_0000;
const LENGTH = 64;
const [RA, A0, A1, A2, A3, A4] = [1, 10, 11, 12, 13, 14];
const LOTS = 10_000_000;

/** Calls the first handler, and ends when one returns. */
const MAIN = [assemble('jalr', { rd: RA, rs1: A4 }), assemble('ebreak')];

/**
 * As an interpreter's: adds to a0, takes the next one's address from the list at a1, and goes there. At its end it begins
 * again, or returns when that was the last round.
 */
const handler = (addend: number): number[] => [
  assemble('addi', { rd: A0, rs1: A0, imm: addend }),
  assemble('ld', { rd: A2, rs1: A1, imm: 0 }),
  assemble('addi', { rd: A1, rs1: A1, imm: 8 }),
  assemble('beq', { rs1: A2, imm: 8 }),
  assemble('jalr', { rs1: A2 }),
  assemble('addi', { rd: A3, rs1: A3, imm: -1 }),
  assemble('addi', { rd: A1, rs1: A1, imm: -8 * LENGTH }),
  assemble('beq', { rs1: A3, imm: 8 }),
  assemble('jalr', { rs1: A4 }),
  assemble('jalr', { rs1: RA }),
];

function start(compiles: boolean, rounds: number) {
  const options = { fusesMultiplyAdd: hostFusesMultiplyAdd(), maxRegions: 100, threshold: 20 };
  const cache = compiles ? new CodeCache(options) : undefined;
  const cpu = new Cpu(cache === undefined ? {} : { jit: cache });
  const memory = cpu.createMemory();
  memory.grow(0x10_0000);
  const write = (address: number, words: readonly number[]): void => {
    memory.setPermission(address / PAGE_SIZE, 1, Perm.R | Perm.X);
    for (const [i, word] of words.entries()) memory.setU32(address + 4 * i, word);
  };
  write(CODE, MAIN);
  for (const [index, address] of HANDLERS.entries()) write(address, handler(1 << index));
  memory.setPermission(PROGRAM / PAGE_SIZE, 1, Perm.R);
  for (let i = 0; i < LENGTH; i++) {
    const next = i === LENGTH - 1 ? 0 : (HANDLERS[(i * i + (i >> 1)) % HANDLERS.length] as number);
    memory.writeU64(PROGRAM + 8 * i, BigInt(next));
  }
  const hart = new Hart();
  hart.pc = CODE;
  hart.setXNumber(A1, PROGRAM);
  hart.setXNumber(A3, rounds);
  hart.setXNumber(A4, HANDLERS[0] as number);
  return { cpu, cache, memory, hart, write, run: (budget: number) => cpu.run(hart, memory, budget) };
}

type Started = ReturnType<typeof start>;
const stateOf = ({ hart }: Started) => [hart.pc, hart.ticks, ...[RA, A0, A1, A2, A3].map((n) => hart.x(n))];

/** What a scenario gives, with compiled code as without. */
function compare<T>(rounds: number, scenario: (started: Started) => T): T {
  const [compiled, interpreted] = [start(true, rounds), start(false, rounds)];
  const results = [scenario(compiled), scenario(interpreted)] as const;
  expect(results[0]).toEqual(results[1]);
  expect(compiled.cache?.compiledCount).toBeGreaterThanOrEqual(HANDLERS.length);
  return results[0];
}

describe('jumps between regions', () => {
  it('end as interpreted, with the same ticks and without using up the host stack', () => {
    const end = compare(3000, (started) => [started.run(LOTS), ...stateOf(started)]);
    expect(end.slice(0, 3)).toEqual([TrapCause.Breakpoint, CODE + 4, 3000 * LENGTH + 1]);
  });

  it.each([1, 7, 333])('are preempted at every %d. tick as interpreted', (budget) => {
    const trace = compare(20, (started) => {
      started.run(10 * LENGTH); // until all are hot
      const states: unknown[] = [];
      while (started.run(budget) === TrapCause.TickBudget) states.push(stateOf(started));
      return states;
    });
    expect(trace).toHaveLength(Math.floor((10 * LENGTH + 1) / budget));
  });

  it('run what a handler was rewritten to', () => {
    compare(50, (started) => {
      started.run(20 * LENGTH);
      started.write(HANDLERS[2] as number, handler(1000));
      return [started.run(LOTS), ...stateOf(started)];
    });
  });

  it('fault where a handler is no longer there', () => {
    const end = compare(50, (started) => {
      started.run(20 * LENGTH);
      started.memory.setPermission((HANDLERS[2] as number) / PAGE_SIZE, 1, 0);
      return [started.run(LOTS), ...stateOf(started)];
    });
    expect(end.slice(0, 2)).toEqual([TrapCause.FetchFault, HANDLERS[2]]);
  });
});
