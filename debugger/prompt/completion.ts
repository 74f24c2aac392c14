// What Tab offers where an expression or a location is typed: variables, symbols, members of the structure before `.` or `->`.
// The commands that take expressions name these as what completes them.
// Nothing here throws: what is not known offers nothing.
import { F_NAMES, X_NAMES } from '../../emulator/isa/disassemble.ts';
import { bare } from '../values/c-types.ts';
import { evaluate } from '../values/evaluate.ts';
import { memberNames } from '../values/parts.ts';
import type { Debugger } from './debugger.ts';
import { PromptError } from './prompt-error.ts';

export const REGISTERS: readonly string[] = [...X_NAMES, 'fp', 'pc', ...F_NAMES];

/** Names of symbols and functions; of a copy that gcc renamed, the function's own. */
function symbolNames(debugging: Debugger): readonly string[] {
  const thread = debugging.anyThread;
  if (thread === undefined) return [];
  const functions = new Set(debugging.program.functionNames());
  const symbols = debugging.session.symbols
    .names(thread)
    .filter((name) => !name.includes('.') || !functions.has(name.replace(/\..*/, '')));
  return [...functions, ...symbols];
}

/** Words for the end of an expression: whole words as they would stand there. */
export function expressionWords(debugging: Debugger, words: readonly string[]): readonly string[] {
  const text = words.join(' ');
  const access = /^(.*?)(\.|->)(\w*)$/s.exec(text);
  const object = access?.[1]?.match(/[\w$)\].>-]+$/)?.[0];
  if (object !== undefined && access !== null) {
    const last = words.at(-1) ?? '';
    const begun = last.slice(0, last.length - (access[3] ?? '').length);
    return membersOf(debugging, object).map((name) => begun + name);
  }
  const last = words.at(-1) ?? '';
  const begun = /^(.*?)\w*$/s.exec(last)?.[1] ?? '';
  const keyword = /\b(struct|union|enum)$/.exec(words.at(-2) ?? '')?.[1];
  if (keyword !== undefined) return debugging.program.tagNames(keyword).map((name) => begun + name);
  if (begun.endsWith('$'))
    return [...REGISTERS, ...debugging.scope.variables.keys()].map((name) => begun + name);
  const names = debugging.anyThread === undefined ? [] : debugging.program.names();
  return [...new Set([...names, ...symbolNames(debugging)])].map((name) => begun + name);
}

function membersOf(debugging: Debugger, object: string): string[] {
  try {
    const type = bare(evaluate(object, debugging.scope).type);
    const whole = type.kind === 'pointer' ? bare(type.to) : type;
    return whole.kind === 'struct' ? memberNames(whole) : [];
  } catch (error) {
    if (error instanceof PromptError) return [];
    throw error;
  }
}

/** For `break` and its like: functions, and source files up to their colon. */
export function locationWords(debugging: Debugger): readonly string[] {
  const thread = debugging.anyThread;
  if (thread === undefined) return [];
  const files = debugging.session.symbols.sources
    .files(thread)
    .flatMap(({ file }) => [...new Set(file.lines.map(({ name }) => name.split('/').pop() ?? name))]);
  return [...symbolNames(debugging), ...[...new Set(files)].map((name) => `${name}:`)];
}
