// What a unit of .debug_info names: functions, variables, types and enumerators of file scope, and inlined copies of functions.
// debugger/prompt/program.ts asks unit by unit; each unit is gone through once.
// Functions are kept by their names without scopes and template arguments; variables and types with scopes and without.

import { isNamed, plainName, scopedName } from '../names/name-matching.ts';
import { Attribute, Tag } from './attributes.ts';
import { type DebugInfo, nameOf, original } from './debug-info.ts';
import { type Entry, textOf, type Unit } from './entry.ts';
import { hasLocationList } from './location-lists.ts';
import { languageOf, qualifiedName, signature } from './qualified-names.ts';
import { entryAddress, rangesOf } from './ranges.ts';
import { subprograms } from './scopes.ts';

export interface UnitNames {
  readonly variables: ReadonlyMap<string, Entry>;
  /** Those with code, by plain names; `functionsNamed` knows the others. */
  readonly functions: ReadonlyMap<string, readonly Entry[]>;
  /** Typedefs and base types by name; structures and the like by keyword and name. */
  readonly types: ReadonlyMap<string, Entry>;
  /** Those without code of their own too, which were inlined everywhere. */
  readonly functionNames: ReadonlySet<string>;
  readonly namespaces: ReadonlySet<string>;
  readonly enumerators: ReadonlyMap<string, { readonly enumerator: Entry; readonly type: Entry }>;
}

const KEYWORDS: Readonly<Record<number, string>> = {
  [Tag.STRUCTURE]: 'struct',
  [Tag.CLASS]: 'struct',
  [Tag.UNION]: 'union',
  [Tag.ENUMERATION]: 'enum',
};

const known = new WeakMap<Unit, UnitNames>();

export function namesIn(info: DebugInfo, unit: Unit): UnitNames {
  let names = known.get(unit);
  if (names === undefined) {
    names = collect(info, unit);
    known.set(unit, names);
  }
  return names;
}

function collect(info: DebugInfo, unit: Unit): UnitNames {
  const variables = new Map<string, Entry>();
  const functions = new Map<string, Entry[]>();
  const types = new Map<string, Entry>();
  const functionNames = new Set<string>();
  const namespaces = new Set<string>();
  const enumerators = new Map<string, { enumerator: Entry; type: Entry }>();
  for (const entry of subprograms(unit.root)) {
    const isCode = rangesOf(entry) !== undefined;
    const name = isCode || entry.attributes.has(Attribute.INLINE) ? nameOf(info, entry) : undefined;
    if (name === undefined) continue;
    functionNames.add(qualifiedName(info, entry) ?? name);
    const key = keyOf(unit, name);
    if (isCode) functions.set(key, [...(functions.get(key) ?? []), entry]);
  }
  const isScoped = languageOf(unit) !== 'c';
  const visit = (scope: Entry, prefix: string): void => {
    for (const entry of scope.children) {
      const name = nameOf(info, entry);
      if (entry.tag === Tag.ENUMERATION) {
        const isClass = entry.attributes.has(Attribute.ENUM_CLASS);
        for (const enumerator of entry.children) {
          const own = textOf(enumerator, Attribute.NAME);
          if (own === undefined) continue;
          const found = { enumerator, type: entry };
          if (!isClass) for (const each of [own, prefix + own]) enumerators.set(each, found);
          if (isScoped && name !== undefined) enumerators.set(`${prefix}${name}::${own}`, found);
        }
      }
      if (entry.tag === Tag.NAMESPACE && name !== undefined) namespaces.add(prefix + name);
      if (entry.tag === Tag.NAMESPACE) visit(entry, name === undefined ? prefix : `${prefix}${name}::`);
      else if (isScoped && KEYWORDS[entry.tag] !== undefined && name !== undefined)
        visit(entry, `${prefix}${name}::`);
      if (name === undefined) continue;
      if (entry.tag === Tag.VARIABLE) {
        // one without a location was optimised out, or is thread-local: gcc before 14 does not say where, on RISC-V
        if (!entry.attributes.has(Attribute.DECLARATION))
          for (const each of [name, prefix + name, withoutAnonymous(qualifiedName(info, entry) ?? name)])
            variables.set(each, entry);
      } else if (entry.tag === Tag.TYPEDEF || entry.tag === Tag.BASE) {
        if (prefix === '' || !types.has(name)) types.set(name, entry);
        types.set(prefix + name, entry);
      } else {
        const keyword = KEYWORDS[entry.tag];
        if (keyword === undefined) continue;
        // a definition takes the place of a declaration
        const isDefinition = !entry.attributes.has(Attribute.DECLARATION);
        for (const each of new Set([name, prefix + name])) {
          const key = `${keyword} ${each}`;
          const isOther = prefix !== '' && each === name && types.has(key);
          if (!types.has(key) || (isDefinition && !isOther)) types.set(key, entry);
        }
      }
    }
  };
  visit(unit.root, '');
  return { variables, functions, functionNames, types, enumerators, namespaces };
}

