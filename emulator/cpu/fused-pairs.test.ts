// Each pair against one instruction after the other in the reference: state, memory, faults in either half.
import { expect, it } from 'vitest';
import { decode } from '../isa/decode.ts';
import { encodingOf } from '../isa/encodings.ts';
import { type GuestMemory, Perm } from '../memory/guest-memory.ts';
import {
  DECODE_CACHE,
  HART_STATE_SIZE,
  PAGE_COUNT,
  PAGE_SIZE,
  RECORD_SCALE_SHIFT,
  SLOT_MAP,
  SLOT_SIZE,
} from '../memory/layout.ts';
import { assemble } from '../testing/assembler.ts';
import { Random } from '../testing/random.ts';
import { Cpu } from './cpu.ts';
import { DecodeCache } from './decode-cache.ts';
import { FUSED_PAIRS, firstOfPair } from './fused-pairs.ts';
import { Hart } from './hart.ts';
import { FIRST_FUSED, Internal, type Operation } from './record.ts';
import { RecordStore } from './record-store.ts';
import { TrapCause } from './trap.ts';

const CODE = 0x1_0000;
const DATA = 0x2_0000;
const AT = CODE + 0x800;
const C_EBREAK = 0x9002;
const [A0, A1] = [10, 11];
const ROUNDS = 150;
const random = new Random(20261121);

/** A code page full of c.ebreak, two data pages, then nothing. */
function prepare(memory: GuestMemory): GuestMemory {
  memory.grow(DATA + 4 * PAGE_SIZE);
  memory.setPermission(CODE / PAGE_SIZE, 1, Perm.R | Perm.X);
  memory.setPermission(DATA / PAGE_SIZE, 2, Perm.R | Perm.W);
  for (let i = 0; i < PAGE_SIZE; i += 2) memory.setU16(CODE + i, C_EBREAK);
  return memory;
}

/** Any instruction of the operation; a transfer as far from `at` as the operation says. */
function randomWord(
  { name, length, reach }: Pick<Operation, 'name' | 'length' | 'reach'>,
  at: number,
): number {
  const { match, mask } = encodingOf(name);
  for (;;) {
    const word = length === 4 ? match | (random.u32() & ~mask) : random.u32() & 0xffff;
    const instruction = decode(word);
    if (instruction?.name !== name || instruction.length !== length) continue;
    if (reach === null) return word;
    const target = at + instruction.imm;
    if (target < 0) continue; // for the reference alone
    const isNear = target >= CODE && target < CODE + PAGE_SIZE;
    if (reach.startsWith('near') === isNear && reach.endsWith('forward') === instruction.imm > 0) return word;
  }
}

/** Most addresses are allowed, some cross into what is not. */
function randomRegister(): bigint {
  if (random.below(5) === 0) return random.integer();
  const end = random.below(8) === 0 ? random.below(16) : 0;
  return BigInt(DATA + (random.below(2 * PAGE_SIZE) & -8) + end);
}

function place(memory: GuestMemory, words: readonly number[], lengths: readonly number[]): void {
  memory.prepareKernelWrite(CODE / PAGE_SIZE);
  memory.setU32(AT, (C_EBREAK << 16) | C_EBREAK);
  memory.setU32(AT + 4, (C_EBREAK << 16) | C_EBREAK);
  let at = AT;
  words.forEach((word, i) => {
    if (lengths[i] === 4) memory.setU32(at, word);
    else memory.setU16(at, word);
    at += lengths[i] as number;
  });
}

function recordAt(memory: GuestMemory, pc: number): number {
  const { buffer } = memory.memory;
  const slot = new Uint16Array(buffer, SLOT_MAP, PAGE_COUNT)[(pc / PAGE_SIZE) | 0] as number;
  const offset = DECODE_CACHE + slot * SLOT_SIZE + ((pc % PAGE_SIZE) << RECORD_SCALE_SHIFT);
  return new DataView(buffer).getUint16(offset, true);
}

function stateOf(hart: Hart): Uint8Array {
  const bytes = new Uint8Array(HART_STATE_SIZE);
  hart.saveTo(bytes);
  return bytes;
}

const cpu = new Cpu();
const memories = [prepare(cpu.createMemory()), prepare(cpu.createMemory())] as const;

