// Which loops run in strips: so many rounds at a time that one check before them serves all their accesses.
// emit-region.ts asks once per region and emits such a loop twice, with checks and without; strip-rounds.ts emits the check.
// Only innermost loops without calls, whose rounds end in a tick, so that counting rounds costs nothing.
import { ACCESS_BYTES, isStore } from './access-groups.ts';
import type { FlowGraph } from './flow-graph.ts';
import { interrupts, type Loop } from './natural-loops.ts';
import type { Block, Located } from './region.ts';
import { writesInteger } from './register-use.ts';

/** What a loop accesses off one register: always [low, high) from its value, which takes one step a round at most. */
export interface StripRange {
  readonly base: number;
  low: number;
  high: number;
  readonly writes: boolean;
  /** Bytes that the register grows (shrinks, if negative), all steps of a round together; or the register that is added to it. */
  readonly step: number | Stride;
}

export interface Stride {
  readonly register: number;
}

export interface Strip {
  readonly head: number;
  readonly blocks: ReadonlySet<number>;
  readonly ranges: readonly StripRange[];
  /** Addresses of the instructions whose accesses lie in the ranges. */
  readonly covered: ReadonlySet<number>;
}

/** Instructions: the loop is compiled twice. */
const LONGEST_LOOP = 160;
/** The check before a strip costs about a dozen instructions for each. */
const MOST_RANGES = 6;
/** Bytes in one round; a strip is looked for in 32 KiB. */
const LARGEST_SPAN = 4096;
const LARGEST_STEP = 2048;
/** Bits of words and longs, for what a shift leaves. */
const [WORD, LONG] = [32, 64];

/** Strips by the address of their loop's head. */
export function findStrips(loops: readonly Loop[], flow: FlowGraph): ReadonlyMap<number, Strip> {
  const strips = new Map<number, Strip>();
  for (const loop of loops) {
    const strip = isCountable(loop, flow) ? planStrip(loop) : undefined;
    if (strip !== undefined) strips.set(loop.head, strip);
  }
  return strips;
}

/** Innermost, entered at the head alone, and each way back to the head is the round's only tick. */
function isCountable({ head, blocks, length }: Loop, flow: FlowGraph): boolean {
  if (length > LONGEST_LOOP) return false;
  const inside = new Set(blocks.map(({ pc }) => pc));
  for (const block of blocks) {
    if (interrupts(block)) return false;
    if (block.pc !== head && (flow.loopHeads.has(block.pc) || flow.entries.includes(block.pc))) return false;
    const last = block.instructions.at(-1)?.pc ?? block.pc;
    for (const next of block.successors) {
      const ticks = next <= last && !fallsInto(block, next);
      if (inside.has(next) && ticks !== (next === head)) return false;
    }
  }
  return true;
}

/** Control reaches `next` without a jump. */
function fallsInto({ ending, instructions }: Block, next: number): boolean {
  if (ending.kind === 'branch') return ending.taken !== next;
  return instructions.at(-1)?.instruction.name !== 'jal';
}

function planStrip({ head, blocks }: Loop): Strip | undefined {
  const steps = stepsOf(blocks);
  const ranges: StripRange[] = [];
  const covered = new Set<number>();
  let accesses = 0;
  for (const { instructions } of blocks) {
    const bounds = new Bounds(steps);
    for (const located of instructions) {
      const { name, rs1, imm } = located.instruction;
      const size = ACCESS_BYTES[name];
      if (size !== undefined && rs1 !== 0) {
        accesses++;
        const element = bounds.elementAt(rs1);
        const step = steps.get(rs1) ?? 0;
        const writes = isStore(name);
        const [base, grows] = element === undefined ? [rs1, step] : [element.base, 0];
        const range = { base, low: imm, high: imm + size + (element?.most ?? 0), writes, step: grows };
        if (grows !== 'other' && cover(ranges, range as StripRange)) covered.add(located.pc);
      }
      bounds.pass(located);
    }
  }
  if (2 * covered.size < accesses || covered.size === 0) return undefined;
  return { head, blocks: new Set(blocks.map(({ pc }) => pc)), ranges, covered };
}

