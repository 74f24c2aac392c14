// One virtual memory area: a range of pages with one protection and one backing (vm_area_struct).
// VmaList keeps them sorted; faults, fork and /proc/PID/maps read them; mapping operations split and join them.
// Addresses are bytes, page-aligned; `offset` is the byte of the object that `start` shows.
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import type { OpenFile } from '../file/open-file.ts';
import type { FaultWatch } from './fault-watch.ts';
import { isSamePolicy, type MemoryPolicy } from './memory-policy.ts';
import type { Mm } from './mm.ts';
import type { PageCache } from './page-cache.ts';

export const PROT_READ = 1;
export const PROT_WRITE = 2;
export const PROT_EXEC = 4;

export const VmaFlag = {
  /** MAP_SHARED, also of a file open for reading only (VM_MAYSHARE): stores never make a private copy. */
  Shared: 1,
  GrowsDown: 2,
  Locked: 4,
  NoReserve: 8,
  /** MADV_DONTFORK. */
  DontFork: 16,
  /** MADV_WIPEONFORK. */
  WipeOnFork: 32,
  /** MADV_DONTDUMP. */
  DontDump: 64,
  /** mseal(2). */
  Sealed: 128,
  /** MCL_ONFAULT, MLOCK_ONFAULT. */
  LockOnFault: 256,
  /** MADV_RANDOM, MADV_SEQUENTIAL. */
  RandomRead: 512,
  SequentialRead: 1024,
  /** MADV_HUGEPAGE. */
  HugePage: 2048,
  /** MADV_NOHUGEPAGE, MAP_STACK. */
  NoHugePage: 4096,
  /** MADV_MERGEABLE. */
  Mergeable: 8192,
  /** memfd_secret(2): only loads and stores reach it (mm/secret-areas.ts). */
  Secret: 16384,
} as const;

/** What a VMA that is not private anonymous shows. */
export interface Backing {
  readonly cache: PageCache;
  /** Held open while mapped (vm_file); undefined for shared anonymous memory and SysV segments. */
  readonly file: OpenFile | undefined;
  /** For /proc/PID/maps when there is no file: `/dev/zero (deleted)`, `/SYSV00000000 (deleted)`. */
  readonly label: string;
  readonly ino: number;
}

export interface VmaShape {
  start: number;
  end: number;
  /** PROT_ bits. */
  prot: number;
  /** PROT_ bits that mprotect may set (VM_MAYREAD …). */
  maxProt: number;
  flags: number;
  backing: Backing | undefined;
  offset: number;
}

export class Vma implements VmaShape {
  readonly mm: Mm;
  start: number;
  end: number;
  prot: number;
  maxProt: number;
  flags: number;
  readonly backing: Backing | undefined;
  offset: number;
  /** mbind(2); undefined: the thread's. */
  policy: MemoryPolicy | undefined;
  /** prctl(PR_SET_VMA_ANON_NAME). */
  name: string | undefined;
  /** userfaultfd(2): who is asked about missing pages. A child's and a moved area have nobody. */
  watch: FaultWatch | undefined;

  constructor(mm: Mm, shape: VmaShape) {
    this.mm = mm;
    this.start = shape.start;
    this.end = shape.end;
    this.prot = shape.prot;
    this.maxProt = shape.maxProt;
    this.flags = shape.flags;
    this.backing = shape.backing;
    this.offset = shape.offset;
  }

  get firstPage(): number {
    return this.start / PAGE_SIZE;
  }

  get endPage(): number {
    return this.end / PAGE_SIZE;
  }

  get pageCount(): number {
    return (this.end - this.start) / PAGE_SIZE;
  }

  get isShared(): boolean {
    return (this.flags & VmaFlag.Shared) !== 0;
  }

  get isAnonymous(): boolean {
    return this.backing === undefined;
  }

  get mayWrite(): boolean {
    return (this.maxProt & PROT_WRITE) !== 0;
  }

  has(flag: number): boolean {
    return (this.flags & flag) !== 0;
  }

  /** The object's page that `page` of the address space shows. */
  objectPage(page: number): number {
    return this.offset / PAGE_SIZE + (page - this.firstPage);
  }

  /** Pages of the address space that show object pages [first, end), as a half-open range; empty when from ≥ to. */
  pagesOf(first: number, end: number): [from: number, to: number] {
    const shift = this.firstPage - this.offset / PAGE_SIZE;
    return [Math.max(this.firstPage, first + shift), Math.min(this.endPage, end + shift)];
  }

  /** May `next`, which begins where this ends, be joined to it? (vma_merge) */
  canJoin(next: Vma): boolean {
    return (
      this.end === next.start &&
      this.prot === next.prot &&
      this.maxProt === next.maxProt &&
      this.flags === next.flags &&
      this.name === next.name &&
      isSamePolicy(this.policy, next.policy) &&
      this.watch === next.watch &&
      this.backing?.cache === next.backing?.cache &&
      this.backing?.file === next.backing?.file &&
      (this.backing === undefined || this.offset + (this.end - this.start) === next.offset)
    );
  }
}