/** What a namespace without a name has is used without it. */
function withoutAnonymous(name: string): string {
  return name.replaceAll('(anonymous namespace)::', '');
}

/** A name of Go may have dots and parentheses, but no scopes. */
function keyOf(unit: Unit, name: string): string {
  return languageOf(unit) === 'c' ? name : plainName(name);
}

/** The functions with code that `name` means, which may leave out scopes, template arguments and parameters. */
export function functionsNamed(info: DebugInfo, unit: Unit, name: string): readonly Entry[] {
  const found = namesIn(info, unit).functions.get(keyOf(unit, name)) ?? [];
  if (languageOf(unit) === 'c') return found;
  return found.filter((entry) => isMeant(info, entry, name));
}

/** Parameters are compared only where some are typed. */
function isMeant(info: DebugInfo, entry: Entry, name: string): boolean {
  if (scopedName(name).parameters === undefined) return isNamed(qualifiedName(info, entry) ?? '', name);
  return isNamed(signature(info, entry) ?? '', name);
}

/** Types that are declared in a function's own blocks. */
export function localType(
  blocks: readonly Entry[],
  keyword: string | undefined,
  name: string,
): Entry | undefined {
  for (const block of blocks) {
    const found = block.children.find(
      (entry) =>
        textOf(entry, Attribute.NAME) === name &&
        (keyword === undefined ? entry.tag === Tag.TYPEDEF : KEYWORDS[entry.tag] === keyword),
    );
    if (found !== undefined) return found;
  }
  return undefined;
}

const copies = new WeakMap<Unit, ReadonlyMap<Entry, readonly Entry[]>>();

/** The inlined copies of functions in a unit, by their abstract originals. */
function inlinedIn(info: DebugInfo, unit: Unit): ReadonlyMap<Entry, readonly Entry[]> {
  let found = copies.get(unit);
  if (found === undefined) {
    const all = new Map<Entry, Entry[]>();
    for (const entry of unit.entries.values()) {
      if (entry.tag !== Tag.INLINED) continue;
      const source = original(info, entry);
      all.set(source, [...(all.get(source) ?? []), entry]);
    }
    copies.set(unit, all);
    found = all;
  }
  return found;
}

/** Copies of the function `name` that were inlined: where each is entered. */
export function inlinedCopies(
  info: DebugInfo,
  unit: Unit,
  name: string,
): { entry: Entry; address: number }[] {
  const found: { entry: Entry; address: number }[] = [];
  for (const [source, entries] of inlinedIn(info, unit)) {
    if (keyOf(unit, textOf(source, Attribute.NAME) ?? '') !== keyOf(unit, name)) continue;
    if (languageOf(unit) !== 'c' && !isMeant(info, source, name)) continue;
    for (const entry of entries) {
      const address = entryAddress(entry);
      if (address !== undefined && rangesOf(entry) !== undefined) found.push({ entry, address });
    }
  }
  return found;
}

const listed = new WeakMap<Unit, boolean>();

/** Do the unit's variables move, so that they are right from a function's first instruction on? */
export function hasMovingVariables(unit: Unit): boolean {
  let isMoving = listed.get(unit);
  if (isMoving === undefined) {
    isMoving = [...unit.entries.values()].some(hasLocationList);
    listed.set(unit, isMoving);
  }
  return isMoving;
}
