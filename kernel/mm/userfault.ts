// userfaultfd(2): a program that fills pages when others touch them (fs/userfaultfd.c, mm/userfaultfd.c).
// syscalls/userfault.ts makes one; areas that are registered name it (Vma.watch), and the page fault asks it.
// Without write protection (riscv has none of it) and without events of fork, mremap and the like: these are not offered.
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import { O_NONBLOCK } from '../abi/fcntl.ts';
import { POLLERR, POLLIN } from '../abi/poll.ts';
import { bytesOf } from '../abi/struct.ts';
import {
  UFFD_API,
  UFFD_EVENT_PAGEFAULT,
  UFFD_FEATURE,
  UFFD_PAGEFAULT_FLAG,
  UFFDIO_API,
  UFFDIO_CONTINUE,
  UFFDIO_COPY,
  UFFDIO_MODE_DONTWAKE,
  UFFDIO_MOVE,
  UFFDIO_MOVE_ALLOW_SRC_HOLES,
  UFFDIO_POISON,
  UFFDIO_REGISTER,
  UFFDIO_REGISTER_MODE,
  UFFDIO_UNREGISTER,
  UFFDIO_WAKE,
  UFFDIO_ZEROPAGE,
  UffdioApi,
  UffdioCopy,
  UffdioPages,
  UffdioRange,
  UffdMessage,
} from '../abi/userfault.ts';
import {
  EAGAIN,
  EBUSY,
  EEXIST,
  EFAULT,
  EINVAL,
  ENOENT,
  ENOMEM,
  EPERM,
  ESRCH,
  fail,
  isFailure,
} from '../errno.ts';
import { FileDescriptor, type Sink } from '../file/file-descriptor.ts';
import type { OpenFile } from '../file/open-file.ts';
import type { Inode } from '../fs/inode.ts';
import type { Thread } from '../task/thread.ts';
import { type Wait, WaitQueue, wait } from '../wait.ts';
import { Fault, permissionOf, populate } from './fault.ts';
import type { FaultWatch, Touch } from './fault-watch.ts';
import { GuardPages } from './guard-pages.ts';
import { TASK_SIZE } from './layout.ts';
import type { Mm } from './mm.ts';
import { PageState } from './page-states.ts';
import { PROT_READ, PROT_WRITE, type Vma, VmaFlag } from './vma.ts';

const ALL_FEATURES = Object.values(UFFD_FEATURE).reduce((all, feature) => all | feature, 0n);
/** Bits of request numbers: of all descriptors, of areas, and of areas with MINOR. */
const API_IOCTLS = 0x8000_0000_0000_0003n;
const AREA_IOCTLS = 0b1_0011_1100n;
const CONTINUE_IOCTL = 1n << 7n;
const { MISSING, MINOR } = UFFDIO_REGISTER_MODE;
const ZEROES = new Uint8Array(PAGE_SIZE);

/** A thread that touched a page and waits for it. */
interface PendingFault {
  readonly thread: Thread;
  readonly address: number;
  /** UFFD_PAGEFAULT_FLAG. */
  readonly flags: number;
  /** Empty when the thread does not wait any more, as a signal came. */
  readonly queue: WaitQueue;
}

interface Range {
  readonly start: number;
  readonly len: number;
}

function isLive({ queue }: PendingFault): boolean {
  return !queue.isEmpty;
}

export class Userfaultfd extends FileDescriptor {
  readonly kind = 'userfaultfd';
  override readonly inode: Inode;
  /** Whose pages it answers for: those of who made it. */
  readonly mm: Mm;
  readonly isUserModeOnly: boolean;
  readonly #arrived = new WaitQueue('a page fault');
  /** Undefined before UFFDIO_API. */
  #features: bigint | undefined;
  /** Not read yet, the oldest first. */
  #pending: PendingFault[] = [];
  #asked: PendingFault[] = [];
  readonly #watches = new Map<number, AreaWatch>();

  constructor(inode: Inode, mm: Mm, isUserModeOnly: boolean) {
    super();
    this.inode = inode;
    this.mm = mm;
    this.isUserModeOnly = isUserModeOnly;
  }

