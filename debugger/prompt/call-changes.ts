// Pictures around the tries of calls that a stop will tell about, and the changes between them.
// debugger.ts brackets each turn of the machine with it; a turn does one try at most, so that no other thread's doing
// is mixed in. Pictures are taken only when a stop is to come, for they cost time in proportion to what is open.
import { upcomingCall } from '../../kernel/dispatch.ts';
import type { Thread } from '../../kernel/task/thread.ts';
import { describeChanges, type Picture, takePicture } from '../inspect/changes.ts';
import type { Session } from '../session/session.ts';
import type { Plan, Stop } from '../session/stop.ts';

export class CallChanges {
  readonly #session: Session;
  readonly #pending = new Map<number, string[]>();
  #before: { picture: Picture; thread: Thread } | undefined;
  #lines: string[] = [];

  constructor(session: Session) {
    this.#session = session;
  }

  beforeTurn(plan: Plan): void {
    this.#before = undefined;
    const thread = this.#session.thread;
    if (thread === undefined || !this.#isTold(plan, thread)) return;
    this.#before = { picture: takePicture(this.#session.kernel), thread };
  }

  afterTurn(stop: Stop | undefined): void {
    const { kernel } = this.#session;
    const before = this.#before;
    if (before === undefined) return;
    const { tid } = before.thread;
    const lines = [
      ...(this.#pending.get(tid) ?? []),
      ...describeChanges(kernel, before.picture, before.thread),
    ];
    this.#pending.delete(tid);
    if (stop?.kind === 'exit' || before.thread.state === 'dead' || before.thread.state === 'blocked')
      this.#lines = lines;
    else if (lines.length > 0) this.#pending.set(tid, lines);
  }

  /** What the call that has just ended changed. */
  takeLines(): string[] {
    const lines = this.#lines;
    this.#lines = [];
    return lines;
  }

  /** The machine is elsewhere in time. */
  forget(): void {
    this.#pending.clear();
    this.#before = undefined;
    this.#lines = [];
  }

  /** Is the next turn a try of a call whose end will be a stop? */
  #isTold(plan: Plan, thread: Thread): boolean {
    const { kernel, points, isAtCall } = this.#session;
    const call = isAtCall ? upcomingCall(kernel, thread) : thread.call;
    return call !== undefined && (plan.kind === 'call' || points.catchingCall(thread, call) !== undefined);
  }
}
