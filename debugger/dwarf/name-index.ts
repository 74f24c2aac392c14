// Which units of .debug_info name what, found in one pass over their bytes without parsing them: most units never are.
// debug-info.ts asks for the units that a name may be in, and who imports a partial unit.
// The index may say too much, never too little: what cannot be looked through counts as naming everything.
import { plainName } from '../names/name-matching.ts';
import { Attribute, Tag } from './attributes.ts';
import { ByteReader } from './byte-reader.ts';
import type { Unit } from './entry.ts';
import { skipForm } from './form-sizes.ts';
import { type AttributeValue, readForm, type Sections } from './forms.ts';
import { type Abbreviation, skipAttributes, type UnitHeader } from './units.ts';

export interface NameIndex {
  /** In order; names are as they stand there, and without scopes and template arguments. */
  readonly units: ReadonlyMap<string, readonly UnitHeader[]>;
  /** Those that have to be looked at whatever the name is. */
  readonly always: ReadonlySet<UnitHeader>;
  /** By the offset of a partial unit's first entry in the same file or in the supplementary one: the first that imports it. */
  readonly importers: ReadonlyMap<number, UnitHeader>;
  readonly importersElsewhere: ReadonlyMap<number, UnitHeader>;
}

export interface IndexOptions {
  readonly sections: Sections;
  readonly abbreviationsOf: (header: UnitHeader) => ReadonlyMap<number, Abbreviation>;
  /** With its first entry alone. */
  readonly rootOf: (header: UnitHeader) => Unit | undefined;
  /** Lies what the unit says in another file? */
  readonly isElsewhere: (header: UnitHeader) => boolean;
  /** The name of an entry of another unit. */
  readonly nameAt: (offset: number, isElsewhere: boolean) => string | undefined;
}

/** What has a name that is looked for. Variables and types count outside of functions alone. */
const NAMED: ReadonlySet<number> = new Set([
  Tag.CLASS,
  Tag.ENUMERATION,
  Tag.ENUMERATOR,
  Tag.STRUCTURE,
  Tag.TYPEDEF,
  Tag.UNION,
  Tag.BASE,
  Tag.VARIABLE,
  Tag.NAMESPACE,
]);
const CODE: ReadonlySet<number> = new Set([Tag.SUBPROGRAM, Tag.INLINED]);

export function indexNames(headers: readonly UnitHeader[], options: IndexOptions): NameIndex {
  const { nameAt, isElsewhere } = options;
  const units = new Map<string, UnitHeader[]>();
  const always = new Set<UnitHeader>();
  const importers = new Map<number, UnitHeader>();
  const importersElsewhere = new Map<number, UnitHeader>();
  const keys = new Map<string, readonly string[]>();
  const add = (name: string, header: UnitHeader): void => {
    let all = keys.get(name);
    if (all === undefined) {
      all = keysOf(name);
      keys.set(name, all);
    }
    for (const key of all) {
      const known = units.get(key);
      if (known === undefined) units.set(key, [header]);
      else if (known.at(-1) !== header) known.push(header);
    }
  };
  const others = new Map<string, string | undefined>();
  const scan = (header: UnitHeader): void => {
    const onReference = (tag: number, { value, isElsewhere: isFar = false }: Reference): void => {
      if (tag === Tag.IMPORTED_UNIT) {
        const imports = isFar ? importersElsewhere : importers;
        if (!imports.has(value)) imports.set(value, header);
        return;
      }
      const key = `${value}${isFar ? ' elsewhere' : ''}`;
      if (!others.has(key)) others.set(key, nameAt(value, isFar));
      const name = others.get(key);
      if (name !== undefined) add(name, header);
    };
    scanUnit(header, options, { onName: (name) => add(name, header), onReference });
  };
  for (const header of headers) {
    try {
      if (isElsewhere(header)) always.add(header);
      else scan(header);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      always.add(header);
    }
  }
  return { units, always, importers, importersElsewhere };
}

/** By what a name is looked up: as it is, and its last part. */
export function keysOf(name: string): readonly string[] {
  const plain = plainName(name);
  return plain === name ? [name] : [name, plain];
}

type Reference = AttributeValue & { readonly kind: 'reference' };

interface Visitor {
  readonly onName: (name: string) => void;
  /** To an entry, mostly of another unit, whose name this one has, or which it imports. */
  readonly onReference: (tag: number, to: Reference) => void;
}

function scanUnit(header: UnitHeader, options: IndexOptions, visitor: Visitor): void {
  const abbreviations = options.abbreviationsOf(header);
  const reader = new ByteReader(header.body.bytes, header.body.at, header.end);
  let depth = 0;
  /** How deep the function is that what comes is in. */
  let inFunction = Number.POSITIVE_INFINITY;
  while (!reader.isAtEnd) {
    const code = reader.uleb();
    if (code === 0) {
      depth--;
      if (depth <= inFunction) inFunction = Number.POSITIVE_INFINITY;
      continue;
    }
    const abbreviation = abbreviations.get(code);
    if (abbreviation === undefined) throw new RangeError('an abbreviation is missing');
    const { tag, hasChildren } = abbreviation;
    if (CODE.has(tag) || tag === Tag.IMPORTED_UNIT || (NAMED.has(tag) && depth < inFunction))
      lookAt(reader, abbreviation, header, options, visitor);
    else skipAttributes(reader, abbreviation, header);
    if (!hasChildren) continue;
    if (tag === Tag.SUBPROGRAM && depth < inFunction) inFunction = depth;
    depth++;
  }
}

function lookAt(
  reader: ByteReader,
  { tag, forms }: Abbreviation,
  header: UnitHeader,
  { sections, rootOf }: IndexOptions,
  { onName, onReference }: Visitor,
): void {
  for (const { name, form, constant } of forms) {
    const isOrigin = name === Attribute.ABSTRACT_ORIGIN || name === Attribute.SPECIFICATION;
    if (name !== Attribute.NAME && name !== Attribute.IMPORT && !isOrigin) {
      skipForm(reader, form, header);
      continue;
    }
    const value = readForm(reader, form, constant, header, sections);
    if (value.kind === 'text') onName(value.text);
    else if (value.kind === 'text-index') {
      const text = rootOf(header)?.textOfIndex(value.value);
      if (text !== undefined) onName(text);
    } else if (value.kind === 'reference') {
      const isOwn = value.isElsewhere !== true && value.value >= header.offset && value.value < header.end;
      // before version 5, what a static member is declared by is a member: DWARF 4, section 5.5.6
      const isStaticMember = tag === Tag.VARIABLE && header.version < 5;
      if (tag === Tag.IMPORTED_UNIT || !isOwn || isStaticMember) onReference(tag, value);
    }
  }
}