  has(feature: bigint): boolean {
    return ((this.#features ?? 0n) & feature) !== 0n;
  }

  override get changed(): WaitQueue {
    return this.#arrived;
  }

  /** Only what is not waited for can be polled (userfaultfd_poll). */
  override poll(file: OpenFile): number {
    if (this.#features === undefined || (file.flags & O_NONBLOCK) === 0) return POLLERR;
    return this.#pending.some(isLive) ? POLLIN : 0;
  }

  override seek(): number {
    return 0;
  }

  override fdinfo(): string {
    const pending = this.#pending.filter(isLive).length;
    const total = pending + this.#asked.filter(isLive).length;
    const features = (this.#features ?? 0n).toString(16);
    return `pending:\t${pending}\ntotal:\t${total}\nAPI:\taa:${features}:${(API_IOCTLS | AREA_IOCTLS).toString(16)}\n`;
  }

  /** Messages of 32 bytes, as many as there are and fit. EINVAL. */
  override tryRead(thread: Thread, _file: OpenFile, sink: Sink): number | Wait {
    if (this.#features === undefined) fail(EINVAL, 'UFFDIO_API comes first');
    if (sink.remaining < UffdMessage.size) fail(EINVAL, 'a message has 32 bytes');
    this.#pending = this.#pending.filter(isLive);
    if (this.#pending.length === 0) return wait(this.#arrived);
    let done = 0;
    while (sink.remaining >= UffdMessage.size) {
      const fault = this.#pending[0];
      if (fault === undefined) break;
      done += sink.put(this.#message(thread, fault));
      this.#pending.shift();
      this.#asked.push(fault);
    }
    return done;
  }

  #message(reader: Thread, { address, flags, thread }: PendingFault): Uint8Array {
    return bytesOf(UffdMessage, {
      ...{ event: UFFD_EVENT_PAGEFAULT, reserved1: 0, reserved2: 0, reserved3: 0, padding: 0 },
      flags,
      address: this.has(UFFD_FEATURE.EXACT_ADDRESS) ? address : address - (address % PAGE_SIZE),
      ptid: this.has(UFFD_FEATURE.THREAD_ID) ? reader.process.shownPid(thread.tid) : 0,
    });
  }

  /** The thread waits until someone wakes who waits for its page. */
  addFault(thread: Thread, address: number, flags: number): WaitQueue {
    const isAnothers = (fault: PendingFault): boolean => isLive(fault) && fault.thread !== thread;
    this.#pending = this.#pending.filter(isAnothers);
    this.#asked = this.#asked.filter(isAnothers);
    const queue = new WaitQueue('a page that another program fills');
    this.#pending.push({ thread, address, flags, queue });
    this.#arrived.wake(POLLIN);
    return queue;
  }

  #wake({ start, len }: Range): void {
    const isInside = ({ address }: PendingFault): boolean => address >= start && address < start + len;
    const woken = [...this.#asked, ...this.#pending].filter(isInside);
    this.#asked = this.#asked.filter((fault) => !isInside(fault));
    this.#pending = this.#pending.filter((fault) => !isInside(fault));
    for (const { queue } of woken) queue.wake();
  }

  /** Who waited goes on, and finds pages of zeroes. */
  override close(): void {
    for (const vma of this.mm.vmas)
      if (vma.watch instanceof AreaWatch && vma.watch.file === this) vma.watch = undefined;
    this.#wake({ start: 0, len: Number.POSITIVE_INFINITY });
  }

  override ioctl(thread: Thread, _file: OpenFile, request: number, argument: number): number {
    if (request !== UFFDIO_API && this.#features === undefined) fail(EINVAL, 'UFFDIO_API comes first');
    const { user } = thread;
    switch (request) {
      case UFFDIO_API:
        return this.#begin(thread, argument);
      case UFFDIO_REGISTER:
        return this.#register(thread, argument);
      case UFFDIO_UNREGISTER:
        return this.#unregister(user.readStruct(argument, UffdioRange));
      case UFFDIO_WAKE: {
        const range = user.readStruct(argument, UffdioRange);
        demandRange(range);
        this.#wake(range);
        return 0;
      }
      case UFFDIO_COPY:
        return this.#copy(thread, argument);
      case UFFDIO_ZEROPAGE:
        return this.#eachPage(thread, argument, (vma, page) => this.#zero(vma, page));
      case UFFDIO_CONTINUE:
        return this.#eachPage(thread, argument, (vma, page) => this.#mapKnown(vma, page));
      case UFFDIO_POISON:
        return this.#eachPage(thread, argument, (_vma, page) => poison(this.mm, page));
      case UFFDIO_MOVE:
        return this.#move(thread, argument);
      default:
        return fail(EINVAL, 'no such request');
    }
  }

  /** EINVAL for another version, unknown features, and the second time; what was asked for is cleared then. */
  #begin({ user }: Thread, argument: number): number {
    const { api, features } = user.readStruct(argument, UffdioApi);
    if (api !== UFFD_API || (features & ~ALL_FEATURES) !== 0n) {
      user.writeStruct(argument, UffdioApi, { api: 0n, features: 0n, ioctls: 0n });
      fail(EINVAL, 'another version, or features that are not there');
    }
    user.writeStruct(argument, UffdioApi, { api, features: ALL_FEATURES, ioctls: API_IOCTLS });
    if (this.#features !== undefined) {
      user.writeStruct(argument, UffdioApi, { api: 0n, features: 0n, ioctls: 0n });
      fail(EINVAL, 'the features were chosen before');
    }
    this.#features = features;
    return 0;
  }

  /** EINVAL, ENOMEM: the address space is gone, EPERM: memory that can never be written, EBUSY: another's. */
  #register({ user }: Thread, argument: number): number {
    const { start, len, mode } = user.readStruct(argument, UffdioPages);
    const range = { start, len };
    if (mode === 0n || (mode & ~BigInt(MISSING | MINOR)) !== 0n) fail(EINVAL, 'no mode, or unknown ones');
    const areas = this.#areasOf(range);
    const isMinor = (Number(mode) & MINOR) !== 0;
    for (const vma of areas) {
      if (!canWatch(vma) || (isMinor && vma.backing === undefined))
        fail(EINVAL, 'only anonymous and shared memory');
      if (!vma.mayWrite) fail(EPERM, 'the memory can never be written');
      if (vma.watch !== undefined && fileOf(vma) !== this) fail(EBUSY, 'another descriptor watches it');
    }
    const watch = this.#watchFor(Number(mode));
    const { vmas } = this.mm;
    for (const vma of vmas.isolate(start, start + len)) vma.watch = watch;
    vmas.join(start, start + len);
    this.mm.isWatched = true;
    const ioctls = AREA_IOCTLS | (isMinor ? CONTINUE_IOCTL : 0n);
    user.writeStruct(argument, UffdioPages, { start, len, mode, answer: ioctls });
    return 0;
  }

  #watchFor(mode: number): AreaWatch {
    let watch = this.#watches.get(mode);
    if (watch === undefined) {
      watch = new AreaWatch(this, mode);
      this.#watches.set(mode, watch);
    }
    return watch;
  }

  /** EINVAL, also for areas of another descriptor. */
  #unregister(range: Range): number {
    const { start, len } = range;
    for (const vma of this.#areasOf(range)) {
      if (!canWatch(vma)) fail(EINVAL, 'only anonymous and shared memory');
      if (vma.watch !== undefined && fileOf(vma) !== this) fail(EINVAL, 'another descriptor watches it');
    }
    const { vmas } = this.mm;
    for (const vma of vmas.isolate(start, start + len)) vma.watch = undefined;
    vmas.join(start, start + len);
    this.#wake(range);
    return 0;
  }

  #areasOf(range: Range): Vma[] {
    demandRange(range);
    if (this.mm.users === 0) fail(ENOMEM, 'the address space is gone');
    const areas = this.mm.vmas.overlapping(range.start, range.start + range.len);
    return areas.length > 0 ? areas : fail(EINVAL, 'nothing is mapped there');
  }

  #copy(thread: Thread, argument: number): number {
    const { user } = thread;
    const request = user.readStruct(argument, UffdioCopy);
    const { dst, src, len, mode } = request;
    demandLength(src, len);
    demandRange({ start: dst, len });
    demandMode(mode, UFFDIO_MODE_DONTWAKE);
    if (this.mm.users === 0) fail(ESRCH, 'the address space is gone');
    const done = this.#fill(dst, len, (vma, page, offset) => {
      if (isPresent(this.mm, vma, page)) fail(EEXIST, 'the page is there');
      install(this.mm, vma, page, user.read(src + offset, PAGE_SIZE));
      this.mm.poison?.remove(page, page + 1);
    });
    user.writeStruct(argument, UffdioCopy, { ...request, answer: BigInt(done) });
    return this.#finish(dst, len, done, mode);
  }

  /** zeropage, continue and poison. */
  #eachPage({ user }: Thread, argument: number, change: (vma: Vma, page: number) => void): number {
    const request = user.readStruct(argument, UffdioPages);
    const { start, len, mode } = request;
    demandRange({ start, len });
    demandMode(mode, UFFDIO_MODE_DONTWAKE);
    if (this.mm.users === 0) fail(ESRCH, 'the address space is gone');
    const done = this.#fill(start, len, change);
    user.writeStruct(argument, UffdioPages, { ...request, answer: BigInt(done) });
    return this.#finish(start, len, done, mode);
  }

  /** Bytes that were done before something went wrong; when that was the first page, -errno. ENOENT: not in one area that is watched. */
  #fill(start: number, len: number, change: (vma: Vma, page: number, offset: number) => void): number {
    const vma = this.mm.vmas.find(start);
    if (vma?.watch === undefined || start + len > vma.end) return -ENOENT;
    for (let offset = 0; offset < len; offset += PAGE_SIZE) {
      try {
        change(vma, (start + offset) / PAGE_SIZE, offset);
      } catch (thrown) {
        if (!isFailure(thrown)) throw thrown;
        return offset > 0 ? offset : -thrown.errno;
      }
    }
    return len;
  }

  #finish(start: number, len: number, done: number, mode: bigint): number {
    if (done < 0) return done;
    if ((Number(mode) & UFFDIO_MODE_DONTWAKE) === 0) this.#wake({ start, len: done });
    return done === len ? 0 : -EAGAIN;
  }

  #zero(vma: Vma, page: number): void {
    if (this.mm.poison?.has(page) === true) fail(EEXIST, 'the page is poisoned');
    install(this.mm, vma, page, ZEROES);
  }

  /** A page of the object that is not mapped here (mfill_atomic_pte_continue). */
  #mapKnown(vma: Vma, page: number): void {
    const { backing } = vma;
    if (backing === undefined || !canWatch(vma)) fail(EINVAL, 'no shared memory');
    if (!backing.cache.holds(vma.objectPage(page))) fail(EFAULT, 'the object has no such page');
    if (this.mm.states.get(page) >= PageState.Private) fail(EEXIST, 'the page is there');
    mapPage(this.mm, vma, page);
  }

  /** Pages go from one anonymous area to another without being copied, as far as the program can see. */
  #move({ user, mm }: Thread, argument: number): number {
    const request = user.readStruct(argument, UffdioCopy);
    const { dst, src, len, mode } = request;
    if (this.mm !== mm) fail(EINVAL, 'of another address space');
    demandRange({ start: dst, len });
    demandRange({ start: src, len });
    demandMode(mode, UFFDIO_MODE_DONTWAKE | UFFDIO_MOVE_ALLOW_SRC_HOLES);
    const mayHaveHoles = (Number(mode) & UFFDIO_MOVE_ALLOW_SRC_HOLES) !== 0;
    const done = this.#moveAll(src, dst, len, mayHaveHoles);
    user.writeStruct(argument, UffdioCopy, { ...request, answer: BigInt(done) });
    return this.#finish(dst, len, done, mode);
  }

  #moveAll(src: number, dst: number, len: number, mayHaveHoles: boolean): number {
    const { mm } = this;
    const from = mm.vmas.find(src);
    const to = mm.vmas.find(dst);
    const areOne = from !== undefined && src + len <= from.end && to !== undefined && dst + len <= to.end;
    if (!areOne || !mayMove(from, to) || fileOf(to) !== this) return -EINVAL;
    return this.#fill(dst, len, (vma, page, offset) =>
      movePage(mm, vma, (src + offset) / PAGE_SIZE, page, mayHaveHoles),
    );
  }
}

