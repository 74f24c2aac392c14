// How .debug_info is written down: headers of units, abbreviations, and the tree of entries of one unit.
// debug-info.ts parses with it what is asked for. DWARF 5, sections 7.5.1 to 7.5.3; for versions 2 to 4, the same of DWARF 4.
// What is broken throws a RangeError, or ends the list of units.
import { Attribute } from './attributes.ts';
import { ByteReader, textAt } from './byte-reader.ts';
import { type Entry, numberOf, type Unit } from './entry.ts';
import { sizeOfForm, skipForm } from './form-sizes.ts';
import {
  type AttributeValue,
  FORM_IMPLICIT_CONST,
  type FormContext,
  readForm,
  type Sections,
} from './forms.ts';

export interface UnitHeader {
  readonly offset: number;
  readonly kind: 'code' | 'type' | 'skeleton';
  readonly version: number;
  readonly offsetSize: 4 | 8;
  readonly abbreviations: number;
  readonly body: ByteReader;
  readonly end: number;
  /** Of a type unit: how it is referred to. Of a skeleton and the unit that it stands for: what they know each other by. */
  readonly signature: bigint | undefined;
  /** Of a type unit: the entry of its type, in the section. */
  readonly typeAt: number | undefined;
}

export interface Abbreviation {
  readonly tag: number;
  readonly hasChildren: boolean;
  readonly forms: readonly { readonly name: number; readonly form: number; readonly constant: number }[];
  /** What an entry takes without its code, in units of 32 bits of version 3 and later; undefined where that differs. */
  readonly size: number | undefined;
}

const DWARF64 = 0xffff_ffff;
/** DW_UT_*. */
const KINDS: Readonly<Record<number, UnitHeader['kind']>> = {
  1: 'code', // compile
  2: 'type',
  3: 'code', // partial
  4: 'skeleton',
  5: 'code', // split_compile
  6: 'type', // split_type
};
const SPLIT_COMPILE = 5;
const OLDEST = 2;

/** Of all units of .debug_info, or of .debug_types, which DWARF 4 has. */
export function readHeaders(section: Uint8Array | undefined, hasTypesOnly = false): UnitHeader[] {
  const headers: UnitHeader[] = [];
  for (let offset = 0; section !== undefined && offset + 12 <= section.length; ) {
    const reader = new ByteReader(section, offset);
    const first = reader.u32();
    const offsetSize = first === DWARF64 ? 8 : 4;
    const length = first === DWARF64 ? reader.u64() : first;
    const end = reader.at + length;
    if (!(length > 0) || end > section.length) break;
    try {
      const header = readHeader(new ByteReader(section, reader.at, end), offset, offsetSize, hasTypesOnly);
      if (header !== undefined) headers.push(header);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
    offset = end;
  }
  return headers;
}

function readHeader(
  body: ByteReader,
  offset: number,
  offsetSize: 4 | 8,
  hasTypesOnly: boolean,
): UnitHeader | undefined {
  const version = body.u16();
  if (version < OLDEST || version > 5) return undefined;
  const type = version >= 5 ? body.u8() : 0;
  const kind = version >= 5 ? KINDS[type] : hasTypesOnly ? 'type' : 'code';
  if (kind === undefined) return undefined;
  if (version >= 5) body.skip(1); // size of addresses
  const abbreviations = body.unsigned(offsetSize);
  if (version < 5) body.skip(1);
  const signature = kind !== 'code' || type === SPLIT_COMPILE ? body.u64Big() : undefined;
  const typeAt = kind === 'type' ? offset + body.unsigned(offsetSize) : undefined;
  return { offset, kind, version, offsetSize, abbreviations, body, end: body.end, signature, typeAt };
}

export function readAbbreviations(
  section: Uint8Array | undefined,
  offset: number,
): Map<number, Abbreviation> {
  const reader = new ByteReader(section ?? new Uint8Array(), offset);
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
    found.set(code, { tag, hasChildren, forms, size: usualSize(forms) });
  }
  return found;
}

const USUAL: FormContext = { version: 5, offset: 0, offsetSize: 4 };

function usualSize(forms: Abbreviation['forms']): number | undefined {
  let all = 0;
  for (const { form } of forms) {
    const size = sizeOfForm(form, USUAL);
    if (size === undefined) return undefined;
    all += size;
  }
  return all;
}

/** Goes from an entry's attributes to the next entry. */
export function skipAttributes(reader: ByteReader, { forms, size }: Abbreviation, header: UnitHeader): void {
  if (size !== undefined && header.offsetSize === 4 && header.version >= 3) reader.skip(size);
  else for (const { form } of forms) skipForm(reader, form, header);
}

export interface UnitOptions {
  /** The entries below it are not wanted. */
  readonly isRootEnough: boolean;
  /** Where another entry is than the first, which counts as that. */
  readonly first?: number | undefined;
  /** The skeleton's root, of a unit that lies in a file of its own. */
  readonly outer?: Entry | undefined;
  readonly typeOf: Unit['typeOf'];
  readonly entryAt: Unit['entryAt'];
  readonly importerOf: (root: number) => Unit | undefined;
}