/** Adds a range, to one that is there if it can; false when that would be too much. */
function cover(ranges: StripRange[], range: StripRange): boolean {
  const known = ranges.find(({ base, writes }) => base === range.base && writes === range.writes);
  const low = Math.min(known?.low ?? range.low, range.low);
  const high = Math.max(known?.high ?? range.high, range.high);
  if (high - low > LARGEST_SPAN) return false;
  if (known === undefined) {
    if (ranges.length === MOST_RANGES) return false;
    ranges.push(range);
  } else {
    known.low = low;
    known.high = high;
  }
  return true;
}

type Step = StripRange['step'] | 'other';

/** How the registers that the loop writes change in a round. Those that are not mentioned stay as they are. */
function stepsOf(blocks: readonly Block[]): ReadonlyMap<number, Step> {
  const writes = new Map<number, Located[]>();
  for (const { instructions } of blocks) {
    for (const located of instructions) {
      const { instruction } = located;
      if (!writesInteger(instruction)) continue;
      writes.set(instruction.rd, [...(writes.get(instruction.rd) ?? []), located]);
    }
  }
  const steps = new Map<number, Step>();
  for (const [register, places] of writes) steps.set(register, stepOf(register, places, writes));
  return steps;
}

function stepOf(register: number, places: readonly Located[], writes: ReadonlyMap<number, unknown>): Step {
  const [first] = places;
  if (places.length === 1 && first?.instruction.name === 'add') {
    const { rs1, rs2 } = first.instruction;
    const stride = rs1 === register ? rs2 : rs2 === register ? rs1 : 0;
    return stride === 0 || writes.has(stride) ? 'other' : { register: stride };
  }
  let step = 0;
  for (const { instruction } of places) {
    const { name, rs1, imm } = instruction;
    if (name !== 'addi' || rs1 !== register || step * imm < 0) return 'other';
    step += imm;
  }
  return Math.abs(step) <= LARGEST_STEP ? step : 'other';
}

/** What is known of registers' values in the course of one block. */
class Bounds {
  readonly #steps: ReadonlyMap<number, Step>;
  /** The largest unsigned value. */
  readonly #most = new Map<number, number>();
  readonly #elements = new Map<number, { readonly base: number; readonly most: number }>();

  constructor(steps: ReadonlyMap<number, Step>) {
    this.#steps = steps;
  }

  /** The register points up to `most` bytes behind where `base` does, which the loop leaves alone. */
  elementAt(register: number): { readonly base: number; readonly most: number } | undefined {
    return this.#elements.get(register);
  }

  pass({ instruction }: Located): void {
    if (!writesInteger(instruction)) return;
    const { rd } = instruction;
    const most = this.#mostOf(instruction);
    const element = this.#elementOf(instruction);
    this.#most.delete(rd);
    this.#elements.delete(rd);
    if (most !== undefined && most < LARGEST_SPAN) this.#most.set(rd, most);
    if (element !== undefined) this.#elements.set(rd, element);
  }

  #mostOf({ name, rs1, rs2, imm }: Located['instruction']): number | undefined {
    const of = (register: number): number => this.#most.get(register) ?? Number.POSITIVE_INFINITY;
    switch (name) {
      case 'andi':
        return imm >= 0 ? Math.min(imm, of(rs1)) : undefined;
      case 'and':
        return Math.min(of(rs1), of(rs2));
      case 'lbu':
        return 255;
      case 'slli':
        return of(rs1) * 2 ** imm;
      case 'srli':
        return 2 ** (LONG - imm) - 1;
      case 'srliw':
        return imm === 0 ? undefined : 2 ** (WORD - imm) - 1;
      default:
        return undefined;
    }
  }

  #elementOf({ name, rs1, rs2 }: Located['instruction']) {
    const shift = ELEMENT_SHIFTS[name];
    if (shift === undefined) return undefined;
    const at = (base: number, index: number) => {
      const most = this.#most.get(index);
      return base === 0 || most === undefined || this.#steps.has(base)
        ? undefined
        : { base, most: most * 2 ** shift };
    };
    return at(rs2, rs1) ?? (shift === 0 ? at(rs1, rs2) : undefined);
  }
}

/** rd = (rs1 << shift) + rs2. */
const ELEMENT_SHIFTS: Readonly<Record<string, number>> = { add: 0, sh1add: 1, sh2add: 2, sh3add: 3 };