/** Areas of one descriptor that are registered in the same way. */
class AreaWatch implements FaultWatch {
  readonly file: Userfaultfd;
  readonly #mode: number;

  constructor(file: Userfaultfd, mode: number) {
    this.file = file;
    this.#mode = mode;
  }

  get words(): readonly string[] {
    return [(this.#mode & MISSING) !== 0 ? 'um' : '', (this.#mode & MINOR) !== 0 ? 'ui' : ''].filter(Boolean);
  }

  catches(vma: Vma, page: number): boolean {
    if (vma.backing === undefined) return (this.#mode & MISSING) !== 0;
    const { cache } = vma.backing;
    const index = vma.objectPage(page);
    if (index >= cache.pageCount) return false; // SIGBUS
    return (this.#mode & (cache.holds(index) ? MINOR : MISSING)) !== 0;
  }

  caught(thread: Thread, { vma, address, write, byKernel }: Touch): Wait | undefined {
    const { file } = this;
    if (file.has(UFFD_FEATURE.SIGBUS) || (byKernel && file.isUserModeOnly)) return undefined;
    const index = vma.objectPage(Math.floor(address / PAGE_SIZE));
    const isMinor = vma.backing?.cache.holds(index) === true;
    const flags = (write ? UFFD_PAGEFAULT_FLAG.WRITE : 0) | (isMinor ? UFFD_PAGEFAULT_FLAG.MINOR : 0);
    return wait(file.addFault(thread, address, flags), byKernel ? 'killable' : 'interrupt');
  }
}

function fileOf({ watch }: Vma): Userfaultfd | undefined {
  return watch instanceof AreaWatch ? watch.file : undefined;
}

/** vma_can_userfault: anonymous memory, and that of tmpfs. */
function canWatch(vma: Vma): boolean {
  if (vma.has(VmaFlag.Secret)) return false;
  return vma.backing === undefined || vma.backing.cache.store.holdsPage !== undefined;
}

/** validate_range: EINVAL. */
function demandRange({ start, len }: Range): void {
  if (start % PAGE_SIZE !== 0) fail(EINVAL, 'not at the begin of a page');
  demandLength(start, len);
}

/** validate_unaligned_range: EINVAL. */
function demandLength(start: number, len: number): void {
  if (len % PAGE_SIZE !== 0 || len === 0) fail(EINVAL, 'not a number of pages');
  if (start < PAGE_SIZE || start >= TASK_SIZE || len > TASK_SIZE - start)
    fail(EINVAL, 'outside of the address space');
}

function demandMode(mode: bigint, known: number): void {
  if ((mode & ~BigInt(known)) !== 0n) fail(EINVAL, 'unknown modes');
}

function isPresent(mm: Mm, vma: Vma, page: number): boolean {
  if (mm.states.get(page) >= PageState.Private) return true;
  return vma.isShared && vma.backing?.cache.holds(vma.objectPage(page)) === true;
}

/** Puts `bytes` where no page is, or a poisoned one. EEXIST, EFAULT: behind the end of the object, ENOMEM. */
function install(mm: Mm, vma: Vma, page: number, bytes: Uint8Array): void {
  if (isPresent(mm, vma, page)) fail(EEXIST, 'the page is there');
  if (!vma.isShared || vma.backing === undefined) {
    addPage(mm, page);
    mm.memory.bytes(page * PAGE_SIZE, PAGE_SIZE).set(bytes);
    mm.memory.setPermission(page, 1, permissionOf(vma, PageState.Private));
    return;
  }
  const { cache } = vma.backing;
  const index = vma.objectPage(page);
  if (index >= cache.pageCount) fail(EFAULT, 'behind the end of the object');
  cache.beforeWrite(index * PAGE_SIZE, (index + 1) * PAGE_SIZE);
  cache.store.writePage(index, bytes);
  mapPage(mm, vma, page);
}

function mapPage(mm: Mm, vma: Vma, page: number): void {
  const fault = populate(mm, vma, page, (vma.prot & PROT_WRITE) !== 0 ? PROT_WRITE : PROT_READ);
  if (fault === Fault.OutOfMemory) fail(ENOMEM, 'the machine has no memory left');
  if (fault !== Fault.Resolved) fail(EFAULT, 'the object cannot be read');
}

/** A page of the process's own, whose bytes are to be set and which nobody may touch yet. ENOMEM. */
function addPage(mm: Mm, page: number): void {
  if (!mm.account.charge(1)) fail(ENOMEM, 'the machine has no memory left');
  if (!mm.memory.back(page, 1)) {
    mm.account.release(1);
    fail(ENOMEM, 'the host has no memory left');
  }
  mm.states.set(page, PageState.Private);
}

/** Who touches the page gets SIGBUS. EEXIST. */
function poison(mm: Mm, page: number): void {
  if (mm.states.get(page) >= PageState.Private || mm.poison?.has(page) === true)
    fail(EEXIST, 'the page is there');
  mm.poison ??= new GuardPages();
  mm.poison.add(page, page + 1);
}

/** validate_move_areas. */
function mayMove(from: Vma, to: Vma): boolean {
  const isLocked = from.has(VmaFlag.Locked) !== to.has(VmaFlag.Locked);
  const areAnonymous = from.backing === undefined && to.backing === undefined;
  return areAnonymous && !isLocked && from.prot === to.prot && (from.prot & PROT_WRITE) !== 0;
}

/** EEXIST, ENOENT, EBUSY: other processes have it as well, ENOMEM. */
function movePage(mm: Mm, to: Vma, from: number, page: number, mayHaveHoles: boolean): void {
  const state = mm.states.get(from);
  if (state < PageState.Private) {
    if (mayHaveHoles) return;
    fail(ENOENT, 'no page is there');
  }
  if (mm.states.get(page) >= PageState.Private || mm.poison?.has(page) === true)
    fail(EEXIST, 'the page is there');
  if (state !== PageState.Private) fail(EBUSY, 'other processes have it as well');
  addPage(mm, page);
  mm.memory.copyPagesFrom(mm.memory, from, page, 1);
  mm.memory.setPermission(page, 1, permissionOf(to, PageState.Private));
  mm.dropPages(from, from + 1);
}
