// watch, rwatch, awatch: stop where memory is changed or read, whoever does it.
// commands/stops.ts lists them with the breakpoints. A variable of a function is watched for as long as its frame is there.
// The wording is gdb's.
import { rangesOf } from '../../dwarf/ranges.ts';
import type { WatchedFor, WatchedFrame, Watchpoint } from '../../session/breakpoints.ts';
import { stackFrames } from '../../stack.ts';
import { type CType, sizeOf } from '../../values/c-types.ts';
import { evaluatePrefix, type Scope } from '../../values/evaluate.ts';
import { innerText, shownText } from '../../values/value-text.ts';
import { addressOf, fromBytes } from '../../values/values.ts';
import type { Command } from '../command.ts';
import { expressionWords } from '../completion.ts';
import type { Debugger } from '../debugger.ts';
import type { PromptFrame } from '../frame-list.ts';
import { PromptError } from '../prompt-error.ts';
import { WATCHPOINTS } from '../stop-text.ts';

const MOST_WATCHED = 4096;
const SP = 2;

export const WATCH_COMMANDS: readonly Command[] = [
  watchCommand(
    'watch',
    ['wa'],
    'change',
    'Stop when memory changes: a variable, `*(int *)0x11f00`, or an address with its length in bytes.\nWhoever changes it, the kernel too. -l watches where the expression is now; else it ends with the frame of its variables.',
  ),
  watchCommand('rwatch', ['rw'], 'read', 'As watch, when an instruction reads the memory.'),
  watchCommand('awatch', ['aw'], 'access', 'As watch, when an instruction reads the memory or writes to it.'),
];

function watchCommand(name: string, aliases: string[], watchedFor: WatchedFor, help: string): Command {
  return {
    name,
    aliases,
    group: 'stops',
    usage: `${name} [-l] EXPRESSION [LENGTH] [thread TID] [if CONDITION]`,
    help,
    repeats: 'no',
    complete: expressionWords,
    run: (debugging, argument) => watch(debugging, argument, watchedFor),
  };
}

function watch(debugging: Debugger, argument: string, watchedFor: WatchedFor): void {
  const [, before = '', condition] = /^(.*?)(?:\sif\b\s*(.*))?$/s.exec(argument) ?? [];
  const [, text = '', tid] = /^(.*?)(?:\sthread\s+(\d+))?$/s.exec(before.trimEnd()) ?? [];
  const typed = text.replace(/^-l(?:ocation)?\s+/, '').trim();
  if (typed === '' || condition === '') throw new PromptError('Argument required (expression to compute).');
  const isPlaceMeant = typed !== text.trim();
  let isLocal = false;
  const scope: Scope = noticing(debugging.scope, (name) => {
    isLocal ||= debugging.program.isLocal(name);
  });
  const { value, rest } = evaluatePrefix(typed, scope);
  const { place, type } = value;
  if (place?.kind === 'register')
    throw new PromptError(
      `$${place.name} is a register: watchpoints are for memory; \`step\` and \`display\` show it.`,
    );
  if (place === undefined && rest === '' && /^[\s\d+*/%()-]+$/.test(typed))
    throw new PromptError(`Cannot watch constant value \`${typed}'.`);
  const isPlace = place?.kind === 'memory' && type.kind !== 'untyped';
  const address = place?.kind === 'memory' ? place.address : addressOf(value);
  const length = rest === '' ? (isPlace ? sizeOf(type) : 8) : debugging.integer(rest);
  if (!Number.isSafeInteger(length) || length < 1 || length > MOST_WATCHED)
    throw new PromptError(`${rest}: a length from 1 to ${MOST_WATCHED} is expected`);
  // what has ended can be gone back to
  const { session, anyThread, programThread: thread } = debugging;
  const bytes = anyThread === undefined ? undefined : session.read(thread, address, length);
  if (bytes === undefined && anyThread !== undefined)
    throw new PromptError(`Cannot access memory at address 0x${address.toString(16)}`);
  const { pid } = thread.process;
  const isTyped = isPlace && rest === '' && place.bits === undefined;
  const point = session.points.add({
    kind: 'watch',
    watchedFor,
    address,
    length,
    pid,
    bytes,
    isTemporary: false,
    condition,
    ...(tid === undefined ? {} : { tid: Number(tid) }),
    ...(isLocal && !isPlaceMeant ? { frame: watchedFrame(debugging) } : {}),
    ...(isTyped
      ? {
          text: isPlaceMeant ? `-location ${typed}` : typed,
          show: (now) => watchedValue(debugging, type, now),
        }
      : {}),
  });
  if (isLocal && !isPlaceMeant) endWithFrame(debugging, point.id);
  const what = isTyped
    ? isPlaceMeant
      ? `-location ${typed}`
      : typed
    : `${length} bytes at 0x${address.toString(16)} of pid ${pid}`;
  debugging.print(`${WATCHPOINTS[watchedFor]} ${point.id}: ${what}`);
}

