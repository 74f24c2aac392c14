// What `info` says of the program's text: symbols, lines, source files, functions, variables, types, libraries.
// commands/info.ts lists the subjects.
// The wording is gdb's.

import { glanceAt } from '../../../kernel/mm/glance.ts';
import { PROT_EXEC } from '../../../kernel/mm/vma.ts';
import { Attribute, Tag } from '../../dwarf/attributes.ts';
import { type Entry, numberOf, textOf, type Unit } from '../../dwarf/entry.ts';
import { localsOf, parametersOf, type Scope, type Variable } from '../../dwarf/scopes.ts';
import type { MappedFile } from '../../dwarf/source-map.ts';
import { namesIn } from '../../dwarf/unit-names.ts';
import { sizeOf, VOID } from '../../values/c-types.ts';
import { typeText } from '../../values/type-text.ts';
import { addressOf, isMissing } from '../../values/values.ts';
import type { Debugger } from '../debugger.ts';
import { declaredFunctions } from '../declared-functions.ts';
import { wideAddress } from '../frame-text.ts';
import { findLine } from '../line-places.ts';
import { locationText } from '../location-text.ts';
import { resolveLocation } from '../locations.ts';
import { PromptError } from '../prompt-error.ts';

/** `info symbol ADDRESS`. */
export function symbol(debugging: Debugger, argument: string): void {
  if (argument === '') throw new PromptError('Argument required (address).');
  const { programThread: thread, session } = debugging;
  const address = addressOf(debugging.evaluate(argument));
  const found = session.symbols.nameAt(thread, address);
  if (found === undefined) throw new PromptError(`No symbol matches ${argument}.`);
  const offset = found.offset === 0 ? '' : ` + ${found.offset}`;
  const file = session.symbols.place(thread, address)?.file;
  const isOne = session.symbols.sources.files(thread).length <= 1;
  debugging.print(
    `${found.symbol}${offset} in section ${found.section}${isOne || file === undefined ? '' : ` of ${file}`}`,
  );
}

/** `info address NAME`. */
export function symbolAddress(debugging: Debugger, argument: string): void {
  if (argument === '') throw new PromptError('Argument required.');
  const own = frameVariable(debugging, argument);
  if (own !== undefined) {
    debugging.print(`Symbol "${argument}" is ${own}.`);
    return;
  }
  const value = debugging.program.value(argument);
  const { place } = value ?? {};
  if (value === undefined) {
    const { address, isFunction } = debugging.scope.symbol(argument);
    debugging.print(
      `Symbol "${argument}" is ${isFunction ? '' : 'static storage '}at ${isFunction ? '' : 'address '}0x${address.toString(16)}${isFunction ? ' in a file compiled without debugging' : ''}.`,
    );
    return;
  }
  debugging.print(
    `Symbol "${argument}" is ${placeOf(value.type.kind === 'function', place, value.content)}.`,
  );
}

/** Of a variable of the selected frame. */
function frameVariable(debugging: Debugger, name: string): string | undefined {
  if (debugging.anyThread === undefined) return undefined;
  const { scope, mapped } = debugging.frames.selected;
  const all = scope === undefined ? [] : [...localsOf(scope), ...parametersOf(scope)];
  const found = all.find((variable) => variable.name === name);
  return found && mapped && locationText(found.entry, mapped.bias);
}

type ValueParts = NonNullable<ReturnType<Debugger['program']['value']>>;

function placeOf(isFunction: boolean, place: ValueParts['place'], content: ValueParts['content']): string {
  if (place?.kind === 'memory')
    return `${isFunction ? 'a function at' : 'static storage at'} address 0x${place.address.toString(16)}`;
  if (place?.kind === 'register') return `a variable in $${place.name}`;
  return isMissing(content) ? 'optimized out' : 'constant';
}

