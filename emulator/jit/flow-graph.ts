// Orders a region's blocks so that WebAssembly's nested blocks and loops can express their jumps.
// emit-region.ts calls it with block numbers; block -1 is the region's dispatcher, which jumps to every entry.
// Retreating edges into blocks that do not dominate their source make those blocks entries, so the rest is reducible.

/** The root of the dominator tree: the dispatcher at the region's top. */
export const DISPATCHER = -1;

export interface FlowGraph {
  /** Reverse postorder position of each reachable block; the dispatcher has 0. */
  readonly position: ReadonlyMap<number, number>;
  /** Children in the dominator tree. */
  readonly dominated: ReadonlyMap<number, readonly number[]>;
  /** Blocks that some dominated block jumps back to. */
  readonly loopHeads: ReadonlySet<number>;
  /** Blocks with several forward predecessors, or the dispatcher as immediate dominator: they need a label. */
  readonly merges: ReadonlySet<number>;
  /** The entries given, then those added to make the graph reducible. */
  readonly entries: readonly number[];
}

/** Analyses the graph of `successors` from `entries`. Linear but for the dominator fixpoint (Cooper, Harvey, Kennedy). */
export function analyseFlow(
  entries: readonly number[],
  successors: (block: number) => readonly number[],
): FlowGraph {
  const all = [...entries];
  for (;;) {
    const next = (block: number): readonly number[] => (block === DISPATCHER ? all : successors(block));
    const order = reversePostorder(next);
    const position = new Map(order.map((block, index) => [block, index]));
    const predecessors = predecessorsOf(order, next);
    const idom = immediateDominators(order, position, predecessors);
    const loopHeads = new Set<number>();
    const added: number[] = [];
    for (const block of order) {
      if (block === DISPATCHER) continue;
      for (const target of next(block)) {
        if (positionOf(position, target) > positionOf(position, block)) continue;
        if (dominates(idom, target, block)) loopHeads.add(target);
        else if (!all.includes(target) && !added.includes(target)) added.push(target);
      }
    }
    if (added.length > 0) {
      all.push(...added);
      continue;
    }
    return {
      position,
      dominated: childrenOf(order, idom),
      loopHeads,
      merges: mergesOf(order, position, predecessors, idom),
      entries: all,
    };
  }
}

function positionOf(position: ReadonlyMap<number, number>, block: number): number {
  return position.get(block) as number;
}

function reversePostorder(next: (block: number) => readonly number[]): number[] {
  const seen = new Set([DISPATCHER]);
  const postorder: number[] = [];
  const stack: { block: number; rest: number[] }[] = [{ block: DISPATCHER, rest: [...next(DISPATCHER)] }];
  for (;;) {
    const top = stack[stack.length - 1];
    if (top === undefined) return postorder.reverse();
    const child = top.rest.pop();
    if (child === undefined) {
      postorder.push(top.block);
      stack.pop();
    } else if (!seen.has(child)) {
      seen.add(child);
      stack.push({ block: child, rest: [...next(child)] });
    }
  }
}

function predecessorsOf(
  order: readonly number[],
  next: (block: number) => readonly number[],
): Map<number, number[]> {
  const predecessors = new Map<number, number[]>(order.map((block) => [block, []]));
  for (const block of order) for (const target of next(block)) predecessors.get(target)?.push(block);
  return predecessors;
}

function immediateDominators(
  order: readonly number[],
  position: ReadonlyMap<number, number>,
  predecessors: ReadonlyMap<number, readonly number[]>,
): Map<number, number> {
  const idom = new Map([[DISPATCHER, DISPATCHER]]);
  const intersect = (first: number, second: number): number => {
    let a = first;
    let b = second;
    while (a !== b) {
      while (positionOf(position, a) > positionOf(position, b)) a = idom.get(a) as number;
      while (positionOf(position, b) > positionOf(position, a)) b = idom.get(b) as number;
    }
    return a;
  };
  for (let changed = true; changed; ) {
    changed = false;
    for (const block of order) {
      if (block === DISPATCHER) continue;
      let dominator: number | undefined;
      for (const predecessor of predecessors.get(block) ?? []) {
        if (!idom.has(predecessor)) continue;
        dominator = dominator === undefined ? predecessor : intersect(predecessor, dominator);
      }
      if (dominator !== undefined && idom.get(block) !== dominator) {
        idom.set(block, dominator);
        changed = true;
      }
    }
  }
  return idom;
}

function dominates(idom: ReadonlyMap<number, number>, above: number, below: number): boolean {
  for (let block = below; ; block = idom.get(block) as number) {
    if (block === above) return true;
    if (block === DISPATCHER) return false;
  }
}

function childrenOf(order: readonly number[], idom: ReadonlyMap<number, number>): Map<number, number[]> {
  const children = new Map<number, number[]>(order.map((block) => [block, []]));
  for (const block of order) if (block !== DISPATCHER) children.get(idom.get(block) as number)?.push(block);
  return children;
}

function mergesOf(
  order: readonly number[],
  position: ReadonlyMap<number, number>,
  predecessors: ReadonlyMap<number, readonly number[]>,
  idom: ReadonlyMap<number, number>,
): Set<number> {
  const merges = new Set<number>();
  for (const block of order) {
    if (block === DISPATCHER) continue;
    const here = positionOf(position, block);
    const forward = (predecessors.get(block) ?? []).filter((from) => positionOf(position, from) < here);
    if (idom.get(block) === DISPATCHER || forward.length > 1) merges.add(block);
  }
  return merges;
}