/** The same, which says what variables it is asked for. */
function noticing(scope: Scope, notice: (name: string) => void): Scope {
  return {
    variable: (name, within) => {
      if (within === undefined) notice(name);
      return scope.variable(name, within);
    },
    isVariable: (name) => scope.isVariable(name),
    typeNamed: (keyword, name) => scope.typeNamed(keyword, name),
    dollar: (name) => scope.dollar(name),
    symbol: (name) => scope.symbol(name),
    isSymbol: (name) => scope.isSymbol(name),
    read: (from, length) => scope.read(from, length),
    assign: (target, value) => scope.assign(target, value),
    call: (called) => scope.call(called),
    put: (bytes) => scope.put(bytes),
    own: (name) => scope.own?.(name),
  };
}

/** The selected frame, to be known again on the thread's stack. */
function watchedFrame({ frames, thread, session }: Debugger): WatchedFrame {
  const { selected } = frames;
  const { cfa } = selected;
  const ranges = functionRanges(selected);
  const isIt = (other: { readonly cfa?: number | undefined; readonly address: number }): boolean =>
    other.cfa === cfa && inFunction(ranges, other.address);
  return {
    tid: thread.tid,
    isThere: (owner) => {
      if (cfa === undefined) return true;
      const stack = stackFrames(owner, session.symbols);
      // a stack that cannot be followed far enough says nothing
      return stack.some(isIt) || !stack.some((other) => (other.cfa ?? 0) > cfa);
    },
  };
}

type Ranges = readonly (readonly [low: number, high: number])[];

/** Where the function's code is, as it is mapped. */
function functionRanges({ scope, mapped }: PromptFrame): Ranges {
  if (scope === undefined || mapped === undefined) return [];
  return (rangesOf(scope.subprogram) ?? []).map(([low, high]) => [low + mapped.bias, high + mapped.bias]);
}

function inFunction(ranges: Ranges, address: number): boolean {
  return ranges.length === 0 || ranges.some(([low, high]) => address >= low && address < high);
}

/** A breakpoint of its own where the frame returns to says that the variable is no more. */
function endWithFrame({ frames, thread, session }: Debugger, endsWatch: Watchpoint['id']): void {
  const { caller, cfa } = frames.selected;
  if (caller === undefined) return;
  const { tid } = thread;
  session.points.add(
    {
      kind: 'break',
      address: caller.pc,
      text: '',
      condition: undefined,
      isTemporary: false,
      endsWatch,
      appliesTo: (other) => other.tid === tid && Number(other.hart.x(SP)) >= (cfa ?? 0),
    },
    true,
  );
}

function watchedValue(debugging: Debugger, type: CType, bytes: Uint8Array): string {
  const value = fromBytes(type, bytes);
  const isWhole = type.kind === 'struct' || type.kind === 'array';
  return isWhole
    ? innerText(value, undefined, debugging.textContext)
    : shownText(value, undefined, debugging.textContext);
}
