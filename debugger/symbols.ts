// Names for guest addresses: which file is mapped there and which symbol of it is meant.
// Traces with -k and the debugger ask; symbols come through elf-symbols.ts, once for each file.
// Until a file's symbols are loaded, and when there are none, its addresses are shown by file and offset.

import type { Inode } from '../kernel/fs/inode.ts';
import { RegularInode } from '../kernel/fs/regular-inode.ts';
import { absolutePath } from '../kernel/fs/resolve.ts';
import type { Vma } from '../kernel/mm/vma.ts';
import type { Thread } from '../kernel/task/thread.ts';
import type { DebugHost } from './debug-host.ts';
import { readElfSections } from './dwarf/elf-sections.ts';
import { SourceMap } from './dwarf/source-map.ts';
import { PT_LOAD, type SectionHeader, SHT_NOBITS } from './elf-headers.ts';
import { type ElfSymbol, type ElfSymbols, readElfSymbols } from './elf-symbols.ts';
import { entryPointOf } from './entry-point.ts';
import { fileKey } from './file-key.ts';
import { importStubs } from './import-stubs.ts';
import { mappingsOf } from './mappings.ts';
import { demangled } from './names/demangle.ts';
import { mangledNamed } from './names/mangled-symbols.ts';
import { countUpTo } from './sorted.ts';

/** Files beyond this are not read for symbols: that would take seconds. */
const LARGEST = 256 * 1024 * 1024;

/** An address in words. */
export interface Place {
  /** The mapped file's guest path, or the label of the area: [stack], [heap]. */
  readonly file: string;
  readonly symbol: string | undefined;
  /** As the file has it, mangled. */
  readonly linkageName?: string;
  /** From the symbol, or from the start of the file when there is none. */
  readonly offset: number;
}

/** What gcc appends to the names of functions that it copied, cut or changed. */
const RENAMED =
  /\.(?:constprop|part|isra|cold|lto_priv|localalias)(?:\.\d+)?(?:\.(?:constprop|part|isra|cold|lto_priv)(?:\.\d+)?)*$/;

interface FoundSymbol {
  readonly symbol: string;
  /** As the file has it, mangled. */
  readonly linkageName: string;
  readonly offset: number;
}

export interface NamedAddress extends FoundSymbol {
  readonly section: string;
}

/** A thread-local variable: what is added to the addresses of its file, and its offset in the file's block of them. */
export interface FoundThreadLocal {
  readonly bias: number;
  readonly offset: number;
  /** 0 = not known. */
  readonly size: number;
}

export class Symbols {
  /** Lines and unwind tables of the same files. */
  readonly sources: SourceMap;
  /** By guest path and size: a program that is run again in another machine has the same symbols. */
  readonly #files = new Map<string, ElfSymbols | undefined>();

  constructor(host?: DebugHost) {
    this.sources = new SourceMap(host);
  }

  /** Reads the symbols of the program that `thread` runs and of what it has mapped executable. */
  load(thread: Thread): void {
    for (const { backing, prot } of thread.mm.vmas) {
      if (backing?.file?.path === undefined || (prot & 4) === 0) continue;
      const key = fileKey(thread, backing.file);
      if (this.#files.has(key)) continue;
      this.#files.set(
        key,
        this.#readFile(backing.file.descriptor.inode, absolutePath(thread, backing.file.path)),
      );
    }
  }

