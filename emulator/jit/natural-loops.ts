// The natural loops of a region: each head with the blocks that lead back to it.
// page-locality.ts and strips.ts ask for them, once per region.
import { DISPATCHER, type FlowGraph } from './flow-graph.ts';
import type { Block, Region } from './region.ts';

export interface Loop {
  readonly head: number;
  readonly blocks: readonly Block[];
  /** Instructions. */
  readonly length: number;
}

/** The loops, larger ones first: the head of each and what reaches the head's back edges without passing the head. */
export function naturalLoops(region: Region, flow: FlowGraph): Loop[] {
  const position = (pc: number): number => flow.position.get(pc) ?? DISPATCHER;
  const predecessors = new Map<number, number[]>();
  for (const { pc, successors } of region.blocks.values()) {
    for (const next of successors) predecessors.set(next, [...(predecessors.get(next) ?? []), pc]);
  }
  const loops = [...flow.loopHeads].map((head) => {
    const found = new Set([head]);
    const work = (predecessors.get(head) ?? []).filter((from) => position(from) >= position(head));
    for (let pc = work.pop(); pc !== undefined; pc = work.pop()) {
      if (found.has(pc) || position(pc) < position(head)) continue;
      found.add(pc);
      work.push(...(predecessors.get(pc) ?? []));
    }
    const blocks = [...found].map((pc) => region.blocks.get(pc) as Block);
    return { head, blocks, length: blocks.reduce((sum, { instructions }) => sum + instructions.length, 0) };
  });
  return loops.sort((a, b) => b.blocks.length - a.blocks.length);
}

/** Permissions may change there, and what was found of them is forgotten. */
export function interrupts({ ending: { kind } }: Block): boolean {
  return kind === 'call' || kind === 'indirect-call' || kind === 'system-call';
}
