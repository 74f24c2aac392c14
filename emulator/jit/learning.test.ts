// A switch's targets come to the region that jumps to them, and not by compiling it once for each of them.
import { expect, it } from 'vitest';
import { Cpu } from '../cpu/cpu.ts';
import { Hart } from '../cpu/hart.ts';
import { TrapCause } from '../cpu/trap.ts';
import { hostFusesMultiplyAdd } from '../fp/fused-multiply-add.ts';
import { Perm } from '../memory/guest-memory.ts';
import { PAGE_SIZE } from '../memory/layout.ts';
import { assemble } from '../testing/assembler.ts';
import { CodeCache } from './code-cache.ts';

const LOOP = 0x1_0000;
const TARGETS = 0x1_0080;
const TARGET_COUNT = 16;
const TARGET_SHIFT = 9;
const TARGET_LENGTH = 100;
const [A0, A1, A2, A3] = [10, 11, 12, 13];

/** a1 rounds; each goes through one of sixteen targets of a hundred instructions that add to a0. */
function program(): Map<number, number> {
  const words = new Map<number, number>();
  const write = (address: number, list: readonly number[]): void => {
    for (const [i, word] of list.entries()) words.set(address + 4 * i, word);
  };
  write(LOOP, [
    assemble('addi', { rd: A1, rs1: A1, imm: -1 }),
    assemble('bge', { rs1: A1, rs2: 0, imm: 8 }),
    assemble('ebreak'),
    assemble('andi', { rd: A2, rs1: A1, imm: TARGET_COUNT - 1 }),
    assemble('slli', { rd: A2, rs1: A2, imm: TARGET_SHIFT }),
    assemble('add', { rd: A2, rs1: A2, rs2: A3 }),
    assemble('jalr', { rd: 0, rs1: A2 }),
  ]);
  for (let target = 0; target < TARGET_COUNT; target++) {
    const at = TARGETS + (target << TARGET_SHIFT);
    const adds = Array.from({ length: TARGET_LENGTH }, () =>
      assemble('addi', { rd: A0, rs1: A0, imm: target }),
    );
    write(at, [...adds, assemble('jal', { rd: 0, imm: LOOP - (at + 4 * TARGET_LENGTH) })]);
  }
  return words;
}

it('makes a large region anew each time its entries double, and gives the same results', () => {
  const cache = new CodeCache({ fusesMultiplyAdd: hostFusesMultiplyAdd(), maxRegions: 100, threshold: 20 });
  const cpu = new Cpu({ jit: cache });
  const memory = cpu.createMemory();
  memory.grow(0x10_0000);
  memory.setPermission(LOOP / PAGE_SIZE, 3, Perm.R | Perm.X);
  for (let page = 0; page < 3; page++) memory.prepareKernelWrite(LOOP / PAGE_SIZE + page);
  for (const [address, word] of program()) memory.setU32(address, word);
  const hart = new Hart();
  let sum = 0;
  for (let target = 0; target < TARGET_COUNT; target++) sum += target * TARGET_LENGTH;
  for (let run = 0; run < 3; run++) {
    hart.pc = LOOP;
    hart.setXNumber(A0, 0);
    hart.setXNumber(A1, TARGET_COUNT * 1000);
    hart.setXNumber(A3, TARGETS);
    expect(cpu.run(hart, memory, 10_000_000)).toBe(TrapCause.Breakpoint);
    expect(hart.x(A0)).toBe(BigInt(sum * 1000));
  }
  const size = TARGET_COUNT * TARGET_LENGTH;
  expect(cache.compiledInstructions).toBeGreaterThan(size);
  expect(cache.compiledInstructions).toBeLessThan(2.3 * size); // 2.0 times; anew for each target: 2.8 times
});
