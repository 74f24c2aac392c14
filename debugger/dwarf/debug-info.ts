// The entries of .debug_info, versions 4 and 5, one unit at a time: functions, variables, types.
// variables.ts asks for the unit around an address; units are parsed when they are first wanted.
// Forms and sections: DWARF 5, sections 7.5.6 and 7.27. A unit that is not understood counts as absent.
import { ByteReader, textAt } from './byte-reader.ts';

/** The attributes and tags that are looked at: DWARF 5, tables 7.3 and 7.5. */
export const Tag = {
  ARRAY: 0x01,
  ENUMERATION: 0x04,
  PARAMETER: 0x05,
  LEXICAL_BLOCK: 0x0b,
  MEMBER: 0x0d,
  POINTER: 0x0f,
  STRUCTURE: 0x13,
  TYPEDEF: 0x16,
  UNION: 0x17,
  INLINED: 0x1d,
  SUBRANGE: 0x21,
  BASE: 0x24,
  CONST: 0x26,
  ENUMERATOR: 0x28,
  SUBPROGRAM: 0x2e,
  VARIABLE: 0x34,
  VOLATILE: 0x35,
  RESTRICT: 0x37,
} as const;
export const Attribute = {
  LOCATION: 0x02,
  NAME: 0x03,
  BYTE_SIZE: 0x0b,
  LOW_PC: 0x11,
  HIGH_PC: 0x12,
  CONST_VALUE: 0x1c,
  UPPER_BOUND: 0x2f,
  ABSTRACT_ORIGIN: 0x31,
  COUNT: 0x37,
  MEMBER_OFFSET: 0x38,
  DECLARATION: 0x3c,
  ENCODING: 0x3e,
  FRAME_BASE: 0x40,
  SPECIFICATION: 0x47,
  TYPE: 0x49,
  RANGES: 0x55,
  BIT_OFFSET: 0x0c,
  BIT_SIZE: 0x0d,
  DATA_BIT_OFFSET: 0x6b,
  STR_OFFSETS_BASE: 0x72,
  ADDR_BASE: 0x73,
} as const;

/** What an attribute holds. Strings and addresses of other sections are looked up when asked for. */
export type AttributeValue =
  | { readonly kind: 'number'; readonly value: number }
  | { readonly kind: 'address'; readonly value: number }
  | { readonly kind: 'address-index'; readonly value: number }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'text-index'; readonly value: number }
  | { readonly kind: 'block'; readonly bytes: Uint8Array }
  /** Of another entry, as an offset of the section. */
  | { readonly kind: 'reference'; readonly value: number }
  /** In a section of lists or bases. */
  | { readonly kind: 'offset'; readonly value: number };

/** A debugging information entry. */
export interface Entry {
  readonly tag: number;
  readonly unit: Unit;
  readonly attributes: ReadonlyMap<number, AttributeValue>;
  readonly children: Entry[];
}

export interface Unit {
  readonly root: Entry;
  /** By offset in the section. */
  readonly entries: ReadonlyMap<number, Entry>;
  readonly addressOfIndex: (index: number) => number;
  readonly textOfIndex: (index: number) => string;
}

type Sections = (name: string) => Uint8Array | undefined;

interface UnitHeader {
  readonly offset: number;
  readonly version: number;
  readonly offsetSize: 4 | 8;
  readonly abbreviations: number;
  readonly body: ByteReader;
  readonly end: number;
}

interface Abbreviation {
  readonly tag: number;
  readonly hasChildren: boolean;
  readonly forms: readonly { readonly name: number; readonly form: number; readonly constant: number }[];
}

const DWARF64 = 0xffff_ffff;
const UNIT_COMPILE = 1;
const UNIT_PARTIAL = 3;
const FORM_IMPLICIT_CONST = 0x21;
const FORM_INDIRECT = 0x16;

export class DebugInfo {
  readonly #sections: Sections;
  #headers: readonly UnitHeader[] | undefined;
  readonly #units = new Map<UnitHeader, Unit | undefined>();

  constructor(sections: Sections) {
    this.#sections = sections;
  }

