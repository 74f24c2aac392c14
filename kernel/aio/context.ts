// A context of asynchronous input and output (io_setup(2); fs/aio.c, struct kioctx): a ring of events that the program
// maps, and the polls that are not over. calls.ts makes and drives them; they end with io_destroy or their memory.
// Events are taken by the kernel for io_getevents or, as libaio does, by the program itself, who moves the head.
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import { IoEvent } from '../abi/aio.ts';
import type { Value } from '../abi/struct.ts';
import { EAGAIN, EINVAL, ENOMEM, fail } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
import { placeArea, unmapRange } from '../mm/mapping.ts';
import type { Mm, Transfers } from '../mm/mm.ts';
import { PROT_EXEC, PROT_READ, PROT_WRITE, type Vma, VmaFlag } from '../mm/vma.ts';
import type { Thread } from '../task/thread.ts';
import { RingMemory } from '../uring/ring-memory.ts';
import { WaitQueue } from '../wait.ts';

export type Event = Value<typeof IoEvent>;

/** struct aio_ring. */
const ID = 0;
const COUNT = 4;
const HEAD = 8;
const TAIL = 12;
const MAGIC = 16;
const COMPAT_FEATURES = 20;
const HEADER_LENGTH = 28;
const EVENTS = 32;
const AIO_RING_MAGIC = 0xa10a_10a1;
const MOST_EVENTS = 0x1000_0000 / IoEvent.size;
/** Events for each processor at least, as many as Linux would have on one. */
const LEAST_EVENTS = 4;

/** Something that waits for its event. */
export interface Pending {
  /** The program's iocb, by which io_cancel finds it. */
  readonly object: bigint;
  /** Ends it with the event of a cancelled one. */
  cancel(): void;
}

export class AioContext {
  readonly kernel: Kernel;
  /** As the caller of io_setup wanted: what it counts in fs.aio-nr. */
  readonly wanted: number;
  /** Events that the ring has room for. */
  readonly capacity: number;
  readonly changed = new WaitQueue('events of asynchronous transfers');
  readonly pending = new Set<Pending>();
  isDead = false;
  readonly #memory: RingMemory;
  #tail = 0;

  /** EINVAL, EAGAIN, ENOMEM. */
  constructor(kernel: Kernel, wanted: number) {
    const slots = (Math.max(wanted, LEAST_EVENTS) * 2) >>> 0;
    if (slots > MOST_EVENTS) fail(EINVAL, 'more events than any ring holds');
    const { aio } = kernel;
    if (slots === 0 || aio.count + wanted > aio.limit) fail(EAGAIN, 'fs.aio-max-nr is reached');
    const pages = Math.ceil((EVENTS + (slots + 2) * IoEvent.size) / PAGE_SIZE);
    this.kernel = kernel;
    this.wanted = wanted;
    this.capacity = (pages * PAGE_SIZE - EVENTS) / IoEvent.size;
    this.#memory = new RingMemory(kernel.memory, pages * PAGE_SIZE, 0);
    this.#memory.writeU32(COUNT, this.capacity);
    this.#memory.writeU32(MAGIC, AIO_RING_MAGIC);
    this.#memory.writeU32(COMPAT_FEATURES, 1);
    this.#memory.writeU32(HEADER_LENGTH, EVENTS);
    aio.count += wanted;
  }

  set id(value: number) {
    this.#memory.writeU32(ID, value);
  }

  get size(): number {
    return EVENTS + this.capacity * IoEvent.size;
  }

  shows(vma: Vma): boolean {
    return vma.backing?.cache === this.#memory.cache;
  }

  /** Shows the ring to the program; its address, which is the context's name. ENOMEM. */
  map(mm: Mm): number {
    const { size } = this;
    const start =
      mm.vmas.freeRoom(size, mm.layout.mmapBase) ?? fail(ENOMEM, 'no room of that length is left');
    placeArea(mm, {
      start,
      end: start + size,
      prot: PROT_READ | PROT_WRITE,
      maxProt: PROT_READ | PROT_WRITE | PROT_EXEC,
      flags: VmaFlag.Shared,
      backing: {
        cache: this.#memory.cache,
        file: undefined,
        label: '/[aio] (deleted)',
        ino: mm.account.nextObject(),
      },
      offset: 0,
    });
    return start;
  }

  /** One more request can be taken: its event will find room. */
  get hasRoom(): boolean {
    const head = this.#memory.readU32(HEAD) % this.capacity;
    const unread = (this.#tail - head + this.capacity) % this.capacity;
    return this.pending.size + unread < this.capacity - 1;
  }

  post(event: Event): void {
    this.#memory.write(EVENTS + this.#tail * IoEvent.size, IoEvent.encode(event));
    this.#tail = (this.#tail + 1) % this.capacity;
    this.#memory.writeU32(TAIL, this.#tail);
    this.changed.wake();
  }

  /** Copies up to `count` events to the program and takes them off the ring; how many. EFAULT: they stay. */
  take(thread: Thread, address: number, count: number): number {
    let head = this.#memory.readU32(HEAD) % this.capacity;
    const tail = this.#memory.readU32(TAIL) % this.capacity;
    let taken = 0;
    for (; taken < count && head !== tail; taken++) {
      const bytes = this.#memory.read(EVENTS + head * IoEvent.size, IoEvent.size);
      thread.user.write(address + taken * IoEvent.size, bytes.slice());
      head = (head + 1) % this.capacity;
    }
    if (taken > 0) this.#memory.writeU32(HEAD, head);
    return taken;
  }

  /** Cancels what is pending and gives the ring back; who waits for events learns it. */
  end(): void {
    if (this.isDead) return;
    this.isDead = true;
    for (const one of [...this.pending]) one.cancel();
    this.kernel.aio.count -= this.wanted;
    this.#memory.free();
    this.changed.wake();
  }
}

/** The contexts of one address space, by the number that their rings carry (struct kioctx_table). */
export class AioContexts implements Transfers {
  readonly #contexts: (AioContext | undefined)[] = [];

  static of(mm: Mm): AioContexts {
    if (mm.transfers instanceof AioContexts) return mm.transfers;
    const contexts = new AioContexts();
    mm.transfers = contexts;
    return contexts;
  }

  add(context: AioContext): void {
    const free = this.#contexts.indexOf(undefined);
    const id = free < 0 ? this.#contexts.length : free;
    this.#contexts[id] = context;
    context.id = id;
  }

  /** The context whose ring begins at `address`, wherever the program has moved it (lookup_ioctx). EINVAL. */
  find(thread: Thread, address: number): AioContext {
    const { mm, user } = thread;
    const vma = mm.vmas.find(address);
    if (vma === undefined || user.accessible(address, 4, false) < 4) fail(EINVAL, 'no ring at this address');
    const context = this.#contexts[user.readU32(address)];
    if (context === undefined || vma.start !== address || !context.shows(vma))
      fail(EINVAL, 'no context of this name');
    return context;
  }

  /** io_destroy: the ring is unmapped as well. */
  remove(mm: Mm, address: number, context: AioContext): void {
    this.#contexts[this.#contexts.indexOf(context)] = undefined;
    context.end();
    unmapRange(mm, address, address + context.size);
  }

  end(): void {
    for (const context of this.#contexts) context?.end();
  }
}
