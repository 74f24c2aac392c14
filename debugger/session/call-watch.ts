// Texts of the calls that threads are in: arguments from the entry, results from the end, as trace prints them.
// The session's observer feeds it; stops at entries and ends show what it says.
// Everything is read by glances, so that a decoded call runs as one nobody looked at.
import type { Kernel } from '../../kernel/kernel.ts';
import { glanceAt } from '../../kernel/mm/glance.ts';
import type { Call, Thread } from '../../kernel/task/thread.ts';
import { CallText } from '../trace/call-text.ts';
import { restoredResult, resultText } from '../trace/result-text.ts';

const STYLE = { stringLimit: 48, decodeFds: 0 } as const;
const ENDS_THREAD = new Set(['exit', 'exit_group']);

export interface EndedCall {
  readonly thread: Thread;
  readonly call: Call;
  /** The whole call with its result; undefined when nobody wanted it. */
  readonly text: string | undefined;
}

/** Which calls are decoded. */
export type Wanted = (thread: Thread, call: Call) => boolean;

export class CallWatch {
  /** The result of the next call that begins, instead of what the kernel would do. */
  override: number | undefined;
  wants: Wanted = () => true;
  readonly #kernel: Kernel;
  readonly #texts = new Map<Thread, CallText>();
  #ended: EndedCall | undefined;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** A call that has not begun: `sendmsg(3, {…}, 0)`. */
  upcoming(thread: Thread, call: Call): string {
    return glanceAt(thread.mm, () => `${call.syscall.name}(${new CallText(thread, call, STYLE).entry()}`);
  }

  entered(thread: Thread, call: Call): number | undefined {
    if (this.wants(thread, call)) this.#texts.set(thread, textOf(thread, call));
    const { override } = this;
    this.override = undefined;
    return override;
  }

  exited(thread: Thread, call: Call, result: number): undefined {
    const known = this.#texts.get(thread);
    this.#texts.delete(thread);
    let text = known?.call === call ? known : undefined;
    if (this.wants(thread, call)) text ??= textOf(thread, call); // its begin was not seen
    this.#ended = { thread, call, text: text && endText(text, result) };
  }

  /** The call that ended since the last time, if any. */
  takeEnded(): EndedCall | undefined {
    const ended = this.#ended;
    this.#ended = undefined;
    return ended;
  }

  get kernel(): Kernel {
    return this.#kernel;
  }
}

function textOf(thread: Thread, call: Call): CallText {
  return glanceAt(thread.mm, () => new CallText(thread, call, STYLE));
}

function endText(text: CallText, result: number): string {
  const { thread, call } = text;
  const { name } = call.syscall;
  const value = name === 'rt_sigreturn' ? restoredResult(thread) : result;
  if (ENDS_THREAD.has(name)) return `${name}(${text.entry()}) = ?`;
  return glanceAt(thread.mm, () => {
    const all = `${name}(${text.entry()}${text.exit(value)})`;
    return `${all} = ${resultText(call, value, text.context('exit', value, -1), call.isInjected === true ? ' (INJECTED)' : '')}`;
  });
}
