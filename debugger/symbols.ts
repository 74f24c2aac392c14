// Names for guest addresses: which file is mapped there and which symbol of it is meant.
// Traces with -k and the debugger ask; symbols come from elfinfo through elf-info.ts, once for each file.
// Loading is asynchronous: until a file's symbols are there its addresses are shown by file and offset.

import type { OpenFile } from '../kernel/file/open-file.ts';
import type { Inode } from '../kernel/fs/inode.ts';
import { RegularInode } from '../kernel/fs/regular-inode.ts';
import { absolutePath } from '../kernel/fs/resolve.ts';
import type { Thread } from '../kernel/task/thread.ts';
import { type ElfFile, readElfFile } from './elf-info.ts';

/** Files beyond this are not read for symbols: elfinfo would take seconds. */
const LARGEST = 32 * 1024 * 1024;

/** An address in words. */
export interface Place {
  /** The mapped file's guest path, or the label of the area: [stack], [heap]. */
  readonly file: string;
  readonly symbol: string | undefined;
  /** From the symbol, or from the start of the file when there is none. */
  readonly offset: number;
}

export class Symbols {
  /** By guest path and size: a program that is run again in another machine has the same symbols. */
  readonly #loading = new Map<string, Promise<void>>();
  readonly #files = new Map<string, ElfFile>();

  /** Reads the symbols of the program that `thread` runs and of what it has mapped executable. */
  async load(thread: Thread): Promise<void> {
    const files = new Map<string, Inode>();
    for (const { backing, prot } of thread.mm.vmas) {
      if (backing?.file?.path !== undefined && (prot & 4) !== 0) {
        files.set(fileKey(thread, backing.file), backing.file.descriptor.inode);
      }
    }
    await Promise.all([...files].map(([key, inode]) => this.#loadFile(key, inode)));
  }

  #loadFile(key: string, inode: Inode): Promise<void> {
    let loading = this.#loading.get(key);
    if (loading === undefined) {
      loading = this.#readFile(key, inode);
      this.#loading.set(key, loading);
    }
    return loading;
  }

  async #readFile(key: string, inode: Inode): Promise<void> {
    if (!(inode instanceof RegularInode) || inode.size > LARGEST) return;
    const bytes = new Uint8Array(inode.size);
    inode.readAt(0, bytes);
    try {
      this.#files.set(key, await readElfFile(bytes));
    } catch {
      // not an ELF file, or one that elfinfo cannot read: addresses stay without names
    }
  }

  /** The address of a symbol in what `thread` has mapped; functions before others. */
  addressOf(thread: Thread, name: string): number | undefined {
    let other: number | undefined;
    for (const vma of thread.mm.vmas) {
      const file = vma.backing?.file;
      const elf = file === undefined ? undefined : this.#files.get(fileKey(thread, file));
      for (const symbol of elf?.symbols ?? []) {
        if (symbol.name !== name) continue;
        const segment = elf?.segments.find(
          ({ type, address, memorySize }) =>
            type === 'Load' && symbol.address >= address && symbol.address < address + memorySize,
        );
        if (segment === undefined) continue;
        const fileOffset = symbol.address - segment.address + segment.offset;
        if (fileOffset < vma.offset || fileOffset >= vma.offset + (vma.end - vma.start)) continue;
        const found = vma.start + (fileOffset - vma.offset);
        if (symbol.kind === 'function') return found;
        other ??= found;
      }
    }
    return other;
  }

  /** The variable of a loaded program or library that is at `address`, .bss included; undefined when none is. */
  variable(thread: Thread, address: number): { symbol: string; offset: number } | undefined {
    for (const vma of thread.mm.vmas) {
      const file = vma.backing?.file;
      const elf = file === undefined ? undefined : this.#files.get(fileKey(thread, file));
      const segment = elf?.segments.find(
        ({ type, offset, fileSize }) =>
          type === 'Load' && vma.offset < offset + fileSize && vma.offset + (vma.end - vma.start) > offset,
      );
      if (elf === undefined || segment === undefined) continue;
      const bias = vma.start - vma.offset - (segment.address - segment.offset);
      const found = objectAt(elf, address - bias);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** Where `address` is in `thread`'s memory; undefined when nothing is mapped there. */
  place(thread: Thread, address: number): Place | undefined {
    const vma = thread.mm.vmas.find(address);
    if (vma === undefined) return undefined;
    const file = vma.backing?.file;
    const path = file?.path;
    if (file === undefined || path === undefined) {
      return { file: vma.backing?.label ?? '[anon]', symbol: undefined, offset: address - vma.start };
    }
    const fileOffset = vma.offset + (address - vma.start);
    const name = absolutePath(thread, path);
    const elf = this.#files.get(fileKey(thread, file));
    const symbol = elf && symbolAt(elf, fileOffset);
    if (symbol === undefined) return { file: name, symbol: undefined, offset: fileOffset };
    return { file: name, ...symbol };
  }
}

/** The object around an address of the file. */
function objectAt(elf: ElfFile, address: number): { symbol: string; offset: number } | undefined {
  const found = elf.symbols.find(
    (symbol) =>
      symbol.kind === 'object' && address >= symbol.address && address < symbol.address + symbol.size,
  );
  return found && { symbol: found.name, offset: address - found.address };
}

/** Which file's symbols. */
function fileKey(thread: Thread, file: OpenFile): string {
  const name = file.path === undefined ? '' : absolutePath(thread, file.path);
  return `${name}:${file.descriptor.inode.size}`;
}

/** The function around a file offset: the last symbol at or before it, unless its size says that it has ended. */
function symbolAt(elf: ElfFile, fileOffset: number): { symbol: string; offset: number } | undefined {
  const segment = elf.segments.find(
    (each) => each.type === 'Load' && fileOffset >= each.offset && fileOffset < each.offset + each.fileSize,
  );
  if (segment === undefined) return undefined;
  const address = segment.address + (fileOffset - segment.offset);
  const { symbols } = elf;
  let low = 0;
  let high = symbols.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((symbols[middle]?.address ?? 0) <= address) low = middle + 1;
    else high = middle;
  }
  for (let index = low - 1; index >= 0 && index > low - 16; index--) {
    const symbol = symbols[index];
    if (symbol === undefined || symbol.kind === 'object') continue;
    const offset = address - symbol.address;
    if (symbol.size !== 0 && offset >= symbol.size) continue;
    return { symbol: symbol.name, offset };
  }
  return undefined;
}
