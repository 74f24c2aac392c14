// What people want to know of an ELF file: headers, segments, sections, symbols, interpreter, libraries. Through elfinfo.
// `rivulet info`, traces with -k and the debugger call it; exec reads headers itself (kernel/exec), synchronously.
// elfinfo is asynchronous and slow on large files (40–265 ms for 500 KB): load it lazily, cache by file.

export interface ElfSegment {
  readonly type: string;
  readonly flags: string;
  readonly offset: number;
  readonly address: number;
  readonly fileSize: number;
  readonly memorySize: number;
}

export interface ElfSection {
  readonly name: string;
  readonly type: string;
  readonly address: number;
  readonly offset: number;
  readonly size: number;
}

export interface ElfSymbol {
  readonly name: string;
  readonly address: number;
  readonly size: number;
  readonly kind: 'function' | 'object' | 'other';
  readonly isGlobal: boolean;
}

export interface ElfFile {
  readonly bits: number;
  readonly byteOrder: string;
  readonly type: string;
  readonly machine: string;
  readonly flags: string;
  readonly entry: number;
  readonly segments: readonly ElfSegment[];
  readonly sections: readonly ElfSection[];
  /** In order of address, without mapping symbols and section names. */
  readonly symbols: readonly ElfSymbol[];
  /** Thread-local variables; the address is the offset in the file's block of them. */
  readonly threadLocals: readonly ElfSymbol[];
  /** PT_INTERP. */
  readonly interpreter: string | undefined;
  /** DT_NEEDED. */
  readonly libraries: readonly string[];
}

const PT_INTERP = 3;
const DT_NEEDED = 1n;
const FUNCTION = 2;
const OBJECT = 1;
const THREAD_LOCAL = 6;
const INDIRECT = 10;
const GLOBAL = 1;

/** Reads an ELF file. Throws an Error with one line that says what is wrong with it. */
export async function readElfFile(bytes: Uint8Array): Promise<ElfFile> {
  const library = await import('elfinfo');
  // a CommonJS package: bundled, its exports are on `default`
  const { open } = 'open' in library ? library : (library as { default: typeof library }).default;
  const result = await open(bytes).catch((error: Error) => ({
    success: false,
    errors: [error.message],
    elf: undefined,
  }));
  const { elf } = result;
  if (!result.success || elf === undefined)
    throw new Error(result.errors[0]?.split('\n')[0] ?? 'not a readable ELF file');
  const sections = elf.sections.map((section) => ({
    name: section.name,
    type: section.typeDescription,
    address: Number(section.addr),
    offset: Number(section.offset),
    size: Number(section.size),
  }));
  const interp = elf.segments.find((segment) => Number(segment.type) === PT_INTERP);
  return {
    bits: elf.bits,
    byteOrder: elf.dataDescription,
    type: elf.typeDescription,
    machine: elf.isaDescription,
    flags: elf.flagsDescription,
    entry: Number(elf.entryPoint),
    segments: elf.segments.map((segment) => ({
      type: segment.typeDescription,
      flags: segment.flagsDescription,
      offset: Number(segment.offset),
      address: Number(segment.vaddr),
      fileSize: Number(segment.filesz),
      memorySize: Number(segment.memsz),
    })),
    sections,
    symbols: symbolsOf(elf.sections, ({ type }) => type <= FUNCTION || type === INDIRECT),
    threadLocals: symbolsOf(elf.sections, ({ type }) => type === THREAD_LOCAL),
    interpreter:
      interp === undefined ? undefined : textAt(bytes, Number(interp.offset), Number(interp.filesz)),
    libraries: neededLibraries(bytes, sections),
  };
}

interface SymbolSection {
  readonly symbols?: readonly {
    readonly name: string;
    readonly value: number | bigint;
    readonly size: number | bigint;
    readonly type: number;
    readonly binding: number;
    readonly shndx: number;
  }[];
}

function symbolsOf(
  sections: readonly object[],
  isWanted: (symbol: { readonly type: number }) => boolean,
): ElfSymbol[] {
  const found = new Map<string, ElfSymbol>();
  for (const section of sections as readonly SymbolSection[]) {
    for (const symbol of section.symbols ?? []) {
      if (symbol.name === '' || symbol.name.startsWith('$') || symbol.shndx === 0) continue;
      if (!isWanted(symbol)) continue;
      const address = Number(symbol.value);
      found.set(`${symbol.name}@${address}`, {
        name: symbol.name,
        address,
        size: Number(symbol.size),
        kind: kindOf(symbol.type),
        isGlobal: symbol.binding >= GLOBAL,
      });
    }
  }
  return [...found.values()].sort((a, b) => a.address - b.address);
}

function kindOf(type: number): ElfSymbol['kind'] {
  if (type === OBJECT) return 'object';
  return type === FUNCTION || type === INDIRECT ? 'function' : 'other';
}

/** DT_NEEDED of .dynamic, with the names of .dynstr. */
function neededLibraries(bytes: Uint8Array, sections: readonly ElfSection[]): string[] {
  const dynamic = sections.find((section) => section.name === '.dynamic');
  const strings = sections.find((section) => section.name === '.dynstr');
  if (dynamic === undefined || strings === undefined) return [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const names: string[] = [];
  const end = Math.min(dynamic.offset + dynamic.size, bytes.length - 15);
  for (let at = dynamic.offset; at < end; at += 16) {
    if (view.getBigUint64(at, true) !== DT_NEEDED) continue;
    names.push(textAt(bytes, strings.offset + Number(view.getBigUint64(at + 8, true)), 4096));
  }
  return names;
}

/** The NUL-terminated text at `offset`, at most `length` bytes. */
function textAt(bytes: Uint8Array, offset: number, length: number): string {
  const part = bytes.subarray(offset, offset + length);
  const nul = part.indexOf(0);
  return new TextDecoder().decode(nul < 0 ? part : part.subarray(0, nul));
}
