// What people want to know of an ELF file, in words: headers, segments, sections, symbols, interpreter, libraries.
// Through elfinfo, for `rivulet info`. Addresses and names are looked up by elf-symbols.ts; exec reads headers itself (kernel/exec).
import { textAt } from './dwarf/byte-reader.ts';
import { type ElfHeaders, readElfHeaders } from './elf-headers.ts';
import { type ElfSymbol, readElfSymbols } from './elf-symbols.ts';

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
const DT_NEEDED = 1;

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
  const { symbols, threadLocals } = readElfSymbols(bytes);
  const headers = readElfHeaders(bytes);
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
    symbols,
    threadLocals,
    interpreter: interp === undefined ? undefined : textAt(bytes, Number(interp.offset)),
    libraries: headers === undefined ? [] : neededLibraries(headers),
  };
}

/** DT_NEEDED of .dynamic, with the names of .dynstr. */
function neededLibraries({ fields, sections }: ElfHeaders): string[] {
  const dynamic = sections.find((section) => section.name === '.dynamic');
  const strings = sections.find((section) => section.name === '.dynstr');
  if (dynamic === undefined || strings === undefined) return [];
  const word = fields.isWide ? 8 : 4;
  const names: string[] = [];
  const end = Math.min(dynamic.offset + dynamic.size, fields.bytes.length) - 2 * word;
  for (let at = dynamic.offset; at <= end; at += 2 * word) {
    if (fields.word(at) !== DT_NEEDED) continue;
    names.push(textAt(fields.bytes, strings.offset + fields.word(at + word)));
  }
  return names;
}
