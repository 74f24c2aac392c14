// Finds a region: the blocks of one guest function that are reachable from its hot entries without leaving it.
// code-cache.ts asks for one when an address has become hot; emit-region.ts turns it into a WebAssembly function.
// A region reads guest code but never runs it; what it cannot decode it leaves to the interpreter.
import type { Instruction } from '../isa/decode.ts';

/** Decodes the instruction at a guest address; undefined where none can be fetched or it is illegal. */
export type Fetch = (pc: number) => Instruction | undefined;

export interface Located {
  readonly pc: number;
  readonly instruction: Instruction;
}

/** How control leaves a block. Addresses that are no block of the region leave it. */
export type Ending =
  | { readonly kind: 'branch'; readonly taken: number; readonly next: number }
  /** Falls into the next block, or a direct jump (then the last instruction is the jal). */
  | { readonly kind: 'goto'; readonly target: number }
  | { readonly kind: 'call'; readonly target: number; readonly returnTo: number }
  | { readonly kind: 'indirect-call'; readonly returnTo: number }
  /** A jalr whose rd is no link register, as in the entries of a procedure linkage table: nothing returns behind it. */
  | { readonly kind: 'tail-call' }
  | { readonly kind: 'indirect' }
  /** The instruction at `at` is an ecall; the kernel may serve it and let the region go on. */
  | { readonly kind: 'system-call'; readonly at: number; readonly returnTo: number }
  /** The instruction at `at` is the interpreter's: ebreak, CSRs, fence.i, what does not decode. */
  | { readonly kind: 'leave'; readonly at: number };

export interface Block {
  readonly pc: number;
  readonly instructions: readonly Located[];
  readonly ending: Ending;
  /** Blocks of this region that can follow, in source order. */
  readonly successors: readonly number[];
}

export interface Region {
  readonly blocks: ReadonlyMap<number, Block>;
  /** Where the region can be entered: hot addresses and return points. The first is what was asked for. */
  readonly entries: readonly number[];
  /** It ends in computed jumps (not returns), whose targets may be learned as further entries. */
  readonly hasIndirectJumps: boolean;
  /** Where jumps lead that have not been taken yet: the region ends there. */
  readonly unseen: ReadonlySet<number>;
  /** First and last byte address of its code, for invalidation. */
  readonly low: number;
  readonly high: number;
  readonly instructionCount: number;
}

const MAX_INSTRUCTIONS = 3000;
/** A direct jump further than this from the entry is taken for a tail call. */
const MAX_JUMP = 4096;
const RA = 1;
const T0 = 5;

/** A jump to one of these is a return. */
export const isLink = (register: number): boolean => register === RA || register === T0;

/** Instructions that only the interpreter executes; each ends its block. */
function isInterpreterOnly(instruction: Instruction): boolean {
  const { name } = instruction;
  return name === 'ebreak' || name === 'fence.i' || name.startsWith('csr');
}

/** What else discoverRegion should know. */
export interface Surroundings {
  /** The instructions there are left to the interpreter. */
  readonly breakpoints?: ReadonlySet<number>;
  /** Was the code at an address executed? Jumps to other code leave the region, or it would be mostly what never runs. */
  readonly wasSeen?: (pc: number) => boolean;
}

const NO_BREAKPOINTS: ReadonlySet<number> = new Set();

/** Collects the region around `entries`; undefined when not even the first instruction decodes. */
export function discoverRegion(
  fetch: Fetch,
  entries: readonly number[],
  surroundings: Surroundings = {},
): Region | undefined {
  const reached = reach(fetch, entries, surroundings);
  const blocks = cut(reached.instructions, reached.starts);
  const first = entries[0];
  if (first === undefined || !blocks.has(first)) return undefined;
  const kept = prune(
    blocks,
    [...reached.entries].filter((pc) => blocks.has(pc)),
  );
  let low = Number.MAX_SAFE_INTEGER;
  let high = 0;
  let instructionCount = 0;
  for (const block of kept.values()) {
    low = Math.min(low, block.pc);
    instructionCount += block.instructions.length;
    for (const { pc, instruction } of block.instructions) high = Math.max(high, pc + instruction.length - 1);
  }
  if (instructionCount === 0) return undefined;
  return {
    blocks: kept,
    entries: [...reached.entries].filter((pc) => kept.has(pc)),
    hasIndirectJumps: reached.hasIndirectJumps,
    unseen: reached.unseen,
    low,
    high,
    instructionCount,
  };
}

interface Reached {
  readonly instructions: Map<number, Instruction>;
  readonly starts: Set<number>;
  readonly entries: Set<number>;
  readonly unseen: Set<number>;
  hasIndirectJumps: boolean;
}

