// System calls in the middle of compiled code: served while the region waits, or left to whoever runs the hart.
import { beforeEach, describe, expect, it } from 'vitest';
import { Cpu, LEAVE_WITH_ECALL } from '../cpu/cpu.ts';
import { Hart } from '../cpu/hart.ts';
import { TrapCause } from '../cpu/trap.ts';
import { hostFusesMultiplyAdd } from '../fp/fused-multiply-add.ts';
import { type GuestMemory, Perm } from '../memory/guest-memory.ts';
import { PAGE_SIZE } from '../memory/layout.ts';
import { assemble } from '../testing/assembler.ts';
import { CodeCache } from './code-cache.ts';

const CODE = 0x1_0000;
const [A0, A1, S0] = [10, 11, 8];
const ROUNDS = 50;

let cpu: Cpu;
let cache: CodeCache;
let memory: GuestMemory;
let hart: Hart;
/** Ticks that serveCall was told of. */
let told: number;
/** Calls that came back as traps. */
let traps: number;

/** s0 counts down; each round adds what the call returned to a1; then ebreak. */
beforeEach(() => {
  cache = new CodeCache({ fusesMultiplyAdd: hostFusesMultiplyAdd(), maxRegions: 100, threshold: 1 });
  cpu = new Cpu({ jit: cache });
  memory = cpu.createMemory();
  memory.grow(0x10_0000);
  memory.setPermission(CODE / PAGE_SIZE, 1, Perm.R | Perm.X);
  const words = [
    assemble('addi', { rd: A0, imm: 1 }),
    assemble('ecall'),
    assemble('add', { rd: A1, rs1: A1, rs2: A0 }),
    assemble('addi', { rd: S0, rs1: S0, imm: -1 }),
    assemble('bne', { rs1: S0, rs2: 0, imm: -16 }),
    assemble('ebreak'),
  ];
  words.forEach((word, i) => {
    memory.prepareKernelWrite(CODE / PAGE_SIZE);
    memory.setU32(CODE + 4 * i, word);
  });
  hart = new Hart();
  hart.pc = CODE;
  hart.setXNumber(S0, ROUNDS);
  told = 0;
  traps = 0;
});

function answer(value: number): void {
  hart.setXNumber(A0, value);
  hart.advancePc(4);
}

/** Runs to the end as a kernel does; calls that come back as traps are answered as well. */
function runToEnd(budget: number): number {
  let ticks = 0;
  for (;;) {
    const cause = cpu.run(hart, memory, budget);
    ticks += cpu.ticksUsed;
    if (cause === TrapCause.Breakpoint) return ticks + told;
    if (cause === TrapCause.Ecall) {
      traps++;
      answer(3);
    } else expect(cause).toBe(TrapCause.TickBudget);
  }
}

describe('system calls in compiled code', () => {
  it('are served without leaving it, and the code goes on with the new a0', () => {
    cpu.serveCall = (ticks) => {
      told += ticks;
      answer(3);
      return 1000;
    };
    const ticks = runToEnd(1000);
    expect(cache.compiledCount).toBeGreaterThan(0);
    expect(traps).toBeLessThan(5); // those before the code was compiled
    expect([hart.x(A1), ticks, hart.ticks]).toEqual([BigInt(3 * ROUNDS), ROUNDS - 1, ROUNDS - 1]);
  });

  it('come back as traps when the kernel wants them so, with the same ticks and registers', () => {
    cpu.serveCall = (ticks) => {
      told += ticks;
      return LEAVE_WITH_ECALL;
    };
    const ticks = runToEnd(1000);
    expect(traps).toBe(ROUNDS);
    expect([hart.x(A1), ticks, hart.ticks]).toEqual([BigInt(3 * ROUNDS), ROUNDS - 1, ROUNDS - 1]);
  });

  it('stop the run when no budget is left or the call does not end', () => {
    cpu.serveCall = (ticks) => {
      told += ticks;
      answer(3);
      return 0;
    };
    const ticks = runToEnd(1000);
    expect([hart.x(A1), ticks, hart.ticks]).toEqual([BigInt(3 * ROUNDS), ROUNDS - 1, ROUNDS - 1]);
  });

  it('leave code that the call has changed', () => {
    let served = 0;
    let before = 0;
    cpu.serveCall = (ticks) => {
      told += ticks;
      answer(3);
      if (++served === 10) {
        before = traps + served - 1;
        memory.prepareKernelWrite(CODE / PAGE_SIZE);
        memory.setU32(CODE + 8, assemble('addi', { rd: A1, rs1: A1, imm: 100 }));
        memory.invalidateCode(CODE / PAGE_SIZE, 1);
      }
      return 1000;
    };
    runToEnd(1000);
    expect(served).toBeGreaterThan(10);
    expect(hart.x(A1)).toBe(BigInt(3 * before + 100 * (ROUNDS - before)));
  });
});
