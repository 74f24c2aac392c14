// Names for guest addresses: which file is mapped there and which symbol of it is meant.
// Traces with -k and the debugger ask; symbols come from elfinfo through elf-info.ts, once for each file.
// Loading is asynchronous: until a file's symbols are there its addresses are shown by file and offset.

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
  readonly #loading = new Map<Inode, Promise<void>>();
  readonly #files = new Map<Inode, ElfFile>();

  /** Reads the symbols of the program that `thread` runs and of what it has mapped executable. */
  async load(thread: Thread): Promise<void> {
    const inodes = new Set<Inode>();
    for (const vma of thread.mm.vmas) {
      const inode = vma.backing?.file?.descriptor.inode;
      if (inode !== undefined && (vma.prot & 4) !== 0) inodes.add(inode);
    }
    await Promise.all([...inodes].map((inode) => this.#loadFile(inode)));
  }

  #loadFile(inode: Inode): Promise<void> {
    let loading = this.#loading.get(inode);
    if (loading === undefined) {
      loading = this.#readFile(inode);
      this.#loading.set(inode, loading);
    }
    return loading;
  }

  async #readFile(inode: Inode): Promise<void> {
    if (!(inode instanceof RegularInode) || inode.size > LARGEST) return;
    const bytes = new Uint8Array(inode.size);
    inode.readAt(0, bytes);
    try {
      this.#files.set(inode, await readElfFile(bytes));
    } catch {
      // not an ELF file, or one that elfinfo cannot read: addresses stay without names
    }
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
    const elf = this.#files.get(file.descriptor.inode);
    const symbol = elf && symbolAt(elf, fileOffset);
    if (symbol === undefined) return { file: name, symbol: undefined, offset: fileOffset };
    return { file: name, ...symbol };
  }
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
