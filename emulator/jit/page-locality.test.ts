// Loops that walk through memory: the remembered page saves checks, and no access slips past one.
import { beforeEach, describe, expect, it } from 'vitest';
import { Cpu } from '../cpu/cpu.ts';
import { Hart } from '../cpu/hart.ts';
import { TrapCause } from '../cpu/trap.ts';
import { hostFusesMultiplyAdd } from '../fp/fused-multiply-add.ts';
import { type GuestMemory, Perm } from '../memory/guest-memory.ts';
import { PAGE_SIZE } from '../memory/layout.ts';
import { assemble } from '../testing/assembler.ts';
import { CodeCache } from './code-cache.ts';

const CODE = 0x1_0000;
const DATA = 0x2_0000;
const [A0, A1] = [10, 11];
const LOTS = 1_000_000;

let cpu: Cpu;
let cache: CodeCache;
let memory: GuestMemory;
let hart: Hart;

/** Stores a word at a0 and every `step` bytes above it, until a0 is a1. */
function start(step: number, from: number, to: number): void {
  const words = [
    assemble('sd', { rs1: A0, rs2: A1 }),
    assemble('addi', { rd: A0, rs1: A0, imm: step }),
    assemble('bne', { rs1: A0, rs2: A1, imm: -8 }),
    assemble('ebreak'),
  ];
  words.forEach((word, i) => {
    memory.prepareKernelWrite(CODE / PAGE_SIZE);
    memory.setU32(CODE + 4 * i, word);
  });
  hart.setXNumber(A0, from);
  hart.setXNumber(A1, to);
  hart.pc = CODE;
}

beforeEach(() => {
  cache = new CodeCache({ fusesMultiplyAdd: hostFusesMultiplyAdd(), maxRegions: 100, threshold: 1 });
  cpu = new Cpu({ jit: cache });
  memory = cpu.createMemory();
  memory.grow(0x10_0000);
  memory.setPermission(CODE / PAGE_SIZE, 1, Perm.R | Perm.X);
  memory.setPermission(DATA / PAGE_SIZE, 2, Perm.R | Perm.W);
  hart = new Hart();
});

const faultAt = () => [cpu.run(hart, memory, LOTS), cpu.trapAddress, hart.pc, hart.x(A0)];

describe('a loop that walks', () => {
  it('faults at the first byte of a page that is not there', () => {
    start(8, DATA, DATA + 4 * PAGE_SIZE);
    const end = DATA + 2 * PAGE_SIZE;
    expect(faultAt()).toEqual([TrapCause.StoreFault, end, CODE, BigInt(end)]);
    expect(cache.compiledCount).toBeGreaterThan(0);
    memory.setPermission(end / PAGE_SIZE, 2, Perm.R | Perm.W);
    expect(cpu.run(hart, memory, LOTS)).toBe(TrapCause.Breakpoint);
    expect(memory.readU64(end + 2 * PAGE_SIZE - 8)).toBe(BigInt(DATA + 4 * PAGE_SIZE));
  });

  it('faults when it walks down out of its pages', () => {
    start(-8, DATA + PAGE_SIZE, DATA - PAGE_SIZE);
    expect(faultAt()).toEqual([TrapCause.StoreFault, DATA - 8, CODE, BigInt(DATA - 8)]);
  });

  it('faults on the missing page when a store crosses into it', () => {
    start(12, DATA + 4, DATA + 12 * 1000 + 4);
    const [cause, address, pc] = faultAt();
    const crossing = hart.x(A0);
    expect([cause, pc]).toEqual([TrapCause.StoreFault, CODE]);
    expect(crossing > BigInt(DATA + 2 * PAGE_SIZE - 8)).toBe(true);
    expect(address).toBe(Math.max(Number(crossing), DATA + 2 * PAGE_SIZE));
  });

  it('sees a page that was taken away between two runs', () => {
    start(8, DATA, DATA + 2 * PAGE_SIZE);
    expect(cpu.run(hart, memory, 100)).toBe(TrapCause.TickBudget);
    memory.setPermission(DATA / PAGE_SIZE, 1, Perm.R);
    const at = hart.x(A0);
    expect(faultAt()).toEqual([TrapCause.StoreFault, Number(at), CODE, at]);
  });
});
