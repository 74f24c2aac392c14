// A process's address space (mm_struct): areas, pages, heap bounds, and the Memory that holds the bytes.
// fork, clone and exec make and share them, the CPU's faults and copyin come here, syscalls/memory.ts changes them.
// A present page's permission in the Memory never exceeds what its area allows.
import type { TrapCause as TrapCauseType } from '../../emulator/cpu/trap.ts';
import { TrapCause } from '../../emulator/cpu/trap.ts';
import type { GuestMemory } from '../../emulator/memory/guest-memory.ts';
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import { WINDOW_PAGES } from '../../emulator/memory/windows.ts';
import { BUS_ADRERR, SEGV_ACCERR, SEGV_MAPERR, SI_KERNEL, SIGBUS, SIGKILL, SIGSEGV } from '../abi/signal.ts';
import { EFAULT, ENOMEM, fail } from '../errno.ts';
import type { RegularInode } from '../fs/regular-inode.ts';
import type { Kernel } from '../kernel.ts';
import { late } from '../late.ts';
import { RLIMIT_DATA } from '../task/rlimits.ts';
import type { SignalInfo } from '../task/signal-info.ts';
import type { Thread } from '../task/thread.ts';
import type { MemoryAccount } from './account.ts';
import { Fault, permissionOf, resolveFault } from './fault.ts';
import type { Glance } from './glance.ts';
import type { GuardPages } from './guard-pages.ts';
import { EMPTY_IMAGE, type ImageFacts } from './image.ts';
import { EMPTY_LAYOUT, LOW_LIMIT, type SpaceLayout } from './layout.ts';
import { Loans } from './loans.ts';
import { reportOutOfMemory, warnOfMemory } from './out-of-memory.ts';
import { isAnonymous, PageState, PageStates } from './page-states.ts';
import { type PageSource, UserMemory } from './user-memory.ts';
import { PROT_EXEC, PROT_READ, PROT_WRITE, Vma, VmaFlag } from './vma.ts';
import { VmaList } from './vma-list.ts';

/** Asynchronous transfers from and to an address space, which end with it. */
export interface Transfers {
  end(): void;
}

export class Mm implements PageSource {
  readonly kernel: Kernel;
  readonly vmas = new VmaList(this);
  readonly states = new PageStates();
  readonly loans = new Loans(this);
  /** A request of an io_uring puts another in its place while it is tried (kept-memory.ts). */
  user: UserMemory;
  /** Threads' processes that use it: 1, more after clone(CLONE_VM) without CLONE_THREAD or vfork. */
  users = 1;
  layout: SpaceLayout = EMPTY_LAYOUT;
  /** End of the heap, any byte. */
  brk = EMPTY_LAYOUT.brkStart;
  /** Where signal handlers return to: `li a7, 139; ecall`. */
  signalTrampoline = 0;
  /** Where exec put things, for /proc. */
  image: ImageFacts = EMPTY_IMAGE;
  /** The room that the last mmap found elsewhere than its high hint said, and how often in a row that was so. */
  refusedHint: { readonly start: number; readonly length: number; readonly times: number } | undefined;
  /** mlockall(MCL_FUTURE): flags of new areas. */
  futureFlags = 0;
  /** membarrier registrations (MEMBARRIER_CMD_REGISTER_* bits); a fork's copy has them too (dup_mm). */
  membarriers = 0;
  /** MADV_GUARD_INSTALL; undefined while there never was one. */
  guards: GuardPages | undefined;
  /** UFFDIO_POISON; undefined while there never was any. */
  poison: GuardPages | undefined;
  /** A userfaultfd watches some of it, or did. */
  isWatched = false;
  /** Highest resident set and size, in pages (VmHWM, VmPeak). */
  peakPresent = 0;
  peakTotal = 0;
  /** io_setup's contexts; undefined without any. */
  transfers: Transfers | undefined;
  /** A debugger is reading: nothing is faulted in, see glance.ts. */
  glance: Glance | undefined;
  /** The program's file, which nobody may write while it runs (ETXTBSY). */
  #executable: RegularInode | undefined;
  #memory: GuestMemory | undefined;
  #lastFaultEnd = -1;
  #window = 1;

  private constructor(kernel: Kernel) {
    this.kernel = kernel;
    this.user = new UserMemory(this);
  }

  /** An empty address space; its Memory comes with the first need. */
  static create(kernel: Kernel): Mm {
    return new Mm(kernel);
  }

  get memory(): GuestMemory {
    this.#memory ??= this.kernel.cpu.createMemory(this.layout.stackTop);
    return this.#memory;
  }

  get account(): MemoryAccount {
    return this.kernel.memory;
  }

