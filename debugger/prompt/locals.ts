// The variables of the selected frame, with the types that .debug_info knows: for `info locals`, `info args` and expressions.
// commands/info.ts prints them, scope.ts asks for one by name.
// A variable whose place is not understood says why in angle brackets instead of a value.
import type { DebugInfo } from '../dwarf/debug-info.ts';
import {
  type FrameState,
  type FunctionVariables,
  functionAt,
  globalNamed,
  type Location,
  locate,
  type Variable,
} from '../dwarf/variables.ts';
import type { Debugger } from './debugger.ts';
import { PromptError } from './prompt-error.ts';
import { byteSize, elementType, scalarType, type TextSource, typedText } from './typed-text.ts';
import { fromBytes, makeInteger, pointerTo, type Value } from './values.ts';

const SP = 2;
/** Larger variables are not shown. */
const LARGEST = 1 << 16;

interface FrameVariables {
  readonly info: DebugInfo;
  readonly own: FunctionVariables | undefined;
  readonly state: FrameState;
}

/** What is known of the selected frame; undefined when its file has no debug information. */
function selectedVariables(debugging: Debugger): FrameVariables | undefined {
  const { frames, thread, session } = debugging;
  const { address, registers } = frames.selected;
  const mapped = session.symbols.sources.fileAt(thread, address);
  if (mapped === undefined) return undefined;
  const { info } = mapped.file;
  const own = functionAt(info, address - mapped.bias);
  const outer = frames.all[frames.level + 1]?.registers?.[SP];
  const state: FrameState = {
    bias: mapped.bias,
    frameBase: own?.frameBase,
    cfa: outer === undefined ? undefined : Number(outer),
    register: (number) => (frames.level === 0 ? thread.hart.x(number) : registers?.[number]),
    floatRegister: (number) => thread.hart.f(number),
  };
  return { info, own, state };
}

/** Lines as gdb's `info locals` and `info args` have them. Throws PromptError where there is no information. */
export function variableLines(debugging: Debugger, which: 'locals' | 'parameters'): string[] {
  const found = selectedVariables(debugging);
  if (found?.own === undefined)
    throw new PromptError('No symbol table info available: the function here was compiled without -g.');
  const { own, state, info } = found;
  const lines = own[which].map(
    (variable) => `${variable.name} = ${textOf(debugging, info, variable, state)}`,
  );
  if (lines.length > 0) return lines;
  return [which === 'locals' ? 'No locals.' : 'No arguments.'];
}

/** A structure or array by its bare name; undefined when there is none, or it is a value of expressions. */
export function aggregateText(debugging: Debugger, name: string): string | undefined {
  const found = findVariable(debugging, name);
  if (found === undefined || scalarType(found.info, found.variable.type) !== undefined) return undefined;
  return textOf(debugging, found.info, found.variable, found.state);
}

/** A variable as a value of expressions; undefined when there is none, or it is a structure or an array. */
export function variableValue(debugging: Debugger, name: string): Value | undefined {
  const found = findVariable(debugging, name);
  if (found === undefined) return undefined;
  const { info, variable, state } = found;
  const location = locate(variable, state);
  const element = elementType(info, variable.type);
  if (element !== undefined && location.kind === 'memory')
    return makeInteger(pointerTo(element), BigInt(location.address));
  const type = scalarType(info, variable.type);
  if (type === undefined || type.kind === 'void') return undefined;
  if (location.kind === 'none') throw new PromptError(`${name} cannot be shown: ${location.why}`);
  const bytes = bytesAt(debugging, location, byteSize(info, variable.type) ?? 0);
  if (bytes === undefined) throw new PromptError(`Cannot access memory of ${name}`);
  const value = fromBytes(type, bytes);
  return location.kind === 'memory'
    ? { ...value, place: { kind: 'memory', address: location.address } }
    : value;
}

/** Names of the variables of the function at an address of code. */
export function variableNamesAt(debugging: Debugger, address: number): string[] {
  const { thread, session } = debugging;
  const mapped = session.symbols.sources.fileAt(thread, address);
  const own = mapped && functionAt(mapped.file.info, address - mapped.bias);
  return own === undefined ? [] : [...own.locals, ...own.parameters].map(({ name }) => name);
}

/** The innermost of that name: local, parameter, then of the file's scope. */
function findVariable(
  debugging: Debugger,
  name: string,
): { info: DebugInfo; variable: Variable; state: FrameState } | undefined {
  const found = debugging.anyThread === undefined ? undefined : selectedVariables(debugging);
  if (found === undefined) return undefined;
  const { info, own, state } = found;
  const variable =
    own?.locals.find((each) => each.name === name) ??
    own?.parameters.find((each) => each.name === name) ??
    globalNamed(info, name);
  return variable && { info, variable, state };
}

function textOf(debugging: Debugger, info: DebugInfo, variable: Variable, state: FrameState): string {
  const location = locate(variable, state);
  if (location.kind === 'none') return `<${location.why}>`;
  const size = byteSize(info, variable.type) ?? 0;
  if (size > LARGEST) return `<${size} bytes, which are too many to be shown>`;
  const bytes = bytesAt(debugging, location, size);
  if (bytes === undefined) return '<its memory cannot be read>';
  const { session, thread } = debugging;
  const source: TextSource = {
    info,
    read: (address, length) => session.read(thread, address, length),
    symbolOf: (address) => debugging.symbolText(address),
  };
  return typedText(source, variable.type, bytes);
}

function bytesAt(debugging: Debugger, location: Location, size: number): Uint8Array | undefined {
  if (location.kind === 'none') return undefined;
  if (location.kind === 'memory') return debugging.session.read(debugging.thread, location.address, size);
  const bytes = new Uint8Array(Math.max(size, 8));
  new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, location.bits), true);
  return bytes.subarray(0, size);
}