  #readFile(inode: Inode, path: string): ElfSymbols | undefined {
    if (!(inode instanceof RegularInode) || inode.size > LARGEST) return undefined;
    const bytes = new Uint8Array(inode.size);
    inode.readAt(0, bytes);
    const elf = elfFileIn(bytes); // addresses in what is none stay without names
    if (elf === undefined) return undefined;
    const { symbols: named, threadLocals } = this.#separateFile(elf, bytes, path) ?? elf;
    const symbols = [...named, ...importStubs(bytes, elf.sections)].sort((a, b) => a.address - b.address);
    return { ...elf, symbols, threadLocals };
  }

  /** The separate file of one that was stripped. */
  #separateFile({ sections }: ElfSymbols, bytes: Uint8Array, path: string): ElfSymbols | undefined {
    if (sections.some(({ name }) => name === '.symtab')) return undefined;
    const own = readElfSections(bytes);
    const found = own && this.sources.separate.find(own, path);
    return found && elfFileIn(found.bytes);
  }

  /** The address of a symbol in what `thread` has mapped; functions before others. */
  addressOf(thread: Thread, name: string): number | undefined {
    return this.find(thread, name)?.address;
  }

  /** As `addressOf`, with what the symbol is and how many bytes it has (0 = not known). */
  find(thread: Thread, name: string): { address: number; isFunction: boolean; size: number } | undefined {
    const loaded = this.#loaded(thread);
    return (
      firstOf(loaded, ({ elf }) => elf.symbols.filter((symbol) => symbol.name === name)) ??
      firstOf(loaded, ({ elf }) => mangledNamed(elf.symbols, name))
    );
  }

  /** The thread-local variables called `name`, or so with gcc's number (`name.0`); those of any file, or of the one at `bias`. */
  threadLocals(thread: Thread, name: string, bias?: number): FoundThreadLocal[] {
    return this.#loaded(thread).flatMap(({ elf, bias: own }) =>
      bias !== undefined && bias !== own
        ? []
        : elf.threadLocals
            .filter((each) => each.name === name || each.name.replace(/\.\d+$/, '') === name)
            .map(({ address, size }) => ({ bias: own, offset: address, size })),
    );
  }

  /** The variable of a loaded program or library that is at `address`, .bss included; undefined when none is. */
  variable(thread: Thread, address: number): { symbol: string; offset: number } | undefined {
    for (const vma of mappingsOf(thread)) {
      const file = vma.backing?.file;
      const elf = file === undefined ? undefined : this.#files.get(fileKey(thread, file));
      const segment = elf?.segments.find(
        ({ type, offset, fileSize }) =>
          type === PT_LOAD && vma.offset < offset + fileSize && vma.offset + (vma.end - vma.start) > offset,
      );
      if (elf === undefined || segment === undefined) continue;
      const bias = vma.start - vma.offset - (segment.address - segment.offset);
      const found = objectAt(elf, address - bias);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** What a person would call an address of code or data: the symbol of its section that it lies in or behind. */
  nameAt(thread: Thread, address: number): NamedAddress | undefined {
    for (const { elf, bias } of this.#loaded(thread)) {
      const own = address - bias;
      const section = elf.sections.find(
        (each) => each.address !== 0 && own >= each.address && own < each.address + each.size,
      );
      if (section === undefined) continue;
      const found = symbolIn(elf, section, own);
      if (found !== undefined) return { ...found, section: section.name };
    }
    return undefined;
  }

  /** Bytes of a section as they are when the program begins, zeros of .bss too; undefined where there is none. */
  fileBytes(thread: Thread, address: number, length: number): Uint8Array | undefined {
    for (const { elf, bias, inode } of this.#loaded(thread)) {
      const own = address - bias;
      const section = elf.sections.find(
        (each) => each.address !== 0 && own >= each.address && own + length <= each.address + each.size,
      );
      if (section === undefined || !(inode instanceof RegularInode)) continue;
      const bytes = new Uint8Array(length);
      if (section.type === SHT_NOBITS) return bytes;
      inode.readAt(section.offset + (own - section.address), bytes);
      return bytes;
    }
    return undefined;
  }

  /** Does the program call a function of this name in a library, which may not be loaded yet? */
  imports(thread: Thread, name: string): boolean {
    return this.find(thread, `${name}@plt`) !== undefined;
  }

  /** All code and data called `name`, or as gcc renames parts and copies of a function: `name.part.0`, `name.constprop.0`. */
  renamed(thread: Thread, name: string): { name: string; address: number; isFunction: boolean }[] {
    const found: { name: string; address: number; isFunction: boolean }[] = [];
    for (const { elf, bias } of this.#loaded(thread)) {
      const plain = elf.symbols.filter(
        (each) => each.name === name || (each.name.startsWith(`${name}.`) && RENAMED.test(each.name)),
      );
      for (const symbol of [...plain, ...mangledNamed(elf.symbols, name)]) {
        const isFunction = symbol.kind === 'function';
        found.push({ name: symbol.name, address: symbol.address + bias, isFunction });
      }
    }
    return found;
  }

  /** What is added to the addresses of the program itself; undefined when its file was not read. */
  programBias(thread: Thread): number | undefined {
    const entry = entryPointOf(thread);
    return this.#loaded(thread).find(({ elf, bias }) => elf.entry + bias === entry)?.bias;
  }

  /** The programs and libraries that are mapped, with what is to be added to their addresses. */
  #loaded(thread: Thread): { elf: ElfSymbols; bias: number; inode: Inode | undefined }[] {
    const found = new Map<ElfSymbols, { bias: number; inode: Inode | undefined }>();
    for (const { vma, elf } of this.#mapped(thread)) {
      if (found.has(elf)) continue;
      const segment = elf.segments.find(
        ({ type, offset, fileSize }) =>
          type === PT_LOAD && vma.offset < offset + fileSize && vma.offset + (vma.end - vma.start) > offset,
      );
      if (segment === undefined) continue;
      const bias = vma.start - vma.offset - (segment.address - segment.offset);
      found.set(elf, { bias, inode: vma.backing?.file?.descriptor.inode });
    }
    return [...found].map(([elf, place]) => ({ elf, ...place }));
  }

  /** Names of all functions and data that `thread` has mapped, in order. */
  names(thread: Thread): string[] {
    const names = new Set<string>();
    for (const { elf } of this.#mapped(thread))
      for (const { name } of elf.symbols) names.add(demangled(name, false));
    return [...names].sort();
  }

  /** From where to where the function around `address` reaches. */
  functionAround(thread: Thread, address: number): { start: number; end: number } | undefined {
    const place = this.place(thread, address);
    if (place?.symbol === undefined) return undefined;
    const found = this.find(thread, place.linkageName ?? place.symbol);
    const start = address - place.offset;
    const isSame = found?.address === start;
    return { start, end: isSame && found.size > 0 ? start + found.size : this.#nextSymbol(thread, address) };
  }

  /** Where a function without a size ends: at the next one, or the end of what is mapped. */
  #nextSymbol(thread: Thread, after: number): number {
    let end = mappingsOf(thread).find(after)?.end ?? after;
    for (const { vma, elf } of this.#mapped(thread)) {
      for (const symbol of elf.symbols) {
        const address = symbol.kind === 'object' ? undefined : addressIn(vma, elf, symbol.address);
        if (address !== undefined && address > after && address < end) end = address;
      }
    }
    return end;
  }

  *#mapped(thread: Thread): Generator<{ vma: Vma; elf: ElfSymbols }> {
    for (const vma of mappingsOf(thread)) {
      const file = vma.backing?.file;
      const elf = file === undefined ? undefined : this.#files.get(fileKey(thread, file));
      if (elf !== undefined) yield { vma, elf };
    }
  }

  /** Where `address` is in `thread`'s memory; undefined when nothing is mapped there. */
  place(thread: Thread, address: number): Place | undefined {
    const vma = mappingsOf(thread).find(address);
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

function elfFileIn(bytes: Uint8Array): ElfSymbols | undefined {
  try {
    return readElfSymbols(bytes);
  } catch {
    return undefined;
  }
}

/** The first function among them, else the first of other kinds. */
function firstOf<Loaded extends { readonly bias: number }>(
  loaded: readonly Loaded[],
  symbolsOf: (file: Loaded) => readonly ElfSymbol[],
): { address: number; isFunction: boolean; size: number } | undefined {
  let other: { address: number; isFunction: boolean; size: number } | undefined;
  for (const file of loaded) {
    for (const { address, kind, size } of symbolsOf(file)) {
      const found = { address: address + file.bias, isFunction: kind === 'function', size };
      if (found.isFunction) return found;
      other ??= found;
    }
  }
  return other;
}

function symbolsUpTo(symbols: readonly ElfSymbol[], address: number): number {
  return countUpTo(symbols.length, (index) => symbols[index]?.address ?? 0, address);
}

/** As gdb looks for it: the last one at or before the address, unless its size says that it has ended. */
function symbolIn({ symbols }: ElfSymbols, section: SectionHeader, address: number): FoundSymbol | undefined {
  let unsized: ElfSymbol | undefined;
  for (let index = symbolsUpTo(symbols, address) - 1; index >= 0; ) {
    const group: ElfSymbol[] = [];
    const { address: start } = symbols[index] as ElfSymbol;
    for (; symbols[index]?.address === start; index--) group.push(symbols[index] as ElfSymbol);
    if (start < section.address) break;
    const sized = group.filter(({ size }) => size > 0);
    const around = sized.filter(({ size }) => address < start + size);
    const best = preferred(around);
    if (best !== undefined) return named(best, address);
    if (sized.length > 0) break;
    unsized ??= preferred(group);
  }
  return unsized && named(unsized, address);
}

/** A symbol as people call it, and how far behind it `address` is. */
function named({ name, address: start }: ElfSymbol, address: number): FoundSymbol {
  return { symbol: demangled(name), linkageName: name, offset: address - start };
}

/** Of several names the one that people use. */
function preferred(symbols: readonly ElfSymbol[]): ElfSymbol | undefined {
  const underscores = ({ name }: ElfSymbol): number => /^_*/.exec(name)?.[0].length ?? 0;
  return symbols.reduce<ElfSymbol | undefined>(
    (best, each) => (best === undefined || underscores(each) < underscores(best) ? each : best),
    undefined,
  );
}

/** The object around an address of the file. */
function objectAt(elf: ElfSymbols, address: number): FoundSymbol | undefined {
  const found = elf.symbols.find(
    (symbol) =>
      symbol.kind === 'object' && address >= symbol.address && address < symbol.address + symbol.size,
  );
  return found && named(found, address);
}

/** Where an address of the file is in the area that maps it; undefined when the area shows another part. */
function addressIn(vma: Vma, elf: ElfSymbols, address: number): number | undefined {
  const segment = elf.segments.find(
    (each) => each.type === PT_LOAD && address >= each.address && address < each.address + each.memorySize,
  );
  if (segment === undefined) return undefined;
  const fileOffset = address - segment.address + segment.offset;
  if (fileOffset < vma.offset || fileOffset >= vma.offset + (vma.end - vma.start)) return undefined;
  return vma.start + (fileOffset - vma.offset);
}

/** The function around a file offset: the last symbol at or before it, unless its size says that it has ended. */
function symbolAt(elf: ElfSymbols, fileOffset: number): FoundSymbol | undefined {
  const segment = elf.segments.find(
    (each) => each.type === PT_LOAD && fileOffset >= each.offset && fileOffset < each.offset + each.fileSize,
  );
  if (segment === undefined) return undefined;
  const address = segment.address + (fileOffset - segment.offset);
  const { symbols } = elf;
  const count = symbolsUpTo(symbols, address);
  for (let index = count - 1; index >= 0 && index > count - 16; index--) {
    const symbol = symbols[index];
    if (symbol === undefined || symbol.kind === 'object') continue;
    const offset = address - symbol.address;
    if (symbol.size !== 0 && offset >= symbol.size) continue;
    return named(symbol, address);
  }
  return undefined;
}
