// Names of entries with the namespaces and classes around them: `shop::Item::price`, `hello::main`.
// scopes.ts names functions so, unit-names.ts finds them by it, debugger/values/dwarf-types.ts names types.
// Of languages without scopes, C among them, names stand alone. DWARF 5, section 2.1 and table 7.17.
import { demangled, isMangled } from '../names/demangle.ts';
import { Attribute, Tag } from './attributes.ts';
import { type DebugInfo, nameOf, original } from './debug-info.ts';
import { type Entry, numberOf, textOf, type Unit } from './entry.ts';

const CPP: ReadonlySet<number> = new Set([0x04, 0x1a, 0x21, 0x2b, 0x2c, 0x3a, 0x3e]);
const RUST = 0x1c;

export type Language = 'c' | 'c++' | 'rust';

const languages = new WeakMap<Unit, Language>();

/** Importers of importers end here. */
const DEEPEST = 8;

/** What is neither C++ nor Rust is read as C. A partial unit that does not say is of its importer's. */
export function languageOf(unit: Unit, depth = 0): Language {
  let language = languages.get(unit);
  if (language === undefined) {
    const code = numberOf(unit.root, Attribute.LANGUAGE);
    const isPartial = unit.root.tag === Tag.PARTIAL_UNIT && code === undefined;
    const importer = isPartial && depth < DEEPEST ? unit.importer() : undefined;
    if (importer !== undefined) return languageOf(importer, depth + 1);
    language = code === RUST ? 'rust' : CPP.has(code ?? 0) ? 'c++' : 'c';
    languages.set(unit, language);
  }
  return language;
}

const parents = new WeakMap<Unit, ReadonlyMap<Entry, Entry>>();

export function parentOf(entry: Entry): Entry | undefined {
  let known = parents.get(entry.unit);
  if (known === undefined) {
    const found = new Map<Entry, Entry>();
    for (const each of entry.unit.entries.values()) for (const child of each.children) found.set(child, each);
    known = found;
    parents.set(entry.unit, known);
  }
  return known.get(entry);
}

const SCOPES: ReadonlySet<number> = new Set([Tag.NAMESPACE, Tag.STRUCTURE, Tag.CLASS, Tag.UNION]);

/** `shop::Item::`, or nothing. */
export function scopeOf(info: DebugInfo, entry: Entry): string {
  if (languageOf(entry.unit) === 'c') return '';
  const own = original(info, entry);
  const parent = parentOf(own);
  if (parent === undefined) return '';
  // what is local to a function counts to the function's scope
  if (!SCOPES.has(parent.tag)) return parent.tag === Tag.SUBPROGRAM ? `${qualified(info, parent)}()::` : '';
  const name = textOf(parent, Attribute.NAME);
  const shown = name ?? (parent.tag === Tag.NAMESPACE ? '(anonymous namespace)' : '{unnamed}');
  return `${scopeOf(info, parent)}${shown}::`;
}

function qualified(info: DebugInfo, entry: Entry): string {
  return `${scopeOf(info, entry)}${nameOf(info, entry) ?? '??'}`;
}

const names = new WeakMap<Entry, string>();

/** Undefined for what has no name. */
export function qualifiedName(info: DebugInfo, entry: Entry): string | undefined {
  const known = names.get(entry);
  if (known !== undefined) return known;
  if (nameOf(info, entry) === undefined) return undefined;
  const name = qualified(info, entry);
  names.set(entry, name);
  return name;
}

/** Of a function with its parameters where its language tells functions apart by them: `shop::add(int, int)`. */
export function signature(info: DebugInfo, entry: Entry): string | undefined {
  const own = original(info, entry);
  const linkage = textOf(entry, Attribute.LINKAGE_NAME) ?? textOf(own, Attribute.LINKAGE_NAME);
  const isShown = languageOf(entry.unit) === 'c++' && linkage !== undefined && isMangled(linkage);
  return isShown ? demangled(linkage, false) : qualifiedName(info, entry);
}
