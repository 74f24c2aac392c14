// The headers of an ELF file of either size and byte order: where its segments and sections are, and what it is for.
// elf-symbols.ts and dwarf/elf-sections.ts read with it; exec has its own, which trusts nothing (kernel/exec/elf-header.ts).
// elf(5); what is above 2^53 is rounded, and outside of every file anyway. Reading beyond the end throws a RangeError.
import { textAt } from './dwarf/byte-reader.ts';

export interface SegmentHeader {
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly address: number;
  readonly fileSize: number;
  readonly memorySize: number;
}

export interface SectionHeader {
  readonly name: string;
  readonly type: number;
  readonly flags: number;
  readonly address: number;
  readonly offset: number;
  readonly size: number;
  /** Another section, by its number: of symbols, the one with their names. */
  readonly link: number;
}

export interface ElfHeaders {
  readonly fields: ElfFields;
  readonly type: number;
  readonly machine: number;
  readonly flags: number;
  readonly entry: number;
  readonly segments: readonly SegmentHeader[];
  readonly sections: readonly SectionHeader[];
}

/** Types of segments and sections. */
export const PT_LOAD = 1;
export const SHT_NOBITS = 8;

const MAGIC = 0x7f45_4c46;
const CLASS_64 = 2;
const LITTLE = 1;
/** e_phnum and e_shstrndx when the number is in the first section's header. */
const PN_XNUM = 0xffff;

/** Numbers of a file, in its byte order. */
export class ElfFields {
  readonly bytes: Uint8Array;
  readonly isWide: boolean;
  readonly isLittle: boolean;
  readonly #view: DataView;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.isWide = bytes[4] === CLASS_64;
    this.isLittle = bytes[5] === LITTLE;
  }

  u8(at: number): number {
    return this.#view.getUint8(at);
  }

  u16(at: number): number {
    return this.#view.getUint16(at, this.isLittle);
  }

  u32(at: number): number {
    return this.#view.getUint32(at, this.isLittle);
  }

  u64(at: number): number {
    return Number(this.#view.getBigUint64(at, this.isLittle));
  }

  /** An address, an offset or a size. */
  word(at: number): number {
    return this.isWide ? this.u64(at) : this.u32(at);
  }
}

/** Undefined for what is no ELF file. */
export function readElfHeaders(bytes: Uint8Array): ElfHeaders | undefined {
  if (bytes.length < 16 || new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) !== MAGIC)
    return undefined;
  const fields = new ElfFields(bytes);
  const wide = fields.isWide;
  const word = wide ? 8 : 4;
  const sizes = 28 + 3 * word; // e_ehsize is behind e_entry, e_phoff, e_shoff and e_flags
  const [segmentsAt, sectionsAt] = [fields.word(24 + word), fields.word(24 + 2 * word)];
  const sectionSize = fields.u16(sizes + 6);
  const first = sectionsAt === 0 ? undefined : sectionHeader(fields, sectionsAt);
  const sectionCount = fields.u16(sizes + 8) || (first?.size ?? 0);
  const segmentCount = fields.u16(sizes + 4);
  const nameIndex = fields.u16(sizes + 10);
  const sections = Array.from(
    { length: first === undefined ? 0 : Math.min(sectionCount, Math.ceil(bytes.length / 40)) },
    (_, index) => sectionHeader(fields, sectionsAt + index * sectionSize),
  );
  const names = sections[nameIndex === PN_XNUM ? (first?.link ?? 0) : nameIndex];
  const nameBytes = names && bytes.subarray(names.offset, names.offset + names.size);
  return {
    fields,
    type: fields.u16(16),
    machine: fields.u16(18),
    flags: fields.u32(sizes - 4),
    entry: fields.word(24),
    segments: Array.from(
      { length: segmentCount === PN_XNUM ? (first?.info ?? 0) : segmentCount },
      (_, index) => segmentHeader(fields, segmentsAt + index * fields.u16(sizes + 2)),
    ),
    sections: sections.map(({ nameAt, info: _, ...section }) => ({
      ...section,
      name: textAt(nameBytes, nameAt),
    })),
  };
}

function segmentHeader(fields: ElfFields, at: number): SegmentHeader {
  const word = fields.isWide ? 8 : 4;
  const words = at + word; // p_type, and in files of 64 bits p_flags, are before the words
  return {
    type: fields.u32(at),
    flags: fields.u32(fields.isWide ? at + 4 : at + 24),
    offset: fields.word(words),
    address: fields.word(words + word),
    fileSize: fields.word(words + 3 * word),
    memorySize: fields.word(words + 4 * word),
  };
}

function sectionHeader(
  fields: ElfFields,
  at: number,
): Omit<SectionHeader, 'name'> & { nameAt: number; info: number } {
  const word = fields.isWide ? 8 : 4;
  const words = at + 8;
  return {
    nameAt: fields.u32(at),
    type: fields.u32(at + 4),
    flags: fields.word(words),
    address: fields.word(words + word),
    offset: fields.word(words + 2 * word),
    size: fields.word(words + 3 * word),
    link: fields.u32(words + 4 * word),
    info: fields.u32(words + 4 * word + 4),
  };
}
