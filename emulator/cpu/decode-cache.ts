// Predecoded records of one address space: decodes on demand, a straight run of instructions at a time.
// Called by cpu/cpu.ts when the interpreter meets a record that was never written, and by the JIT.
// A page's records exist only while its note says so; whoever changes the page's bytes has them dropped.
import { DYNAMIC_ROUNDING, decode, type Instruction, isCompressed } from '../isa/decode.ts';
import { type GuestMemory, PageNote, Perm } from '../memory/guest-memory.ts';
import {
  BIAS,
  DECODE_CACHE,
  PAGE_COUNT,
  PAGE_SHIFT,
  PAGE_SIZE,
  RECORD_SCALE_SHIFT,
  RECORD_SIZE,
  REGION_ENTRIES,
  REGION_ENTRY_SIZE,
  SINK,
  SLOT_COUNT,
  SLOT_MAP,
  SLOT_SIZE,
} from '../memory/layout.ts';
import type { Heat } from './address-space.ts';
import { firstOfPair, fusedOperation } from './fused-pairs.ts';
import { Field, Internal, operationNumber, REACHES, SLOT_USED } from './record.ts';
import { ITEM_WORDS, type RecordStore } from './record-store.ts';

const OFFSET_MASK = PAGE_SIZE - 1;
/** Of a record's first word. */
const OPERATION_MASK = 0xffff;
/** Records and code, as the store has them. */
const RECORD_WORDS = RECORD_SIZE >> 2;
const CODE_WORDS = PAGE_SIZE >> 2;
/** Of the last record of a page, whose instruction may reach into the next page. */
const LAST_RECORD = PAGE_SIZE / 2 - 1;
/** Positions in REACHES, as sums. */
const NEAR = REACHES.indexOf('near-forward');
const FAR = REACHES.indexOf('far-forward');
const FORWARD = 0;
const BACKWARD = REACHES.indexOf('near-backward') - NEAR;
const LAST_ADDRESS = 0xffff_ffff;
/** After these, decoding stops: what follows may not be code, or may never be reached. */
const TRANSFERS = new Set(['jal', 'jalr', 'ebreak']);

/** Is the page of `address` there, and executable? */
export function mayFetch(memory: GuestMemory, address: number): boolean {
  return address >= 0 && (memory.fast(Math.floor(address / PAGE_SIZE)) & Perm.X) !== 0;
}

export class DecodeCache {
  readonly #memory: GuestMemory;
  #buffer: ArrayBuffer | null = null;
  #records!: DataView;
  #words!: Int32Array;
  #bytes!: Uint8Array;
  #slots!: Uint16Array;
  /** Page in each slot, -1 for a free one. */
  readonly #pages = new Int32Array(SLOT_COUNT).fill(-1);
  /** By slot: 1 when something was decoded there that the store did not have. */
  readonly #isNew = new Uint8Array(SLOT_COUNT);
  #nextSlot = 1;
  readonly #heat: Heat;
  readonly #store: RecordStore;
  /** Entry cells of the regions that begin at these addresses. */
  readonly #regions = new Map<number, number>();
  /** Addresses whose records lead to cpu.ts, which stops there. */
  #breakpoints: ReadonlySet<number> = new Set();

  constructor(memory: GuestMemory, heat: Heat, store: RecordStore) {
    this.#memory = memory;
    this.#heat = heat;
    this.#store = store;
  }

