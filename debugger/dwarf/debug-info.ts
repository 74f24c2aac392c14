// The entries of .debug_info, versions 2 to 5, one unit at a time: functions, variables, types.
// scopes.ts asks for the unit around an address, unit-names.ts for those with a name; units are parsed when they are first wanted.
// How units are written down: units.ts. A unit that is not understood counts as absent.

import { countUpTo } from '../sorted.ts';
import { Attribute } from './attributes.ts';
import { type Entry, textOf, type Unit } from './entry.ts';
import type { Sections } from './forms.ts';
import { indexNames, keysOf, type NameIndex } from './name-index.ts';
import { type Range, rangesOf } from './ranges.ts';
import { type Abbreviation, parseUnit, readAbbreviations, readHeaders, type UnitHeader } from './units.ts';

/** The sections of the file that the unit behind a skeleton lies in: DWARF 5, section 7.3.2. */
export type OpenSplit = (name: string, directory: string, version: number) => Sections | undefined;

/** Entries that stand for others that stand for others end here. */
const DEEPEST = 8;

export class DebugInfo {
  readonly #sections: Sections;
  readonly #openSplit: OpenSplit;
  #headers: readonly UnitHeader[] | undefined;
  /** How many of the headers are those of .debug_info, in order of their offsets. */
  #ownCount = 0;
  #types: ReadonlyMap<bigint, UnitHeader> | undefined;
  readonly #units = new Map<UnitHeader, Unit | undefined>();
  readonly #abbreviations = new Map<number, ReadonlyMap<number, Abbreviation>>();
  /** Where the units have code; undefined for one that does not say. */
  readonly #ranges = new Map<UnitHeader, readonly Range[] | undefined>();

  /** What several files share, and dwz put into one: DWARF 5, section 7.3.6. */
  #supplement: DebugInfo | undefined;
  /** Of a supplement: who was read with it. */
  readonly #sharer: DebugInfo | undefined;
  #index: NameIndex | undefined;

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

  /** As `units`, without most of those that cannot know the name, which may have scopes, template arguments and parameters. */
  *unitsNaming(name: string): Generator<Unit> {
    const { units, always } = this.#names;
    const found = new Set(keysOf(name).flatMap((key) => units.get(key) ?? []));
    for (const header of this.#allHeaders) {
      const unit = found.has(header) || always.has(header) ? this.#unit(header) : undefined;
      if (unit !== undefined) yield unit;
    }
    if (this.#elsewhere !== undefined) yield* this.#elsewhere.unitsNaming(name);
  }

  get #names(): NameIndex {
    this.#index ??= indexNames(this.#allHeaders, {
      sections: this.#sections,
      abbreviationsOf: (header) => this.#abbreviationsOf(header),
      rootOf: (header) => this.#parse(header, true),
      isElsewhere: (header) => header.kind === 'skeleton' || this.#skeleton(header) !== undefined,
      nameAt: (offset, isElsewhere) => (isElsewhere ? this.#elsewhere : this)?.nameAt(offset),
    });
    return this.#index;
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
    const shared = sharer === undefined ? undefined : sharer.#names.importersElsewhere.get(root);
    if (sharer !== undefined && shared !== undefined) return sharer.#unit(shared);
    const own = this.#names.importers.get(root);
    return own && this.#unit(own);
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
    const header = this.#headerAround(offset);
    return header && this.#unit(header)?.entries.get(offset);
  }

  /** The name of the entry at an offset of the section, its own or of what it stands for. No unit is parsed for it. */
  nameAt(offset: number, depth = 0): string | undefined {
    const header = this.#headerAround(offset);
    const entry = header && this.#parse(header, true, undefined, offset)?.root;
    if (header === undefined || entry === undefined) return undefined;
    const { attributes } = entry;
    const name = attributes.get(Attribute.NAME);
    if (name?.kind === 'text') return name.text;
    if (name?.kind === 'text-index') return this.#parse(header, true)?.textOfIndex(name.value);
    const origin = attributes.get(Attribute.ABSTRACT_ORIGIN) ?? attributes.get(Attribute.SPECIFICATION);
    if (origin?.kind !== 'reference' || depth > DEEPEST) return undefined;
    return (origin.isElsewhere === true ? this.#elsewhere : this)?.nameAt(origin.value, depth + 1);
  }

  /** None of .debug_types. */
  #headerAround(offset: number): UnitHeader | undefined {
    const headers = this.#allHeaders;
    const count = countUpTo(this.#ownCount, (index) => (headers[index] as UnitHeader).offset, offset);
    const header = headers[count - 1];
    return header !== undefined && offset < header.end ? header : undefined;
  }

  get #allHeaders(): readonly UnitHeader[] {
    if (this.#headers !== undefined) return this.#headers;
    const own = readHeaders(this.#sections('.debug_info'));
    this.#ownCount = own.length;
    this.#headers = [...own, ...readHeaders(this.#sections('.debug_types'), true)];
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

  /** The first entry of a skeleton, and the name of the file that it stands for; before version 5 it has no kind of its own. */
  #skeleton(header: UnitHeader): { root: Entry; name: string } | undefined {
    if (header.kind === 'type') return undefined;
    const root = this.#parse(header, true)?.root;
    const name = root && (textOf(root, Attribute.DWO_NAME) ?? textOf(root, Attribute.GNU_DWO_NAME));
    return root === undefined || name === undefined ? undefined : { root, name };
  }

  #behind(header: UnitHeader): Unit | undefined {
    const skeleton = this.#skeleton(header);
    if (skeleton === undefined) return undefined;
    const { root, name } = skeleton;
    const sections = this.#openSplit(name, textOf(root, Attribute.COMP_DIR) ?? '', header.version);
    return sections && new DebugInfo(sections).#unitFor(header.signature, root);
  }

  #unitFor(signature: bigint | undefined, skeleton: Entry): Unit | undefined {
    const header = this.#allHeaders.find((each) => each.kind === 'code' && each.signature === signature);
    return header && this.#parse(header, false, skeleton);
  }

  #abbreviationsOf({ abbreviations: offset }: UnitHeader): ReadonlyMap<number, Abbreviation> {
    let abbreviations = this.#abbreviations.get(offset);
    if (abbreviations === undefined) {
      abbreviations = readAbbreviations(this.#sections('.debug_abbrev'), offset);
      this.#abbreviations.set(offset, abbreviations);
    }
    return abbreviations;
  }

  /** With `first`, the entry at that offset takes the place of the unit's first. */
  #parse(header: UnitHeader, isRootEnough: boolean, outer?: Entry, first?: number): Unit | undefined {
    try {
      return parseUnit(header, this.#abbreviationsOf(header), this.#sections, {
        isRootEnough,
        first,
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
  for (let depth = 0; depth < DEEPEST; depth++) {
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
