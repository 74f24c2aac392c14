// How much is compiled follows how much has been run: what is hot too early for that waits.
import { expect, it } from 'vitest';
import { Cpu } from '../cpu/cpu.ts';
import { Hart } from '../cpu/hart.ts';
import { TrapCause } from '../cpu/trap.ts';
import { hostFusesMultiplyAdd } from '../fp/fused-multiply-add.ts';
import { Perm } from '../memory/guest-memory.ts';
import { PAGE_SIZE } from '../memory/layout.ts';
import { assemble } from '../testing/assembler.ts';
import { CodeCache, type CodeCacheOptions } from './code-cache.ts';

const A0 = 10;
const FIRST = 0x1_0000;
const SECOND = 0x1_1000;
/** Counts a0 down, with `length` instructions in all. */
const loopOf = (length: number) => [
  ...Array.from({ length: length - 2 }, () => assemble('addi', {})),
  assemble('addi', { rd: A0, rs1: A0, imm: -1 }),
  assemble('bne', { rs1: A0, imm: -4 * (length - 1) }),
  assemble('ebreak'),
];
const LENGTH = 40;
const CODE = [
  [FIRST, loopOf(LENGTH)],
  [SECOND, loopOf(2)],
] as const;

function start(freeInstructions: number, compile?: CodeCacheOptions['compile']) {
  const options = { fusesMultiplyAdd: hostFusesMultiplyAdd(), maxRegions: 100, threshold: 5 };
  const compiler = compile === undefined ? {} : { compile };
  const cache = new CodeCache({ ...options, ...compiler, freeInstructions });
  const cpu = new Cpu({ jit: cache });
  const makeMemory = () => {
    const memory = cpu.createMemory();
    memory.grow(0x10_0000);
    for (const [loop, words] of CODE) {
      memory.setPermission(loop / PAGE_SIZE, 1, Perm.R | Perm.X);
      memory.prepareKernelWrite(loop / PAGE_SIZE);
      words.forEach((word, i) => {
        memory.setU32(loop + 4 * i, word);
      });
    }
    return memory;
  };
  const memories = [makeMemory(), makeMemory()] as const;
  const harts = [new Hart(), new Hart()] as const;
  /** How many regions were compiled when the loop has run that often. */
  return (loop: number, rounds: number, which: 0 | 1 = 0): number => {
    const hart = harts[which];
    hart.pc = loop;
    hart.setXNumber(A0, rounds);
    expect(cpu.run(hart, memories[which], 1_000_000)).toBe(TrapCause.Breakpoint);
    return cache.compiledCount;
  };
}

it('what is hot while there is enough compiled waits until it was visited much more often', () => {
  const run = start(0);
  expect(run(FIRST, 10)).toBe(1);
  expect(run(SECOND, 10)).toBe(1);
  expect(run(SECOND, 60_000)).toBe(1);
  expect(run(SECOND, 10_000)).toBe(2);
});

it('what is hot in two processes waits in both', () => {
  const run = start(0);
  expect(run(FIRST, 10)).toBe(1);
  expect(run(SECOND, 10)).toBe(1);
  expect(run(SECOND, 10, 1)).toBe(1);
  expect(run(SECOND, 70_000, 1)).toBe(2);
});

it('once much has been run, what is hot is compiled at once', () => {
  const run = start(0);
  expect(run(FIRST, 250_000)).toBe(1);
  expect(run(SECOND, 10)).toBe(2);
});

it('what may be compiled however short the run is does not wait', () => {
  const run = start(LENGTH);
  expect(run(FIRST, 10)).toBe(1);
  expect(run(SECOND, 10)).toBe(2);
});

it('whoever compiles regions in the place of the plain constructor hears how long they are', () => {
  const lengths: number[] = [];
  const run = start(LENGTH, (bytes, instructionCount) => {
    lengths.push(instructionCount);
    return new WebAssembly.Module(bytes);
  });
  expect(run(FIRST, 10)).toBe(1);
  expect(run(SECOND, 10)).toBe(2);
  expect(lengths).toEqual([LENGTH, 2]);
});