  /** Resident pages (VmRSS), and those of them that belong to files or shared memory. */
  get rss(): number {
    return this.states.present;
  }

  /** RLIMIT_DATA; a soft limit of 0 counts as the hard one, which Valgrind relies on (may_expand_vm). */
  get dataLimit(): number {
    const limit = this.kernel.running?.process.limits.get(RLIMIT_DATA);
    if (limit === undefined) return Number.POSITIVE_INFINITY;
    return limit.soft === 0 ? limit.hard : limit.soft;
  }

  /** The soft limit of whoever runs; without one (start-up) there is none but the stack's. */
  limit(resource: number): number {
    const running = this.kernel.running;
    return running === undefined ? Number.POSITIVE_INFINITY : running.process.limits.get(resource).soft;
  }

  /** Takes over exec's guard against writers of the program's file. */
  guardExecutable(inode: RegularInode): void {
    this.#executable = inode;
  }

  // Sharing

  retain(): this {
    this.users++;
    return this;
  }

  /** One user less; the last one gives everything back. */
  release(): void {
    if (--this.users > 0) return;
    this.transfers?.end();
    this.loans.end();
    for (const vma of [...this.vmas].reverse()) {
      if (vma.isShared) this.#surrender(vma, vma.firstPage, vma.endPage, true);
      this.vmas.remove(vma);
    }
    this.#executable?.allowWrite();
    this.#executable = undefined;
    this.account.release(this.states.present);
    this.states.clear();
    this.#memory?.release();
    this.#memory = undefined;
  }

  /**
   * A copy for a child process. Short runs of pages are copied at once, long ones lent until either side writes.
   * ENOMEM when the guest's memory could not hold them all twice.
   */
  fork(): Mm {
    const child = new Mm(this.kernel);
    if (this.#memory !== undefined) child.#memory = this.kernel.cpu.createMemory(this.#memory.limit);
    child.layout = this.layout;
    child.brk = this.brk;
    child.signalTrampoline = this.signalTrampoline;
    child.image = this.image;
    child.membarriers = this.membarriers;
    child.guards = this.guards?.copy();
    child.poison = this.poison?.copy();
    this.#executable?.denyWrite();
    child.#executable = this.#executable;
    const reserve = this.states.present;
    if (!this.account.charge(reserve)) {
      warnOfMemory(this.kernel, 'fork (ENOMEM)');
      fail(ENOMEM, 'the copy does not fit into the memory of the machine');
    }
    let copied = 0;
    for (const vma of this.vmas) {
      if (vma.has(VmaFlag.DontFork)) continue;
      vma.backing?.file?.retain();
      const copy = new Vma(child, vma);
      copy.name = vma.name;
      copy.policy = vma.policy;
      copy.flags &= ~(VmaFlag.Locked | VmaFlag.LockOnFault);
      child.vmas.insert(copy);
      if (vma.has(VmaFlag.WipeOnFork)) continue;
      const count = this.#copyPages(vma, copy, child);
      if (count < 0) {
        this.account.release(reserve - copied);
        child.release();
        fail(ENOMEM, 'the host has no memory for the copy');
      }
      copied += count;
    }
    this.account.release(reserve - copied);
    return child;
  }

  /** Returns how many pages were copied or lent, or -1 when the child's Memory cannot grow. */
  #copyPages(vma: Vma, copy: Vma, child: Mm): number {
    let copied = 0;
    for (const run of this.states.runs(vma.firstPage, vma.endPage)) {
      if (run.state === PageState.Owned) continue;
      if (!child.memory.back(run.first, run.count)) return -1;
      copied += run.count;
      if (this.loans.lend(vma, run, child)) continue;
      const state = isAnonymous(run.state) ? PageState.Private : run.state;
      child.memory.copyPagesFrom(this.memory, run.first, run.first, run.count);
      child.memory.setPermission(run.first, run.count, permissionOf(copy, state));
      child.states.setRun(run.first, run.count, state);
    }
    return copied;
  }

  // Faults

  /** Resolves a fault of the CPU, or says which signal it means. */
  handleFault(thread: Thread, cause: TrapCauseType, address: number): SignalInfo | undefined {
    const need =
      cause === TrapCause.StoreFault ? PROT_WRITE : cause === TrapCause.FetchFault ? PROT_EXEC : PROT_READ;
    switch (resolveFault(this, address, need)) {
      case Fault.Resolved:
        return undefined;
      case Fault.NotMapped:
        return { signo: SIGSEGV, code: SEGV_MAPERR, addr: address };
      case Fault.NoAccess:
        return { signo: SIGSEGV, code: SEGV_ACCERR, addr: address };
      case Fault.NoPage:
        return { signo: SIGBUS, code: BUS_ADRERR, addr: address };
      case Fault.OutOfMemory:
        reportOutOfMemory(this.kernel, thread.process);
        return { signo: SIGKILL, code: SI_KERNEL };
      case Fault.Watched: {
        const reason = late.pageWaits.askAbout(thread, address, need === PROT_WRITE, false);
        if (reason === undefined) return { signo: SIGBUS, code: BUS_ADRERR, addr: address };
        this.kernel.scheduler.park(thread, reason);
        return undefined;
      }
    }
  }

