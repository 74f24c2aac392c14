// Which base registers stay on a page for a while: inside a loop, those that only walk by constant steps.
// emit-region.ts asks once per region; permission-check.ts remembers for them the page that was checked last.
// A wrong guess costs two instructions per access and never correctness.
import { DISPATCHER, type FlowGraph } from './flow-graph.ts';
import type { Block, Region } from './region.ts';
import { visitRegisters } from './register-use.ts';

/** Registers by block. */
export type PageLocality = ReadonlyMap<number, ReadonlySet<number>>;

/** Bytes. */
const LARGEST_STEP = 256;
/** Instructions; in longer loops the machine's registers are better spent on other things. */
const LONGEST_LOOP = 24;
const NONE: ReadonlySet<number> = new Set();

/** For each block in a loop without calls, the integer registers off which accesses stay on a page for many rounds. */
export function findPageLocality(region: Region, flow: FlowGraph): PageLocality {
  const found = new Map<number, ReadonlySet<number>>();
  // inner loops are smaller, and come last so that they decide for their blocks
  const loops = naturalLoops(region, flow).sort((a, b) => b.size - a.size);
  for (const loop of loops) {
    const blocks = [...loop].map((pc) => region.blocks.get(pc) as Block);
    const length = blocks.reduce((sum, { instructions }) => sum + instructions.length, 0);
    const walking = length > LONGEST_LOOP || blocks.some(interrupts) ? NONE : walkingRegisters(blocks);
    for (const { pc, instructions } of blocks) {
      const steady = new Set<number>();
      for (const { instruction } of instructions) {
        const { encoding, rs1 } = instruction;
        const accesses = encoding.operands.includes('load') || encoding.operands.includes('store');
        if (accesses && walking.has(rs1)) steady.add(rs1);
      }
      found.set(pc, steady);
    }
  }
  return found;
}

/** Permissions may change there, and what was remembered is forgotten. */
function interrupts({ ending: { kind } }: Block): boolean {
  return kind === 'call' || kind === 'indirect-call' || kind === 'system-call';
}

/** Registers that are written, and only by adding a small constant to themselves. */
function walkingRegisters(blocks: readonly Block[]): Set<number> {
  const walking = new Set<number>();
  const others = new Set<number>();
  for (const { instructions } of blocks) {
    for (const { instruction } of instructions) {
      const { name, rd, rs1, rs2, imm } = instruction;
      const walks =
        (name === 'addi' && rd === rs1 && Math.abs(imm) <= LARGEST_STEP) ||
        (name === 'add' && (rd === rs1 || rd === rs2)); // by a stride
      visitRegisters(instruction, (file, register, written) => {
        if (file === 'x' && written) (walks ? walking : others).add(register);
      });
    }
  }
  return new Set([...walking].filter((register) => !others.has(register)));
}

/** The blocks of each loop: its head and what reaches the head's back edges without passing the head. */
function naturalLoops(region: Region, flow: FlowGraph): Set<number>[] {
  const position = (pc: number): number => flow.position.get(pc) ?? DISPATCHER;
  const predecessors = new Map<number, number[]>();
  for (const { pc, successors } of region.blocks.values()) {
    for (const next of successors) predecessors.set(next, [...(predecessors.get(next) ?? []), pc]);
  }
  return [...flow.loopHeads].map((head) => {
    const loop = new Set([head]);
    const work = (predecessors.get(head) ?? []).filter((from) => position(from) >= position(head));
    for (let pc = work.pop(); pc !== undefined; pc = work.pop()) {
      if (loop.has(pc) || position(pc) < position(head)) continue;
      loop.add(pc);
      work.push(...(predecessors.get(pc) ?? []));
    }
    return loop;
  });
}
