// Maps a program's and a loader's segments into a new address space (fs/binfmt_elf.c, load_elf_binary).
// exec.ts calls it before the point of no return; nothing of the old program is touched here.
// Segments are only mapped: their pages come in at the first touch.
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import { EFAULT, EINVAL, ENOMEM, fail } from '../errno.ts';
import type { OpenFile } from '../file/open-file.ts';
import { layoutFor, MMAP_MIN_ADDRESS, PIE_BASE, pageCeil, pageFloor, TASK_SIZE } from '../mm/layout.ts';
import { pageCacheOf } from '../mm/mappable.ts';
import { placeArea } from '../mm/mapping.ts';
import type { Mm } from '../mm/mm.ts';
import { mapTrampoline } from '../mm/trampoline.ts';
import { type Backing, PROT_EXEC, PROT_READ, PROT_WRITE } from '../mm/vma.ts';
import { alignmentOf, type ElfFile, PF_R, PF_W, PF_X, type Segment } from './elf-header.ts';

/** Where things came to lie. */
export interface LoadedProgram {
  /** First instruction: the loader's when there is one. */
  readonly start: number;
  /** The program's own entry (AT_ENTRY). */
  readonly entry: number;
  /** AT_PHDR; 0 when no segment holds the program headers. */
  readonly phdr: number;
  readonly phnum: number;
  /** Load address of the loader (AT_BASE), else 0. */
  readonly base: number;
  readonly startCode: number;
  readonly endCode: number;
  readonly startData: number;
  readonly endData: number;
}

/**
 * Maps `program`, and `loader` when it names one, and lays out heap, stack and mapping area around them.
 * EINVAL: segments that do not fit or contradict themselves. ENOMEM: limits.
 */
export function loadElf(
  mm: Mm,
  program: { elf: ElfFile; file: OpenFile },
  loader: { elf: ElfFile; file: OpenFile } | undefined,
  stackLimit: number,
): LoadedProgram {
  const { elf, file } = program;
  const [lowest, highest] = extentOf(elf);
  const bias = elf.isPositionIndependent ? roundUp(PIE_BASE, alignmentOf(elf.segments)) - lowest : 0;
  checkRange(lowest + bias, highest + bias);
  // first as it will most likely be, so that the Memory is made in its size and need not grow
  mm.layout = layoutFor(highest + bias, stackLimit) ?? mm.layout;
  mapSegments(mm, elf, file, bias);
  mm.layout =
    layoutFor(highest + bias, stackLimit, (length) => mm.vmas.freeRoom(length, MMAP_MIN_ADDRESS)) ??
    fail(ENOMEM, 'the program leaves no room for a stack');
  mm.brk = mm.layout.brkStart;
  let base = 0;
  let start = elf.entry + bias;
  if (loader !== undefined) {
    const [low, high] = extentOf(loader.elf);
    if (loader.elf.isPositionIndependent) {
      const alignment = alignmentOf(loader.elf.segments);
      const room = mm.vmas.freeRoom(pageCeil(high) - low + alignment, mm.layout.mmapBase);
      base = roundUp(room ?? fail(ENOMEM, 'no room for the interpreter'), alignment) - low;
    }
    checkRange(low + base, high + base);
    mapSegments(mm, loader.elf, loader.file, base);
    start = loader.elf.entry + base;
  }
  if (!(start >= 0 && start < TASK_SIZE)) fail(EINVAL, 'the entry point is outside the address space');
  mapTrampoline(mm, mm.vmas.freeRoom(PAGE_SIZE, mm.layout.mmapBase) ?? fail(ENOMEM, 'no room'));
  return {
    start,
    entry: elf.entry + bias,
    phdr: headersAt(elf, bias),
    phnum: elf.phnum,
    base,
    ...bounds(elf, bias),
  };
}