export function parseUnit(
  header: UnitHeader,
  abbreviations: ReadonlyMap<number, Abbreviation>,
  sections: Sections,
  { isRootEnough, first, outer, typeOf, entryAt, importerOf }: UnitOptions,
): Unit | undefined {
  const reader = new ByteReader(header.body.bytes, first ?? header.body.at, header.end);
  const entries = new Map<number, Entry>();
  const stack: Entry[] = [];
  let root: Entry | undefined;
  const { offsetSize, version } = header;
  const base = (attribute: number): number => (root && numberOf(root, attribute)) ?? 2 * offsetSize;
  const at = (section: string, place: number): ByteReader =>
    new ByteReader(sections(section) ?? new Uint8Array(), place);
  const unit = {
    offset: header.offset,
    version,
    offsetSize,
    sections,
    entries,
    typeOf,
    entryAt,
    importer: () => (root === undefined ? undefined : importerOf(root.offset)),
    addressOfIndex: (index: number) =>
      outer?.unit.addressOfIndex(index) ?? at('.debug_addr', base(Attribute.ADDR_BASE) + 8 * index).u64(),
    textOfIndex: (index: number) => {
      const place = base(Attribute.STR_OFFSETS_BASE) + offsetSize * index;
      return textAt(sections('.debug_str'), at('.debug_str_offsets', place).unsigned(offsetSize));
    },
    get root() {
      return root as Entry;
    },
  };
  const source = { header, sections };
  while (!reader.isAtEnd) {
    const offset = reader.at;
    const code = reader.uleb();
    if (code === 0) {
      stack.pop();
      continue;
    }
    const abbreviation = abbreviations.get(code);
    if (abbreviation === undefined) return undefined;
    const attributesAt = reader.at;
    skipAttributes(reader, abbreviation, header);
    const entry = new ParsedEntry(unit, source, offset, abbreviation, attributesAt);
    if (root === undefined && outer !== undefined) entry.inherit(outer);
    entries.set(offset, entry);
    stack.at(-1)?.children.push(entry);
    root ??= entry;
    if (isRootEnough) break;
    if (abbreviation.hasChildren) stack.push(entry);
  }
  return root && unit;
}

/** Where entries are read from. */
interface Source {
  readonly header: UnitHeader;
  readonly sections: Sections;
}

const NO_CHILDREN: Entry[] = [];

/** Its attributes are read when they are first wanted: most never are. */
class ParsedEntry implements Entry {
  readonly unit: Unit;
  readonly offset: number;
  readonly children: Entry[];
  readonly #source: Source;
  readonly #abbreviation: Abbreviation;
  /** Of its attributes, in the section. */
  readonly #at: number;
  #attributes: Map<number, AttributeValue> | undefined;

  constructor(unit: Unit, source: Source, offset: number, abbreviation: Abbreviation, at: number) {
    this.unit = unit;
    this.offset = offset;
    this.children = abbreviation.hasChildren ? [] : NO_CHILDREN;
    this.#source = source;
    this.#abbreviation = abbreviation;
    this.#at = at;
  }

  get tag(): number {
    return this.#abbreviation.tag;
  }

  get attributes(): ReadonlyMap<number, AttributeValue> {
    return this.#own;
  }

  get #own(): Map<number, AttributeValue> {
    if (this.#attributes !== undefined) return this.#attributes;
    const { header, sections } = this.#source;
    const reader = new ByteReader(header.body.bytes, this.#at, header.end);
    const attributes = new Map<number, AttributeValue>();
    for (const { name, form, constant } of this.#abbreviation.forms)
      attributes.set(name, asMeant(header.version, name, readForm(reader, form, constant, header, sections)));
    this.#attributes = attributes;
    return attributes;
  }

  /** What a skeleton says of its unit, which says where code and line tables are: DWARF 5, section 3.1.2. */
  inherit(skeleton: Entry): void {
    for (const name of OF_SKELETONS) {
      const value = skeleton.attributes.get(name);
      if (value !== undefined && !this.#own.has(name)) this.#own.set(name, value);
    }
  }
}

const OF_SKELETONS: readonly number[] = [Attribute.LOW_PC, Attribute.STMT_LIST, Attribute.COMP_DIR];

/** Before version 4, offsets of other sections were plain numbers: DWARF 3, section 7.5.4. */
const OFFSETS: ReadonlySet<number> = new Set([
  Attribute.STMT_LIST,
  Attribute.RANGES,
  Attribute.LOCATION,
  Attribute.FRAME_BASE,
]);

function asMeant(version: number, name: number, value: AttributeValue): AttributeValue {
  const isOffset = version < 4 && value.kind === 'number' && value.isFixed === true && OFFSETS.has(name);
  return isOffset ? { kind: 'offset', value: value.value } : value;
}
