// The functions around an address, the inlined ones among them, and the variables that each has there.
// debugger/stack.ts makes frames of them, debugger/prompt/frame-values.ts looks variables up.
// Inlined functions: DWARF 5, section 3.3.8. What a copy leaves out of its abstract original counts as there (3.3.8.2).
import { Attribute, Tag } from './attributes.ts';
import { type DebugInfo, nameOf, original } from './debug-info.ts';
import { type Entry, numberOf, type Unit } from './entry.ts';
import { qualifiedName } from './qualified-names.ts';
import { covers, rangesOf } from './ranges.ts';

/** A function, or a copy of one that was inlined. */
export interface Scope {
  readonly info: DebugInfo;
  readonly entry: Entry;
  readonly name: string;
  readonly isInlined: boolean;
  /** The innermost block first, the function itself last. */
  readonly blocks: readonly Entry[];
  /** Of the unit that has it, not of an inlined copy. */
  readonly subprogram: Entry;
}

export interface Variable {
  readonly name: string;
  /** Undefined for void. */
  readonly type: Entry | undefined;
  readonly entry: Entry;
}

/** The functions around `address`, an address of the file, innermost first; the last was really called. */
export function scopesAt(info: DebugInfo, address: number): Scope[] {
  for (const unit of info.units(address)) {
    const subprogram = functionAt(unit, address);
    if (subprogram !== undefined) return scopesIn(info, subprogram, address);
  }
  return [];
}

function scopesIn(info: DebugInfo, subprogram: Entry, address: number): Scope[] {
  const scopes: Scope[] = [];
  let entry = subprogram;
  let blocks: Entry[] = [subprogram];
  const finish = (): void => {
    scopes.unshift({
      info,
      entry,
      name: qualifiedName(info, entry) ?? '??',
      isInlined: entry !== subprogram,
      blocks: [...blocks].reverse(),
      subprogram,
    });
  };
  for (let at: Entry | undefined = subprogram; ; ) {
    const inner: Entry | undefined = at.children.find(
      (child) => (child.tag === Tag.LEXICAL_BLOCK || child.tag === Tag.INLINED) && covers(child, address),
    );
    if (inner === undefined) break;
    at = inner;
    if (inner.tag === Tag.INLINED) {
      finish();
      entry = inner;
      blocks = [];
    }
    blocks.push(inner);
  }
  finish();
  return scopes;
}

const inliners = new WeakMap<Entry, boolean>();

/** Has the function around `address` copies of others in it? */
export function hasInlinedAt(info: DebugInfo, address: number): boolean {
  for (const unit of info.units(address)) {
    const subprogram = functionAt(unit, address);
    if (subprogram === undefined) continue;
    let hasCopies = inliners.get(subprogram);
    if (hasCopies === undefined) {
      hasCopies = hasInlined(subprogram);
      inliners.set(subprogram, hasCopies);
    }
    return hasCopies;
  }
  return false;
}

function hasInlined(entry: Entry): boolean {
  return entry.children.some((child) => child.tag === Tag.INLINED || hasInlined(child));
}

interface Code {
  readonly low: number;
  readonly high: number;
  readonly entry: Entry;
}

const codeOf = new WeakMap<Unit, readonly Code[]>();

function functionAt(unit: Unit, address: number): Entry | undefined {
  let code = codeOf.get(unit);
  if (code === undefined) {
    code = subprograms(unit.root).flatMap((entry) =>
      (rangesOf(entry) ?? []).map(([low, high]) => ({ low, high, entry })),
    );
    codeOf.set(unit, code);
  }
  return code.find(({ low, high }) => address >= low && address < high)?.entry;
}

const HOLDERS: readonly number[] = [
  Tag.NAMESPACE,
  Tag.STRUCTURE,
  Tag.CLASS,
  Tag.UNION,
  Tag.SUBPROGRAM,
  Tag.LEXICAL_BLOCK,
];

/** All functions of a unit, those of namespaces and classes too. */
export function subprograms(entry: Entry): Entry[] {
  return entry.children.flatMap((child) => {
    const inner = HOLDERS.includes(child.tag) ? subprograms(child) : [];
    return child.tag === Tag.SUBPROGRAM ? [child, ...inner] : inner;
  });
}

export function parametersOf({ info, entry }: Scope): Variable[] {
  return variablesIn(info, entry, Tag.PARAMETER);
}

/** Has it more arguments than are named? */
export function isVariadic({ info, entry }: Scope): boolean {
  return original(info, entry).children.some(({ tag }) => tag === Tag.UNSPECIFIED_PARAMETERS);
}

/** Those of inner blocks first. */
export function localsOf(scope: Scope): Variable[] {
  const { info, blocks } = scope;
  const seen = new Set<Entry>();
  return blocks.flatMap((block) =>
    variablesIn(info, block, Tag.VARIABLE).filter((variable) => {
      // gcc moves variables of an inlined copy into a block of their own: inherited once more, they would be there twice
      const source = original(info, variable.entry);
      const isNew = !seen.has(source);
      seen.add(source);
      return isNew;
    }),
  );
}

function variablesIn(info: DebugInfo, scope: Entry, tag: number): Variable[] {
  const own = scope.children.filter((child) => child.tag === tag);
  const source = info.refer(scope, Attribute.ABSTRACT_ORIGIN);
  const known = new Set(scope.children.map((child) => original(info, child)));
  const inherited = source?.children.filter((child) => child.tag === tag && !known.has(child)) ?? [];
  return [...own, ...inherited].flatMap((entry) => variableOf(info, entry));
}

function variableOf(info: DebugInfo, entry: Entry): Variable[] {
  const source = original(info, entry);
  const name = nameOf(info, entry);
  if (name === undefined || entry.attributes.has(Attribute.DECLARATION)) return [];
  const type = info.refer(entry, Attribute.TYPE) ?? info.refer(source, Attribute.TYPE);
  return [{ name, type, entry }];
}

/** Where an inlined copy was called: the number of the file in its unit's line table, and the line. */
export function callPlace({ entry }: Scope): { file: number; line: number } | undefined {
  const [file, line] = [numberOf(entry, Attribute.CALL_FILE), numberOf(entry, Attribute.CALL_LINE)];
  return file === undefined || line === undefined ? undefined : { file, line };
}
