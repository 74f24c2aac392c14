// What /proc/PID/maps, statm and the Vm lines of status say about an address space.
// procfs formats files from these rows; `rivulet` panels may use them too.
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import type { Path } from '../fs/path.ts';
import { lockedBytes } from './lock.ts';
import { dataPagesOf } from './mapping.ts';
import type { Mm } from './mm.ts';
import { PROT_EXEC, PROT_READ, PROT_WRITE, type Vma, VmaFlag } from './vma.ts';

export interface MapsRow {
  readonly start: number;
  readonly end: number;
  /** `r-xp`. */
  readonly permissions: string;
  readonly offset: number;
  readonly dev: number;
  readonly ino: number;
  /** The mapped file; its name depends on who asks (root directory, " (deleted)"). */
  readonly path: Path | undefined;
  /** Name when there is no file: `[heap]`, `[stack]`, `/dev/zero (deleted)`; empty for plain memory. */
  readonly label: string;
}

/** The areas in order, as show_map_vma does. */
export function* mapsRows(mm: Mm): Generator<MapsRow> {
  for (const vma of mm.vmas) {
    const { backing } = vma;
    const inode = backing?.file?.descriptor.inode;
    yield {
      start: vma.start,
      end: vma.end,
      permissions: permissionText(vma),
      offset: backing === undefined ? 0 : vma.offset,
      // Shared memory without a file has the device number of the kernel's own tmpfs mount.
      dev: inode?.fs.dev ?? (backing !== undefined && backing.ino !== 0 ? 1 : 0),
      ino: inode?.ino ?? backing?.ino ?? 0,
      path: backing?.file?.path,
      label: backing?.label ?? labelOf(mm, vma),
    };
  }
}

function permissionText(vma: Vma): string {
  const { prot } = vma;
  const r = (prot & PROT_READ) !== 0 ? 'r' : '-';
  const w = (prot & PROT_WRITE) !== 0 ? 'w' : '-';
  const x = (prot & PROT_EXEC) !== 0 ? 'x' : '-';
  return r + w + x + (vma.isShared ? 's' : 'p');
}

function labelOf(mm: Mm, vma: Vma): string {
  if (vma.start < mm.brk && vma.end > mm.layout.brkStart) return '[heap]';
  const { startStack } = mm.image;
  if (vma.start <= startStack && startStack < vma.end) return '[stack]';
  return vma.name === undefined ? '' : `[anon:${vma.name}]`;
}

/** One line of /proc/PID/maps without the newline. `name` is how the reader sees the row's path. */
export function mapsLine(row: MapsRow, name: string): string {
  const major = Math.floor(row.dev / 256) & 0xfff;
  const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
  const place = `${hex(row.start, 8)}-${hex(row.end, 8)} ${row.permissions} ${hex(row.offset, 8)}`;
  const line = `${place} ${hex(major, 2)}:${hex(row.dev & 0xff, 2)} ${row.ino} `;
  // Names begin at column 73 (seq_pad in fs/proc/task_mmu.c).
  return name === '' ? line : `${line.padEnd(73)}${name.replaceAll('\n', '\\012')}`;
}

/** Sizes for /proc/PID/status and statm, in pages. */
export interface MemorySizes {
  readonly total: number;
  readonly peakTotal: number;
  readonly resident: number;
  readonly peakResident: number;
  /** Resident pages of files and shared memory. */
  readonly shared: number;
  readonly text: number;
  readonly library: number;
  readonly data: number;
  readonly stack: number;
  readonly locked: number;
}

export function memorySizes(mm: Mm): MemorySizes {
  const { startCode, endCode } = mm.image;
  const text = Math.ceil(endCode / PAGE_SIZE) - Math.floor(startCode / PAGE_SIZE);
  let executable = 0;
  let stack = 0;
  for (const vma of mm.vmas) {
    if (vma.has(VmaFlag.GrowsDown)) stack += vma.pageCount;
    else if ((vma.prot & (PROT_WRITE | PROT_EXEC)) === PROT_EXEC) executable += vma.pageCount;
  }
  return {
    total: mm.vmas.totalPages,
    peakTotal: Math.max(mm.peakTotal, mm.vmas.totalPages),
    resident: mm.rss,
    peakResident: Math.max(mm.peakPresent, mm.rss),
    shared: mm.states.shared,
    text,
    library: Math.max(0, executable - text),
    data: dataPagesOf(mm),
    stack,
    locked: lockedBytes(mm) / PAGE_SIZE,
  };
}
