// The entries of .debug_info, versions 4 and 5, one unit at a time: functions, variables, types.
// scopes.ts asks for the unit around an address, name-index.ts goes through all; units are parsed when they are first wanted.
// DWARF 5, sections 7.5 and 7.27. A unit that is not understood counts as absent.
import { Attribute } from './attributes.ts';
import { ByteReader, textAt } from './byte-reader.ts';
import { type Entry, numberOf, textOf, type Unit } from './entry.ts';
import { type AttributeValue, FORM_IMPLICIT_CONST, readForm, type Sections } from './forms.ts';
import { type Range, rangesOf } from './ranges.ts';

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

export class DebugInfo {
  readonly #sections: Sections;
  #headers: readonly UnitHeader[] | undefined;
  readonly #units = new Map<UnitHeader, Unit | undefined>();
  readonly #abbreviations = new Map<number, ReadonlyMap<number, Abbreviation>>();
  /** Where the units have code; undefined for one that does not say. */
  readonly #ranges = new Map<UnitHeader, readonly Range[] | undefined>();

  constructor(sections: Sections) {
    this.#sections = sections;
  }

  /** All units in order, parsed as they are come to; with `address`, an address of the file, those that may have code there. */
  *units(address?: number): Generator<Unit> {
    for (const header of this.#allHeaders) {
      if (address !== undefined && !this.#mayCover(header, address)) continue;
      const unit = this.#unit(header);
      if (unit !== undefined) yield unit;
    }
  }

  /** The entry that an attribute leads to. */
  refer(entry: Entry, attribute: number): Entry | undefined {
    const value = entry.attributes.get(attribute);
    if (value?.kind !== 'reference') return undefined;
    return entry.unit.entries.get(value.value) ?? this.entryAt(value.value);
  }

  /** The entry at an offset of the section. */
  entryAt(offset: number): Entry | undefined {
    const header = this.#allHeaders.find(({ offset: start, end }) => offset >= start && offset < end);
    return header && this.#unit(header)?.entries.get(offset);
  }

  get #allHeaders(): readonly UnitHeader[] {
    this.#headers ??= readHeaders(this.#sections('.debug_info'));
    return this.#headers;
  }

  #mayCover(header: UnitHeader, address: number): boolean {
    if (!this.#ranges.has(header)) {
      const root = this.#parse(header, true)?.root;
      this.#ranges.set(header, root === undefined ? [] : rangesOf(root));
    }
    return this.#ranges.get(header)?.some(([low, high]) => address >= low && address < high) !== false;
  }

  #unit(header: UnitHeader): Unit | undefined {
    if (!this.#units.has(header)) this.#units.set(header, this.#parse(header, false));
    return this.#units.get(header);
  }

  #parse(header: UnitHeader, isRootEnough: boolean): Unit | undefined {
    try {
      let abbreviations = this.#abbreviations.get(header.abbreviations);
      if (abbreviations === undefined) {
        abbreviations = readAbbreviations(this.#sections('.debug_abbrev'), header.abbreviations);
        this.#abbreviations.set(header.abbreviations, abbreviations);
      }
      return parseUnit(header, abbreviations, this.#sections, isRootEnough);
    } catch (error) {
      if (error instanceof RangeError) return undefined;
      throw error;
    }
  }
}

/** The entry that has the name and type: of an inlined function or a definition, another one. */
export function original(info: DebugInfo, entry: Entry): Entry {
  let found = entry;
  for (let depth = 0; depth < 8; depth++) {
    const other = info.refer(found, Attribute.ABSTRACT_ORIGIN) ?? info.refer(found, Attribute.SPECIFICATION);
    if (other === undefined) break;
    found = other;
  }
  return found;
}

/** The name of an entry, its own or of what it stands for. */
export function nameOf(info: DebugInfo, entry: Entry): string | undefined {
  return textOf(entry, Attribute.NAME) ?? textOf(original(info, entry), Attribute.NAME);
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

function readAbbreviations(section: Uint8Array | undefined, offset: number): Map<number, Abbreviation> {
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
    found.set(code, { tag, hasChildren, forms });
  }
  return found;
}

function parseUnit(
  header: UnitHeader,
  abbreviations: ReadonlyMap<number, Abbreviation>,
  sections: Sections,
  isRootEnough: boolean,
): Unit | undefined {
  const reader = new ByteReader(header.body.bytes, header.body.at, header.end);
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
    const entry: Entry = { tag: abbreviation.tag, offset, unit, attributes, children: [] };
    entries.set(offset, entry);
    stack.at(-1)?.children.push(entry);
    root ??= entry;
    if (isRootEnough) break;
    if (abbreviation.hasChildren) stack.push(entry);
  }
  return root && unit;
}
