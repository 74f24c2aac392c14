// Lines about frames as gdb has them: in `bt`, at stops, for `frame`; arguments and local variables with their values.
// commands/stack.ts and stop-text.ts print them.
// An address is shown where the frame does not stand at the beginning of its line.

import { isVariadic, localsOf, parametersOf, type Variable } from '../dwarf/scopes.ts';
import type { CType } from '../values/c-types.ts';
import { argumentText, innerText } from '../values/value-text.ts';
import { isMissing, toBytes, type Value } from '../values/values.ts';
import type { Debugger } from './debugger.ts';
import type { PromptFrame } from './frame-list.ts';
import { PromptError } from './prompt-error.ts';
import { valueAtEntry, valueOfVariable } from './variable-values.ts';

/** `0x000000000001066e`. */
export function wideAddress(address: number): string {
  return `0x${address.toString(16).padStart(16, '0')}`;
}

/** `#1  0x000000000001066e in add (n=2) at steps.c:15`. */
export function frameText(debugging: Debugger, level: number): string {
  return numberedText(debugging, level, debugging.frames.all[level] as PromptFrame);
}

/** The same for a frame that was found already. */
export function numberedText(debugging: Debugger, level: number, frame: PromptFrame): string {
  return `#${String(level).padEnd(2)} ${placeText(debugging, frame)}`;
}

/** Without the number: `add (n=2) at steps.c:15`. */
export function placeText(debugging: Debugger, frame: PromptFrame): string {
  if (frame.isByHand === true) return '<function called from gdb>';
  if (frame.isSignal === true) return '<signal handler called>';
  const address = showsAddress(debugging, frame) ? `${wideAddress(frame.pc)} in ` : '';
  const { line } = frame;
  const where = line === undefined ? fromText(debugging, frame) : ` at ${line.name}:${line.line}`;
  return `${address}${functionName(debugging, frame)} (${argumentsText(debugging, frame)})${where}`;
}

/** Does the frame stand within its line, and are addresses wanted? */
export function showsAddress({ settings }: Debugger, { line, callsInlined, pc }: PromptFrame): boolean {
  if (!settings.isOn('print address')) return false;
  return !callsInlined && (line?.start !== pc || !line.isStatement);
}

/** As the source calls it; the symbol where there is no debug information. */
export function functionName(debugging: Debugger, { scope, address }: PromptFrame): string {
  return scope?.name ?? debugging.symbolText(address)?.replace(/\+\d+$/, '') ?? '??';
}

/** Of code without lines: the library that it is in. */
function fromText(debugging: Debugger, { address }: PromptFrame): string {
  const { session, thread } = debugging;
  const file = session.symbols.place(thread, address)?.file;
  return file !== undefined && /\.so[.\d]*$/.test(file) ? ` from ${file}` : '';
}

/** `n=1, label=0x52030 "label"`. */
export function argumentsText(debugging: Debugger, frame: PromptFrame): string {
  if (frame.scope === undefined || debugging.settings.get('print frame-arguments') === 'none') return '';
  const texts = parametersOf(frame.scope).map((each) => parameterText(debugging, frame, each));
  if (isVariadic(frame.scope)) texts.push('...');
  return texts.join(', ');
}

function parameterText(debugging: Debugger, frame: PromptFrame, variable: Variable): string {
  const { name } = variable;
  const shown = (value: Value): string =>
    debugging.settings.get('print frame-arguments') === 'all'
      ? innerText(value, undefined, debugging.textContext)
      : argumentText(value, debugging.textContext);
  return guarded(name, '=', () => {
    const value = variableIn(debugging, frame, variable);
    const entry = frame.mapped && valueAtEntry(variable, debugging.program.looker(frame.mapped, frame));
    if (entry === undefined) return `${name}=${shown(value)}`;
    if (isSame(value, entry)) return `${name}=${name}@entry=${shown(value)}`;
    return `${name}=${shown(value)}, ${name}@entry=${shown(entry)}`;
  });
}

function isSame(a: Value, b: Value): boolean {
  if (isMissing(a.content) || isMissing(b.content)) return false;
  const [one, other] = [toBytes(a), toBytes(b)];
  return one.every((byte, at) => byte === other[at]);
}

function variableIn(debugging: Debugger, frame: PromptFrame, variable: Variable): Value {
  if (frame.mapped === undefined) throw new PromptError('no debug information');
  return valueOfVariable(variable, debugging.program.looker(frame.mapped, frame));
}

/** What cannot be read is told in its place. */
function guarded(name: string, separator: string, text: () => string): string {
  try {
    return text();
  } catch (error) {
    if (!(error instanceof PromptError)) throw error;
    return `${name}${separator}<error reading variable ${name} (${error.message})>`;
  }
}

/** Lines of `info locals` and `info args`. Throws PromptError where there is no information. */
export function variableLines(debugging: Debugger, which: 'locals' | 'arguments'): string[] {
  if (debugging.anyThread === undefined) throw new PromptError('No frame selected.');
  const frame = debugging.frames.selected;
  if (frame.scope === undefined) throw new PromptError('No symbol table info available.');
  const variables = which === 'locals' ? localsOf(frame.scope) : parametersOf(frame.scope);
  if (variables.length === 0) return [which === 'locals' ? 'No locals.' : 'No arguments.'];
  return variables.map((variable) => variableLine(debugging, frame, variable));
}

/** `name = value`. */
export function variableLine(debugging: Debugger, frame: PromptFrame, variable: Variable): string {
  const { name } = variable;
  return guarded(name, ' = ', () => {
    const value = variableIn(debugging, frame, variable);
    return `${name} = ${innerText(value, undefined, debugging.textContext)}`;
  });
}

/** The type of what the frame's function gives back, if that is known. */
export function returnTypeOf(debugging: Debugger, { scope, mapped }: PromptFrame): CType | undefined {
  if (scope === undefined || mapped === undefined) return undefined;
  const type = debugging.program.typesOf(mapped.file.info).ofFunction(scope.entry);
  return type.kind === 'function' ? type.returns : undefined;
}