/** `info line [LOCATION]`. */
export function line(debugging: Debugger, argument: string): void {
  const { frames } = debugging;
  const place = argument === '' ? frames.selected.line : findLine(debugging, argument);
  if (place === undefined)
    throw new PromptError(
      `No line number information available for address 0x${frames.selected.address.toString(16)}${nearText(debugging, frames.selected.address)}`,
    );
  const isTyped = argument === '' || /^(?:.+:)?[+-]?\d+$/.test(argument);
  const addresses = isTyped ? (frames.addressesOf(place.file, place.line) ?? []) : [];
  const address = isTyped
    ? addresses[0]
    : argument.startsWith('*')
      ? addressOf(debugging.evaluate(argument.slice(1)))
      : resolveEntry(debugging, argument);
  if (address === undefined) {
    debugging.print(`Line number ${place.line} is out of range for "${place.name}".`);
    return;
  }
  const found = frames.line(address);
  if (found === undefined) return;
  debugging.examined.last = { address: found.start, type: VOID };
  const start = `0x${found.start.toString(16)}${nearText(debugging, found.start)}`;
  if (isTyped && found.line !== place.line) {
    debugging.print(`Line ${place.line} of "${place.name}" is at address ${start} but contains no code.`);
    return;
  }
  const end = `0x${found.end.toString(16)}${nearText(debugging, found.end)}`;
  debugging.print(`Line ${found.line} of "${found.name}" starts at address ${start} and ends at ${end}.`);
}

function resolveEntry(debugging: Debugger, text: string): number {
  const { address } = resolveLocation(debugging, text);
  const { programThread: thread, session } = debugging;
  return session.symbols.functionAround(thread, address)?.start ?? address;
}

function nearText(debugging: Debugger, address: number): string {
  const text = debugging.symbolText(address);
  return text === undefined ? '' : ` <${text}>`;
}

/** By DW_AT_language: DWARF 5, table 7.17. */
const LANGUAGES: Readonly<Record<number, string>> = {
  1: 'c',
  2: 'c',
  4: 'c++',
  12: 'c',
  26: 'c++',
  28: 'rust',
  29: 'c',
  33: 'c++',
  43: 'c++',
  44: 'c',
  22: 'go',
  32769: 'asm',
};

/** `info source`. */
export function source(debugging: Debugger): void {
  const { frames } = debugging;
  const { scope, line: here } = frames.selected;
  if (scope === undefined || here === undefined) {
    debugging.print('No current source file.');
    return;
  }
  const { root, version } = scope.entry.unit;
  const say = (label: string, value: string | undefined): void => {
    if (value !== undefined) debugging.print(`${label} ${value}`);
  };
  say('Current source file is', here.name);
  say('Compilation directory is', textOf(root, Attribute.COMP_DIR));
  const text = frames.source(here.file);
  if (text !== undefined) {
    say('Located in', here.file);
    debugging.print(`Contains ${text.length} line${text.length === 1 ? '' : 's'}.`);
  }
  debugging.print(`Source language is ${LANGUAGES[numberOf(root, Attribute.LANGUAGE) ?? 0] ?? 'unknown'}.`);
  const producer = textOf(root, Attribute.PRODUCER);
  if (producer !== undefined) debugging.print(`Producer is ${producer}.`);
  debugging.print(`Compiled with DWARF ${version} debugging format.`);
  debugging.print('Does not include preprocessor macro info.');
}

/** Those of inner blocks first; of the function itself as they were declared, arguments among them. */
function variablesInOrder(scope: Scope): Variable[] {
  const own = new Set(scope.entry.children);
  const all = [...localsOf(scope), ...parametersOf(scope)];
  const ofFunction = all
    .filter(({ entry }) => own.has(entry))
    .sort((a, b) => a.entry.offset - b.entry.offset);
  return [...all.filter(({ entry }) => !own.has(entry)), ...ofFunction];
}

