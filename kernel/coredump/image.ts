// A core file, piece by piece: ELF header, notes, and the memory that core(5) says is worth keeping
// (fs/binfmt_elf.c, elf_core_dump; fs/coredump.c, vma_dump_size).
// dump.ts asks for it when a process dies, writer.ts reads it.
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import { ElfHeader, EM_RISCV, PF_R, PF_W, PF_X, ProgramHeader, PT_LOAD } from '../exec/elf-header.ts';
import { forcedRead } from '../mm/forced-access.ts';
import type { Mm } from '../mm/mm.ts';
import { isAnonymous } from '../mm/page-states.ts';
import { PROT_EXEC, PROT_READ, PROT_WRITE, type Vma, VmaFlag } from '../mm/vma.ts';
import type { SignalInfo } from '../task/signal-info.ts';
import type { Thread } from '../task/thread.ts';
import { coreNotes } from './notes.ts';

const ET_CORE = 4;
const EV_CURRENT = 1;
const PT_NOTE = 4;
const ELF_MAGIC = Uint8Array.of(0x7f, 0x45, 0x4c, 0x46);
/** Bytes, EI_CLASS to EI_VERSION: 64 bits, little-endian. */
const IDENT = Uint8Array.of(...ELF_MAGIC, 2, 1, EV_CURRENT);
const NOTE_ALIGN = 4;
/** Bytes of memory that are written at a time. */
const PIECE = 0x1_0000;

/** Bits of /proc/PID/coredump_filter (core(5)). */
const Filter = {
  ANON_PRIVATE: 1,
  ANON_SHARED: 2,
  MAPPED_PRIVATE: 4,
  MAPPED_SHARED: 8,
  ELF_HEADERS: 16,
} as const;

/** Bytes of the file from `offset` on: given ones, or memory from an address on. What lies between two extents is zero. */
export interface CoreExtent {
  readonly offset: number;
  readonly length: number;
  readonly content: Uint8Array | number;
}

export interface CoreImage {
  readonly mm: Mm;
  /** Bytes. */
  readonly size: number;
  /** In order. */
  readonly extents: readonly CoreExtent[];
}

/** The core of `thread`'s process, in which `info` is what it died of. The memory is read when it is asked for. */
export function coreImage(thread: Thread, info: SignalInfo): CoreImage {
  const { mm, coredumpFilter } = thread.process;
  const notes = coreNotes(thread, info);
  const areas = [...mm.vmas].map((vma) => ({ vma, length: dumpedLength(mm, vma, coredumpFilter) }));
  const notesAt = ElfHeader.size + (areas.length + 1) * ProgramHeader.size;
  const head = new Uint8Array(notesAt);
  const view = new DataView(head.buffer);
  ElfHeader.write(view, 0, fileHeader(areas.length + 1));
  const noted = { type: PT_NOTE, flags: 0, offset: notesAt, vaddr: 0, paddr: 0, filesz: notes.length };
  let at = ElfHeader.size;
  ProgramHeader.write(view, at, { ...noted, memsz: 0, align: NOTE_ALIGN });
  const extents: CoreExtent[] = [
    { offset: 0, length: notesAt, content: head },
    { offset: notesAt, length: notes.length, content: notes },
  ];
  let offset = Math.ceil((notesAt + notes.length) / PAGE_SIZE) * PAGE_SIZE;
  for (const { vma, length } of areas) {
    at += ProgramHeader.size;
    ProgramHeader.write(view, at, segmentHeader(vma, offset, length));
    extents.push(...extentsOf(mm, vma, length, offset));
    offset += length;
  }
  return { mm, size: offset, extents };
}

/** Bytes of an extent from `done` on, some of what is left of it. What cannot be read is zero. */
export function readExtent({ mm }: CoreImage, { content, length }: CoreExtent, done: number): Uint8Array {
  if (typeof content !== 'number') return content.subarray(done);
  const left = length - done;
  const bytes = forcedRead(mm, content + done, Math.min(left, PIECE));
  return bytes.length > 0 ? bytes : new Uint8Array(Math.min(left, PAGE_SIZE));
}

function fileHeader(segments: number) {
  const ident = new Uint8Array(16);
  ident.set(IDENT);
  return {
    ident,
    type: ET_CORE,
    machine: EM_RISCV,
    version: EV_CURRENT,
    entry: 0,
    phoff: ElfHeader.size,
    shoff: 0,
    flags: 0,
    ehsize: ElfHeader.size,
    phentsize: ProgramHeader.size,
    phnum: segments,
    shentsize: 0,
    shnum: 0,
    shstrndx: 0,
  };
}

function segmentHeader(vma: Vma, offset: number, filesz: number) {
  const flags =
    ((vma.prot & PROT_READ) !== 0 ? PF_R : 0) |
    ((vma.prot & PROT_WRITE) !== 0 ? PF_W : 0) |
    ((vma.prot & PROT_EXEC) !== 0 ? PF_X : 0);
  const memsz = vma.end - vma.start;
  return { type: PT_LOAD, flags, offset, vaddr: vma.start, paddr: 0, filesz, memsz, align: PAGE_SIZE };
}

/** How much of an area the file has, from its start (vma_dump_size). */
function dumpedLength(mm: Mm, vma: Vma, filter: number): number {
  const whole = vma.end - vma.start;
  const has = (bit: number): boolean => (filter & bit) !== 0;
  if (vma.start === mm.signalTrampoline) return whole; // as the vdso
  if (vma.has(VmaFlag.DontDump)) return 0;
  const inode = vma.backing?.file?.descriptor.inode;
  if (vma.isShared)
    return has((inode?.nlink ?? 0) === 0 ? Filter.ANON_SHARED : Filter.MAPPED_SHARED) ? whole : 0;
  if (has(Filter.ANON_PRIVATE) && wasWritten(mm, vma)) return whole;
  if (inode === undefined) return 0;
  if (has(Filter.MAPPED_PRIVATE)) return whole;
  if (!has(Filter.ELF_HEADERS) || vma.offset !== 0 || (vma.prot & PROT_READ) === 0) return 0;
  const isProgram = (inode.mode & 0o111) !== 0 || startsAsElf(mm, vma);
  return isProgram ? PAGE_SIZE : 0;
}

/** Some page is the process's own (anon_vma). */
function wasWritten(mm: Mm, vma: Vma): boolean {
  for (const { state } of mm.states.runs(vma.firstPage, vma.endPage)) {
    if (isAnonymous(state)) return true;
  }
  return false;
}

function startsAsElf(mm: Mm, vma: Vma): boolean {
  const start = forcedRead(mm, vma.start, ELF_MAGIC.length);
  return ELF_MAGIC.every((byte, i) => start[i] === byte);
}

/** What was never touched of memory without a file is left out. */
function* extentsOf(mm: Mm, vma: Vma, length: number, offset: number): Generator<CoreExtent> {
  if (!vma.isAnonymous) {
    if (length > 0) yield { offset, length, content: vma.start };
    return;
  }
  for (const { first, count } of mm.states.runs(vma.firstPage, vma.firstPage + length / PAGE_SIZE)) {
    const start = first * PAGE_SIZE;
    yield { offset: offset + start - vma.start, length: count * PAGE_SIZE, content: start };
  }
}
