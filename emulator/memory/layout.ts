// Where everything lives in an address space's WebAssembly.Memory.
// Called by guest memory, the hart's state and all code emitters, which use these as constant memarg offsets.
// Guest address `a` is at offset `a + BIAS`, unless windows show it; everything below BIAS belongs to the emulator, zero-filled at birth.

export const PAGE_SHIFT = 12;
export const PAGE_SIZE = 1 << PAGE_SHIFT;
/** Pages of a 4 GiB space; map entries past GUEST_LIMIT exist and stay 0, so no index needs a bound. */
export const PAGE_COUNT = 1 << 20;

// The hart's architectural state: this block is what a thread switch saves and loads.
export const X_REGISTERS = 0;
export const F_REGISTERS = 256;
export const PC = 512;
/** Address of the reservation set, -1 when there is none (RISC-V unprivileged ISA, A, 13.2). */
export const RESERVATION = 520;
export const FFLAGS = 528;
export const FRM = 532;
/** 1 when frm is round-to-nearest-even and the inexact flag is set: a finite normal result needs no check. */
export const FP_FAST = 536;
export const HART_STATE_SIZE = 544;
/** The state and the words behind it that exits of generated code use. */
export const CONTROL_SIZE = 1024;

/** Where writes to x0 go. */
export const SINK = 544;
/** Ticks left (i32). */
export const BUDGET = 552;
/** Why a region function came back: 0 to go on at the returned pc, else an exit reason (i32). */
export const REGION_REASON = 556;
/** The faulting guest address (i64). */
export const TRAP_ADDRESS = 560;
/** Of the interpreter's record: pc = record / 8 + this (i32). Not in a local, where it would push others out of registers. */
export const RECORD_BIAS = 568;
/** 1 while the interpreter passes over the region at pc (i32). */
export const BYPASS = 572;
/** An address of the region whose jump used the last tick (i32); 0 when the interpreter executed it. */
export const LAST_TICK_IN = 576;

/**
 * Where a hart that goes on finds its region: u32 guest address, u32 offset of its entry cell, in the slot that bits
 * 1 to 6 of the address choose. A slot is a hint: the cell says whether there is a region. They begin behind the control words.
 */
export const RESUME_TARGETS = 1024;
export const RESUME_TARGET_SIZE = 8;
export const RESUME_TARGET_COUNT = 64;

/**
 * Entries of compiled regions, 8 bytes each: u16 opcode that the record had, u16 entry, i32 table index. The first,
 * which are the first that became hot, share the page with the hart's state.
 */
export const REGION_ENTRIES = RESUME_TARGETS + RESUME_TARGET_COUNT * RESUME_TARGET_SIZE;
export const REGION_ENTRY_SIZE = 8;
export const REGION_ENTRY_COUNT = 0x1_0000;

/** Access as generated code checks it: one byte a page, see FastBit. */
export const FAST_MAP = 0x9_0000;
/** 1 where this page and the next may be read (written), else 0: one byte a page. One check serves a group. */
export const READ_PAIR_MAP = FAST_MAP + PAGE_COUNT;
export const WRITE_PAIR_MAP = READ_PAIR_MAP + PAGE_COUNT;
/** Access as the kernel granted it: one byte a page, Perm bits. */
export const GRANTED_MAP = WRITE_PAIR_MAP + PAGE_COUNT;
/** What the emulator keeps about a page: one byte a page, see PageNote. */
export const NOTE_MAP = GRANTED_MAP + PAGE_COUNT;
/** Slot of the decode cache that holds a page's records: u16 a page, 0 when there is none. */
export const SLOT_MAP = NOTE_MAP + PAGE_COUNT;
/**
 * Where indirect calls look first: u32 guest address, u32 offset of its entry cell, in the slot that bits 1 to 10 of
 * the address choose. Addresses that share a slot take it from each other.
 */
export const CALL_TARGETS = SLOT_MAP + 2 * PAGE_COUNT;
export const CALL_TARGET_SIZE = 8;
export const CALL_TARGET_COUNT = 1024;

export const DECODE_CACHE = CALL_TARGETS + CALL_TARGET_COUNT * CALL_TARGET_SIZE;
export const RECORD_SIZE = 16;
/** A record's address grows this much per guest byte: one record for every two bytes. */
export const RECORD_SCALE_SHIFT = 3;
/** One record per halfword, and two past the end that lead to the next page. */
export const SLOT_SIZE = ((PAGE_SIZE << RECORD_SCALE_SHIFT) + 2 * RECORD_SIZE) as 32800;
/** Slot 0 is never filled: all its records say "not decoded". */
export const SLOT_COUNT = 1024;

/** The user's half of Sv39: no guest address is as high. */
export const ADDRESS_BITS = 38;
export const ADDRESS_LIMIT = 2 ** ADDRESS_BITS;
/**
 * Addresses that no Memory reaches are shown a part at a time: u32 a MiB of the guest's addresses, the offset where it lies,
 * 0 when it is nowhere. Only of spaces with windows (windows.ts); in others guest address `a` is at `a + BIAS`.
 */
export const WINDOW_SHIFT = 20;
export const WINDOW_SIZE = 1 << WINDOW_SHIFT;
export const WINDOW_COUNT = 1 << (ADDRESS_BITS - WINDOW_SHIFT);
export const WINDOW_TABLE = DECODE_CACHE + SLOT_COUNT * SLOT_SIZE;
/**
 * The maps as generated code for spaces with windows looks into them: with the page of an offset in the Memory. The bytes
 * that an offset of 0 to WINDOW_SIZE leads to, which is what the table has for nowhere, are never anything but 0.
 */
export const byOffset = (map: number): number => map - BIAS / PAGE_SIZE;
/** Where the bytes of one value are put together that lie in two windows. */
export const STAGING = WINDOW_TABLE + 4 * WINDOW_COUNT;

export const BIAS = Math.ceil((STAGING + PAGE_SIZE) / WINDOW_SIZE) * WINDOW_SIZE;
/** First guest address that cannot lie at its own place. */
export const GUEST_LIMIT = 0x1_0000_0000 - BIAS;
