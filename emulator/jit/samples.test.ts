// A region that is too large for the engine's own counts is compiled once more when the program is often found in it.
import { expect, it } from 'vitest';
import { Cpu } from '../cpu/cpu.ts';
import { Hart } from '../cpu/hart.ts';
import { TrapCause } from '../cpu/trap.ts';
import { hostFusesMultiplyAdd } from '../fp/fused-multiply-add.ts';
import { Perm } from '../memory/guest-memory.ts';
import { PAGE_SIZE } from '../memory/layout.ts';
import { assemble } from '../testing/assembler.ts';
import { CodeCache, type CodeCacheOptions, type Effort } from './code-cache.ts';

const A0 = 10;
const A1 = 11;
const RA = 1;
const LOOP = 0x1_0000;
/** From there, in bytes. */
const FUNCTION = 0x100;
/** As the processor says: so many ticks between two samples. */
const PERIOD = 99_991;

/** `length` instructions that do nothing, every eighth of them a branch. */
function branchy(length: number): number[] {
  return Array.from({ length }, (_, i) =>
    i % 8 === 0 && i < length - 1 ? assemble('bne', { imm: 8 }) : assemble('addi', {}),
  );
}

/** As many without a branch. */
function straight(length: number): number[] {
  return Array.from({ length }, () => assemble('addi', {}));
}

/** A machine whose programs count a0 down, and a1 up, in a loop of `length` instructions. */
function start(length: number, compile?: CodeCacheOptions['compile'], fill = branchy) {
  const words = [
    ...fill(length - 3),
    assemble('addi', { rd: A1, rs1: A1, imm: 1 }),
    assemble('addi', { rd: A0, rs1: A0, imm: -1 }),
    assemble('bne', { rs1: A0, imm: -4 * (length - 1) }),
    assemble('ebreak'),
  ];
  const options = { fusesMultiplyAdd: hostFusesMultiplyAdd(), maxRegions: 100, threshold: 20 };
  const cpu = new Cpu({ jit: new CodeCache(compile === undefined ? options : { ...options, compile }) });
  const makeProcess = () => {
    const memory = cpu.createMemory();
    memory.grow(0x10_0000);
    memory.setPermission(LOOP / PAGE_SIZE, 1, Perm.R | Perm.X);
    words.forEach((word, i) => {
      memory.setU32(LOOP + 4 * i, word);
    });
    return { memory, hart: new Hart() };
  };
  /** Runs the loop in slices of `slice` ticks; gives the slices that it took. */
  const run = (
    { memory, hart }: ReturnType<typeof makeProcess>,
    rounds: number,
    slice: number,
    ticks = rounds - 1,
  ): number => {
    hart.pc = LOOP;
    hart.setXNumber(A0, rounds);
    hart.setXNumber(A1, 0);
    const before = hart.ticks;
    let slices = 1;
    for (; cpu.run(hart, memory, slice) === TrapCause.TickBudget; slices++) expect(cpu.ticksUsed).toBe(slice);
    expect([hart.xLo(A0), hart.xLo(A1), hart.ticks - before]).toEqual([0, rounds, ticks]);
    return slices;
  };
  return { makeProcess, run };
}

/** Keeps what was asked for. */
function listening() {
  const efforts: Effort[] = [];
  const compile = (bytes: Uint8Array, _count: number, effort: Effort): WebAssembly.Module => {
    efforts.push(effort);
    return new WebAssembly.Module(bytes);
  };
  return { efforts, compile };
}

it('a large region gets baseline code, and the best once the program was often found in it', () => {
  const { efforts, compile } = listening();
  const { makeProcess, run } = start(240, compile);
  const process = makeProcess();
  run(process, 9 * PERIOD, 1_000_000_000);
  expect(efforts).toEqual(['baseline']);
  run(process, 2 * PERIOD, 1_000_000_000);
  expect(efforts).toEqual(['baseline', 'best']);
  run(process, 30 * PERIOD, 1_000_000_000);
  expect(efforts).toEqual(['baseline', 'best']);
});

it('short slices count as long ones do', () => {
  const { efforts, compile } = listening();
  const { makeProcess, run } = start(240, compile);
  run(makeProcess(), 11 * PERIOD, 777);
  expect(efforts).toEqual(['baseline', 'best']);
});

it('what one process shows is good for another one that has the region', () => {
  const { efforts, compile } = listening();
  const { makeProcess, run } = start(240, compile);
  const [first, second] = [makeProcess(), makeProcess()];
  run(first, 100, PERIOD);
  run(second, 11 * PERIOD, PERIOD);
  run(first, 3 * PERIOD, PERIOD);
  expect(efforts).toEqual(['baseline', 'best']);
});

it('a small region is left to the counts of the engine', () => {
  const { efforts, compile } = listening();
  const { makeProcess, run } = start(40, compile);
  run(makeProcess(), 11 * PERIOD, PERIOD);
  expect(efforts).toEqual(['counted']);
});

it('so is one in which few jumps are', () => {
  const { efforts, compile } = listening();
  const { makeProcess, run } = start(240, compile, straight);
  run(makeProcess(), 11 * PERIOD, PERIOD);
  expect(efforts).toEqual(['counted']);
});

it('a function without a loop is found by its returns', () => {
  const { efforts, compile } = listening();
  const { makeProcess, run } = start(8, compile, (length) => [
    assemble('jal', { rd: RA, imm: FUNCTION }),
    ...straight(length - 1),
  ]);
  const process = makeProcess();
  for (const [i, word] of [...branchy(239), assemble('jalr', { rs1: RA })].entries())
    process.memory.setU32(LOOP + FUNCTION + 4 * i, word);
  run(process, 60 * PERIOD, PERIOD, 2 * 60 * PERIOD - 1);
  expect(efforts).toEqual(['counted', 'baseline', 'best']);
});

it('samples end no slice', () => {
  const { makeProcess, run } = start(240);
  expect(run(makeProcess(), 5 * PERIOD + 1, 1_000_000_000)).toBe(1);
  expect(run(makeProcess(), 5 * PERIOD + 1, 2 * PERIOD)).toBe(3);
  expect(run(makeProcess(), 5 * PERIOD + 1, 70_000)).toBe(8);
});
