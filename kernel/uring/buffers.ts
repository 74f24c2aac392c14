// Provided buffers of an io_uring (io_uring/kbuf.c): memory that transfers take when they have something to put there, or send.
// A group is a list that IORING_OP_PROVIDE_BUFFERS fills, or a ring in memory that the program shares with the kernel.
import { IORING_CQE_F_BUF_MORE, IoUringBuf } from '../abi/io-uring.ts';
import type { Iovec } from '../mm/user-memory.ts';

/** What an operation was given of a group, which keeps it until `commit`. */
export interface Selection {
  /** At least one. */
  readonly pieces: readonly Iovec[];
  /** The number of the first. */
  readonly id: number;
  /** The group has no others. */
  readonly isLast: boolean;
  /** Of IORING_OP_PROVIDE_BUFFERS, not of a ring. */
  readonly isOfList: boolean;
  /** So many bytes were moved: what they took leaves the group. IORING_CQE_F_BUF_MORE when the rest of a buffer stays. */
  commit(bytes: number): number;
  /** The transfer failed: buffers of a list are gone, those of a ring stay. */
  drop(): void;
}

export interface BufferGroup {
  /** Up to `count` buffers for `most` bytes (0: as many as they hold); undefined when there is none. */
  select(most: number, count: number): Selection | undefined;
}

/** Memory that a ring of buffers lies in. */
export interface RingBytes {
  read(at: number, length: number): Uint8Array;
  write(at: number, bytes: Uint8Array): void;
}

/** Where the tail of a ring of buffers lies: in the first entry's last field. */
const TAIL = 14;

/** IORING_REGISTER_PBUF_RING. */
export class BufferRing implements BufferGroup {
  readonly entries: number;
  readonly #memory: RingBytes;
  /** IOU_PBUF_RING_INC: a buffer is used until it is full. */
  readonly #isIncremental: boolean;
  #head = 0;

  constructor(memory: RingBytes, entries: number, isIncremental: boolean) {
    this.#memory = memory;
    this.entries = entries;
    this.#isIncremental = isIncremental;
  }

  get head(): number {
    return this.#head;
  }

  #entryAt(index: number): { at: number; addr: number; len: number; bid: number } {
    const at = (index & (this.entries - 1)) * IoUringBuf.size;
    return { at, ...IoUringBuf.decode(this.#memory.read(at, IoUringBuf.size)) };
  }

  /** EFAULT where the program has unmapped its ring. */
  select(most: number, count: number): Selection | undefined {
    const [low, high] = this.#memory.read(TAIL, 2) as unknown as [number, number];
    const available = ((low | (high << 8)) - this.#head) & 0xffff;
    if (available === 0) return undefined;
    const { bid } = this.#entryAt(this.#head);
    const pieces: Iovec[] = [];
    let left = most === 0 ? Number.POSITIVE_INFINITY : most;
    let isCut = false;
    while (pieces.length < Math.min(count, available) && left > 0 && !isCut) {
      const { addr, len } = this.#entryAt(this.#head + pieces.length);
      isCut = len > left;
      // of several, the last is not cut: the program could not tell how much of it was used
      if (isCut && pieces.length > 0 && !this.#isIncremental) break;
      pieces.push({ base: addr, length: Math.min(len, left) });
      left -= len;
    }
    const commit = (bytes: number): number => this.#commit(pieces, bytes);
    return {
      pieces,
      id: bid,
      isLast: pieces.length === available && !isCut,
      isOfList: false,
      commit,
      drop: () => {},
    };
  }

  #commit(pieces: readonly Iovec[], bytes: number): number {
    if (bytes < 0) return 0;
    if (this.#isIncremental) return this.#use(bytes);
    let used = 1;
    for (let left = bytes - (pieces[0]?.length ?? 0); left > 0 && used < pieces.length; used++)
      left -= pieces[used]?.length ?? 0;
    this.#head = (this.#head + used) & 0xffff;
    return 0;
  }

  /** The buffers' entries are shortened by what was used (io_kbuf_inc_commit). */
  #use(bytes: number): number {
    for (let left = bytes; left > 0; ) {
      const { at, addr, len, bid } = this.#entryAt(this.#head);
      const used = Math.min(left, len);
      const rest = len - used;
      // the tail lies in the first entry's last field, so that is not written
      const entry = IoUringBuf.encode({ addr: rest > 0 ? addr + used : addr, len: rest, bid, tail: 0 });
      this.#memory.write(at, entry.subarray(0, TAIL));
      if (rest > 0 || used === 0) return IORING_CQE_F_BUF_MORE;
      this.#head = (this.#head + 1) & 0xffff;
      left -= used;
    }
    return 0;
  }
}

export interface ProvidedBuffer {
  readonly address: number;
  readonly length: number;
  readonly id: number;
}

/** IORING_OP_PROVIDE_BUFFERS. */
export class BufferList implements BufferGroup {
  readonly list: ProvidedBuffer[] = [];

  select(most: number): Selection | undefined {
    const [first] = this.list;
    if (first === undefined) return undefined;
    const { address, length, id } = first;
    if (address === 0) {
      this.list.shift(); // taken, and no address to use
      return undefined;
    }
    return {
      pieces: [{ base: address, length: most === 0 ? length : Math.min(most, length) }],
      id,
      isLast: this.list.length === 1,
      isOfList: true,
      commit: () => {
        this.list.shift();
        return 0;
      },
      drop: () => void this.list.shift(),
    };
  }
}
