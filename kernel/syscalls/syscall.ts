// One system call, one row: number, name, kinds of arguments, handler.
// Family files (socket.ts, files.ts …) declare rows; table.ts joins them; dispatch, trace, the coverage page
// and `rivulet syscalls` all read the same rows.
import type { Kind } from '../abi/kind.ts';
import type { Thread } from '../task/thread.ts';
import type { Wait } from '../wait.ts';
import { ArgumentReader } from './argument-reader.ts';

export type Arguments = Record<string, Kind>;
/** Registers as the handler gets them: numbers (see Kind.register for how the 64 bits were read). */
export type ArgumentValues<A extends Arguments> = { readonly [K in keyof A]: number };

/** A number for a0 (throw `fail(errno)` for errors), or a Wait: try again later. */
export type Answer = number | Wait;
export type Handler<A extends Arguments> = (thread: Thread, args: ArgumentValues<A>) => Answer;

export interface Syscall {
  readonly name: string;
  readonly kinds: readonly (readonly [string, Kind])[];
  readonly arguments: ArgumentReader;
  readonly handler: (thread: Thread, args: Readonly<Record<string, number>>) => Answer;
  /** How to print the result; a decimal number when absent. */
  readonly returns: Kind | undefined;
  /** What is missing, in a sentence, for `rivulet syscalls`; undefined when complete. */
  readonly partial: string | undefined;
  /** It may throw CONTEXT_REPLACED: the thread goes on with other registers or in other memory, or not at all. */
  readonly replacesContext: boolean;
  /** A signal that its temporary mask lets in is handled whatever the result is, not only with EINTR. */
  readonly letsSignalsIn: boolean;
  /** It has no arguments and only tells what the thread is: it neither waits nor fails nor changes anything. */
  readonly onlyTells: boolean;
  /** Where it touches a page that a userfaultfd answers for, it waits and is tried again; else that is EFAULT. */
  readonly waitsForPages: boolean;
}

export interface SyscallOptions {
  readonly returns?: Kind;
  readonly partial?: string;
  readonly replacesContext?: boolean;
  readonly letsSignalsIn?: boolean;
  readonly onlyTells?: boolean;
}

/** Declares a row. Arguments are in register order, a0 first. */
export function syscall<A extends Arguments>(
  name: string,
  args: A,
  handler: Handler<A>,
  options: SyscallOptions = {},
): Syscall {
  const kinds = Object.entries(args);
  return {
    name,
    kinds,
    arguments: new ArgumentReader(kinds),
    handler: handler as Syscall['handler'],
    returns: options.returns,
    partial: options.partial,
    replacesContext: options.replacesContext === true,
    letsSignalsIn: options.letsSignalsIn === true,
    onlyTells: options.onlyTells === true,
    waitsForPages: options.replacesContext !== true && !name.startsWith('io_'),
  };
}
