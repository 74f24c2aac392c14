// Loops that run in strips: which do, and that no access slips past a check and no tick is lost.
import { describe, expect, it } from 'vitest';
import { Cpu } from '../cpu/cpu.ts';
import { Hart } from '../cpu/hart.ts';
import { TrapCause } from '../cpu/trap.ts';
import { hostFusesMultiplyAdd } from '../fp/fused-multiply-add.ts';
import { decode } from '../isa/decode.ts';
import { Perm } from '../memory/guest-memory.ts';
import { PAGE_SIZE } from '../memory/layout.ts';
import { assemble } from '../testing/assembler.ts';
import { Random } from '../testing/random.ts';
import { CodeCache } from './code-cache.ts';
import { analyseFlow } from './flow-graph.ts';
import { naturalLoops } from './natural-loops.ts';
import { discoverRegion, type Region } from './region.ts';
import { findStrips } from './strips.ts';

const CODE = 0x1_0000;
const DATA = 0x10_0000;
const PAGES = 40;
const [A0, A1, A2, A3, A4, A5] = [10, 11, 12, 13, 14, 15];
const EBREAK = assemble('ebreak');

/** A loop with what ends it: back to its first instruction while a1 counts down. */
function counted(...body: number[]): number[] {
  const back = -4 * (body.length + 1);
  return [
    ...body,
    assemble('addi', { rd: A1, rs1: A1, imm: -1 }),
    assemble('bne', { rs1: A1, imm: back }),
    EBREAK,
  ];
}

const LOOPS: Readonly<Record<string, number[]>> = {
  copy: counted(
    assemble('lbu', { rd: A4, rs1: A0 }),
    assemble('sb', { rs1: A2, rs2: A4 }),
    assemble('addi', { rd: A0, rs1: A0, imm: 1 }),
    assemble('addi', { rd: A2, rs1: A2, imm: 1 }),
  ),
  down: counted(
    assemble('addi', { rd: A0, rs1: A0, imm: -24 }),
    assemble('sd', { rs1: A0, rs2: A1, imm: 8 }),
  ),
  table: counted(
    assemble('lbu', { rd: A4, rs1: A0 }),
    assemble('addi', { rd: A0, rs1: A0, imm: 1 }),
    assemble('slli', { rd: A4, rs1: A4, imm: 2 }),
    assemble('add', { rd: A4, rs1: A4, rs2: A2 }),
    assemble('lw', { rd: A5, rs1: A4, imm: 4 }),
    assemble('add', { rd: A3, rs1: A3, rs2: A5 }),
  ),
  stride: counted(
    assemble('sw', { rs1: A0, rs2: A1, imm: -4 }),
    assemble('add', { rd: A0, rs1: A0, rs2: A5 }),
  ),
  sometimes: counted(
    assemble('andi', { rd: A4, rs1: A1, imm: 4 }),
    assemble('beq', { rs1: A4, imm: 12 }),
    assemble('sd', { rs1: A0, rs2: A1 }),
    assemble('addi', { rd: A0, rs1: A0, imm: 64 }),
    assemble('ld', { rd: A5, rs1: A2, imm: 2040 }),
  ),
};

function stripsOf(words: readonly number[]) {
  const fetch = (pc: number) => decode(words[(pc - CODE) / 4] ?? 0) ?? undefined;
  const region = discoverRegion(fetch, [CODE]) as Region;
  const flow = analyseFlow(region.entries, (pc) => region.blocks.get(pc)?.successors ?? []);
  return [...findStrips(naturalLoops(region, flow), flow).values()];
}