function reach(
  fetch: Fetch,
  seeds: readonly number[],
  { breakpoints = NO_BREAKPOINTS, wasSeen = () => true }: Surroundings,
): Reached {
  const origin = seeds[0] ?? 0;
  const reached: Reached = {
    instructions: new Map(),
    starts: new Set(seeds),
    entries: new Set(seeds),
    unseen: new Set(),
    hasIndirectJumps: false,
  };
  const work = [...seeds];
  const startAt = (pc: number): void => {
    reached.starts.add(pc);
    work.push(pc);
  };
  const jumpTo = (pc: number): void => {
    if (wasSeen(pc)) startAt(pc);
    else reached.unseen.add(pc);
  };
  const returnTo = (pc: number): void => {
    jumpTo(pc);
    if (!reached.unseen.has(pc)) reached.entries.add(pc);
  };
  for (let start = work.pop(); start !== undefined; start = work.pop()) {
    for (let pc = start; !reached.instructions.has(pc); ) {
      const instruction = fetch(pc);
      if (instruction === undefined || reached.instructions.size >= MAX_INSTRUCTIONS) break;
      if (isInterpreterOnly(instruction) || breakpoints.has(pc)) {
        // what follows is reached again from the interpreter, at an address worth entering at
        if (instruction.name !== 'ebreak') {
          startAt(pc + instruction.length);
          reached.entries.add(pc + instruction.length);
        }
        break;
      }
      reached.instructions.set(pc, instruction);
      const next = pc + instruction.length;
      if (instruction.name === 'ecall') {
        // the region goes on behind it, and is entered there when the kernel had to come between
        startAt(next);
        reached.entries.add(next);
        break;
      }
      if (instruction.name === 'jal') {
        const target = pc + instruction.imm;
        if (instruction.rd !== 0) returnTo(next);
        else if (Math.abs(target - origin) < MAX_JUMP) jumpTo(target);
        break;
      }
      if (instruction.name === 'jalr') {
        if (isLink(instruction.rd)) {
          returnTo(next);
        } else if (instruction.rd === 0 && !isLink(instruction.rs1)) {
          reached.hasIndirectJumps = true;
        }
        break;
      }
      if (isBranch(instruction)) {
        jumpTo(pc + instruction.imm);
        reached.starts.add(next);
      }
      pc = next;
    }
  }
  for (const pc of reached.unseen) {
    if (!reached.instructions.has(pc)) continue;
    reached.starts.add(pc); // other code leads there as well
    reached.unseen.delete(pc);
  }
  return reached;
}

/** Conditional branches: beq, bne, blt, bge, bltu, bgeu. */
export function isBranch(instruction: Instruction): boolean {
  switch (instruction.name) {
    case 'beq':
    case 'bne':
    case 'blt':
    case 'bge':
    case 'bltu':
    case 'bgeu':
      return true;
    default:
      return false;
  }
}

function cut(
  instructions: ReadonlyMap<number, Instruction>,
  starts: ReadonlySet<number>,
): Map<number, Block> {
  const blocks = new Map<number, Block>();
  for (const start of starts) {
    if (!instructions.has(start)) continue;
    const body: Located[] = [];
    let ending: Ending | undefined;
    for (let pc = start; ending === undefined; ) {
      const instruction = instructions.get(pc);
      if (instruction === undefined) {
        ending = { kind: 'leave', at: pc };
      } else if (pc !== start && starts.has(pc)) {
        ending = { kind: 'goto', target: pc };
      } else if (instruction.name === 'ecall') {
        ending = { kind: 'system-call', at: pc, returnTo: pc + instruction.length };
      } else {
        body.push({ pc, instruction });
        ending = endingOf(pc, instruction);
        pc += instruction.length;
      }
    }
    const successors = successorsOf(ending).filter((pc) => starts.has(pc) && instructions.has(pc));
    blocks.set(start, { pc: start, instructions: body, ending, successors });
  }
  return blocks;
}

function endingOf(pc: number, instruction: Instruction): Ending | undefined {
  const next = pc + instruction.length;
  if (isBranch(instruction)) return { kind: 'branch', taken: pc + instruction.imm, next };
  if (instruction.name === 'jal') {
    const target = pc + instruction.imm;
    return instruction.rd === 0 ? { kind: 'goto', target } : { kind: 'call', target, returnTo: next };
  }
  if (instruction.name === 'jalr') {
    if (instruction.rd === 0) return { kind: 'indirect' };
    return isLink(instruction.rd) ? { kind: 'indirect-call', returnTo: next } : { kind: 'tail-call' };
  }
  return undefined;
}

function successorsOf(ending: Ending): number[] {
  switch (ending.kind) {
    case 'branch':
      return ending.taken === ending.next ? [ending.next] : [ending.taken, ending.next];
    case 'goto':
      return [ending.target];
    case 'call':
    case 'indirect-call':
    case 'system-call':
      return [ending.returnTo];
    case 'indirect':
    case 'tail-call':
    case 'leave':
      return [];
    default:
      return ending satisfies never;
  }
}

function prune(blocks: ReadonlyMap<number, Block>, entries: readonly number[]): Map<number, Block> {
  const kept = new Map<number, Block>();
  const work = [...entries];
  for (let pc = work.pop(); pc !== undefined; pc = work.pop()) {
    const block = blocks.get(pc);
    if (block === undefined || kept.has(pc)) continue;
    kept.set(pc, block);
    work.push(...block.successors);
  }
  return kept;
}
