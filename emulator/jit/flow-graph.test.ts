import { describe, expect, it } from 'vitest';
import { analyseFlow, DISPATCHER } from './flow-graph.ts';

const graph = (edges: Record<number, number[]>) => (block: number) => edges[block] ?? [];

describe('the flow graph', () => {
  it('finds the head of a natural loop and keeps its entries', () => {
    const flow = analyseFlow([1], graph({ 1: [2], 2: [3, 4], 3: [2] }));
    expect([...flow.loopHeads]).toEqual([2]);
    expect(flow.entries).toEqual([1]);
    expect(flow.dominated.get(2)).toEqual(expect.arrayContaining([3, 4]));
  });

  it('labels a block that two branches meet in, and hangs it below their common dominator', () => {
    const flow = analyseFlow([1], graph({ 1: [2, 3], 2: [4], 3: [4] }));
    expect(flow.merges.has(4)).toBe(true);
    expect(flow.merges.has(2)).toBe(false);
    expect(flow.dominated.get(1)).toContain(4);
  });

  it('gives every entry a label below the dispatcher', () => {
    const flow = analyseFlow([1, 3], graph({ 1: [2], 2: [3], 3: [] }));
    expect(flow.dominated.get(DISPATCHER)).toEqual(expect.arrayContaining([1, 3]));
    expect(flow.merges.has(3)).toBe(true);
  });

  it('makes an irreducible loop reducible by adding entries', () => {
    // 1 jumps into both halves of the cycle 2 <-> 3
    const flow = analyseFlow([1], graph({ 1: [2, 3], 2: [3], 3: [2] }));
    expect(flow.entries.length).toBeGreaterThan(1);
    for (const entry of flow.entries) expect(flow.position.has(entry)).toBe(true);
  });

  it('orders every block after all its dominators', () => {
    const flow = analyseFlow([1], graph({ 1: [2, 5], 2: [3], 3: [2, 4], 4: [5], 5: [] }));
    for (const [parent, children] of flow.dominated) {
      for (const child of children)
        expect(flow.position.get(child)).toBeGreaterThan(flow.position.get(parent) as number);
    }
  });
});