  /** Views of the current buffer: growth replaces it. */
  refresh(): void {
    const { buffer } = this.#memory.memory;
    if (buffer === this.#buffer) return;
    this.#buffer = buffer;
    this.#records = new DataView(buffer);
    this.#words = new Int32Array(buffer);
    this.#bytes = new Uint8Array(buffer);
    this.#slots = new Uint16Array(buffer, SLOT_MAP, PAGE_COUNT);
  }

  /** Offset of the record for `pc` in the memory, or -1 when its page has none. */
  recordOffset(pc: number): number {
    this.refresh();
    const slot = this.#slots[pc >>> PAGE_SHIFT] ?? 0;
    return slot === 0 ? -1 : offsetIn(slot, pc);
  }

  isDecoded(pc: number): boolean {
    const offset = this.recordOffset(pc);
    return offset >= 0 && this.#records.getUint16(offset, true) !== Internal.UNDECODED;
  }

  /**
   * Writes records from `pc` on, to the end of the page, an unconditional transfer, or a record already there.
   * Returns the faulting address when the very first instruction cannot be fetched, else -1.
   */
  decodeFrom(pc: number): number {
    this.refresh();
    const memory = this.#memory;
    const words = this.#words;
    const page = pc >>> PAGE_SHIFT;
    if (!mayFetch(memory, pc)) return pc;
    const heat = this.#heat.ofPage(page);
    let slot = 0;
    let previous = -1;
    for (let at = pc; at >>> PAGE_SHIFT === page; ) {
      let word = memory.u16(at);
      if (!isCompressed(word)) {
        const rest = at + 2;
        if ((rest & OFFSET_MASK) === 0 && !mayFetch(memory, rest)) return at === pc ? rest : -1;
        word |= memory.u16(rest) << 16;
      }
      if (slot === 0) slot = this.#slotOf(page);
      const index = offsetIn(slot, at) >> 2;
      const known = words[index] as number;
      if ((known & OPERATION_MASK) !== Internal.UNDECODED) {
        this.#fuse(previous, index);
        break;
      }
      this.#isNew[slot] = 1;
      const instruction = decode(word);
      if (instruction === null) {
        words[index] = (known & ~OPERATION_MASK) | Internal.ILLEGAL;
        break;
      }
      this.#writeRecord(index, instruction, at, heat ?? this.#heat.of(at));
      if (heat === undefined) this.#markKnown(at);
      this.#fuse(previous, index);
      previous = index;
      at += instruction.length;
      // The last instruction may reach into the next page: a store there must be noticed too.
      if (at > (page + 1) * PAGE_SIZE) memory.noteCode(page + 1, PageNote.DECODED);
      if (TRANSFERS.has(instruction.name)) break;
    }
    return -1;
  }

  /** The address space is over: whoever has the same code next finds its records. */
  keepRecords(): void {
    this.refresh();
    const items = new Int32Array((LAST_RECORD + 1) * ITEM_WORDS);
    for (const [slot, page] of this.#pages.entries()) {
      if (page < 0 || this.#isNew[slot] === 0) continue;
      this.#isNew[slot] = 0;
      const length = this.#itemsOf(slot, items);
      this.#store.keep(this.#codeOf(page), items.subarray(0, length));
    }
  }

  #codeOf(page: number): Int32Array {
    const first = (BIAS + page * PAGE_SIZE) >>> 2;
    return this.#words.subarray(first, first + CODE_WORDS);
  }

  /** Fills `items` with what depends on the page's bytes alone, and gives its length. */
  #itemsOf(slot: number, items: Int32Array): number {
    const words = this.#words;
    const first = offsetIn(slot, 0) >> 2;
    let length = 0;
    for (let record = 0; record < LAST_RECORD; record++) {
      const index = first + record * RECORD_WORDS;
      const word = words[index] as number;
      let operation = word & OPERATION_MASK;
      if (operation === Internal.UNDECODED || operation === Internal.ALONE) continue;
      if (operation === Internal.REGION) {
        const cell = (words[index + (Field.HEAT >> 2)] as number) >>> 16;
        operation = this.#records.getUint16(REGION_ENTRIES + cell * REGION_ENTRY_SIZE, true);
      }
      if (record === LAST_RECORD - 1) operation = firstOfPair(operation, 2);
      if (record === LAST_RECORD - 2) operation = firstOfPair(operation, 4);
      items[length] = record;
      items[length + 1] = (word & ~OPERATION_MASK) | operation;
      items[length + 2] = words[index + 1] as number;
      items[length + 3] = words[index + 2] as number;
      length += ITEM_WORDS;
    }
    return length;
  }

