// Compiled regions: modules shared by all address spaces of a Cpu, and their instances in each address space.
// Cpu asks for a region when an address became hot, and says when code changed or an address space ends.
// A region is reused where the same bytes lie at the same addresses, as after fork or another exec of a program.
import type { Heat, InstallOutcome } from '../cpu/address-space.ts';
import { decode, type Instruction, isCompressed } from '../isa/decode.ts';
import { late } from '../late.ts';
import { FastBit, type GuestMemory, PageNote } from '../memory/guest-memory.ts';
import { PAGE_SHIFT, PAGE_SIZE, REGION_ENTRY_COUNT } from '../memory/layout.ts';
import type { RegionOptions } from './emit-region.ts';
import { InstalledRegions, isWithin, type RegionHost } from './installed-regions.ts';
import type { Region } from './region.ts';

/**
 * What an engine with several tiers is to make of a region: what its own counts say; baseline code, until more is known; the
 * best code at once.
 */
export type Effort = 'counted' | 'baseline' | 'best';

/** A compiled region, independent of any address space. */
export interface CompiledRegion {
  module: WebAssembly.Module;
  /** What it was compiled from, if it may be compiled once more. */
  trial: Uint8Array | undefined;
  /** How often the program was found in it. */
  samples: number;
  /** Guest addresses by entry number. */
  readonly entries: readonly number[];
  /** The code it was made from: [low, low + code.length). */
  readonly low: number;
  readonly code: Uint8Array;
  /** What it was asked for, and the targets of computed jumps that were learned since. */
  readonly seeds: readonly number[];
  readonly hasIndirectJumps: boolean;
  /** Where jumps out of it lead that were not taken before it was made. */
  readonly unseen: ReadonlySet<number>;
  /** Entries that it is to get when it is made anew. */
  readonly awaiting: Set<number>;
  readonly instructionCount: number;
  /** Breakpoints in its range, at which it ends. */
  readonly breakpoints: readonly number[];
  /** For spaces with windows, and for no other. */
  readonly windowed: boolean;
}

export interface CodeCacheOptions extends RegionOptions {
  /** Visits of a jump target after which a region is made for it: 1 to 65535. */
  readonly threshold: number;
  /** Instructions that may be compiled however short the run is; no limit by default. */
  readonly freeInstructions?: number;
  /** Compiles a region's module, told how many instructions it was made from; the plain constructor when absent. */
  readonly compile?: (bytes: Uint8Array, instructionCount: number, effort: Effort) => WebAssembly.Module;
  /** Regions kept compiled; when there are more, all go and the hot ones come back. */
  readonly maxRegions: number;
}

/** A computed jump into this much before or after a region is taken for one of its own switch targets. */
const LEARNING_MARGIN = 128;
/** Visits of a jump target that suffice where a region for the address was compiled before, for whichever address space. */
const KNOWN_HOT_THRESHOLD = 30;
/** Ticks that are to be run for each instruction compiled: interpreting takes five times as long as V8's threads do for one. */
const TICKS_PER_INSTRUCTION = 5000;
/** With a threshold below this, what was executed before says nothing about what will be. */
const FEW_VISITS = 16;
/** Instructions of a region that takes so little time to make that it may be made anew for each entry. */
const SMALL_REGION = 600;
/**
 * Larger regions are optimised when the program was found there once for every so many instructions. Counts of calls and
 * jumps say little of them: most of one is not executed at a call. And optimising takes longer for each instruction.
 */
const UNCOUNTED_REGION = 80;
/** Where blocks are longer than this, most of a region is executed at a call; and its few jumps are seldom found. */
const LONG_BLOCK = 24;
const INSTRUCTIONS_PER_SAMPLE = 24;
/** Fewer regions are not united: each would soon be compiled again with others. */
const LEAST_UNITED = 16;
/** Instructions that are compiled at once, at most: the program waits for it. */
const MOST_UNITED = 30_000;
/** An empty custom section named q: engines remember modules by their bytes. */
const OTHER_BYTES = [0, 2, 1, 113];
/** Visits after which what was postponed is asked for again: few, since records that are dropped forget their count. */
const POSTPONED_THRESHOLD = 4096;
/** Then it was visited so often that interpreting it took about as long as compiling it. */
const MAX_POSTPONEMENTS = 16;

