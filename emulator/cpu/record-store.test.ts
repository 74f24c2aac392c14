// What programs that are over had decoded, in the memory of the next one.
import { expect, it } from 'vitest';
import { type GuestMemory, PageNote, Perm } from '../memory/guest-memory.ts';
import { NOTE_MAP, PAGE_SIZE } from '../memory/layout.ts';
import { assemble } from '../testing/assembler.ts';
import { Cpu } from './cpu.ts';
import { DecodeCache } from './decode-cache.ts';
import { Hart } from './hart.ts';
import { ITEM_WORDS, RecordStore } from './record-store.ts';
import { TrapCause } from './trap.ts';

const CODE = 0x1_0000;
const A0 = 10;
const HEAT = { ofPage: () => 1, of: () => 1 };
const ADD_ONE = assemble('addi', { rd: A0, rs1: A0, imm: 1 });
const EBREAK = assemble('ebreak');
const LUI = assemble('lui', { rd: A0, imm: 0x1000 });

function place(memory: GuestMemory, address: number, words: readonly number[], pages = 1): void {
  memory.grow(address + pages * PAGE_SIZE);
  memory.setPermission(Math.floor(address / PAGE_SIZE), pages, Perm.R | Perm.X);
  for (const [i, word] of words.entries()) memory.setU32(address + 4 * i, word);
}

function run(cpu: Cpu, memory: GuestMemory, pc: number): { cause: TrapCause; a0: bigint; pc: number } {
  const hart = new Hart();
  hart.pc = pc;
  const cause = cpu.run(hart, memory, 1000);
  return { cause, a0: hart.x(A0), pc: hart.pc };
}

it('the next program finds the records of the same bytes, wherever they lie, and no others', () => {
  const store = new RecordStore();
  const cpu = new Cpu();
  const first = cpu.createMemory();
  place(first, CODE, [ADD_ONE, ADD_ONE, EBREAK]);
  const before = new DecodeCache(first, HEAT, store);
  before.decodeFrom(CODE);
  before.keepRecords();
  const isKnown = (address: number, words: readonly number[]): boolean => {
    const memory = new Cpu().createMemory();
    place(memory, address, words);
    const cache = new DecodeCache(memory, HEAT, store);
    cache.decodeFrom(address + 8);
    return cache.isDecoded(address);
  };
  expect(isKnown(CODE, [ADD_ONE, ADD_ONE, EBREAK])).toBe(true);
  expect(isKnown(5 * CODE, [ADD_ONE, ADD_ONE, EBREAK])).toBe(true);
  expect(isKnown(CODE, [ADD_ONE, ADD_ONE, EBREAK, ADD_ONE])).toBe(false);
});

it('an instruction that reaches into the next page is decoded with what is there now, fused or not', () => {
  const cpu = new Cpu();
  for (const immediate of [5, 7, 9]) {
    const memory = cpu.createMemory();
    const from = CODE + PAGE_SIZE - 2 - 4;
    place(memory, from, [LUI, assemble('addi', { rd: A0, rs1: A0, imm: immediate }), EBREAK], 2);
    const expected = { cause: TrapCause.Breakpoint, a0: 0x1000n + BigInt(immediate), pc: from + 8 };
    expect(run(cpu, memory, from)).toEqual(expected);
    memory.release();
  }
});

it('a store to a page whose records came from another program is noticed', () => {
  const cpu = new Cpu();
  for (const imm of [1, 2]) {
    const memory = cpu.createMemory();
    place(memory, CODE, [ADD_ONE, EBREAK]);
    expect(run(cpu, memory, CODE).a0).toBe(1n);
    const notes = new Uint8Array(memory.memory.buffer, NOTE_MAP);
    expect((notes[CODE / PAGE_SIZE] ?? 0) & PageNote.DECODED).not.toBe(0);
    memory.prepareKernelWrite(CODE / PAGE_SIZE);
    memory.setU32(CODE, assemble('addi', { rd: A0, rs1: A0, imm: 40 + imm }));
    expect(run(cpu, memory, CODE).a0).toBe(40n + BigInt(imm));
    memory.release();
  }
});

it('a breakpoint holds in a program whose code another one ran', () => {
  const cpu = new Cpu();
  for (const breakpoints of [[], [CODE + 4]]) {
    const memory = cpu.createMemory();
    place(memory, CODE, [ADD_ONE, ADD_ONE, EBREAK]);
    cpu.breakpoints = new Set(breakpoints);
    expect(run(cpu, memory, CODE).a0).toBe(breakpoints.length === 0 ? 2n : 1n);
    memory.release();
  }
});

it('the page used longest ago goes first when there are too many', () => {
  const store = new RecordStore();
  const items = new Int32Array(2047 * ITEM_WORDS);
  const code = (i: number): Int32Array => new Int32Array(PAGE_SIZE / 4).fill(i);
  store.keep(code(0), items);
  store.keep(code(1), items);
  for (let i = 2; i < 2000; i++) {
    store.keep(code(i), items);
    expect(store.find(code(0))).toBeDefined();
  }
  expect(store.find(code(1))).toBeUndefined();
  expect(store.find(code(1999))).toEqual(items);
});