describe('strips', () => {
  it('are found for what walks, stays, looks into a table or steps by a register', () => {
    const ranges = Object.fromEntries(
      Object.entries(LOOPS).map(([name, words]) => {
        const found = stripsOf(words).flatMap((strip) => strip.ranges);
        return [name, found.sort((a, b) => a.base - b.base)];
      }),
    );
    expect(ranges).toEqual({
      copy: [
        { base: A0, low: 0, high: 1, writes: false, step: 1 },
        { base: A2, low: 0, high: 1, writes: true, step: 1 },
      ],
      down: [{ base: A0, low: 8, high: 16, writes: true, step: -24 }],
      table: [
        { base: A0, low: 0, high: 1, writes: false, step: 1 },
        { base: A2, low: 4, high: 4 + 255 * 4 + 4, writes: false, step: 0 },
      ],
      stride: [{ base: A0, low: -4, high: 0, writes: true, step: { register: A5 } }],
      sometimes: [
        { base: A0, low: 0, high: 8, writes: true, step: 64 },
        { base: A2, low: 2040, high: 2048, writes: false, step: 0 },
      ],
    });
  });

  it('are not for loops that call, tick elsewhere, or go where a load says', () => {
    const load = assemble('ld', { rd: A4, rs1: A0 });
    const skip = assemble('jal', { imm: 8 });
    expect(stripsOf(counted(load, assemble('ecall')))).toEqual([]);
    expect(stripsOf(counted(load, assemble('jal', { rd: 1, imm: 64 })))).toEqual([]);
    expect(stripsOf(counted(assemble('ld', { rd: A0, rs1: A0 })))).toEqual([]);
    // entered in the middle: the jump back is not to the head
    expect(
      stripsOf([skip, load, ...counted(load).map((word, i) => (i === 2 ? branchOver(-12) : word))]),
    ).toEqual([]);
  });

  it('leave registers, memory, faults and ticks as the interpreter does, whatever is accessible', () => {
    const random = new Random(24);
    for (const words of Object.values(LOOPS)) {
      for (let round = 0; round < 12; round++) {
        const closed = Array.from({ length: random.below(4) }, () => random.below(PAGES));
        const readOnly = random.below(3) === 0 ? [random.below(PAGES)] : [];
        const spot = (): number => DATA + random.below(PAGES * PAGE_SIZE - 16);
        const registers = new Map<number, number>([
          [A0, spot()],
          [A1, 1 + random.below(3000)],
          [A2, spot()],
          [A3, 0],
          [A5, random.pick([4, 12, 100, 4096, 5000, -4])],
        ]);
        const budgets = Array.from({ length: 4 }, () => 1 + random.below(700));
        const threshold = random.pick([1, 4, 64]);
        const run = (jit: CodeCache | undefined) =>
          execute(jit, words, registers, { closed, readOnly, budgets });
        const options = { fusesMultiplyAdd: hostFusesMultiplyAdd(), maxRegions: 100, threshold };
        expect(run(new CodeCache(options))).toEqual(run(undefined));
      }
    }
  });
});

const branchOver = (imm: number): number => assemble('bne', { rs1: A1, imm });

interface Surroundings {
  readonly closed: readonly number[];
  readonly readOnly: readonly number[];
  readonly budgets: readonly number[];
}

/** Runs a loop to its end or a fault, with a few small budgets first; gives all that can be seen of it. */
function execute(
  jit: CodeCache | undefined,
  words: readonly number[],
  registers: ReadonlyMap<number, number>,
  { closed, readOnly, budgets }: Surroundings,
) {
  const cpu = new Cpu(jit === undefined ? {} : { jit });
  const memory = cpu.createMemory();
  memory.grow(DATA + PAGES * PAGE_SIZE);
  memory.setPermission(CODE / PAGE_SIZE, 1, Perm.R | Perm.X);
  for (let page = 0; page < PAGES; page++) {
    const granted = closed.includes(page) ? 0 : readOnly.includes(page) ? Perm.R : Perm.R | Perm.W;
    memory.setPermission(DATA / PAGE_SIZE + page, 1, granted);
    memory.prepareKernelWrite(DATA / PAGE_SIZE + page);
    for (let i = 0; i < PAGE_SIZE; i += 16)
      memory.setU32(DATA + page * PAGE_SIZE + i, Math.imul(page + i, 0x9e37_79b1));
  }
  memory.prepareKernelWrite(CODE / PAGE_SIZE);
  words.forEach((word, i) => {
    memory.setU32(CODE + 4 * i, word);
  });
  const hart = new Hart();
  for (const [register, value] of registers) hart.setXNumber(register, value);
  hart.pc = CODE;
  const seen: unknown[] = [];
  for (const budget of [...budgets, 1_000_000]) {
    const cause = cpu.run(hart, memory, budget);
    seen.push(cause, hart.pc, hart.ticks, ...[A0, A1, A2, A3, A4, A5].map((n) => hart.x(n)));
    if (cause === TrapCause.TickBudget) continue;
    if (cause !== TrapCause.Breakpoint) seen.push(cpu.trapAddress);
    break;
  }
  let sum = 0n;
  for (let at = DATA; at < DATA + PAGES * PAGE_SIZE; at += 8) {
    sum = BigInt.asUintN(64, (sum ^ memory.readU64(at)) * 0x1_0000_01b3n);
  }
  return [...seen, sum];
}