/** Page-aligned lowest and highest address of all segments; they need not be in order. */
function extentOf(elf: ElfFile): [lowest: number, highest: number] {
  let lowest = Number.POSITIVE_INFINITY;
  let highest = 0;
  for (const { vaddr, filesz, memsz, offset } of elf.segments) {
    const isSane = filesz <= memsz && memsz <= TASK_SIZE && vaddr <= TASK_SIZE - memsz;
    if (!isSane) fail(EINVAL, 'a segment is larger than the address space, or smaller than its file part');
    if (filesz > 0 && (offset % PAGE_SIZE !== vaddr % PAGE_SIZE || offset > Number.MAX_SAFE_INTEGER)) {
      fail(EINVAL, 'file offset and address of a segment do not agree within a page');
    }
    lowest = Math.min(lowest, pageFloor(vaddr));
    highest = Math.max(highest, vaddr + memsz);
  }
  if (highest === 0) fail(EINVAL, 'nothing to load');
  return [lowest, highest];
}

function checkRange(lowest: number, highest: number): void {
  if (lowest < MMAP_MIN_ADDRESS) fail(EINVAL, 'a segment lies below mmap_min_addr');
  if (highest > TASK_SIZE) fail(ENOMEM, 'the program does not fit into the address space');
}

function mapSegments(mm: Mm, elf: ElfFile, file: OpenFile, bias: number): void {
  const cache = pageCacheOf(elf.inode);
  if (cache === undefined) throw new Error('an ELF that was read cannot be mapped');
  const backing: Backing = { cache, file, label: '', ino: elf.inode.ino };
  for (const segment of elf.segments) mapSegment(mm, segment, backing, bias);
}

/** One segment (elf_load): the file part, the rest of its last page zeroed, then anonymous pages. */
function mapSegment(mm: Mm, segment: Segment, backing: Backing, bias: number): void {
  const vaddr = segment.vaddr + bias;
  const start = pageFloor(vaddr);
  const fileEnd = vaddr + segment.filesz;
  const memoryEnd = pageCeil(vaddr + segment.memsz);
  const prot = protectionOf(segment.flags);
  let zeroFrom = start;
  if (segment.filesz > 0) {
    zeroFrom = pageCeil(fileEnd);
    backing.file?.retain();
    const offset = pageFloor(segment.offset);
    placeArea(mm, { start, end: zeroFrom, prot, maxProt: 7, flags: 0, backing, offset });
    // A segment that cannot be written keeps the file's bytes there, as on Linux.
    const hasTail = segment.memsz > segment.filesz && fileEnd < zeroFrom && (prot & PROT_WRITE) !== 0;
    if (hasTail) {
      const length = zeroFrom - fileEnd;
      if (mm.user.accessible(fileEnd, length, true) < length)
        fail(EFAULT, 'the file ends before its segments do');
      mm.user.fill(fileEnd, length, 0);
    }
  }
  if (memoryEnd > zeroFrom) {
    const bssProt = PROT_READ | PROT_WRITE | (prot & PROT_EXEC);
    const shape = { start: zeroFrom, end: memoryEnd, prot: bssProt, maxProt: 7, flags: 0, offset: 0 };
    placeArea(mm, { ...shape, backing: undefined });
  }
}

function protectionOf(flags: number): number {
  const readable = (flags & PF_R) !== 0 ? PROT_READ : 0;
  const writable = (flags & PF_W) !== 0 ? PROT_WRITE : 0;
  return readable | writable | ((flags & PF_X) !== 0 ? PROT_EXEC : 0);
}

/** Where the program headers are in memory: in the segment that holds their part of the file. */
function headersAt(elf: ElfFile, bias: number): number {
  for (const { offset, filesz, vaddr } of elf.segments) {
    if (offset <= elf.phoff && elf.phoff < offset + filesz) return elf.phoff - offset + vaddr + bias;
  }
  return 0;
}

function bounds(
  elf: ElfFile,
  bias: number,
): { startCode: number; endCode: number; startData: number; endData: number } {
  let startCode = Number.POSITIVE_INFINITY;
  let endCode = 0;
  let startData = 0;
  let endData = 0;
  for (const { vaddr, filesz, flags } of elf.segments) {
    startCode = Math.min(startCode, vaddr + bias);
    startData = Math.max(startData, vaddr + bias);
    if ((flags & PF_X) !== 0) endCode = Math.max(endCode, vaddr + filesz + bias);
    endData = Math.max(endData, vaddr + filesz + bias);
  }
  return { startCode, endCode, startData, endData };
}

function roundUp(value: number, alignment: number): number {
  return Math.ceil(value / alignment) * alignment;
}
