// A breakpoint as it is typed: location, thread and condition; it may wait for code that is not loaded yet.
// break, tbreak, dprintf and rbreak make theirs here, stops.ts checks conditions with it.
// The wording is gdb's.

import type { ExceptionEvent } from '../../session/breakpoints.ts';
import { evaluate } from '../../values/evaluate.ts';
import type { Debugger } from '../debugger.ts';
import { breakAt, findLocation, placesText } from '../locations.ts';
import { PromptError } from '../prompt-error.ts';

/** Makes a breakpoint of what was typed; with `prints`, one that prints that instead of stopping. */
export async function addBreakpoint(
  debugging: Debugger,
  argument: string,
  isTemporary: boolean,
  prints?: string,
): Promise<void> {
  const match = /^(.*?)(?:(?:^|\s)if\b\s*(.*))?$/s.exec(argument);
  const condition = match?.[2]?.trim();
  if (condition === '') throw new PromptError('Argument required (expression to compute).');
  const [, typed = '', tid] = /^(.*?)(?:(?:^|\s)thread\s+(\d+))?$/s.exec(match?.[1]?.trim() ?? '') ?? [];
  const isOver = debugging.anyThread === undefined;
  const found = findLocation(debugging, typed);
  const title = prints !== undefined ? 'Dprintf' : isTemporary ? 'Temporary breakpoint' : 'Breakpoint';
  if (typeof found === 'string') {
    // `run` will find its place, or the library that the program calls it in
    const isSure = isOver || debugging.session.symbols.imports(debugging.thread, typed);
    if (!isSure) await refuseOrWait(debugging, found);
    const { id } = debugging.session.points.add({
      kind: 'pending',
      text: typed,
      condition,
      isTemporary,
      ...(tid === undefined ? {} : { tid: Number(tid) }),
      ...(prints === undefined ? {} : { prints }),
    });
    debugging.print(`${title} ${id} (${typed}) pending.`);
    return;
  }
  if (condition !== undefined) checkCondition(debugging, condition, found.address);
  const ofThread = tid === undefined ? {} : { tid: Number(tid) };
  const printing = prints === undefined ? {} : { prints };
  const point = debugging.session.points.add({
    ...breakAt(found),
    condition,
    isTemporary,
    ...ofThread,
    ...printing,
  });
  debugging.print(`${title} ${point.id}${placesText(debugging, found)}`);
  const thread = debugging.anyThread;
  if (thread !== undefined && debugging.session.read(thread, found.address, 1) === undefined)
    debugging.print(
      `warning: no memory at 0x${found.address.toString(16)} now; the breakpoint waits for code there`,
    );
}

const EXCEPTION_FUNCTIONS: Readonly<Record<ExceptionEvent, string>> = {
  throw: '__cxa_throw',
  catch: '__cxa_begin_catch',
  rethrow: '__cxa_rethrow',
};

/** A catchpoint where the C++ library throws, catches or throws again: Itanium C++ ABI, Exception Handling, 2.4 and 2.5. */
export function addExceptionCatch(
  debugging: Debugger,
  exception: ExceptionEvent,
  isTemporary: boolean,
): void {
  const text = EXCEPTION_FUNCTIONS[exception];
  const common = { condition: undefined, isTemporary, exception };
  const found = findLocation(debugging, text);
  const { id } = debugging.session.points.add(
    typeof found === 'string' ? { kind: 'pending', text, ...common } : { ...breakAt(found), ...common },
  );
  debugging.print(`${isTemporary ? 'Temporary catchpoint' : 'Catchpoint'} ${id} (${exception})`);
}

/** There is no such place now. Throws PromptError unless the breakpoint is to wait for it. */
async function refuseOrWait(debugging: Debugger, why: string): Promise<void> {
  const { settings, surroundings } = debugging;
  const pending = settings.get('breakpoint pending');
  if (pending === 'off') throw new PromptError(why);
  debugging.print(why);
  if (pending === 'on') return;
  const question = 'Make breakpoint pending on future shared library load? (y or [n])';
  const answer = await surroundings.ask?.(question);
  if (answer === undefined) throw new PromptError(`${question} [answered N; input not from terminal]`);
  if (!answer) throw new PromptError('No breakpoint was made.');
}

/** Spelling errors are told now; memory that is not there yet, at the time. Variables of the function at `address` are known. */
export function checkCondition(debugging: Debugger, condition: string, address: number): void {
  try {
    evaluate(condition, debugging.scopeAt(address));
  } catch (error) {
    if (!(error instanceof PromptError)) throw error;
    if (!/^(No symbol|A syntax|Invalid|No .* type|There is no member)/.test(error.message)) return;
    throw error;
  }
}