  /** All units in order, parsed as they are come to; with `address`, an address of the file, those that may have code there. */
  *units(address?: number): Generator<Unit> {
    this.#headers ??= readHeaders(this.#sections('.debug_info'));
    for (const header of this.#headers) {
      if (address !== undefined && !this.#units.has(header)) {
        const unit = this.#parse(header, true);
        if (unit === undefined || covers(unit.root, address) === false) continue;
      }
      if (!this.#units.has(header)) this.#units.set(header, this.#parse(header, false));
      const unit = this.#units.get(header);
      if (unit !== undefined) yield unit;
    }
  }

  /** The entry that an attribute leads to. */
  refer(entry: Entry, attribute: number): Entry | undefined {
    const value = entry.attributes.get(attribute);
    if (value?.kind !== 'reference') return undefined;
    const own = entry.unit.entries.get(value.value);
    if (own !== undefined) return own;
    for (const unit of this.units()) {
      const found = unit.entries.get(value.value);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  #parse(header: UnitHeader, isRootEnough: boolean): Unit | undefined {
    try {
      return parseUnit(header, this.#sections, isRootEnough);
    } catch (error) {
      if (error instanceof RangeError) return undefined;
      throw error;
    }
  }
}

export function numberOf(entry: Entry, attribute: number): number | undefined {
  const value = entry.attributes.get(attribute);
  if (value?.kind === 'number' || value?.kind === 'address' || value?.kind === 'offset') return value.value;
  return value?.kind === 'address-index' ? entry.unit.addressOfIndex(value.value) : undefined;
}

export function textOf(entry: Entry, attribute: number): string | undefined {
  const value = entry.attributes.get(attribute);
  if (value?.kind === 'text') return value.text;
  return value?.kind === 'text-index' ? entry.unit.textOfIndex(value.value) : undefined;
}

/** Is `address`, of the file, code of this entry? Undefined when it may be: ranges are not read. */
export function covers(entry: Entry, address: number): boolean | undefined {
  if (entry.attributes.has(Attribute.RANGES)) return undefined;
  const low = numberOf(entry, Attribute.LOW_PC);
  const high = entry.attributes.get(Attribute.HIGH_PC);
  if (low === undefined || high === undefined) return false;
  const end = high.kind === 'number' ? low + high.value : (numberOf(entry, Attribute.HIGH_PC) ?? low);
  return address >= low && address < end;
}

function readHeaders(info: Uint8Array | undefined): UnitHeader[] {
  const headers: UnitHeader[] = [];
  for (let offset = 0; info !== undefined && offset + 12 <= info.length; ) {
    const reader = new ByteReader(info, offset);
    const first = reader.u32();
    const offsetSize = first === DWARF64 ? 8 : 4;
    const length = first === DWARF64 ? reader.u64() : first;
    const end = reader.at + length;
    if (!(length > 0) || end > info.length) break;
    const body = new ByteReader(info, reader.at, end);
    const version = body.u16();
    if (version === 4) {
      const abbreviations = body.unsigned(offsetSize);
      body.skip(1);
      headers.push({ offset, version, offsetSize, abbreviations, body, end });
    } else if (version === 5) {
      const type = body.u8();
      body.skip(1);
      const abbreviations = body.unsigned(offsetSize);
      if (type === UNIT_COMPILE || type === UNIT_PARTIAL)
        headers.push({ offset, version, offsetSize, abbreviations, body, end });
    }
    offset = end;
  }
  return headers;
}

function readAbbreviations(section: Uint8Array, offset: number): Map<number, Abbreviation> {
  const reader = new ByteReader(section, offset);
  const found = new Map<number, Abbreviation>();
  for (let code = reader.uleb(); code !== 0; code = reader.uleb()) {
    const tag = reader.uleb();
    const hasChildren = reader.u8() !== 0;
    const forms: { name: number; form: number; constant: number }[] = [];
    for (;;) {
      const [name, form] = [reader.uleb(), reader.uleb()];
      const constant = form === FORM_IMPLICIT_CONST ? reader.sleb() : 0;
      if (name === 0 && form === 0) break;
      forms.push({ name, form, constant });
    }
    found.set(code, { tag, hasChildren, forms });
  }
  return found;
}

function parseUnit(header: UnitHeader, sections: Sections, isRootEnough: boolean): Unit | undefined {
  const abbreviations = readAbbreviations(
    sections('.debug_abbrev') ?? new Uint8Array(),
    header.abbreviations,
  );
  const reader = new ByteReader(header.body.bytes, header.body.at, header.end);
  const entries = new Map<number, Entry>();
  const stack: Entry[] = [];
  let root: Entry | undefined;
  const { offsetSize } = header;
  const base = (attribute: number): number => (root && numberOf(root, attribute)) ?? 2 * offsetSize;
  const at = (section: string, place: number): ByteReader =>
    new ByteReader(sections(section) ?? new Uint8Array(), place);
  const unit = {
    entries,
    addressOfIndex: (index: number) => at('.debug_addr', base(Attribute.ADDR_BASE) + 8 * index).u64(),
    textOfIndex: (index: number) => {
      const place = base(Attribute.STR_OFFSETS_BASE) + offsetSize * index;
      return textAt(sections('.debug_str'), at('.debug_str_offsets', place).unsigned(offsetSize));
    },
    get root() {
      return root as Entry;
    },
  };
  while (!reader.isAtEnd) {
    const offset = reader.at;
    const code = reader.uleb();
    if (code === 0) {
      stack.pop();
      continue;
    }
    const abbreviation = abbreviations.get(code);
    if (abbreviation === undefined) return undefined;
    const attributes = new Map<number, AttributeValue>();
    for (const { name, form, constant } of abbreviation.forms)
      attributes.set(name, readForm(reader, form, constant, header, sections));
    const entry: Entry = { tag: abbreviation.tag, unit, attributes, children: [] };
    entries.set(offset, entry);
    stack.at(-1)?.children.push(entry);
    root ??= entry;
    if (isRootEnough) break;
    if (abbreviation.hasChildren) stack.push(entry);
  }
  return root && unit;
}

/** Throws RangeError for a form that is not known: nobody knows where the next one begins. */
function readForm(
  reader: ByteReader,
  form: number,
  constant: number,
  header: UnitHeader,
  sections: Sections,
): AttributeValue {
  const { offsetSize, offset } = header;
  switch (form) {
    case 0x01: // addr
      return { kind: 'address', value: reader.u64() };
    case 0x03: // block2
      return block(reader, reader.u16());
    case 0x04: // block4
      return block(reader, reader.u32());
    case 0x09: // block
    case 0x18: // exprloc
      return block(reader, reader.uleb());
    case 0x0a: // block1
      return block(reader, reader.u8());
    case 0x1e: // data16
      return block(reader, 16);
    case 0x20: // ref_sig8
      return block(reader, 8);
    case 0x05: // data2
      return { kind: 'number', value: reader.u16() };
    case 0x06: // data4
      return { kind: 'number', value: reader.u32() };
    case 0x07: // data8
      return { kind: 'number', value: reader.u64() };
    case 0x0b: // data1
    case 0x0c: // flag
      return { kind: 'number', value: reader.u8() };
    case 0x0d: // sdata
      return { kind: 'number', value: reader.sleb() };
    case 0x0f: // udata
      return { kind: 'number', value: reader.uleb() };
    case 0x19: // flag_present
      return { kind: 'number', value: 1 };
    case FORM_IMPLICIT_CONST:
      return { kind: 'number', value: constant };
    case 0x08: // string
      return { kind: 'text', text: reader.text() };
    case 0x0e: // strp
      return { kind: 'text', text: textAt(sections('.debug_str'), reader.unsigned(offsetSize)) };
    case 0x1f: // line_strp
      return { kind: 'text', text: textAt(sections('.debug_line_str'), reader.unsigned(offsetSize)) };
    case 0x10: // ref_addr
      return { kind: 'reference', value: reader.unsigned(offsetSize) };
    case 0x11: // ref1
      return { kind: 'reference', value: offset + reader.u8() };
    case 0x12: // ref2
      return { kind: 'reference', value: offset + reader.u16() };
    case 0x13: // ref4
      return { kind: 'reference', value: offset + reader.u32() };
    case 0x14: // ref8
      return { kind: 'reference', value: offset + reader.u64() };
    case 0x15: // ref_udata
      return { kind: 'reference', value: offset + reader.uleb() };
    case FORM_INDIRECT:
      return readForm(reader, reader.uleb(), 0, header, sections);
    case 0x17: // sec_offset
      return { kind: 'offset', value: reader.unsigned(offsetSize) };
    case 0x22: // loclistx
    case 0x23: // rnglistx
      return { kind: 'offset', value: reader.uleb() };
    case 0x1a: // strx
      return { kind: 'text-index', value: reader.uleb() };
    case 0x25: // strx1, 2, 3, 4
    case 0x26:
    case 0x27:
    case 0x28:
      return { kind: 'text-index', value: shortIndex(reader, form - 0x24) };
    case 0x1b: // addrx
      return { kind: 'address-index', value: reader.uleb() };
    case 0x29: // addrx1, 2, 3, 4
    case 0x2a:
    case 0x2b:
    case 0x2c:
      return { kind: 'address-index', value: shortIndex(reader, form - 0x28) };
    default:
      throw new RangeError(`the form 0x${form.toString(16)} is not known`);
  }
}

function block(reader: ByteReader, length: number): AttributeValue {
  const { at } = reader;
  reader.skip(length);
  return { kind: 'block', bytes: reader.bytes.subarray(at, at + length) };
}

function shortIndex(reader: ByteReader, size: number): number {
  return size === 3 ? reader.u16() + reader.u8() * 0x1_0000 : reader.unsigned(size);
}
