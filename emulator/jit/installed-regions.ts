// The regions that are instantiated in one address space: its function table, entry cells and records.
// code-cache.ts adds and removes them; generated code reaches them through the cells and the interpreter's records.
// A cell's table index is 0 while no region begins at its address; index 0 of the table stays empty.
import type { GuestMemory } from '../memory/guest-memory.ts';
import { PageNote } from '../memory/guest-memory.ts';
import {
  CALL_TARGET_COUNT,
  CALL_TARGET_SIZE,
  CALL_TARGETS,
  PAGE_SHIFT,
  REGION_ENTRIES,
  REGION_ENTRY_SIZE,
  RESUME_TARGET_COUNT,
  RESUME_TARGET_SIZE,
  RESUME_TARGETS,
} from '../memory/layout.ts';
import type { CompiledRegion } from './code-cache.ts';

/** What Cpu provides for an address space. */
export interface RegionHost {
  readonly table: WebAssembly.Table;
  /** Floating-point helpers by name. */
  readonly helpers: WebAssembly.Exports;
  /** Makes the record at `pc` enter a region through `cell`. Returns the operation that it had. */
  markEntry(pc: number, cell: number): void;
  unmarkEntry(pc: number): void;
  /** Has the interpreter come to `pc`, or to code just before it? */
  wasSeen(pc: number): boolean;
  /** What a region calls at an ecall, with all state in memory: 0 to go on behind it, else the TrapCause to leave with. */
  readonly serveCall: () => number;
}

const TABLE_STEP = 32;

export class InstalledRegions {
  readonly #memory: GuestMemory;
  readonly #host: RegionHost;
  readonly #cellOf: (pc: number) => number;
  /** Table index by region. */
  readonly #indices = new Map<CompiledRegion, number>();
  readonly #byLow = new Map<number, readonly CompiledRegion[]>();
  /** Those whose instances here are of their first modules, which may not be their last. */
  readonly #trials = new Set<CompiledRegion>();
  /** How often the program was found in each here. */
  readonly #samples = new Map<CompiledRegion, number>();
  /** Those that it was often found in. */
  readonly #ripe = new Set<CompiledRegion>();
  /** Those of one module, in the order of their functions. Their indices are 1, 2 and so on, and nobody else gets one of these. */
  readonly #united = new Set<CompiledRegion>();
  #unitedCount = 0;
  readonly #freeIndices: number[] = [];
  #nextIndex = 1;
  /** Addresses that were hot when enough had been compiled, and how often. */
  readonly postponed = new Map<number, number>();
  /** Addresses that must not be inside a region. */
  breakpoints: ReadonlySet<number> = new Set();

  constructor(memory: GuestMemory, host: RegionHost, cellOf: (pc: number) => number) {
    this.#memory = memory;
    this.#host = host;
    this.#cellOf = cellOf;
  }