  /** Fills a page's new slot with what the store knows. */
  #restore(page: number, slot: number): void {
    if (this.#store.isEmpty || this.#breakpoints.size > 0) return;
    const items = this.#store.find(this.#codeOf(page));
    if (items === undefined) return;
    const words = this.#words;
    const first = offsetIn(slot, 0) >> 2;
    const heat = this.#heat.ofPage(page);
    for (let i = 0; i < items.length; i += ITEM_WORDS) {
      const record = items[i] as number;
      const index = first + record * RECORD_WORDS;
      words[index] = items[i + 1] as number;
      words[index + 1] = items[i + 2] as number;
      words[index + 2] = items[i + 3] as number;
      const pc = page * PAGE_SIZE + 2 * record;
      words[index + (Field.HEAT >> 2)] = (heat ?? this.#heat.of(pc)) << 16;
      if (heat === undefined) this.#markKnown(pc);
    }
  }

  /** A record was written where a region may begin. */
  #markKnown(pc: number): void {
    const cell = this.#regions.get(pc);
    if (cell !== undefined) this.markRegion(pc, cell);
  }

  /** Whole words: short programs spend much of their time here, in code that is cold. `index` counts words. */
  #writeRecord(index: number, instruction: Instruction, pc: number, heat: number): void {
    const { encoding, rd, rs1, rs2, imm } = instruction;
    let variant = 0;
    let immediate = imm;
    let isAlone = this.#breakpoints.size > 0 && this.#breakpoints.has(pc);
    if (encoding.transfers) {
      const target = (pc & OFFSET_MASK) + imm;
      const near = target >= 0 && target < PAGE_SIZE;
      variant = (near ? NEAR : FAR) + (imm > 0 ? FORWARD : BACKWARD);
      if (near) immediate = imm << RECORD_SCALE_SHIFT;
      if (pc + imm < 0 || pc + imm > LAST_ADDRESS) isAlone = true;
    } else if (encoding.rounds) {
      if (instruction.rm !== 0 && instruction.rm !== DYNAMIC_ROUNDING) variant = 1;
      immediate = (instruction.rs3 << 3) | (instruction.rm << 16);
    }
    const operation = isAlone ? Internal.ALONE : operationNumber(encoding, variant, instruction.length);
    const destination = encoding.writesInteger && rd === 0 ? SINK : rd << 3;
    const words = this.#words;
    words[index + (Field.OPCODE >> 2)] = operation | (destination << 16); // RD is the upper half
    words[index + (Field.RS1 >> 2)] = (rs1 << 3) | (rs2 << 19); // RS2
    words[index + (Field.IMMEDIATE >> 2)] = immediate;
    words[index + (Field.HEAT >> 2)] = heat << 16; // the lower half means nothing
  }

  /** The record at word `first`, if any, executes the instruction of the record behind it as well where that pair is frequent. */
  #fuse(first: number, second: number): void {
    if (first < 0) return;
    const words = this.#words;
    const record = words[first] as number;
    const operation = fusedOperation(record & OPERATION_MASK, (words[second] as number) & OPERATION_MASK);
    if (operation !== 0) words[first] = (record & ~OPERATION_MASK) | operation;
  }

  /** What executes the instruction at `pc` as the second of a pair executes the first one alone. */
  #separate(pc: number, offset: number): void {
    for (const length of [2, 4] as const) {
      if ((pc & OFFSET_MASK) < length) return;
      const before = offset - (length << RECORD_SCALE_SHIFT);
      const operation = this.#records.getUint16(before, true);
      this.#records.setUint16(before, firstOfPair(operation, length), true);
    }
  }

  /** The record at `pc` now enters a region through `cell`, which keeps the operation that it had. */
  markRegion(pc: number, cell: number): void {
    this.#regions.set(pc, cell);
    const offset = this.recordOffset(pc);
    if (offset < 0) return;
    const operation = this.#records.getUint16(offset, true);
    if (operation === Internal.UNDECODED) return;
    if (operation !== Internal.REGION) {
      this.#records.setUint16(REGION_ENTRIES + cell * REGION_ENTRY_SIZE, operation, true);
    }
    this.#separate(pc, offset);
    this.#records.setUint16(offset + Field.OPCODE, Internal.REGION, true);
    this.#records.setUint16(offset + Field.HEAT, cell, true);
  }

  unmarkRegion(pc: number): void {
    const cell = this.#regions.get(pc);
    const offset = this.recordOffset(pc);
    this.#regions.delete(pc);
    if (cell === undefined || offset < 0) return;
    if (this.#records.getUint16(offset, true) !== Internal.REGION) return;
    const operation = this.#records.getUint16(REGION_ENTRIES + cell * REGION_ENTRY_SIZE, true);
    this.#records.setUint16(offset + Field.OPCODE, operation, true);
    this.#records.setUint16(offset + Field.HEAT, this.#heat.of(pc), true);
  }

  /** Pages where one comes or goes are decoded anew. No region begins at any of them. */
  setBreakpoints(breakpoints: ReadonlySet<number>): void {
    const before = this.#breakpoints;
    this.#breakpoints = breakpoints;
    for (const pc of [...before, ...breakpoints]) {
      if (before.has(pc) !== breakpoints.has(pc) && pc < LAST_ADDRESS) this.drop(pc >>> PAGE_SHIFT, 1);
    }
  }

  /** No region shall begin at `pc`: not hot again for so many visits. */
  cool(pc: number, visits: number): void {
    const offset = this.recordOffset(pc);
    if (offset >= 0) this.#records.setUint16(offset + Field.HEAT, visits, true);
  }

  /** The slot of a page, taken from another page if none is free. */
  #slotOf(page: number): number {
    const known = this.#slots[page] ?? 0;
    if (known !== 0) return known;
    const slot = this.#nextVictim();
    const evicted = this.#pages[slot] ?? -1;
    if (evicted >= 0) this.#dropSlot(evicted, slot);
    this.#pages[slot] = page;
    this.#slots[page] = slot;
    const end = offsetIn(slot, 0) + (PAGE_SIZE << RECORD_SCALE_SHIFT);
    for (let i = 0; i < 2; i++) this.#records.setUint16(end + i * RECORD_SIZE, Internal.NEXT_PAGE, true);
    this.#memory.noteCode(page, PageNote.DECODED);
    this.#restore(page, slot);
    return slot;
  }

  /** The next slot that is free, or whose page was not looked up since the last time round. */
  #nextVictim(): number {
    for (;;) {
      const slot = this.#nextSlot;
      this.#nextSlot = slot + 1 < SLOT_COUNT ? slot + 1 : 1;
      const used = DECODE_CACHE + slot * SLOT_SIZE + SLOT_USED;
      if (this.#pages[slot] === -1 || this.#bytes[used] === 0) return slot;
      this.#bytes[used] = 0;
    }
  }

  #dropSlot(page: number, slot: number): void {
    this.#slots[page] = 0;
    this.#pages[slot] = -1;
    this.#isNew[slot] = 0;
    const start = offsetIn(slot, 0);
    this.#bytes.fill(0, start, start + SLOT_SIZE);
  }

  /** Forgets the records of these pages, and of an instruction that reaches into the first. */
  drop(firstPage: number, pageCount: number): void {
    this.refresh();
    for (let page = Math.max(0, firstPage - 1); page < firstPage + pageCount; page++) {
      const slot = this.#slots[page] ?? 0;
      if (slot !== 0) this.#dropSlot(page, slot);
    }
  }
}

function offsetIn(slot: number, pc: number): number {
  return DECODE_CACHE + slot * SLOT_SIZE + ((pc & OFFSET_MASK) << RECORD_SCALE_SHIFT);
}
