// The entries of .debug_info, versions 2 to 5, one unit at a time: functions, variables, types.
// scopes.ts asks for the unit around an address, name-index.ts goes through all; units are parsed when they are first wanted.
// How units are written down: units.ts. A unit that is not understood counts as absent.
import { Attribute } from './attributes.ts';
import { type Entry, textOf, type Unit } from './entry.ts';
import type { Sections } from './forms.ts';
import { type Range, rangesOf } from './ranges.ts';
import { type Abbreviation, parseUnit, readAbbreviations, readHeaders, type UnitHeader } from './units.ts';

/** The sections of the file that the unit behind a skeleton lies in: DWARF 5, section 7.3.2. */
export type OpenSplit = (name: string, directory: string, version: number) => Sections | undefined;

export class DebugInfo {
  readonly #sections: Sections;
  readonly #openSplit: OpenSplit;
  #headers: readonly UnitHeader[] | undefined;
  #types: ReadonlyMap<bigint, UnitHeader> | undefined;
  readonly #units = new Map<UnitHeader, Unit | undefined>();
  readonly #abbreviations = new Map<number, ReadonlyMap<number, Abbreviation>>();
  /** Where the units have code; undefined for one that does not say. */
  readonly #ranges = new Map<UnitHeader, readonly Range[] | undefined>();

  constructor(sections: Sections, openSplit: OpenSplit = () => undefined) {
    this.#sections = sections;
    this.#openSplit = openSplit;
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
    if (value?.kind === 'signature') return entry.unit.typeOf(value.value);
    if (value?.kind !== 'reference') return undefined;
    return entry.unit.entries.get(value.value) ?? this.entryAt(value.value);
  }

  /** The type of a type unit. */
  #typeOf(signature: bigint): Entry | undefined {
    this.#types ??= new Map(this.#allHeaders.flatMap((each) => typeSignature(each)));
    const header = this.#types.get(signature);
    return header?.typeAt === undefined ? undefined : this.#unit(header)?.entries.get(header.typeAt);
  }

  /** The entry at an offset of the section. */
  entryAt(offset: number): Entry | undefined {
    const header = this.#allHeaders.find(({ offset: start, end }) => offset >= start && offset < end); // none of .debug_types
    return header && this.#unit(header)?.entries.get(offset);
  }

  get #allHeaders(): readonly UnitHeader[] {
    this.#headers ??= [
      ...readHeaders(this.#sections('.debug_info')),
      ...readHeaders(this.#sections('.debug_types'), true),
    ];
    return this.#headers;
  }

  #mayCover(header: UnitHeader, address: number): boolean {
    if (header.kind === 'type') return false;
    if (!this.#ranges.has(header)) {
      const root = this.#parse(header, true)?.root;
      this.#ranges.set(header, root === undefined ? [] : rangesOf(root));
    }
    return this.#ranges.get(header)?.some(([low, high]) => address >= low && address < high) !== false;
  }

  #unit(header: UnitHeader): Unit | undefined {
    if (!this.#units.has(header)) {
      const unit = header.kind === 'skeleton' ? undefined : this.#parse(header, false);
      this.#units.set(header, this.#behind(header) ?? unit);
    }
    return this.#units.get(header);
  }

  /** The unit that a skeleton stands for, if it is one; before version 5 it has no kind of its own. */
  #behind(header: UnitHeader): Unit | undefined {
    if (header.kind === 'type') return undefined;
    const root = this.#parse(header, true)?.root;
    const name = root && (textOf(root, Attribute.DWO_NAME) ?? textOf(root, Attribute.GNU_DWO_NAME));
    if (root === undefined || name === undefined) return undefined;
    const sections = this.#openSplit(name, textOf(root, Attribute.COMP_DIR) ?? '', header.version);
    return sections && new DebugInfo(sections).#unitFor(header.signature, root);
  }

  #unitFor(signature: bigint | undefined, skeleton: Entry): Unit | undefined {
    const header = this.#allHeaders.find((each) => each.kind === 'code' && each.signature === signature);
    return header && this.#parse(header, false, skeleton);
  }

  #parse(header: UnitHeader, isRootEnough: boolean, outer?: Entry): Unit | undefined {
    try {
      let abbreviations = this.#abbreviations.get(header.abbreviations);
      if (abbreviations === undefined) {
        abbreviations = readAbbreviations(this.#sections('.debug_abbrev'), header.abbreviations);
        this.#abbreviations.set(header.abbreviations, abbreviations);
      }
      return parseUnit(header, abbreviations, this.#sections, {
        isRootEnough,
        outer,
        typeOf: (signature) => this.#typeOf(signature),
      });
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

function typeSignature(header: UnitHeader): [bigint, UnitHeader][] {
  return header.kind === 'type' && header.signature !== undefined ? [[header.signature, header]] : [];
}
