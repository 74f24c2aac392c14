// Provided buffers of an io_uring (io_uring/kbuf.c): memory that receives take from when they have something to put there.
// A group is a list that IORING_OP_PROVIDE_BUFFERS fills, or a ring in the program's memory.
import { IoUringBuf } from '../abi/io-uring.ts';
import type { Thread } from '../task/thread.ts';

export interface ProvidedBuffer {
  readonly address: number;
  readonly length: number;
  readonly id: number;
}

export interface BufferGroup {
  /** The next one, which stays until `take`. */
  first(thread: Thread): ProvidedBuffer | undefined;
  take(): void;
}

/** Where the tail of a ring of buffers lies: in the first entry's last field. */
const TAIL = 14;

/** IORING_REGISTER_PBUF_RING. */
export class BufferRing implements BufferGroup {
  readonly address: number;
  readonly entries: number;
  head = 0;

  constructor(address: number, entries: number) {
    this.address = address;
    this.entries = entries;
  }

  first({ user }: Thread): ProvidedBuffer | undefined {
    const tail = user.readU32(this.address + TAIL - 2) >>> 16;
    if (tail === this.head) return undefined;
    const at = this.address + (this.head & (this.entries - 1)) * IoUringBuf.size;
    const { addr, len, bid } = user.readStruct(at, IoUringBuf);
    return { address: addr, length: len, id: bid };
  }

  take(): void {
    this.head = (this.head + 1) & 0xffff;
  }
}

/** IORING_OP_PROVIDE_BUFFERS. */
export class BufferList implements BufferGroup {
  readonly list: ProvidedBuffer[] = [];

  first(): ProvidedBuffer | undefined {
    return this.list[0];
  }

  take(): void {
    this.list.shift();
  }
}
