// Regions that the program is often found in become one module: same results, whatever happens to its members later.
import { describe, expect, it } from 'vitest';
import { Cpu } from '../cpu/cpu.ts';
import { Hart } from '../cpu/hart.ts';
import { TrapCause } from '../cpu/trap.ts';
import { hostFusesMultiplyAdd } from '../fp/fused-multiply-add.ts';
import { type GuestMemory, Perm } from '../memory/guest-memory.ts';
import { PAGE_SIZE } from '../memory/layout.ts';
import { assemble } from '../testing/assembler.ts';
import { CodeCache } from './code-cache.ts';

const [RA, SP, S0, A0] = [1, 2, 8, 10];
const MAIN = 0x1_0000;
const BREAK = MAIN + 0x100;
/** Each function has a page, so that one can change without the others. */
const FUNCTIONS = 0x1_1000;
const STACK_TOP = 0x3_0000;
/** With the loop that calls them 8 regions: 2, 4, and then all are united. */
const DEPTH = 7;
const JUMPING = 3;
const LOTS = 1_000_000_000;

/** The one that jumps does so backwards, which is a tick: where no ticks are, samples find nothing. */
const functionAt = (i: number) =>
  FUNCTIONS + PAGE_SIZE * (i === JUMPING ? JUMPING + 1 : i === JUMPING + 1 ? JUMPING : i);
const jal = (from: number, to: number) => assemble('jal', { rd: RA, imm: to - from });

/** while (s0 != 0) { a0 = f0(a0); s0--; } */
const main = [
  jal(MAIN, functionAt(0)),
  assemble('addi', { rd: S0, rs1: S0, imm: -1 }),
  assemble('bne', { rs1: S0, imm: -8 }),
  assemble('jal', { imm: BREAK - MAIN - 12 }),
];

/** fi(a0) = fi+1(a0) + step; the last one adds its step alone, and one jumps to the next for good. */
function body(i: number, step: number): number[] {
  if (i === JUMPING)
    return [
      assemble('addi', { rd: A0, rs1: A0, imm: step }),
      assemble('jal', { imm: functionAt(i + 1) - functionAt(i) - 4 }),
    ];
  const call = functionAt(i) + 8;
  return [
    assemble('addi', { rd: SP, rs1: SP, imm: -16 }),
    assemble('sd', { rs1: SP, rs2: RA, imm: 8 }),
    i === DEPTH - 1 ? assemble('addi', {}) : jal(call, functionAt(i + 1)),
    assemble('addi', { rd: A0, rs1: A0, imm: step }),
    assemble('ld', { rd: RA, rs1: SP, imm: 8 }),
    assemble('addi', { rd: SP, rs1: SP, imm: 16 }),
    assemble('jalr', { rs1: RA }),
  ];
}

function write(memory: GuestMemory, at: number, words: readonly number[]): void {
  memory.prepareKernelWrite(at / PAGE_SIZE);
  words.forEach((word, i) => {
    memory.setU32(at + 4 * i, word);
  });
}

function start() {
  const modules: number[] = [];
  const cache = new CodeCache({
    fusesMultiplyAdd: hostFusesMultiplyAdd(),
    maxRegions: 100,
    threshold: 3,
    compile: (bytes) => {
      const module = new WebAssembly.Module(bytes);
      modules.push(WebAssembly.Module.exports(module).length);
      return module;
    },
  });
  const cpu = new Cpu({ jit: cache, sampleTicks: 101 });
  const makeProcess = () => {
    const memory = cpu.createMemory();
    memory.grow(0x10_0000);
    memory.setPermission(MAIN / PAGE_SIZE, 1 + DEPTH, Perm.R | Perm.X);
    memory.setPermission(STACK_TOP / PAGE_SIZE - 1, 1, Perm.R | Perm.W);
    write(memory, MAIN, main);
    memory.setU32(BREAK, assemble('ebreak'));
    for (let i = 0; i < DEPTH; i++) write(memory, functionAt(i), body(i, 1 << i));
    return { memory, hart: new Hart() };
  };
  /** Gives what a0 has got in so many rounds, and the ticks of one round. */
  const run = ({ memory, hart }: ReturnType<typeof makeProcess>, rounds: number, slice = LOTS) => {
    hart.pc = MAIN;
    hart.setXNumber(S0, rounds);
    hart.setXNumber(A0, 0);
    hart.setXNumber(SP, STACK_TOP);
    const before = hart.ticks;
    let cause = cpu.run(hart, memory, slice);
    while (cause === TrapCause.TickBudget) cause = cpu.run(hart, memory, slice);
    expect([cause, hart.pc]).toEqual([TrapCause.Breakpoint, BREAK]);
    return [hart.xLo(A0) / rounds, (hart.ticks - before + 1) / rounds];
  };
  return { cpu, modules, makeProcess, run, united: () => Math.max(...modules) };
}

const ALL_STEPS = (1 << DEPTH) - 1;
/** One for each function, and one for the round; one more for the call back across the jump. */
const TICKS = DEPTH + 1;

describe('united regions', () => {
  it('are one module, and do what they did, to the tick', () => {
    const { makeProcess, run, united } = start();
    const process = makeProcess();
    expect(run(process, 10)).toEqual([ALL_STEPS, TICKS]);
    expect(united()).toBe(1);
    expect(run(process, 1000)).toEqual([ALL_STEPS, TICKS]);
    expect(united()).toBe(DEPTH + 1);
    expect(run(process, 1000, 13)).toEqual([ALL_STEPS, TICKS]);
  });

  it.each([0, 2, JUMPING, JUMPING + 1, DEPTH - 1])(
    'call new code where function %i has changed',
    (changed) => {
      const { makeProcess, run } = start();
      const process = makeProcess();
      run(process, 2000);
      write(process.memory, functionAt(changed), body(changed, 100 + (1 << changed)));
      // before the new code is compiled, when it is, and when it is often found
      for (const rounds of [1, 30, 2000, 10]) expect(run(process, rounds)).toEqual([ALL_STEPS + 100, TICKS]);
    },
  );

  it('fault where a member has gone', () => {
    const { cpu, makeProcess, run } = start();
    const { memory, hart } = makeProcess();
    run({ memory, hart }, 2000);
    memory.setPermission(functionAt(3) / PAGE_SIZE, 1, 0);
    hart.pc = MAIN;
    hart.setXNumber(S0, 1);
    expect(cpu.run(hart, memory, LOTS)).toBe(TrapCause.FetchFault);
    expect([hart.pc, cpu.trapAddress]).toEqual([functionAt(3), functionAt(3)]);
  });

  it('stop at a breakpoint in a member, and go on without it', () => {
    const { cpu, makeProcess, run } = start();
    const { memory, hart } = makeProcess();
    run({ memory, hart }, 2000);
    cpu.breakpoints = new Set([functionAt(2) + 4]);
    hart.pc = MAIN;
    hart.setXNumber(S0, 1);
    expect(cpu.run(hart, memory, LOTS)).toBe(TrapCause.TickBudget);
    expect(hart.pc).toBe(functionAt(2) + 4);
    cpu.breakpoints = new Set();
    expect(run({ memory, hart }, 2000)).toEqual([ALL_STEPS, TICKS]);
  });

  it('are united for each address space: others may have other code', () => {
    const { makeProcess, run } = start();
    const [first, second] = [makeProcess(), makeProcess()];
    run(first, 2000);
    write(second.memory, functionAt(4), body(4, 0));
    expect(run(second, 2000)).toEqual([ALL_STEPS - 16, TICKS]);
    expect(run(first, 2000)).toEqual([ALL_STEPS, TICKS]);
  });
});
