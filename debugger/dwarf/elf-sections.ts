// The sections of an ELF file by name, and where its segments are loaded: what the DWARF parsers need, at once.
// source-map.ts and debug-file.ts call it. Symbols come through elf-info.ts, which is asynchronous.
// Compressed sections (SHF_COMPRESSED, .zdebug_*) are given as they are: debug-file.ts inflates those that are wanted.
import { ByteReader, textAt } from './byte-reader.ts';

const SHF_COMPRESSED = 0x800;
const SHT_NOBITS = 8;
const PT_LOAD = 1;
/** Of ELF64 headers. */
const PHOFF = 32;

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
  const magic = new ByteReader(bytes);
  if (magic.u32() !== 0x464c_457f || magic.u16() !== 0x0102) return undefined; // 64-bit, little-endian
  const header = new ByteReader(bytes, PHOFF);
  const programHeaders = header.u64();
  const sectionHeaders = header.u64();
  header.skip(4 + 2);
  const [programSize, programCount, sectionSize, sectionCount, nameIndex] = [
    header.u16(),
    header.u16(),
    header.u16(),
    header.u16(),
    header.u16(),
  ];
  const segments: LoadSegment[] = [];
  for (let index = 0; index < programCount; index++) {
    const reader = new ByteReader(bytes, programHeaders + index * programSize);
    if (reader.u32() !== PT_LOAD) continue;
    reader.skip(4);
    const offset = reader.u64();
    const address = reader.u64();
    reader.skip(8);
    segments.push({ offset, address, fileSize: reader.u64() });
  }
  const raw = Array.from({ length: sectionHeaders === 0 ? 0 : sectionCount }, (_, index) => {
    const reader = new ByteReader(bytes, sectionHeaders + index * sectionSize);
    const [name, type] = [reader.u32(), reader.u32()];
    const [flags, address, offset, size] = [reader.u64(), reader.u64(), reader.u64(), reader.u64()];
    return { name, type, flags, address, offset, size };
  });
  const names = raw[nameIndex];
  const nameBytes = names && bytes.subarray(names.offset, names.offset + names.size);
  const sections = new Map<string, Section>();
  for (const { name, type, flags, address, offset, size } of raw) {
    if (type === SHT_NOBITS) continue;
    const text = textAt(nameBytes, name);
    const isCompressed = (flags & SHF_COMPRESSED) !== 0 || text.startsWith('.zdebug');
    const content = bytes.subarray(offset, offset + size);
    // .dwo files have a section for each type, all with one name: references stay inside their units
    const before = text.endsWith('.dwo') ? sections.get(text)?.bytes : undefined;
    sections.set(text.replace(/^\.zdebug/, '.debug'), {
      bytes: before === undefined ? content : joined(before, content),
      address,
      isCompressed,
    });
  }
  return { sections, segments };
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const all = new Uint8Array(first.length + second.length);
  all.set(first);
  all.set(second, first.length);
  return all;
}