  all(): CompiledRegion[] {
    return [...this.#indices.keys()];
  }

  /** Instantiates a region, unless it is here already, and lets its entries lead to it. */
  add(region: CompiledRegion): void {
    let index = this.#indices.get(region);
    if (index === undefined) {
      index = this.#freeIndices.pop() ?? this.#nextIndex++;
      const { table } = this.#host;
      if (index >= table.length) table.grow(TABLE_STEP);
      this.#instantiate(region, index);
      this.#indices.set(region, index);
      this.#byLow.set(region.low, [...this.at(region.low), region]);
      if (region.trial !== undefined) this.#trials.add(region);
      const last = (region.low + region.code.length - 1) >>> PAGE_SHIFT;
      for (let page = region.low >>> PAGE_SHIFT; page <= last; page++)
        this.#memory.noteCode(page, PageNote.TRANSLATED);
    }
    const view = new DataView(this.#memory.memory.buffer);
    region.entries.forEach((pc, entry) => {
      const cell = this.#cellOf(pc);
      const at = REGION_ENTRIES + cell * REGION_ENTRY_SIZE;
      view.setUint16(at + 2, entry, true);
      view.setInt32(at + 4, index, true);
      this.#host.markEntry(pc, cell);
    });
    // what became hot by itself is what is called; the other entries are return points
    for (const pc of region.entries) {
      if (!region.seeds.includes(pc)) continue;
      const at = callTargetSlot(pc);
      view.setUint32(at, pc, true);
      view.setUint32(at + 4, this.#cellOf(pc) * REGION_ENTRY_SIZE, true);
    }
  }

  #instance(module: WebAssembly.Module): Record<string, () => unknown> {
    const { table, helpers, serveCall } = this.#host;
    const instance = new WebAssembly.Instance(module, {
      e: { m: this.#memory.memory, t: table, c: serveCall },
      h: helpers as WebAssembly.ModuleImports,
    });
    return instance.exports as Record<string, () => unknown>;
  }

  #instantiate(region: CompiledRegion, index: number): void {
    this.#host.table.set(index, this.#instance(region.module).f0 ?? null);
  }

  /** The regions that begin at `low`. */
  at(low: number): readonly CompiledRegion[] {
    return this.#byLow.get(low) ?? [];
  }

  /** The region has another module. Not while it runs. */
  renew(region: CompiledRegion): void {
    const index = this.#indices.get(region);
    if (this.#trials.delete(region) && index !== undefined && !this.#united.has(region))
      this.#instantiate(region, index);
  }

  /** The program was found in the region; when that was so `enough` times, it is one of those to unite. */
  sample(region: CompiledRegion, enough: number): void {
    const count = (this.#samples.get(region) ?? 0) + 1;
    this.#samples.set(region, count);
    if (count >= enough) this.#ripe.add(region);
  }

  /** The region shall not be united. */
  exclude(region: CompiledRegion): void {
    this.#ripe.delete(region);
    this.#samples.set(region, Number.NEGATIVE_INFINITY);
  }

  /**
   * Those to unite, once there are `least` more of them than are united, and twice as many; none while they are fewer, or
   * have more than `most` instructions.
   */
  dueToUnite(least: number, most: number): readonly CompiledRegion[] {
    const others = this.#ripe.size - this.#united.size;
    if (others < Math.max(least, this.#united.size)) return [];
    const members = [...this.#ripe];
    const count = members.reduce((sum, { instructionCount }) => sum + instructionCount, 0);
    return count > most ? [] : members;
  }

  /**
   * Puts the functions of `module`, f0, f1 and so on, in the place of the members' own. They call each other directly
   * where a cell has the index that a member gets here. Not while they run.
   */
  unite(members: readonly CompiledRegion[], module: WebAssembly.Module): void {
    const { table } = this.#host;
    const view = new DataView(this.#memory.memory.buffer);
    const indices = new Map(members.map((member, i) => [member, i + 1]));
    // indices that are taken are given to others at the end
    let next = Math.max(this.#nextIndex, members.length + 1);
    for (const [region, index] of this.#indices) {
      if (index <= members.length && !indices.has(region)) indices.set(region, next++);
    }
    if (next > table.length) table.grow(next - table.length + TABLE_STEP);
    const moves: { at: number; to: number }[] = [];
    const functions: { index: number; value: unknown }[] = [];
    for (const [region, to] of indices) {
      const index = this.#indices.get(region) ?? 0;
      functions.push({ index: to, value: table.get(index) });
      for (const pc of region.entries) {
        const at = REGION_ENTRIES + this.#cellOf(pc) * REGION_ENTRY_SIZE + 4;
        if (view.getInt32(at, true) === index) moves.push({ at, to });
      }
    }
    for (const { at, to } of moves) view.setInt32(at, to, true);
    for (const [region, to] of indices) this.#indices.set(region, to);
    for (const { index, value } of functions) table.set(index, value);
    const exports = this.#instance(module);
    members.forEach((_, i) => {
      table.set(i + 1, exports[`f${i}`] ?? null);
    });
    this.#united.clear();
    for (const member of members) this.#united.add(member);
    this.#unitedCount = members.length;
    this.#nextIndex = next;
    const taken = new Set(this.#indices.values());
    this.#freeIndices.length = 0;
    for (let index = members.length + 1; index < next; index++) {
      if (taken.has(index)) continue;
      table.set(index, null);
      this.#freeIndices.push(index);
    }
  }

  remove(region: CompiledRegion): void {
    const index = this.#indices.get(region);
    if (index === undefined) return;
    this.#indices.delete(region);
    const others = this.at(region.low).filter((other) => other !== region);
    if (others.length > 0) this.#byLow.set(region.low, others);
    else this.#byLow.delete(region.low);
    this.#trials.delete(region);
    this.#samples.delete(region);
    this.#ripe.delete(region);
    this.#united.delete(region);
    this.#host.table.set(index, null);
    // its fellows take whatever has one of their indices for what they were compiled with
    if (index > this.#unitedCount) this.#freeIndices.push(index);
    const view = new DataView(this.#memory.memory.buffer);
    for (const pc of region.entries) {
      const at = REGION_ENTRIES + this.#cellOf(pc) * REGION_ENTRY_SIZE;
      // another region may have taken the entry over
      if (view.getInt32(at + 4, true) !== index) continue;
      view.setInt32(at + 4, 0, true);
      const target = callTargetSlot(pc);
      if (view.getUint32(target, true) === pc) {
        view.setUint32(target, 0, true);
        view.setUint32(target + 4, 0, true);
      }
      this.#host.unmarkEntry(pc);
    }
  }

  wasSeen(pc: number): boolean {
    return this.#host.wasSeen(pc);
  }

  /** Removes the regions that have code on these pages. */
  invalidate(firstPage: number, pageCount: number): void {
    for (const region of this.all()) {
      const first = region.low >>> PAGE_SHIFT;
      const last = (region.low + region.code.length - 1) >>> PAGE_SHIFT;
      if (first < firstPage + pageCount && last >= firstPage) this.remove(region);
    }
  }

  /** Removes the regions that were made for other breakpoints. */
  setBreakpoints(breakpoints: ReadonlySet<number>): void {
    this.breakpoints = breakpoints;
    for (const region of this.all()) if (!this.fits(region)) this.remove(region);
  }

  /** The region ends at each breakpoint in its range, and nowhere for one that is gone. */
  fits({ low, code, breakpoints }: CompiledRegion): boolean {
    let count = 0;
    for (const at of this.breakpoints) {
      if (!isWithin(at, low, code.length)) continue;
      if (!breakpoints.includes(at)) return false;
      count++;
    }
    return count === breakpoints.length;
  }

  /** Removes all, and what leads to cells: they get other addresses. */
  clear(): void {
    for (const region of this.all()) this.remove(region);
    const { buffer } = this.#memory.memory;
    new Uint8Array(buffer, RESUME_TARGETS, RESUME_TARGET_COUNT * RESUME_TARGET_SIZE).fill(0);
  }
}

/** In the code, or just behind it, where a region that was cut short goes on. */
export function isWithin(at: number, low: number, length: number): boolean {
  return at >= low && at <= low + length;
}

/** Offset of the slot in CALL_TARGETS that a guest address may take. */
function callTargetSlot(pc: number): number {
  return CALL_TARGETS + ((pc >>> 1) % CALL_TARGET_COUNT) * CALL_TARGET_SIZE;
}
