// A pipe's content: up to sixteen page buffers, filled, merged and emptied as Linux does (fs/pipe.c).
// pipe-end.ts reads and writes it for descriptors, splice.ts moves whole buffers, host streams feed and drain it.
// A page that two pipes share (tee, splice) is only written to behind what both have of it.
import { EFAULT, ENOBUFS, ENOMEM, fail } from '../errno.ts';
import { notifyOwner, type Readiness } from '../file/async-owner.ts';
import type { Sink, Source } from '../file/file-descriptor.ts';
import type { OpenFile } from '../file/open-file.ts';
import { holdBlock, PAGE, type PageRun, releaseBlock } from '../file/page-run.ts';
import type { Kernel } from '../kernel.ts';
import { WaitQueue } from '../wait.ts';
import type { PipeAccounts } from './pipe-accounts.ts';

export const PIPE_PAGE = PAGE;
/** PIPE_DEF_BUFFERS. */
const DEFAULT_SLOTS = 16;

/** Which sides a descriptor has open. */
export interface PipeAccess {
  readonly reads: boolean;
  readonly writes: boolean;
}

/** One buffer (struct pipe_buffer): `length` bytes of `page` from `offset` on. */
export interface PipeSlot {
  /** What came out of a socket may be longer than a page. */
  readonly page: Uint8Array;
  /** What `page` is a part of, if not all by itself, and from where on. */
  readonly block?: object;
  readonly at?: number;
  offset: number;
  length: number;
  /** PIPE_BUF_FLAG_CAN_MERGE: a later write may fill the rest of the page. */
  canMerge: boolean;
  /** Another pipe has the page, too: it is not used again for other bytes. */
  isShared?: boolean;
  /** PIPE_BUF_FLAG_PACKET: one write in O_DIRECT mode, read at once or cut off. */
  readonly isPacket: boolean;
}

/** Bytes that splice, sendfile and vmsplice bring come in the pages that they lie in, which later writes leave alone. */
export interface SplicedFrom {
  /** Where in a page the first byte lies. */
  readonly phase: number;
}

function pagesIn(page: Uint8Array): number {
  return Math.ceil(page.length / PIPE_PAGE);
}

export class Pipe {
  readers = 0;
  writers = 0;
  /** How often each side was opened (r_counter, w_counter): a FIFO's open waits for the other to change. */
  readerOpens = 0;
  writerOpens = 0;
  /** A FIFO's openers, who count for the other side before their open(2) has returned. */
  openers: { waiting(side: 'reads' | 'writes'): number } | undefined;
  /** How many buffers it may hold (max_usage). */
  slotLimit: number;
  readonly slots: PipeSlot[] = [];
  /** Readers and pollers of the read side (rd_wait). */
  readonly readable = new WaitQueue('bytes in a pipe');
  /** Writers and pollers of the write side (wr_wait). */
  readonly writable = new WaitQueue('room in a pipe');
  /** Pollers of descriptors that do both (a FIFO opened O_RDWR). */
  readonly changed = new WaitQueue('a pipe');
  /** Descriptions with an owner for SIGIO, and what each has open. */
  owners: Map<OpenFile, PipeAccess> | undefined;
  readonly #accounts: PipeAccounts;
  readonly #uid: number;
  readonly #spare: Uint8Array[] = [];

  get hasReaders(): boolean {
    return this.readers > 0 || (this.openers?.waiting('reads') ?? 0) > 0;
  }

  get hasWriters(): boolean {
    return this.writers > 0 || (this.openers?.waiting('writes') ?? 0) > 0;
  }

  /** Charged to `uid`, who gets a smaller pipe when all of theirs together hold too much (pipe(7)). */
  constructor(accounts: PipeAccounts, uid: number) {
    this.#accounts = accounts;
    this.#uid = uid;
    this.slotLimit = accounts.open(uid, DEFAULT_SLOTS);
  }

  /** Both sides are closed for good. */
  free(): void {
    this.#accounts.change(this.#uid, -this.slotLimit);
    for (const slot of this.slots.splice(0)) this.#forget(slot);
    this.#accounts.memory.release(this.#spare.length);
    this.#spare.length = 0;
  }

