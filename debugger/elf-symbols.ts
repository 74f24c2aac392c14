// The symbols of an ELF file, and where its segments and sections are: what addresses and names are looked up in.
// symbols.ts calls it for each file a guest maps, elf-info.ts for `rivulet info`.
// Read here, not by elfinfo: that is asynchronous, and looks for a name that ends another one among all the names there
// are, of which Debian's debug files have 100,000. A breakpoint in python3 with libc6-dbg takes half the time.
import { textAt } from './dwarf/byte-reader.ts';
import { type ElfHeaders, readElfHeaders, type SectionHeader, type SegmentHeader } from './elf-headers.ts';

export interface ElfSymbol {
  readonly name: string;
  readonly address: number;
  readonly size: number;
  readonly kind: 'function' | 'object' | 'other';
  readonly isGlobal: boolean;
}

export interface ElfSymbols {
  readonly entry: number;
  readonly segments: readonly SegmentHeader[];
  readonly sections: readonly SectionHeader[];
  /** In order of address, without mapping symbols and section names. */
  readonly symbols: readonly ElfSymbol[];
  /** Thread-local variables; the address is the offset in the file's block of them. */
  readonly threadLocals: readonly ElfSymbol[];
}

const SHT_SYMTAB = 2;
const SHT_DYNSYM = 11;
const FUNCTION = 2;
const OBJECT = 1;
const THREAD_LOCAL = 6;
const INDIRECT = 10;
const GLOBAL = 1;

/** Throws an Error with one line that says what is wrong with the file. */
export function readElfSymbols(bytes: Uint8Array): ElfSymbols {
  try {
    const headers = readElfHeaders(bytes);
    if (headers === undefined) throw new Error('not an ELF file');
    const { entry, segments, sections } = headers;
    const symbols = symbolsOf(headers);
    return {
      entry,
      segments,
      sections,
      symbols: sorted(symbols.filter(({ type }) => type <= FUNCTION || type === INDIRECT)),
      threadLocals: sorted(symbols.filter(({ type }) => type === THREAD_LOCAL)),
    };
  } catch (error) {
    if (error instanceof RangeError)
      throw new Error('a broken ELF file: it says of something to be behind its end');
    throw error;
  }
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
