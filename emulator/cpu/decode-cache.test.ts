// Which pages keep their records when there are more pages than slots.
import { expect, it } from 'vitest';
import { Perm } from '../memory/guest-memory.ts';
import { PAGE_COUNT, PAGE_SIZE, SLOT_COUNT, SLOT_MAP } from '../memory/layout.ts';
import { assemble } from '../testing/assembler.ts';
import { Cpu } from './cpu.ts';
import { Hart } from './hart.ts';
import { TrapCause } from './trap.ts';

const SHARED = 0x1_0000;
const FIRST = 0x2_0000;
const PAGES = 3 * SLOT_COUNT;
const [RA, A0, A1, A2, A3] = [1, 10, 11, 12, 13];

/** Counts a3 down to the end. */
const CALLED = [
  assemble('addi', { rd: A3, rs1: A3, imm: -1 }),
  assemble('beq', { rs1: A3, imm: 8 }),
  assemble('jalr', { rs1: RA }),
  assemble('ebreak'),
];
/** Calls a0 and goes on in the next page. */
const CALLER = [
  assemble('jalr', { rd: RA, rs1: A0 }),
  assemble('add', { rd: A1, rs1: A1, rs2: A2 }),
  assemble('jalr', { rs1: A1 }),
];

it('a page that is used all the time keeps its records while others come and go', () => {
  const cpu = new Cpu();
  const memory = cpu.createMemory();
  memory.grow(FIRST + (PAGES + 1) * PAGE_SIZE);
  const write = (address: number, words: readonly number[]): void => {
    memory.setPermission(address / PAGE_SIZE, 1, Perm.R | Perm.X);
    for (const [i, word] of words.entries()) memory.setU32(address + 4 * i, word);
  };
  write(SHARED, CALLED);
  for (let page = 0; page < PAGES; page++) write(FIRST + page * PAGE_SIZE, CALLER);
  const slotOf = (address: number): number | undefined =>
    new Uint16Array(memory.memory.buffer, SLOT_MAP, PAGE_COUNT)[address / PAGE_SIZE];
  const run = (from: number, count: number): void => {
    const hart = new Hart();
    hart.pc = FIRST + from * PAGE_SIZE;
    hart.setXNumber(A0, SHARED);
    hart.setXNumber(A1, hart.pc);
    hart.setXNumber(A2, PAGE_SIZE);
    hart.setXNumber(A3, count);
    expect(cpu.run(hart, memory, 1_000_000)).toBe(TrapCause.Breakpoint);
  };
  run(0, 3);
  const slot = slotOf(SHARED);
  expect(slot).toBeGreaterThan(0);
  run(3, PAGES - 3);
  expect(slotOf(SHARED)).toBe(slot);
  expect(slotOf(FIRST)).toBe(0);
});
