// A process's part of signal state: actions, what is pending for any of its threads, stop and exit in progress.
// Shared by all threads; the actions alone may be shared between processes too (CLONE_SIGHAND without CLONE_THREAD).
// A process with `fatal` set is as good as dead: its threads end at their next step.
import { NSIG, SIG_DFL } from '../abi/signal.ts';
import { WaitQueue } from '../wait.ts';
import { PendingSignals } from './pending-signals.ts';
import type { SignalInfo } from './signal-info.ts';

export interface SignalAction {
  /** SIG_DFL, SIG_IGN or an address. */
  readonly handler: number;
  readonly flags: number;
  readonly mask: bigint;
}

export const DEFAULT_ACTION: SignalAction = { handler: SIG_DFL, flags: 0, mask: 0n };

/** What each signal does (sighand_struct). */
export class SignalActions {
  readonly #actions: SignalAction[];
  /** Processes that share it. */
  users = 1;

  constructor(actions?: readonly SignalAction[]) {
    this.#actions = actions?.slice() ?? new Array<SignalAction>(NSIG + 1).fill(DEFAULT_ACTION);
  }

  get(signo: number): SignalAction {
    return this.#actions[signo] ?? DEFAULT_ACTION;
  }

  set(signo: number, action: SignalAction): void {
    this.#actions[signo] = action;
  }

  copy(): SignalActions {
    return new SignalActions(this.#actions);
  }
}

export class ProcessSignals {
  actions: SignalActions;
  readonly pending = new PendingSignals();
  /** Woken at every signal sent to the process or one of its threads (signalfd, sigtimedwait). */
  readonly arrived = new WaitQueue('signal');
  /** A signal that kills the process has been accepted; nothing else counts any more. */
  fatal: SignalInfo | undefined;
  /** Stopped by this signal; 0 = running. */
  stopSignal = 0;
  /** A group stop by `dueSignal` is complete when so many more traced threads have stopped (group_stop_count). */
  stopsDue = 0;
  dueSignal = 0;
  /** What wait(2) has not seen yet. */
  unreported: 'stopped' | 'continued' | undefined;

  constructor(actions: SignalActions) {
    this.actions = actions;
  }

  /** One more traced thread has stopped; true when that completes the group stop. */
  takePart(): boolean {
    if (this.stopsDue > 0) this.stopsDue--;
    if (this.stopsDue > 0 || this.stopSignal !== 0) return false;
    this.stopSignal = this.dueSignal;
    this.unreported = 'stopped';
    return true;
  }
}
