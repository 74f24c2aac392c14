// The ELF headers that exec needs: file header, program headers, interpreter name (elf(5), fs/binfmt_elf.c).
// load-elf.ts reads them; everything about them is guest input, so every number is checked before it is used.
// 64-bit fields come as JavaScript numbers; what is above 2^53 is rounded, and far past every limit anyway.

import { PATH_MAX } from '../abi/limits.ts';
import { bytes, struct, u16, u32, u64 } from '../abi/struct.ts';
import { EIO, ELIBBAD, ENOEXEC, fail } from '../errno.ts';
import type { RegularInode } from '../fs/regular-inode.ts';
import { bytesToText } from '../mm/user-memory.ts';

export const ET_EXEC = 2;
export const ET_DYN = 3;
export const EM_RISCV = 243;
export const PT_LOAD = 1;
const PT_INTERP = 3;
const PT_GNU_STACK = 0x6474e551;
export const PF_X = 1;
export const PF_W = 2;
export const PF_R = 4;
const ELF_MIN_ALIGN = 4096;

export const ElfHeader = struct('Elf64_Ehdr', {
  ident: bytes(16),
  type: u16,
  machine: u16,
  version: u32,
  entry: u64,
  phoff: u64,
  shoff: u64,
  flags: u32,
  ehsize: u16,
  phentsize: u16,
  phnum: u16,
  shentsize: u16,
  shnum: u16,
  shstrndx: u16,
});

export const ProgramHeader = struct('Elf64_Phdr', {
  type: u32,
  flags: u32,
  offset: u64,
  vaddr: u64,
  paddr: u64,
  filesz: u64,
  memsz: u64,
  align: u64,
});

export interface Segment {
  readonly flags: number;
  readonly offset: number;
  readonly vaddr: number;
  readonly filesz: number;
  readonly memsz: number;
  readonly align: number;
}

export interface ElfFile {
  readonly inode: RegularInode;
  readonly isPositionIndependent: boolean;
  readonly entry: number;
  readonly phoff: number;
  readonly phnum: number;
  /** PT_LOAD, in file order. */
  readonly segments: readonly Segment[];
  /** PT_INTERP's path. */
  readonly interpreter: string | undefined;
  readonly isStackExecutable: boolean;
}

/** Whether the first bytes are an ELF's at all. */
export function hasElfMagic(start: Uint8Array): boolean {
  return start[0] === 0x7f && start[1] === 0x45 && start[2] === 0x4c && start[3] === 0x46;
}

/**
 * The headers of a program or, with `asInterpreter`, of a loader.
 * ENOEXEC (ELIBBAD for an interpreter): not a riscv64 ELF that can be run. EIO: cut short inside its headers.
 */
export function readElf(inode: RegularInode, asInterpreter = false): ElfFile {
  const bad = asInterpreter ? ELIBBAD : ENOEXEC;
  const start = new Uint8Array(ElfHeader.size);
  const isWhole = readFully(inode, 0, start) === start.length;
  if (!isWhole && asInterpreter) fail(EIO, 'the interpreter is cut off inside its header');
  if (!isWhole || !hasElfMagic(start)) fail(bad, 'not an ELF file, or cut off inside its header');
  const header = ElfHeader.decode(start);
  if (header.ident[4] !== 2 || header.ident[5] !== 1) fail(bad, 'not a 64-bit little-endian ELF');
  if (header.machine !== EM_RISCV) fail(bad, 'an ELF for another processor');
  if (header.type !== ET_EXEC && header.type !== ET_DYN)
    fail(bad, 'an ELF that is neither program nor library');
  const segments: Segment[] = [];
  let interpreter: string | undefined;
  let isStackExecutable = false;
  for (const program of readProgramHeaders(inode, header, bad)) {
    if (program.type === PT_LOAD) segments.push(program);
    else if (program.type === PT_GNU_STACK) isStackExecutable = (program.flags & PF_X) !== 0;
    else if (program.type === PT_INTERP && interpreter === undefined && !asInterpreter) {
      interpreter = readInterpreter(inode, program.offset, program.filesz);
    }
  }
  return {
    inode,
    isPositionIndependent: header.type === ET_DYN,
    entry: header.entry,
    phoff: header.phoff,
    phnum: header.phnum,
    segments,
    interpreter,
    isStackExecutable,
  };
}

function readProgramHeaders(
  inode: RegularInode,
  header: { phentsize: number; phnum: number; phoff: number },
  bad: number,
): ReturnType<typeof ProgramHeader.decode>[] {
  const { size } = ProgramHeader;
  if (header.phentsize !== size) fail(bad, 'program headers of an unknown size');
  if (header.phnum < 1 || header.phnum > 65_536 / size)
    fail(bad, 'no program headers, or more than 64 KiB of them');
  const table = new Uint8Array(size * header.phnum);
  if (readFully(inode, header.phoff, table) < table.length) fail(bad, 'the program headers are cut off');
  const view = new DataView(table.buffer);
  return Array.from({ length: header.phnum }, (_, i) => ProgramHeader.read(view, i * size));
}

/** ENOEXEC: a name longer than a path, or without its NUL. EIO: cut off. */
function readInterpreter(inode: RegularInode, offset: number, length: number): string {
  if (length > PATH_MAX || length < 2) fail(ENOEXEC, 'the interpreter name has no sensible length');
  const name = new Uint8Array(length);
  if (readFully(inode, offset, name) < length) fail(EIO, 'the interpreter name is cut off');
  if (name[length - 1] !== 0) fail(ENOEXEC, 'the interpreter name does not end');
  return bytesToText(name.subarray(0, name.indexOf(0)));
}

function readFully(inode: RegularInode, offset: number, into: Uint8Array): number {
  if (offset > Number.MAX_SAFE_INTEGER - into.length) return 0;
  return inode.readAt(offset, into);
}

/** A segment's alignment when it is a power of two (maximum_alignment), else a page. */
export function alignmentOf(segments: readonly Segment[]): number {
  let alignment = ELF_MIN_ALIGN;
  for (const { align } of segments) {
    if (align > alignment && align <= 0x4000_0000 && Number.isInteger(Math.log2(align))) alignment = align;
  }
  return alignment;
}
