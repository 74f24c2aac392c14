// A hart that goes on behind a trap enters its region by a short cut, which never leads to code that is gone.
import { describe, expect, it } from 'vitest';
import { Cpu } from '../cpu/cpu.ts';
import { Hart } from '../cpu/hart.ts';
import { TrapCause } from '../cpu/trap.ts';
import { hostFusesMultiplyAdd } from '../fp/fused-multiply-add.ts';
import { type GuestMemory, Perm } from '../memory/guest-memory.ts';
import { PAGE_SIZE, RESUME_TARGET_COUNT, RESUME_TARGET_SIZE, RESUME_TARGETS } from '../memory/layout.ts';
import { assemble } from '../testing/assembler.ts';
import { CodeCache } from './code-cache.ts';

const CODE = 0x1_0000;
/** A region of its own, whose return points take the slots of those at CODE. */
const RIVAL = CODE + 64 * 2 * RESUME_TARGET_COUNT;
/** Its return points have slots of their own. */
const FRIEND = RIVAL + 64;
const [A0, A1, S0] = [10, 11, 8];
const ROUNDS = 40;

/** Counts s0 down around an ecall and a sum in a1, then jumps to `next`. */
const loop = (at: number, next: number, imm: number) => [
  assemble('ecall'),
  assemble('addi', { rd: A1, rs1: A1, imm }),
  assemble('addi', { rd: S0, rs1: S0, imm: -1 }),
  assemble('bne', { rs1: S0, rs2: 0, imm: -12 }),
  assemble('jal', { rd: 0, imm: next - (at + 16) }),
];

function write(memory: GuestMemory, address: number, words: readonly number[]): void {
  memory.prepareKernelWrite(Math.floor(address / PAGE_SIZE));
  words.forEach((word, i) => {
    memory.setU32(address + 4 * i, word);
  });
}

/** Every ecall comes back. `between` may change things before call number `calls` is answered. */
function run(
  maxRegions: number | undefined,
  between: (memory: GuestMemory, hart: Hart, calls: number) => void,
  other = RIVAL,
): { end: unknown[]; slotsUsed: number } {
  const options = { fusesMultiplyAdd: hostFusesMultiplyAdd(), threshold: 1 };
  const cpu = new Cpu(maxRegions === undefined ? {} : { jit: new CodeCache({ ...options, maxRegions }) });
  const memory = cpu.createMemory();
  memory.grow(0x10_0000);
  memory.setPermission(CODE / PAGE_SIZE, 4, Perm.R | Perm.X);
  write(memory, CODE, loop(CODE, other, 1));
  write(memory, other, loop(other, CODE, 16));
  const hart = new Hart();
  hart.pc = CODE;
  hart.setXNumber(S0, ROUNDS);
  for (let calls = 1; calls <= 4 * ROUNDS; calls++) {
    expect(cpu.run(hart, memory, 1_000_000)).toBe(TrapCause.Ecall);
    between(memory, hart, calls);
    hart.setXNumber(A0, calls);
    hart.advancePc(4);
    if (calls % ROUNDS === 0) hart.setXNumber(S0, ROUNDS);
  }
  const slots = new Int32Array(
    memory.memory.buffer,
    RESUME_TARGETS,
    (RESUME_TARGET_COUNT * RESUME_TARGET_SIZE) / 4,
  );
  return {
    end: [hart.pc, hart.ticks, hart.x(A0), hart.x(A1), hart.x(S0)],
    slotsUsed: slots.filter((word) => word !== 0).length / 2,
  };
}

function compare(
  between: (memory: GuestMemory, hart: Hart, calls: number) => void,
  maxRegions = 100,
  other = RIVAL,
): { slotsUsed: number } {
  const compiled = run(maxRegions, between, other);
  expect(compiled.end).toEqual(run(undefined, between, other).end);
  return compiled;
}

describe('a hart that goes on behind a trap', () => {
  it('runs on as in the interpreter, also where two return points share a slot', () => {
    const { slotsUsed } = compare(() => {});
    expect(slotsUsed).toBeGreaterThan(0);
  });

  it('runs what the code was rewritten to while it was away', () => {
    compare((memory, _hart, calls) => {
      if (calls % 7 === 0) write(memory, CODE, loop(CODE, RIVAL, calls));
      if (calls % 11 === 0) write(memory, RIVAL, loop(RIVAL, CODE, -calls));
    });
  });

  it('is not led astray when the cache starts anew and cells get other addresses', () => {
    compare(() => {}, 1, FRIEND);
  });

  it('takes the trap where its code may no longer be executed', () => {
    for (const maxRegions of [100, undefined]) {
      expect(() =>
        run(maxRegions, (memory, _hart, calls) => {
          if (calls === ROUNDS) memory.setPermission(CODE / PAGE_SIZE, 1, Perm.R);
        }),
      ).toThrow(String(TrapCause.FetchFault));
    }
  });
});
