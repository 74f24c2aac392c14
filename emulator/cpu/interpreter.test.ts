import { describe, expect, it } from 'vitest';
import { decode } from '../isa/decode.ts';
import { ENCODINGS, type Encoding } from '../isa/encodings.ts';
import { type GuestMemory, Perm } from '../memory/guest-memory.ts';
import { HART_STATE_SIZE, PAGE_SIZE } from '../memory/layout.ts';
import { Random } from '../testing/random.ts';
import { Cpu } from './cpu.ts';
import { Hart } from './hart.ts';
import { TrapCause } from './trap.ts';

const CODE = 0x10000;
const DATA = 0x20000;
const AT = CODE + 0x800;
const C_EBREAK = 0x9002;
/** Raise it to search: 10,000 take two minutes. */
const ROUNDS = 120;

/** A code page full of c.ebreak, two data pages, then nothing. */
function prepare(memory: GuestMemory): void {
  memory.grow(DATA + 4 * PAGE_SIZE);
  memory.setPermission(CODE / PAGE_SIZE, 1, Perm.R | Perm.X);
  memory.setPermission(DATA / PAGE_SIZE, 2, Perm.R | Perm.W);
  for (let i = 0; i < PAGE_SIZE; i += 2) memory.setU16(CODE + i, C_EBREAK);
}

/** Random fields around the fixed bits; no static rounding mode that is reserved. */
function randomWord(random: Random, { match, mask, operands }: Encoding): number {
  let word = match | (random.u32() & ~mask);
  if (operands.includes('rm')) {
    word = (word & ~0x7000) | (random.pick([0, 0, 7, 7, 1, 2, 3, 4]) << 12);
  }
  if (operands.includes('csr')) word = (word & 0xfffff) | (random.pick([1, 2, 3, 0xc00, 0xc02, 0x300]) << 20);
  return word;
}

function randomState(random: Random, hart: Hart, word: number): void {
  for (let n = 1; n < 32; n++) hart.setX(n, random.integer());
  const double = random.below(2) === 0;
  for (let n = 0; n < 32; n++) hart.setF(n, double ? random.double() : random.single());
  hart.fcsr = (random.pick([0, 0, 0, 1, 2, 3, 4, 5]) << 5) | random.pick([0, 1, 31]);
  const instruction = decode(word);
  const operands = instruction?.encoding.operands ?? [];
  if (instruction && operands.some((name) => name === 'load' || name === 'store' || name === 'atomic')) {
    const size = operands.includes('atomic') ? 8 : 1;
    const offset = random.below(2 * PAGE_SIZE + 16) & -size;
    const misaligned = random.below(8) === 0 ? random.below(8) : 0;
    const address = BigInt(DATA - 8 + offset + misaligned - instruction.imm);
    if (random.below(20) !== 0) hart.setX(instruction.rs1, BigInt.asUintN(64, address));
    if (random.below(2) === 0) hart.reservation = hart.x(instruction.rs1);
  }
  hart.pc = AT;
}

function stateOf(hart: Hart): Uint8Array {
  const bytes = new Uint8Array(HART_STATE_SIZE);
  hart.saveTo(bytes);
  return bytes;
}

function describeState(hart: Hart): string {
  const words = Array.from({ length: 32 }, (_, n) => `x${n}=${hart.x(n).toString(16)}`);
  const floats = Array.from({ length: 32 }, (_, n) => `f${n}=${hart.f(n).toString(16)}`);
  return [...words, ...floats, `pc=${hart.pcBig.toString(16)}`, `fcsr=${hart.fcsr}`].join(' ');
}

describe('the interpreter', () => {
  const cpu = new Cpu();
  const random = new Random(20260101);
  const memories = [cpu.createMemory(), cpu.createMemory()] as const;
  memories.forEach(prepare);

  it.each(ENCODINGS.map((encoding) => [encoding.name, encoding] as const))(
    'executes %s as the reference does',
    (_name, encoding) => {
      for (let round = 0; round < ROUNDS; round++) {
        const word = randomWord(random, encoding);
        const [interpreted, stepped] = [new Hart(), new Hart()];
        randomState(random, interpreted, word);
        stepped.copyStateFrom(interpreted);
        stepped.reservation = interpreted.reservation;
        const before = describeState(interpreted);
        for (const memory of memories) {
          memory.prepareKernelWrite(CODE / PAGE_SIZE);
          memory.setU32(AT, word);
        }
        const expected = cpu.step(stepped, memories[1]);
        const address = cpu.trapAddressBig;
        const cause = cpu.run(interpreted, memories[0], 1);
        const context = `${(word >>> 0).toString(16)}\n${before}\n${describeState(stepped)}`;
        if (expected !== TrapCause.Stepped) {
          expect(cause, context).toBe(expected);
          if (
            cause !== TrapCause.IllegalInstruction &&
            cause !== TrapCause.Ecall &&
            cause !== TrapCause.Breakpoint
          ) {
            expect(cpu.trapAddressBig, context).toBe(address);
          }
        } else if (stepped.ticks === 1) {
          expect(cause, context).toBe(TrapCause.TickBudget);
        } else {
          // Into the middle of the instruction itself: there is no ebreak.
          if (stepped.pc === AT + 2) continue;
          expect([TrapCause.Breakpoint, TrapCause.FetchFault], context).toContain(cause);
        }
        if (Buffer.compare(stateOf(interpreted), stateOf(stepped)) !== 0) {
          expect(describeState(interpreted), context).toBe(describeState(stepped));
        }
        const [data, expectedData] = memories.map((memory) => memory.bytes(DATA, 2 * PAGE_SIZE));
        if (Buffer.compare(data as Uint8Array, expectedData as Uint8Array) !== 0) {
          expect.fail(`memory differs after ${context}`);
        }
      }
    },
  );
});