  #forget({ page, block }: PipeSlot): void {
    this.#accounts.memory.release(pagesIn(page));
    releaseBlock(block);
  }

  get isEmpty(): boolean {
    return this.slots.length === 0;
  }

  get isFull(): boolean {
    return this.slots.length >= this.slotLimit;
  }

  /** FIONREAD. */
  get byteCount(): number {
    return this.slots.reduce((sum, slot) => sum + slot.length, 0);
  }

  /** F_SETPIPE_SZ, after its checks. */
  resize(slotLimit: number): void {
    this.#accounts.change(this.#uid, slotLimit - this.slotLimit);
    this.slotLimit = slotLimit;
  }

  /** What the owner would be charged with `slotLimit` buffers (for the limits of F_SETPIPE_SZ). */
  chargedWith(slotLimit: number): number {
    return this.#accounts.pagesOf(this.#uid) - this.slotLimit + slotLimit;
  }

  wakeReaders(events: number): void {
    this.readable.wake(events);
    this.changed.wake(events);
  }

  wakeWriters(events: number): void {
    this.writable.wake(events);
    this.changed.wake(events);
  }

  /** SIGIO to those who asked for it (kill_fasync). */
  notifyOwners(kernel: Kernel, readiness: Readiness): void {
    if (this.owners === undefined) return;
    for (const [file, access] of this.owners) {
      if (readiness === 'in' ? access.reads : access.writes) notifyOwner(kernel, file, readiness);
    }
  }

  /**
   * Moves bytes to `sink` until it is full, the pipe is empty or a packet ends, which goes unless `keepsPackets`. EFAULT and ENOBUFS only when
   * nothing was moved.
   */
  read(sink: Sink, keepsPackets = false): number {
    let moved = 0;
    for (;;) {
      const slot = this.slots[0];
      if (slot === undefined || sink.remaining === 0) return moved;
      const chars = Math.min(slot.length, sink.remaining);
      const taken = this.#put(sink, slot, chars, moved);
      if (taken < chars) return moved; // the part that was copied counts as not read, as in Linux
      moved += chars;
      slot.offset += chars;
      slot.length -= chars;
      if (slot.isPacket && !keepsPackets) {
        this.dropFirst();
        return moved;
      }
      if (slot.length === 0) this.dropFirst();
    }
  }

  #put(sink: Sink, { page, offset }: PipeSlot, chars: number, moved: number): number {
    const end = offset + chars;
    if (moved === 0) {
      if (sink.put(page, offset, end) < chars) fail(EFAULT, 'the buffer is only partly writable');
      return chars;
    }
    try {
      return sink.put(page, offset, end);
    } catch {
      return 0;
    }
  }

  /** Removes the first buffer and keeps its page for the next write when nobody else has it. */
  dropFirst(): void {
    const slot = this.slots.shift();
    if (slot === undefined) return;
    if (slot.canMerge && slot.isShared !== true && this.#spare.length < 2) this.#spare.push(slot.page);
    else this.#forget(slot);
  }

  /** Fills the last buffer's page with all that is over whole pages, or does nothing (pipe_write's merge). */
  merge(source: Source): number {
    const chars = source.remaining % PIPE_PAGE;
    const last = this.slots.at(-1);
    if (chars === 0 || last === undefined || !last.canMerge) return 0;
    const end = last.offset + last.length;
    if (end + chars > PIPE_PAGE) return 0;
    this.#fill(last.page, end, source, chars);
    last.length += chars;
    return chars;
  }

  /** A page for new bytes. ENOMEM when the machine's memory is used up. */
  #newPage(): Uint8Array {
    const spare = this.#spare.pop();
    if (spare !== undefined) return spare;
    if (!this.#accounts.memory.charge(1)) fail(ENOMEM, 'no memory for a pipe buffer');
    return new Uint8Array(PIPE_PAGE);
  }

  /** Fills new buffers while there are slots and bytes. Returns the count; EFAULT, ENOMEM when nothing was moved. */
  append(source: Source, isPacket: boolean, spliced?: SplicedFrom): number {
    let moved = 0;
    while (source.remaining > 0 && !this.isFull) {
      const phase = spliced === undefined ? 0 : (spliced.phase + moved) % PIPE_PAGE;
      const length = Math.min(PIPE_PAGE - phase, source.remaining);
      let page: Uint8Array | undefined;
      try {
        page = this.#newPage();
        this.#fill(page, 0, source, length);
      } catch (failure) {
        if (page !== undefined) this.#spare.push(page);
        if (moved > 0) return moved;
        throw failure;
      }
      this.slots.push({ page, offset: 0, length, canMerge: !isPacket && spliced === undefined, isPacket });
      moved += length;
    }
    return moved;
  }

  /** Adds a buffer whose bytes belong to someone else too; the caller has checked for room. */
  appendShared(page: Uint8Array, offset: number, length: number): void {
    this.#add({ page, offset, length, canMerge: false, isPacket: false });
  }

  /** The same with the first `length` bytes of another pipe's buffer. */
  appendPart(slot: PipeSlot, length: number): void {
    slot.isShared = true;
    this.#add({ ...slot, length, canMerge: false });
  }

  /** The same with a buffer that may be longer than a page. */
  appendRun(page: Uint8Array, { block, at }: PageRun): void {
    this.#add({ page, block, at, offset: 0, length: page.length, canMerge: false, isPacket: false });
  }

  #add(slot: PipeSlot): void {
    this.#accounts.memory.chargeAlways(pagesIn(slot.page));
    holdBlock(slot.block);
    this.slots.push(slot);
  }

  #fill(page: Uint8Array, start: number, source: Source, length: number): void {
    let at = start;
    const end = start + length;
    while (at < end) {
      const count = source.copyTo(page, at, end - at);
      if (count === 0) fail(ENOBUFS, 'the source ended early');
      at += count;
    }
  }
}
