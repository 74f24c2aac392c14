// The bytes of a socket's receive queue, in one ring that grows with what is queued.
// Message queues append and read at absolute positions; a message is a range of positions.
// A ring that runs empty gives its large buffer back to the pool, so idle sockets hold next to nothing.
// Large buffers are charged to the guest's memory: whoever fills sockets without end reaches its limit.
import { ENOBUFS, fail } from '../errno.ts';
import type { Sink, Source } from '../file/file-descriptor.ts';
import type { MemoryAccount } from '../mm/account.ts';

/** Rings up to this size stay with their socket when empty, and are paid for with it. */
const SMALL = 1024;
/** Buffers kept per size, up to a size. */
const KEPT = 8;
const LARGEST_KEPT = 1024 * 1024;

/** Free buffers by size; one pool a machine. */
export class BufferPool {
  readonly #free = new Map<number, Uint8Array[]>();
  readonly #memory: MemoryAccount;

  constructor(memory: MemoryAccount) {
    this.#memory = memory;
  }

  /** A buffer of `size` (a power of two) with arbitrary content. ENOBUFS when the guest's memory is used up. */
  take(size: number): Uint8Array {
    if (!this.#memory.charge(pagesOf(size))) fail(ENOBUFS, 'no memory for what is queued');
    return this.#free.get(size)?.pop() ?? new Uint8Array(size);
  }

  give(buffer: Uint8Array): void {
    this.#memory.release(pagesOf(buffer.length));
    if (buffer.length > LARGEST_KEPT) return;
    let list = this.#free.get(buffer.length);
    if (list === undefined) {
      list = [];
      this.#free.set(buffer.length, list);
    }
    if (list.length < KEPT) list.push(buffer);
  }
}

function pagesOf(size: number): number {
  return Math.ceil(size / 4096);
}

const NOTHING = new Uint8Array(0);

export class ByteRing {
  readonly #pool: BufferPool;
  #buffer: Uint8Array = NOTHING;
  /** Positions only grow; the buffer index is position modulo size. */
  #head = 0;
  #tail = 0;

  constructor(pool: BufferPool) {
    this.#pool = pool;
  }

  /** Where the next byte goes. */
  get tail(): number {
    return this.#tail;
  }

  /**
   * Appends `count` bytes of `source`, all or nothing, and returns where they begin.
   * EFAULT from the source and ENOBUFS leave the ring as it was.
   */
  append(source: Source, count: number): number {
    this.#reserve(count);
    const start = this.#tail;
    let at = start;
    const end = start + count;
    const mask = this.#buffer.length - 1;
    while (at < end) {
      const index = at & mask;
      const moved = source.copyTo(this.#buffer, index, Math.min(end - at, this.#buffer.length - index));
      if (moved === 0) break;
      at += moved;
    }
    this.#tail = at;
    return start;
  }

  /** Copies `count` bytes from position `from`; returns how many the sink took. EFAULT when it took none. */
  copyOut(sink: Sink, from: number, count: number): number {
    const mask = this.#buffer.length - 1;
    let done = 0;
    while (done < count) {
      const index = (from + done) & mask;
      const run = Math.min(count - done, this.#buffer.length - index);
      const taken = sink.put(this.#buffer, index, index + run);
      done += taken;
      if (taken < run) break;
    }
    return done;
  }

  byteAt(position: number): number {
    return this.#buffer[position & (this.#buffer.length - 1)] ?? 0;
  }

  /** Everything before `position` may be overwritten. */
  discardTo(position: number): void {
    this.#head = position;
    if (position === this.#tail) {
      this.#head = 0;
      this.#tail = 0;
      if (this.#buffer.length > SMALL) {
        this.#pool.give(this.#buffer);
        this.#buffer = NOTHING;
      }
    }
  }

  /** Throws everything away: the socket is closed. */
  clear(): void {
    this.discardTo(this.#tail);
  }

  #reserve(count: number): void {
    const used = this.#tail - this.#head;
    const wanted = used + count;
    if (wanted <= this.#buffer.length) return;
    let size = Math.max(64, this.#buffer.length);
    while (size < wanted) size *= 2;
    const grown = size > SMALL ? this.#pool.take(size) : new Uint8Array(size);
    // Positions stay: each byte moves to its position modulo the new size.
    for (let at = this.#head; at < this.#tail; ) {
      const from = at & (this.#buffer.length - 1);
      const to = at & (size - 1);
      const run = Math.min(this.#tail - at, this.#buffer.length - from, size - to);
      grown.set(this.#buffer.subarray(from, from + run), to);
      at += run;
    }
    if (this.#buffer.length > SMALL) this.#pool.give(this.#buffer);
    this.#buffer = grown;
  }
}