export class CodeCache {
  readonly #options: CodeCacheOptions;
  readonly #byEntry = new Map<number, CompiledRegion[]>();
  /** Where regions begin or are postponed: on other pages all addresses are alike. */
  readonly #askedPages = new Set<number>();
  readonly #cells = new Map<number, number>();
  readonly #installed = new Map<GuestMemory, InstalledRegions>();
  #regionCount = 0;
  compiledCount = 0;
  /** In all regions that were ever compiled. */
  compiledInstructions = 0;

  constructor(options: CodeCacheOptions) {
    this.#options = options;
  }

  /** An address space begins to run code. Gives what tells how often an address may be visited there before `install`. */
  attach(memory: GuestMemory, host: RegionHost): Heat {
    const installed = new InstalledRegions(memory, host, (pc) => this.#cellOf(pc));
    this.#installed.set(memory, installed);
    const { threshold } = this.#options;
    const knownThreshold = Math.min(KNOWN_HOT_THRESHOLD, threshold);
    const { postponed } = installed;
    return {
      ofPage: (page) => (this.#askedPages.has(page) ? undefined : threshold),
      of: (pc) => {
        // first, since what is known at this address may be another program's
        if (postponed.size > 0 && postponed.has(pc)) return POSTPONED_THRESHOLD;
        return this.#byEntry.has(pc) ? knownThreshold : threshold;
      },
    };
  }

  detach(memory: GuestMemory): void {
    this.#installed.delete(memory);
  }

  /**
   * Makes sure that a region begins at `pc`; else it stays interpreted, for good or for now. `ticks` is what all programs
   * have run so far.
   */
  install(memory: GuestMemory, pc: number, ticks: number): InstallOutcome {
    const installed = this.#installed.get(memory);
    if (installed === undefined) return 'impossible';
    let region = this.#byEntry.get(pc)?.find((known) => matches(memory, known) && installed.fits(known));
    if (region === undefined) {
      if (!this.#mayCompile(installed, pc, ticks)) return 'postponed';
      region = this.#compile(memory, pc, installed);
    }
    if (region === undefined) return 'impossible';
    installed.add(region);
    return 'installed';
  }

  /**
   * Compiling pays where code goes on being hot, which nobody knows: so it may cost a part of what has been run. What is
   * hot too early for that gets its region when it has stayed hot.
   */
  #mayCompile({ postponed }: InstalledRegions, pc: number, ticks: number): boolean {
    const { freeInstructions = Number.POSITIVE_INFINITY } = this.#options;
    const affordable = freeInstructions + ticks / TICKS_PER_INSTRUCTION;
    const times = postponed.get(pc) ?? 0;
    if (this.compiledInstructions <= affordable || times >= MAX_POSTPONEMENTS) {
      postponed.delete(pc);
      return true;
    }
    postponed.set(pc, times + 1);
    this.#askedPages.add(pc >>> PAGE_SHIFT);
    return false;
  }

  /** The program is in the region that begins at `low`, as it is found after as many ticks each time. */
  sample(memory: GuestMemory, low: number): void {
    const installed = this.#installed.get(memory);
    if (installed === undefined) return;
    const isEager = this.#options.threshold < FEW_VISITS;
    for (const region of installed.at(low)) {
      const enough = region.instructionCount / INSTRUCTIONS_PER_SAMPLE;
      region.samples++;
      if (region.trial !== undefined && region.samples >= enough) {
        const bytes = new Uint8Array([...region.trial, ...OTHER_BYTES]);
        region.module = this.#moduleOf(bytes, region.instructionCount, 'best');
        region.trial = undefined;
      }
      if (region.trial === undefined) installed.renew(region);
      installed.sample(region, isEager ? 1 : enough);
    }
    const due = installed.dueToUnite(isEager ? 2 : LEAST_UNITED, MOST_UNITED);
    if (due.length > 0) this.#unite(memory, installed, due);
  }

  /** What the program was often found in becomes one module, in which calls are direct and code lies close together. */
  #unite(memory: GuestMemory, installed: InstalledRegions, members: readonly CompiledRegion[]): void {
    const regions: Region[] = [];
    for (const member of members) {
      const region = rediscovered(memory, member);
      if (region === undefined) installed.exclude(member);
      else regions.push(region);
    }
    if (regions.length < members.length) return; // the next sample tries the others
    const windowed = memory.hasWindows;
    const emitted = late.emitRegions(regions, (at) => this.#cellOf(at), { ...this.#options, windowed });
    const count = members.reduce((sum, { instructionCount }) => sum + instructionCount, 0);
    installed.unite(members, this.#moduleOf(emitted.bytes, count, 'best'));
  }

  #moduleOf(bytes: Uint8Array, instructionCount: number, effort: Effort): WebAssembly.Module {
    return this.#options.compile?.(bytes, instructionCount, effort) ?? new WebAssembly.Module(bytes);
  }

  /** Code on these pages changed or is gone. */
  invalidate(memory: GuestMemory, firstPage: number, pageCount: number): void {
    this.#installed.get(memory)?.invalidate(firstPage, pageCount);
  }

  /** Regions that would run through one of these, or end for nothing, go. */
  setBreakpoints(memory: GuestMemory, breakpoints: ReadonlySet<number>): void {
    this.#installed.get(memory)?.setBreakpoints(breakpoints);
  }

  #cellOf(pc: number): number {
    let cell = this.#cells.get(pc);
    if (cell === undefined) {
      cell = this.#cells.size + 1; // cell 0 stays empty: "no region"
      this.#cells.set(pc, cell);
    }
    return cell;
  }

  #compile(memory: GuestMemory, pc: number, installed: InstalledRegions): CompiledRegion | undefined {
    if (this.#regionCount >= this.#options.maxRegions || this.#cells.size > REGION_ENTRY_COUNT - 8192)
      this.#flush();
    const learning = worthLearning(installed.all(), pc);
    const seeds = learning === undefined ? [pc] : [...learning.seeds, ...learning.awaiting];
    const { breakpoints } = installed;
    const wasSeen = (at: number): boolean => this.#options.threshold < FEW_VISITS || installed.wasSeen(at);
    const region = late.discoverRegion((at) => fetch(memory, at), seeds, { breakpoints, wasSeen });
    if (region === undefined) return undefined;
    const windowed = memory.hasWindows;
    const emitted = late.emitRegions([region], (at) => this.#cellOf(at), { ...this.#options, windowed });
    const isTrial = this.#options.compile !== undefined && isUncounted(region);
    const compiled: CompiledRegion = {
      module: this.#moduleOf(emitted.bytes, region.instructionCount, isTrial ? 'baseline' : 'counted'),
      trial: isTrial ? emitted.bytes : undefined,
      samples: 0,
      entries: emitted.entries[0] ?? [],
      low: region.low,
      code: memory.bytes(region.low, region.high + 1 - region.low).slice(),
      seeds,
      hasIndirectJumps: region.hasIndirectJumps,
      unseen: region.unseen,
      awaiting: new Set(),
      instructionCount: region.instructionCount,
      breakpoints: [...breakpoints].filter((at) => isWithin(at, region.low, region.high + 1 - region.low)),
      windowed,
    };
    if (learning !== undefined) {
      for (const part of [learning, ...this.#partsOf(learning)]) {
        installed.remove(part);
        this.#forget(part);
      }
    }
    this.#regionCount++;
    this.compiledCount++;
    this.compiledInstructions += region.instructionCount;
    for (const entry of compiled.entries) {
      this.#askedPages.add(entry >>> PAGE_SHIFT);
      const list = this.#byEntry.get(entry);
      if (list === undefined) this.#byEntry.set(entry, [compiled]);
      else list.push(compiled);
    }
    for (let page = region.low >>> PAGE_SHIFT; page <= region.high >>> PAGE_SHIFT; page++) {
      memory.noteCode(page, PageNote.TRANSLATED);
    }
    return compiled;
  }

  /** What was compiled for the entries that `region` awaits, one by one. */
  #partsOf(region: CompiledRegion): CompiledRegion[] {
    return [...region.awaiting].flatMap((pc) =>
      (this.#byEntry.get(pc) ?? []).filter(
        ({ seeds, windowed }) => seeds.length === 1 && seeds[0] === pc && windowed === region.windowed,
      ),
    );
  }

  #forget(region: CompiledRegion): void {
    this.#regionCount--;
    for (const entry of region.entries) {
      const rest = (this.#byEntry.get(entry) ?? []).filter((other) => other !== region);
      if (rest.length === 0) this.#byEntry.delete(entry);
      else this.#byEntry.set(entry, rest);
    }
  }

  #flush(): void {
    for (const installed of this.#installed.values()) installed.clear();
    this.#byEntry.clear();
    this.#cells.clear();
    this.#regionCount = 0;
  }
}

/** What `member`, which is valid in `memory`, was made from; undefined when its surroundings have changed too much to tell. */
function rediscovered(memory: GuestMemory, member: CompiledRegion): Region | undefined {
  const { low, code, seeds, unseen, entries } = member;
  const fetchInside = (at: number) => (at >= low && at < low + code.length ? fetch(memory, at) : undefined);
  const breakpoints = new Set(member.breakpoints);
  const wasSeen = (at: number): boolean => !unseen.has(at);
  const region = late.discoverRegion(fetchInside, seeds, { breakpoints, wasSeen });
  const isSame =
    region?.instructionCount === member.instructionCount &&
    region.entries.every((entry, i) => entry === entries[i]);
  return isSame ? region : undefined;
}

/** Is it one of those that the engine's own counts say little of? */
function isUncounted({ instructionCount, blocks }: Region): boolean {
  return instructionCount > UNCOUNTED_REGION && instructionCount < LONG_BLOCK * blocks.size;
}

/**
 * The region that is to be made anew with `pc`, which it lacks. A large one only when its entries would double: once for
 * each of a switch's targets would take longer than the program. Until then the target has a region of its own.
 */
function worthLearning(regions: readonly CompiledRegion[], pc: number): CompiledRegion | undefined {
  let best: CompiledRegion | undefined;
  for (const region of regions) {
    if (learnsFrom(region, pc) && region.seeds.length > (best?.seeds.length ?? 0)) best = region;
  }
  if (best === undefined) return undefined;
  best.awaiting.add(pc);
  const isDue = best.instructionCount < SMALL_REGION || best.awaiting.size >= best.seeds.length;
  return isDue ? best : undefined;
}

/** Is `pc` hot because the region does not have it, though it is a part of it? Then it is made anew. */
function learnsFrom(region: CompiledRegion, pc: number): boolean {
  if (region.unseen.has(pc)) return true;
  return region.hasIndirectJumps && isNear(region, pc) && !region.entries.includes(pc);
}

function isNear(region: CompiledRegion, pc: number): boolean {
  return pc >= region.low - LEARNING_MARGIN && pc < region.low + region.code.length + LEARNING_MARGIN;
}

/** Do the region's bytes lie, executable, where it was compiled for? */
function matches(memory: GuestMemory, region: CompiledRegion): boolean {
  if (region.windowed !== memory.hasWindows) return false;
  const end = region.low + region.code.length;
  for (let page = region.low >>> PAGE_SHIFT; page <= (end - 1) >>> PAGE_SHIFT; page++) {
    if ((memory.fast(page) & FastBit.X) === 0) return false;
  }
  const bytes = memory.bytes(region.low, region.code.length);
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== region.code[i]) return false;
  return true;
}

/** The instruction at `pc` if its bytes are executable and present. */
function fetch(memory: GuestMemory, pc: number): Instruction | undefined {
  if (pc < 0 || pc >= memory.limit - 4 || (memory.fast(Math.floor(pc / PAGE_SIZE)) & FastBit.X) === 0)
    return undefined;
  const half = memory.u16(pc);
  if (isCompressed(half)) return decode(half) ?? undefined;
  if ((memory.fast((pc + 2) >>> PAGE_SHIFT) & FastBit.X) === 0) return undefined;
  return decode(memory.u32(pc)) ?? undefined;
}