  /** The running call fills or empties [address, address + length). */
  awaitBuffer(address: number, length: number): void {
    late.pageWaits.awaitBuffer(this, address, length);
  }

  /** For copyin and copyout: false is EFAULT. */
  makeAccessible(page: number, write: boolean): boolean {
    if (this.glance !== undefined) return !write && this.glance.show(page);
    const fault = resolveFault(this, page * PAGE_SIZE, write ? PROT_WRITE : PROT_READ);
    if (fault === Fault.Watched) late.pageWaits.waitForPage(this, page * PAGE_SIZE, write);
    if (fault === Fault.OutOfMemory) {
      const process = this.kernel.running?.process;
      if (process !== undefined) reportOutOfMemory(this.kernel, process, true);
    }
    return fault === Fault.Resolved;
  }

  /** Brings a page in without killing anyone when that cannot be. */
  tryAccess(page: number, write: boolean): boolean {
    return resolveFault(this, page * PAGE_SIZE, write ? PROT_WRITE : PROT_READ) === Fault.Resolved;
  }

  /** How many pages an anonymous fault at `page` may bring in: doubles while faults follow each other. */
  sequentialWindow(page: number, max: number): number {
    this.#window = page === this.#lastFaultEnd ? Math.min(max, this.#window * 2) : 1;
    return this.#window;
  }

  faultedTo(endPage: number): void {
    this.#lastFaultEnd = endPage;
    if (this.states.present > this.peakPresent) this.peakPresent = this.states.present;
  }

  // Pages, for the mapping operations and page caches

  /** A page that was owned is now a copy: the next store faults. */
  demote(page: number): void {
    this.states.set(page, PageState.Copy);
    this.memory.setPermission(page, 1, this.memory.granted(page) & ~PROT_WRITE);
  }

  /** Takes present pages of [first, end) away without looking at whose they are. */
  dropPages(first: number, end: number): void {
    this.loans.handOut(first, end);
    for (const run of this.states.runs(first, end)) this.memory.setPermission(run.first, run.count, 0);
    this.account.release(this.states.drop(first, end));
    if (end * PAGE_SIZE > LOW_LIMIT) this.#giveBack(first, end);
  }

  /** Windows of high addresses in which nothing is present any more. */
  #giveBack(first: number, end: number): void {
    if (!this.memory.hasWindows) return;
    for (const page of this.states.emptied(first, end, WINDOW_PAGES)) this.memory.unback(page, WINDOW_PAGES);
  }

  /** Takes the pages of `vma` in [first, end) away; what it wrote to shared ones goes back to the object. */
  zap(vma: Vma, first: number, end: number, isUnmapped = false): void {
    this.poison?.remove(first, end);
    if (this.states.present === 0) return;
    if (vma.isShared) this.#surrender(vma, first, end, isUnmapped);
    this.dropPages(first, end);
  }

  #surrender(vma: Vma, first: number, end: number, isUnmapped: boolean): void {
    const cache = vma.backing?.cache;
    if (cache === undefined) return;
    for (const run of this.states.runs(first, end)) {
      if (run.state !== PageState.Owned) continue;
      for (let page = run.first; page < run.first + run.count; page++) {
        cache.surrender(vma.objectPage(page), this, page, isUnmapped);
      }
    }
  }

  /** Sets the permission of all present pages of `vma` anew, after its protection changed. */
  regrant(vma: Vma): void {
    for (const run of this.states.runs(vma.firstPage, vma.endPage)) {
      this.memory.setPermission(run.first, run.count, permissionOf(vma, run.state));
    }
  }

  /**
   * What a futex in shared memory is known by in all processes; undefined for private memory, where the address
   * is enough. EFAULT when nothing is mapped there.
   */
  futexKey(address: number): string | undefined {
    const vma = this.vmas.find(address) ?? fail(EFAULT, 'no memory is mapped at the futex');
    if (!vma.isShared || vma.backing === undefined) return undefined;
    return `${vma.backing.cache.identity}:${vma.offset + (address - vma.start)}`;
  }
}
