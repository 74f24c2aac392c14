// The ring that a packet socket shares with its program (packet(7), PACKET_RX_RING; Documentation/networking/packet_mmap.rst):
// frames of one size, each with a header that says whose it is. packet-socket.ts fills it, programs such as tcpdump read it.
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import { TP_STATUS_KERNEL, TP_STATUS_USER, Tpacket2Hdr, type TpacketReq } from '../abi/packet.ts';
import type { Value } from '../abi/struct.ts';
import { EINVAL, ENOMEM, fail } from '../errno.ts';
import type { MemoryAccount } from '../mm/account.ts';
import type { ObjectPages } from '../mm/mappable.ts';
import { PageCache } from '../mm/page-cache.ts';

/** TPACKET2_HDRLEN: the header, aligned, and a sockaddr_ll. */
const HEADER_LENGTH = 52;
const ALIGNMENT = 16;

export class PacketRing implements ObjectPages {
  readonly cache: PageCache;
  readonly size: number;
  readonly frameSize: number;
  readonly #account: MemoryAccount;
  readonly #bytes: Uint8Array;
  readonly #framesInBlock: number;
  readonly #blockSize: number;
  readonly #count: number;
  #next = 0;

  /** EINVAL for sizes that do not fit each other; ENOMEM. */
  constructor(account: MemoryAccount, request: Value<typeof TpacketReq>, reserve: number) {
    const {
      tp_block_size: blockSize,
      tp_block_nr: blocks,
      tp_frame_size: frameSize,
      tp_frame_nr: frames,
    } = request;
    if (blockSize === 0 || blockSize % PAGE_SIZE !== 0 || blockSize > 0x7fff_ffff)
      fail(EINVAL, 'no whole pages');
    if (frameSize < HEADER_LENGTH + reserve || frameSize % ALIGNMENT !== 0)
      fail(EINVAL, 'no size of a frame');
    this.#framesInBlock = Math.floor(blockSize / frameSize);
    if (this.#framesInBlock === 0 || this.#framesInBlock * blocks !== frames)
      fail(EINVAL, 'not as many frames as blocks hold');
    this.size = blockSize * blocks;
    if (!account.charge(this.size / PAGE_SIZE)) fail(ENOMEM, 'no memory for the ring');
    this.frameSize = frameSize;
    this.#blockSize = blockSize;
    this.#count = frames;
    this.#account = account;
    this.#bytes = new Uint8Array(this.size);
    this.cache = new PageCache(this, `packets:${account.nextObject()}`);
  }

  readPage(index: number): Uint8Array | undefined {
    const start = index * PAGE_SIZE;
    return start < this.size ? this.#bytes.subarray(start, start + PAGE_SIZE) : undefined;
  }

  writePage(index: number, bytes: Uint8Array): void {
    this.readPage(index)?.set(bytes);
  }

  #place(frame: number): number {
    const block = Math.floor(frame / this.#framesInBlock);
    return block * this.#blockSize + (frame % this.#framesInBlock) * this.frameSize;
  }

  #statusOf(frame: number): number {
    const at = this.#place(frame);
    const page = this.cache.peek(Math.floor(at / PAGE_SIZE)) as Uint8Array;
    return new DataView(page.buffer, page.byteOffset + (at % PAGE_SIZE), 4).getUint32(0, true);
  }

  /** The frame that was filled last is still the program's. */
  get hasPackets(): boolean {
    return this.#statusOf((this.#next + this.#count - 1) % this.#count) !== TP_STATUS_KERNEL;
  }

  /** Is there a frame to fill? */
  get hasRoom(): boolean {
    return this.#statusOf(this.#next) === TP_STATUS_KERNEL;
  }

  /** Fills the next frame: the header at its start, `parts` where they belong; whose it is comes last. */
  put(header: Value<typeof Tpacket2Hdr>, parts: readonly (readonly [at: number, bytes: Uint8Array])[]): void {
    const frame = this.#place(this.#next);
    this.#next = (this.#next + 1) % this.#count;
    for (const [at, bytes] of parts) this.#write(frame + at, bytes);
    this.#write(frame, Tpacket2Hdr.encode({ ...header, tp_status: TP_STATUS_USER | header.tp_status }));
  }

  #write(start: number, bytes: Uint8Array): void {
    for (let done = 0; done < bytes.length; ) {
      const at = start + done;
      const inside = at % PAGE_SIZE;
      const length = Math.min(PAGE_SIZE - inside, bytes.length - done);
      const page = this.cache.direct(Math.floor(at / PAGE_SIZE));
      page?.set(bytes.subarray(done, done + length), inside);
      done += length;
    }
  }

  free(): void {
    this.#account.release(this.size / PAGE_SIZE);
  }
}
