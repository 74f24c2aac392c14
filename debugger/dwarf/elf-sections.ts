// The sections of an ELF file by name, and where its segments are loaded: what the DWARF parsers need, at once.
// source-map.ts and debug-file.ts call it. Symbols come through elf-symbols.ts.
// Compressed sections (SHF_COMPRESSED, .zdebug_*) are given as they are: debug-file.ts inflates those that are wanted.
import { PT_LOAD, readElfHeaders, SHT_NOBITS } from '../elf-headers.ts';

const SHF_COMPRESSED = 0x800;

export interface LoadSegment {
  readonly offset: number;
  readonly address: number;
  readonly fileSize: number;
}

export interface Section {
  readonly bytes: Uint8Array;
  readonly address: number;
  /** The bytes begin with an Elf64_Chdr, or with "ZLIB" in sections that were called .zdebug_*. */
  readonly isCompressed: boolean;
}

export interface ElfSections {
  /** Those of .zdebug_* under the names they have otherwise. */
  readonly sections: ReadonlyMap<string, Section>;
  readonly segments: readonly LoadSegment[];
}

/** Undefined when the bytes are no 64-bit little-endian ELF file, or broken. */
export function readElfSections(bytes: Uint8Array): ElfSections | undefined {
  try {
    return parse(bytes);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

function parse(bytes: Uint8Array): ElfSections | undefined {
  const headers = readElfHeaders(bytes);
  if (headers?.fields.isWide !== true || !headers.fields.isLittle) return undefined;
  const sections = new Map<string, Section>();
  for (const { name, type, flags, address, offset, size } of headers.sections) {
    if (type === SHT_NOBITS) continue;
    const isCompressed = (flags & SHF_COMPRESSED) !== 0 || name.startsWith('.zdebug');
    const content = bytes.subarray(offset, offset + size);
    // .dwo files have a section for each type, all with one name: references stay inside their units
    const before = name.endsWith('.dwo') ? sections.get(name)?.bytes : undefined;
    sections.set(name.replace(/^\.zdebug/, '.debug'), {
      bytes: before === undefined ? content : joined(before, content),
      address,
      isCompressed,
    });
  }
  return { sections, segments: headers.segments.filter(({ type }) => type === PT_LOAD) };
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}
