// Functions that call themselves: compiled code recurses directly, and stops exactly where the interpreter does.
import { describe, expect, it } from 'vitest';
import { Cpu } from '../cpu/cpu.ts';
import { Hart } from '../cpu/hart.ts';
import { TrapCause } from '../cpu/trap.ts';
import { hostFusesMultiplyAdd } from '../fp/fused-multiply-add.ts';
import { type GuestMemory, Perm } from '../memory/guest-memory.ts';
import { PAGE_SIZE } from '../memory/layout.ts';
import { assemble } from '../testing/assembler.ts';
import { CodeCache } from './code-cache.ts';

const CODE = 0x1_0000;
const STACK = 0x2_0000;
const STACK_TOP = STACK + 4 * PAGE_SIZE;
const [RA, SP, A0] = [1, 2, 10];
const BREAK = CODE + 0x20;
const LOTS = 1_000_000;

/** f(a0): pushes ra, calls itself with a0 - 1 unless a0 is 0, pops ra. Each call has 16 bytes of stack. */
const FUNCTION = [
  assemble('addi', { rd: SP, rs1: SP, imm: -16 }),
  assemble('sd', { rs1: SP, rs2: RA, imm: 8 }),
  assemble('beq', { rs1: A0, imm: 12 }),
  assemble('addi', { rd: A0, rs1: A0, imm: -1 }),
  assemble('jal', { rd: RA, imm: -16 }),
  assemble('ld', { rd: RA, rs1: SP, imm: 8 }),
  assemble('addi', { rd: SP, rs1: SP, imm: 16 }),
  assemble('jalr', { rs1: RA }),
  assemble('ebreak'),
];

interface Runner {
  readonly memory: GuestMemory;
  readonly hart: Hart;
  readonly cache: CodeCache | undefined;
  run(budget: number): TrapCause;
}

function start(compiles: boolean, depth: number): Runner {
  const options = { fusesMultiplyAdd: hostFusesMultiplyAdd(), maxRegions: 100, threshold: 1 };
  const cache = compiles ? new CodeCache(options) : undefined;
  const cpu = new Cpu(cache === undefined ? {} : { jit: cache });
  const memory = cpu.createMemory();
  memory.grow(0x10_0000);
  memory.setPermission(CODE / PAGE_SIZE, 1, Perm.R | Perm.X);
  memory.setPermission(STACK / PAGE_SIZE + 2, 2, Perm.R | Perm.W);
  memory.prepareKernelWrite(CODE / PAGE_SIZE);
  FUNCTION.forEach((word, i) => {
    memory.setU32(CODE + 4 * i, word);
  });
  const hart = new Hart();
  hart.setXNumber(A0, depth);
  hart.setXNumber(RA, BREAK);
  hart.setXNumber(SP, STACK_TOP);
  hart.pc = CODE;
  return { memory, hart, cache, run: (budget) => cpu.run(hart, memory, budget) };
}

const stateOf = ({ hart }: Runner) => [hart.pc, hart.ticks, ...[RA, SP, A0].map((n) => hart.x(n))];

describe('recursion in compiled code', () => {
  it.each([1, 100, 149, 150, 151, 400])('%d deep, ends as interpreted', (depth) => {
    const [compiled, interpreted] = [start(true, depth), start(false, depth)];
    expect(compiled.run(LOTS)).toBe(TrapCause.Breakpoint);
    expect(interpreted.run(LOTS)).toBe(TrapCause.Breakpoint);
    expect(stateOf(compiled)).toEqual(stateOf(interpreted));
    expect(compiled.cache?.compiledCount).toBeGreaterThan(0);
  });

  it('faults where the stack ends and goes on when there is more', () => {
    const runners = [start(true, 700), start(false, 700)];
    const faults = runners.map((runner) => [runner.run(LOTS), ...stateOf(runner)]);
    expect(faults[0]).toEqual(faults[1]);
    expect(faults[0]?.slice(0, 2)).toEqual([TrapCause.StoreFault, CODE + 4]);
    const ends = runners.map((runner) => {
      runner.memory.setPermission(STACK / PAGE_SIZE, 2, Perm.R | Perm.W);
      return [runner.run(LOTS), ...stateOf(runner)];
    });
    expect(ends[0]).toEqual(ends[1]);
    expect(ends[0]?.slice(0, 2)).toEqual([TrapCause.Breakpoint, BREAK]);
  });

  it.each([1, 7, 160, 333])('is preempted at every %d. tick as interpreted', (budget) => {
    const runners = [start(true, 400), start(false, 400)];
    const traces = runners.map((runner) => {
      const trace: unknown[] = [];
      while (runner.run(budget) === TrapCause.TickBudget) trace.push(stateOf(runner));
      return trace;
    });
    expect(traces[0]).toEqual(traces[1]);
  });

  it('runs new code after the function was rewritten between two calls', () => {
    const runners = [start(true, 300), start(false, 300)];
    const states = runners.map((runner) => {
      runner.run(200);
      runner.memory.prepareKernelWrite(CODE / PAGE_SIZE);
      runner.memory.setU32(CODE + 12, assemble('addi', { rd: A0, rs1: A0, imm: -2 }));
      return [runner.run(LOTS), ...stateOf(runner)];
    });
    expect(states[0]).toEqual(states[1]);
  });
});
