// Texts of the calls that threads are in: arguments from the entry, results from the end, as trace prints them.
// The session's observer feeds it; stops at entries and ends show what it says.
// Everything is read by glances, so that a decoded call runs as one nobody looked at.
import type { Kernel } from '../../kernel/kernel.ts';
import { glanceAt } from '../../kernel/mm/glance.ts';
import type { Call, Thread } from '../../kernel/task/thread.ts';
import { CallText } from '../trace/call-text.ts';
import { restoredResult, resultText } from '../trace/result-text.ts';

const STYLE = { stringLimit: 48, isVerbose: false, decodeFds: 0 } as const;
const ENDS_THREAD = new Set(['exit', 'exit_group']);

export interface EndedCall {
  readonly thread: Thread;
  readonly call: Call;
  /** The whole call with its result. */
  readonly text: string;
}

export class CallWatch {
  /** The result of the next call that begins, instead of what the kernel would do. */
  override: number | undefined;
  readonly #kernel: Kernel;
  readonly #texts = new Map<Thread, CallText>();
  readonly #overridden = new Set<Thread>();
  #ended: EndedCall | undefined;

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  /** A call that has not begun: `sendmsg(3, {…}, 0)`. */
  upcoming(thread: Thread, call: Call): string {
    return glanceAt(thread.mm, () => `${call.syscall.name}(${new CallText(thread, call, STYLE).entry()}`);
  }

  entered(thread: Thread, call: Call): number | undefined {
    this.#texts.set(
      thread,
      glanceAt(thread.mm, () => new CallText(thread, call, STYLE)),
    );
    const { override } = this;
    this.override = undefined;
    if (override !== undefined) this.#overridden.add(thread);
    return override;
  }

  exited(thread: Thread, call: Call, result: number): undefined {
    const text = this.#texts.get(thread);
    if (text === undefined || text.call !== call) return;
    this.#texts.delete(thread);
    const { name } = call.syscall;
    const isInjected = this.#overridden.delete(thread);
    const value = name === 'rt_sigreturn' ? restoredResult(thread) : result;
    const shown = ENDS_THREAD.has(name)
      ? `${name}(${text.entry()}) = ?`
      : glanceAt(thread.mm, () => {
          const all = `${name}(${text.entry()}${text.exit(value)})`;
          return `${all} = ${resultText(call, value, text.context('exit', value, -1), isInjected ? ' (INJECTED)' : '')}`;
        });
    this.#ended = { thread, call, text: shown };
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
