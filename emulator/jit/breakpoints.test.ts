// Runs with breakpoints: they stop before each of them as often as the code gets there, compiled or not.
import { describe, expect, it } from 'vitest';
import { Cpu } from '../cpu/cpu.ts';
import { Hart } from '../cpu/hart.ts';
import { TrapCause } from '../cpu/trap.ts';
import { hostFusesMultiplyAdd } from '../fp/fused-multiply-add.ts';
import { type GuestMemory, Perm } from '../memory/guest-memory.ts';
import { PAGE_SIZE } from '../memory/layout.ts';
import { assemble } from '../testing/assembler.ts';
import { CodeCache } from './code-cache.ts';

const CODE = 0x1_0000;
const [RA, S0, S1, T0] = [1, 8, 9, 5];
const ROUNDS = 500;
const AT = {
  head: CODE,
  beforeCall: CODE + 4,
  behindCall: CODE + 8,
  rare: CODE + 16,
  leaf: CODE + 32,
} as const;

/** A loop of ROUNDS calls of `leaf`, which adds s0 to s1; `rare` is passed in every 64th round. */
const WORDS = [
  assemble('andi', { rd: T0, rs1: S0, imm: 63 }), // head
  assemble('jal', { rd: RA, imm: 28 }), // beforeCall
  assemble('addi', { rd: S0, rs1: S0, imm: -1 }), // behindCall
  assemble('bne', { rs1: T0, rs2: 0, imm: 8 }),
  assemble('addi', { rd: S1, rs1: S1, imm: 1 }), // rare
  assemble('bne', { rs1: S0, rs2: 0, imm: -20 }),
  assemble('ebreak'),
  assemble('ebreak'),
  assemble('add', { rd: S1, rs1: S1, rs2: S0 }), // leaf
  assemble('jalr', { rd: 0, rs1: RA, imm: 0 }),
];

const HITS: Record<keyof typeof AT, number> = {
  head: ROUNDS - 1, // the run begins there
  beforeCall: ROUNDS,
  behindCall: ROUNDS,
  rare: Math.floor(ROUNDS / 64),
  leaf: ROUNDS,
};

interface Ran {
  readonly hits: number[];
  readonly ticks: number;
  readonly sum: bigint;
}

function prepare(threshold: number | undefined): {
  cpu: Cpu;
  memory: GuestMemory;
  hart: Hart;
  cache: CodeCache;
} {
  const cache = new CodeCache({
    fusesMultiplyAdd: hostFusesMultiplyAdd(),
    maxRegions: 100,
    threshold: threshold ?? 1,
  });
  const cpu = new Cpu(threshold === undefined ? {} : { jit: cache });
  const memory = cpu.createMemory();
  memory.grow(0x10_0000);
  memory.setPermission(CODE / PAGE_SIZE, 1, Perm.R | Perm.X);
  WORDS.forEach((word, i) => {
    memory.setU32(CODE + 4 * i, word);
  });
  return { cpu, memory, hart: new Hart(), cache };
}

function runOnce({ cpu, memory, hart }: ReturnType<typeof prepare>, budget: number): Ran {
  hart.pc = CODE;
  hart.setXNumber(S0, ROUNDS);
  hart.setXNumber(S1, 0);
  const before = hart.ticks;
  const hits: number[] = [];
  for (;;) {
    const from = hart.ticks;
    const cause = cpu.run(hart, memory, budget);
    if (cause === TrapCause.Breakpoint) return { hits, ticks: hart.ticks - before, sum: hart.x(S1) };
    expect(cause).toBe(TrapCause.TickBudget);
    if (cpu.breakpoints.has(hart.pc)) hits.push(hart.pc);
    else expect(hart.ticks - from).toBe(budget);
  }
}

describe('breakpoints', () => {
  for (const [tier, threshold] of [
    ['compiled', 1],
    ['compiled late', 100],
    ['interpreted', undefined],
  ] as const) {
    for (const budget of [1_000_000, 7, 1]) {
      it(`stop a run that is ${tier}, in pieces of ${budget} ticks, as often as the code gets there`, () => {
        const machine = prepare(threshold);
        const plain = runOnce(machine, budget);
        for (const [name, address] of Object.entries(AT)) {
          machine.cpu.breakpoints = new Set([address]);
          const ran = runOnce(machine, budget);
          expect([name, ran.hits.length]).toEqual([name, HITS[name as keyof typeof AT]]);
          expect({ ...ran, hits: [] }).toEqual(plain);
        }
        machine.cpu.breakpoints = new Set(Object.values(AT));
        const all = runOnce(machine, budget);
        expect(all.hits.length).toBe(Object.values(HITS).reduce((a, b) => a + b));
        expect({ ...all, hits: [] }).toEqual(plain);
        machine.cpu.breakpoints = new Set();
        expect(runOnce(machine, budget)).toEqual(plain);
      });
    }
  }

  it('cost compiled code nothing once they are gone: the same regions serve again', () => {
    const machine = prepare(1);
    runOnce(machine, 1000);
    machine.cpu.breakpoints = new Set([AT.rare]);
    runOnce(machine, 1000);
    const { compiledCount } = machine.cache;
    for (let i = 0; i < 4; i++) {
      machine.cpu.breakpoints = new Set(i % 2 === 0 ? [] : [AT.rare]);
      runOnce(machine, 1000);
    }
    expect(machine.cache.compiledCount).toBe(compiledCount);
  });
});