/** `info scope LOCATION`. */
export function scopeOf(debugging: Debugger, argument: string): void {
  if (argument === '')
    throw new PromptError('requires an argument (function, line or *addr) to define a scope');
  const { address } = resolveLocation(debugging, argument);
  const frame = debugging.program.frameAt(address);
  const all = frame?.scope === undefined ? [] : variablesInOrder(frame.scope);
  if (frame?.mapped === undefined || all.length === 0) {
    debugging.print(`Symbol table for \`${argument}' has no variables.`);
    return;
  }
  debugging.print(`Scope for ${argument}:`);
  const types = debugging.program.typesOf(frame.mapped.file.info);
  for (const { name, type, entry } of all) {
    const where = locationText(entry, frame.mapped.bias);
    const length = where === 'optimized out' ? '' : `, length ${sizeOf(types.of(type))}`;
    debugging.print(`Symbol ${name} is ${where}${length}.`);
  }
}

const MOST_NAMES = 1000;

function patternOf(argument: string): RegExp {
  try {
    return new RegExp(argument);
  } catch {
    throw new PromptError(`${argument}: no regular expression`);
  }
}

/** `info sources [REGEXP]`: by program and library. */
export function sources(debugging: Debugger, argument: string): void {
  const pattern = patternOf(argument);
  if (argument !== '') debugging.print(`(Filename must match regular expression "${argument}".)`);
  for (const { file } of debugging.session.symbols.sources.files(debugging.programThread)) {
    const names = new Set<string>();
    for (const { root } of file.info.units()) {
      // that of a partial unit is its importers' too, or of another file
      const isPartial = root.tag === Tag.PARTIAL_UNIT;
      const table = isPartial ? undefined : numberOf(root, Attribute.STMT_LIST);
      for (const { path } of table === undefined ? [] : file.filesAt(table)) names.add(path);
    }
    const shown = [...names].filter((name) => pattern.test(name));
    if (shown.length > 0) debugging.print(`${file.path}:\n\n${shown.join(', ')}\n`);
  }
}

interface Named {
  readonly line: number;
  readonly text: string;
  /** What it is sorted by, when that is not the text. */
  readonly name?: string;
}

/** Lists what units say under the names of their files, as gdb does. */
function listByFile(
  debugging: Debugger,
  what: string,
  argument: string,
  find: (mapped: MappedFile, unit: Unit, pattern: RegExp) => readonly Named[],
): void {
  const pattern = patternOf(argument);
  debugging.print(
    argument === '' ? `All defined ${what}:` : `All ${what} matching regular expression "${argument}":`,
  );
  for (const mapped of debugging.session.symbols.sources.files(debugging.programThread)) {
    for (const unit of mapped.file.info.units()) {
      const found = find(mapped, unit, pattern);
      if (found.length === 0) continue;
      debugging.print('');
      debugging.print(`File ${fileOf(unit) ?? '??'}:`);
      const sorted = [...found].sort((a, b) => ((a.name ?? a.text) < (b.name ?? b.text) ? -1 : 1));
      for (const { line: at, text } of sorted) debugging.print(`${at === 0 ? '' : `${at}:`}\t${text}`);
    }
  }
}

/** A partial unit is of the file that imports it. */
function fileOf(unit: Unit): string | undefined {
  const name = textOf(unit.root, Attribute.NAME);
  const importer = name === undefined ? unit.importer() : undefined;
  return importer === undefined ? name : textOf(importer.root, Attribute.NAME);
}

function declaredLine(entry: Entry): number {
  return numberOf(entry, Attribute.DECLARED_LINE) ?? 0;
}

/** `info functions [REGEXP]`. */
export function functions(debugging: Debugger, argument: string): void {
  const known = new Set<number>();
  listByFile(debugging, 'functions', argument, (mapped, unit, pattern) => {
    const all = declaredFunctions(debugging, mapped.file.info, unit);
    for (const { entry } of all) {
      const low = numberOf(entry, Attribute.LOW_PC);
      if (low !== undefined) known.add(low + mapped.bias);
    }
    return all
      .filter(({ name }) => pattern.test(name))
      .map(({ line, text, signature }) => ({ line, text, name: signature ?? text }));
  });
  tellOtherSymbols(debugging, argument, ({ address, isFunction }) => isFunction && !known.has(address));
}

