// What people want to know of an ELF file: headers, segments, sections, symbols, interpreter, libraries.
// `rivulet info`, traces with -k and the debugger call it; exec reads headers itself (kernel/exec).
// Words for numbers are readelf's: elf-names.ts.
import { textAt } from './dwarf/byte-reader.ts';
import { type ElfHeaders, readElfHeaders } from './elf-headers.ts';
import { fileFlags, machineName, sectionName, segmentFlags, segmentName, typeName } from './elf-names.ts';

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
const SHT_SYMTAB = 2;
const SHT_DYNSYM = 11;
const DT_NEEDED = 1;
const FUNCTION = 2;
const OBJECT = 1;
const THREAD_LOCAL = 6;
const INDIRECT = 10;
const GLOBAL = 1;

/** Reads an ELF file. Throws an Error with one line that says what is wrong with it. */
export function readElfFile(bytes: Uint8Array): ElfFile {
  try {
    const headers = readElfHeaders(bytes);
    if (headers === undefined) throw new Error('not an ELF file');
    return describe(bytes, headers);
  } catch (error) {
    if (error instanceof RangeError)
      throw new Error('a broken ELF file: it says of something to be behind its end');
    throw error;
  }
}

function describe(bytes: Uint8Array, headers: ElfHeaders): ElfFile {
  const { fields, machine, segments } = headers;
  const interp = segments.find(({ type }) => type === PT_INTERP);
  const symbols = symbolsOf(headers);
  return {
    bits: fields.isWide ? 64 : 32,
    byteOrder: fields.isLittle ? 'little endian' : 'big endian',
    type: typeName(headers.type),
    machine: machineName(machine),
    flags: fileFlags(headers.flags, machine),
    entry: headers.entry,
    segments: segments.map((segment) => ({
      ...segment,
      type: segmentName(segment.type, machine),
      flags: segmentFlags(segment.flags),
    })),
    sections: headers.sections.map(({ name, type, address, offset, size }) => ({
      name,
      type: sectionName(type, machine),
      address,
      offset,
      size,
    })),
    symbols: sorted(symbols.filter(({ type }) => type <= FUNCTION || type === INDIRECT)),
    threadLocals: sorted(symbols.filter(({ type }) => type === THREAD_LOCAL)),
    interpreter: interp && textAt(bytes.subarray(interp.offset, interp.offset + interp.fileSize), 0),
    libraries: neededLibraries(headers),
  };
}

interface Symbol extends ElfSymbol {
  readonly type: number;
}

/** Elf64_Sym, or Elf32_Sym; undefined ones are left out. */
function symbolsOf({ fields, sections }: ElfHeaders): Symbol[] {
  const symbols: Symbol[] = [];
  const size = fields.isWide ? 24 : 16;
  const [info, section, value, length] = fields.isWide ? [4, 6, 8, 16] : [12, 14, 4, 8];
  for (const table of sections) {
    const strings = sections[table.link];
    if ((table.type !== SHT_SYMTAB && table.type !== SHT_DYNSYM) || strings === undefined) continue;
    const names = fields.bytes.subarray(strings.offset, strings.offset + strings.size);
    const end = Math.min(table.offset + table.size, fields.bytes.length) - size;
    for (let at = table.offset; at <= end; at += size) {
      if (fields.u16(at + section) === 0) continue;
      const name = textAt(names, fields.u32(at));
      if (name === '' || name.startsWith('$')) continue;
      const type = fields.u8(at + info) & 15;
      symbols.push({
        name,
        address: fields.word(at + value),
        size: fields.word(at + length),
        kind: kindOf(type),
        isGlobal: fields.u8(at + info) >> 4 >= GLOBAL,
        type,
      });
    }
  }
  return symbols;
}

/** By address, each once: .symtab has those of .dynsym too. */
function sorted(symbols: readonly Symbol[]): ElfSymbol[] {
  const once = new Map(symbols.map((symbol) => [`${symbol.name}@${symbol.address}`, symbol]));
  return [...once.values()].map(({ type: _, ...symbol }) => symbol).sort((a, b) => a.address - b.address);
}

function kindOf(type: number): ElfSymbol['kind'] {
  if (type === OBJECT) return 'object';
  return type === FUNCTION || type === INDIRECT ? 'function' : 'other';
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
