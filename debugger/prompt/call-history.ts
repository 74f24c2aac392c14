// The calls that ended lately, as text, by position: for the panel of last calls and for going back to one's end.
// Debugger attaches it to each machine it makes; going back in time forgets what lies ahead.
// Only the last few hundred are kept.
import { upcomingCall } from '../../kernel/dispatch.ts';
import type { Position } from '../../kernel/stepper.ts';
import type { Call, Thread } from '../../kernel/task/thread.ts';
import type { Machine } from '../../machine/machine.ts';
import { CallWatch } from '../session/call-watch.ts';

const KEPT = 400;

export interface PastCall {
  readonly tick: number;
  readonly tid: number;
  readonly text: string;
  readonly call: Call;
}

export class CallHistory {
  readonly #position: () => Position | undefined;
  readonly #recall: () => void;
  #calls: PastCall[] = [];

  /** `recall` sees to it that the last calls were told of. */
  constructor(position: () => Position | undefined, recall: () => void) {
    this.#position = position;
    this.#recall = recall;
  }

  attach(machine: Machine): void {
    const watch = new CallWatch(machine.kernel);
    machine.observe({
      syscallEnter: (thread, call) => watch.entered(thread, call),
      syscallExit: (thread, call, result) => {
        watch.exited(thread, call, result);
        const ended = watch.takeEnded();
        if (ended?.text !== undefined) this.#add(ended.thread, ended.call, ended.text);
        return undefined;
      },
    });
  }

  /** The call that ended last, in this very turn perhaps. */
  get newest(): PastCall | undefined {
    return this.#calls.at(-1);
  }

  /** The last `count` calls that have ended by now, oldest first. */
  last(count: number): readonly PastCall[] {
    this.#recall();
    const now = this.#position()?.tick ?? 0;
    return this.#calls.filter(({ tick }) => tick < now).slice(-count);
  }

  /** The call that `thread` stands before, decoded. */
  upcomingText(thread: Thread): string {
    const { kernel } = thread;
    return new CallWatch(kernel).upcoming(thread, upcomingCall(kernel, thread));
  }

  #add(thread: Thread, call: Call, text: string): void {
    const tick = this.#position()?.tick ?? 0;
    if ((this.#calls.at(-1)?.tick ?? -1) >= tick)
      this.#calls = this.#calls.filter((call) => call.tick < tick);
    this.#calls.push({ tick, tid: thread.tid, text, call });
    if (this.#calls.length > 2 * KEPT) this.#calls = this.#calls.slice(-KEPT);
  }
}