interface FoundSymbol {
  readonly address: number;
  readonly isFunction: boolean;
  readonly size: number;
}

/** Those of which debug information says nothing. */
function tellOtherSymbols(
  debugging: Debugger,
  argument: string,
  isMeant: (symbol: FoundSymbol, name: string) => boolean,
): void {
  const { programThread: thread, session } = debugging;
  const pattern = patternOf(argument);
  const names = glanceAt(thread.mm, () => session.symbols.names(thread)).filter((name) => pattern.test(name));
  const others = names
    .slice(0, MOST_NAMES)
    .map((name) => ({ name, found: session.symbols.find(thread, name) }))
    .filter(({ name, found }) => found !== undefined && isMeant(found, name))
    .sort((a, b) => (a.found?.address ?? 0) - (b.found?.address ?? 0));
  if (others.length === 0) return;
  debugging.print('');
  debugging.print('Non-debugging symbols:');
  for (const { name, found } of others) debugging.print(`${wideAddress(found?.address ?? 0)}  ${name}`);
}

/** `info variables [REGEXP]`. */
export function variables(debugging: Debugger, argument: string): void {
  const known = new Set<string>();
  listByFile(debugging, 'variables', argument, (mapped, unit, pattern) => {
    const { info } = mapped.file;
    const types = debugging.program.typesOf(info);
    const found = [...namesIn(info, unit).variables].filter(([name]) => pattern.test(name));
    for (const [name] of found) known.add(name);
    return found.map(([name, entry]) => ({
      line: declaredLine(entry),
      text: `${entry.attributes.has(Attribute.EXTERNAL) ? '' : 'static '}${typeText(types.typeIn(entry), name)};`,
    }));
  });
  tellOtherSymbols(
    debugging,
    argument,
    ({ isFunction, size }, name) => !isFunction && size > 0 && !known.has(name),
  );
}

/** `info types [REGEXP]`. */
export function types(debugging: Debugger, argument: string): void {
  listByFile(debugging, 'types', argument, (mapped, unit, pattern) => {
    const { info } = mapped.file;
    const made = debugging.program.typesOf(info);
    // types with scopes have two names there
    const once = new Map([...namesIn(info, unit).types].map(([key, entry]) => [entry, key]));
    return [...once]
      .map(([entry, key]) => ({ name: key.replace(/^(?:struct|union|enum) /, ''), entry }))
      .filter(({ name }) => pattern.test(name))
      .map(({ name, entry }) => {
        const type = made.of(entry);
        const at = declaredLine(entry);
        const text = type.kind === 'typedef' ? `typedef ${typeText(type.to)} ${type.name}` : typeText(type);
        return at === 0 ? { line: at, text } : { line: at, name, text: `${text};` };
      });
  });
}

/** `info sharedlibrary`. */
export function libraries(debugging: Debugger): void {
  const { thread, session } = debugging;
  const rows: string[] = [];
  for (const vma of thread.mm.vmas) {
    const path = session.symbols.place(thread, vma.start)?.file ?? '';
    if ((vma.prot & PROT_EXEC) === 0 || !/\.so[.\d]*$/.test(path)) continue;
    const mapped = session.symbols.sources.fileAt(thread, vma.start);
    const read = (mapped?.file.lines.length ?? 0) > 0 ? 'Yes        ' : 'Yes (*)    ';
    const [start, end] = mapped?.file.text?.map((own) => own + mapped.bias) ?? [vma.start, vma.end];
    rows.push(`${wideAddress(start ?? vma.start)}  ${wideAddress(end ?? vma.end)}  ${read} ${path}`);
  }
  if (rows.length === 0) {
    debugging.print('No shared libraries loaded at this time.');
    return;
  }
  debugging.print(`${'From'.padEnd(18)}  ${'To'.padEnd(18)}  Syms Read   Shared Object Library`);
  for (const row of rows) debugging.print(row);
  if (rows.some((row) => row.includes('(*)')))
    debugging.print('(*): Shared library is missing debugging information.');
}