it.each(
  FUSED_PAIRS.map(
    (pair, i) => [pair.map(({ name, length }) => `${name}.${length}`).join(' '), pair, i] as const,
  ),
)('the pair %s does what its instructions do', (_names, [first, second], number) => {
  const faults = [0, 0];
  for (let round = 0; round < ROUNDS; round++) {
    const words = [randomWord(first, AT), randomWord(second, AT + first.length)];
    const [fused, stepped] = [new Hart(), new Hart()];
    for (let n = 1; n < 32; n++) fused.setX(n, randomRegister());
    fused.pc = AT;
    stepped.copyStateFrom(fused);
    for (const memory of memories) place(memory, words, [first.length, second.length]);
    const context = words.map((word) => (word >>> 0).toString(16)).join(' ');
    let expected: TrapCause = TrapCause.Stepped;
    let faultAddress = 0n;
    for (let half = 0; half < 2 && expected === TrapCause.Stepped; half++) {
      expected = cpu.step(stepped, memories[1]);
      faultAddress = cpu.trapAddressBig;
      if (expected !== TrapCause.Stepped) faults[half] = (faults[half] as number) + 1;
    }
    const cause = cpu.run(fused, memories[0], 1);
    expect(recordAt(memories[0], AT), context).toBe(FIRST_FUSED + number);
    if (expected !== TrapCause.Stepped) {
      expect([cause, cpu.trapAddressBig], context).toEqual([expected, faultAddress]);
    } else if (stepped.ticks === 1) {
      expect(cause, context).toBe(TrapCause.TickBudget);
    } else {
      if (stepped.pc === AT + 2) continue; // into the middle of the first: there is no ebreak
      expect([TrapCause.Breakpoint, TrapCause.FetchFault], context).toContain(cause);
    }
    expect(fused.ticks, context).toBe(stepped.ticks);
    expect(Buffer.compare(stateOf(fused), stateOf(stepped)), context).toBe(0);
    const [data, wanted] = memories.map((memory) => memory.bytes(DATA, 2 * PAGE_SIZE));
    expect(Buffer.compare(data as Uint8Array, wanted as Uint8Array), context).toBe(0);
  }
  for (const [half, { name }] of [first, second].entries()) {
    if (name === 'ld' || name === 'sd') expect(faults[half]).toBeGreaterThan(0);
  }
});

const ADDITIONS = [assemble('lui', { rd: A0, imm: 0x1000 }), assemble('addi', { rd: A0, rs1: A0, imm: 1 })];

it('a jump leads between the halves of a pair', () => {
  const [memory] = memories;
  place(memory, ADDITIONS, [4, 4]);
  const run = (pc: number): bigint => {
    const hart = new Hart();
    hart.pc = pc;
    expect(cpu.run(hart, memory, 100)).toBe(TrapCause.Breakpoint);
    return hart.x(A0);
  };
  expect(run(AT)).toBe(0x1001n);
  expect(recordAt(memory, AT)).toBeGreaterThanOrEqual(FIRST_FUSED);
  expect(run(AT + 4)).toBe(1n);
});

it('a breakpoint on the second half stops before it', () => {
  const [memory] = memories;
  place(memory, ADDITIONS, [4, 4]);
  const hart = new Hart();
  hart.pc = AT;
  cpu.breakpoints = new Set([AT + 4]);
  expect(cpu.run(hart, memory, 100)).toBe(TrapCause.TickBudget);
  expect([hart.pc, hart.x(A0)]).toEqual([AT + 4, 0x1000n]);
  cpu.breakpoints = new Set();
  expect(cpu.run(hart, memory, 100)).toBe(TrapCause.Breakpoint);
  expect(hart.x(A0)).toBe(0x1001n);
});

it('a region that begins at the second half is entered from the first', () => {
  const memory = prepare(new Cpu().createMemory());
  place(memory, [...ADDITIONS, assemble('add', { rd: A1 })], [4, 4, 4]);
  const cache = new DecodeCache(memory, { ofPage: () => 1, of: () => 1 }, new RecordStore());
  cache.decodeFrom(AT);
  const fused = recordAt(memory, AT);
  expect(fused).toBeGreaterThanOrEqual(FIRST_FUSED);
  cache.markRegion(AT + 4, 1);
  expect([recordAt(memory, AT), recordAt(memory, AT + 4)]).toEqual([firstOfPair(fused, 4), Internal.REGION]);
});
