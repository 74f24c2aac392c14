// The entries of .debug_info, versions 2 to 5, one unit at a time: functions, variables, types.
// scopes.ts asks for the unit around an address, name-index.ts goes through all; units are parsed when they are first wanted.
// How units are written down: units.ts. A unit that is not understood counts as absent.
import { Attribute, Tag } from './attributes.ts';
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

  /** What several files share, and dwz put into one: DWARF 5, section 7.3.6. */
  #supplement: DebugInfo | undefined;
  /** Of a supplement: who was read with it. */
  readonly #sharer: DebugInfo | undefined;
  #imports: { readonly own: Map<number, Unit>; readonly elsewhere: Map<number, Unit> } | undefined;

  constructor(sections: Sections, openSplit: OpenSplit = () => undefined, sharer?: DebugInfo) {
    this.#sections = sections;
    this.#openSplit = openSplit;
    this.#sharer = sharer;
  }

  /**
   * All units in order, parsed as they are come to, those of the supplementary file last; with `address`, an address of the file,
   * those that may have code there.
   */
  *units(address?: number): Generator<Unit> {
    for (const header of this.#allHeaders) {
      if (address !== undefined && !this.#mayCover(header, address)) continue;
      const unit = this.#unit(header);
      if (unit !== undefined) yield unit;
    }
    if (address === undefined && this.#elsewhere !== undefined) yield* this.#elsewhere.units();
  }

  get #elsewhere(): DebugInfo | undefined {
    if (this.#sharer === undefined && this.#supplement === undefined && this.#allHeaders.length > 0) {
      const sections: Sections = (name) => this.#sections(name, 'supplement');
      this.#supplement = new DebugInfo(sections, undefined, this);
    }
    return this.#supplement;
  }

  /** The unit that imports the partial unit whose first entry is at an offset. */
  #importerOf(root: number): Unit | undefined {
    const sharer = this.#sharer;
    const shared = sharer === undefined ? undefined : sharer.#importing.elsewhere.get(root);
    return shared ?? this.#importing.own.get(root);
  }

  get #importing(): { readonly own: Map<number, Unit>; readonly elsewhere: Map<number, Unit> } {
    if (this.#imports !== undefined) return this.#imports;
    const found = { own: new Map<number, Unit>(), elsewhere: new Map<number, Unit>() };
    for (const header of this.#allHeaders) {
      const unit = this.#unit(header);
      for (const { tag, attributes } of unit?.root.children ?? []) {
        const value = tag === Tag.IMPORTED_UNIT ? attributes.get(Attribute.IMPORT) : undefined;
        if (unit === undefined || value?.kind !== 'reference') continue;
        const map = value.isElsewhere === true ? found.elsewhere : found.own;
        if (!map.has(value.value)) map.set(value.value, unit);
      }
    }
    this.#imports = found;
    return found;
  }

  /** The entry that an attribute leads to. */
  refer(entry: Entry, attribute: number): Entry | undefined {
    const value = entry.attributes.get(attribute);
    if (value?.kind === 'signature') return entry.unit.typeOf(value.value);
    if (value?.kind !== 'reference') return undefined;
    const isElsewhere = value.isElsewhere === true;
    const own = isElsewhere ? undefined : entry.unit.entries.get(value.value);
    return own ?? entry.unit.entryAt(value.value, isElsewhere);
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
        entryAt: (offset, isElsewhere) => (isElsewhere ? this.#elsewhere : this)?.entryAt(offset),
        importerOf: (root) => this.#importerOf(root),
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
