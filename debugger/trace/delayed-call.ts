// A call that takes longer than it does: the thread sleeps in guest time before it begins, before it returns, or both.
// injection.ts puts it around a call's handler at its entry. Only a fatal signal ends the sleep, as under strace.
// As every handler it is tried again and again; what it must remember is here, and goes with the call.
import { isFailure } from '../../kernel/errno.ts';
import type { Answer } from '../../kernel/syscalls/syscall.ts';
import type { Call, Thread } from '../../kernel/task/thread.ts';
import { ended, isWait, wait } from '../../kernel/wait.ts';

/** How far the call is, and until when the thread sleeps now. */
interface Delay {
  phase: 'before' | 'running' | 'after';
  untilNs: number | undefined;
  /** What it is to answer: a result, or the failure that was thrown. */
  outcome: () => number;
}

/** Delays `call`, which has not begun. `result` replaces what it does. */
export function delayCall(call: Call, enterNs: number, exitNs: number, result: number | undefined): void {
  const { syscall } = call;
  const delay: Delay = { phase: 'before', untilNs: undefined, outcome: () => 0 };

  /** A Wait while there is time left. */
  const sleep = (thread: Thread, durationNs: number): Answer | undefined => {
    const nowNs = thread.kernel.clock.monotonicNs();
    delay.untilNs ??= nowNs + durationNs;
    if (nowNs < delay.untilNs) return wait([], 'killable', delay.untilNs);
    delay.untilNs = undefined;
    return undefined;
  };

  const handler = (thread: Thread, args: Readonly<Record<string, number>>): Answer => {
    if (delay.phase === 'before') {
      const rest = sleep(thread, enterNs);
      if (rest !== undefined) return rest;
      delay.phase = 'running';
      call.timedOut = false; // that was our deadline, not the call's
    }
    if (delay.phase === 'running') {
      const answer = result ?? outcomeOf(() => syscall.handler(thread, args), delay);
      if (answer !== undefined && isWait(answer)) return answer;
      if (typeof answer === 'number') delay.outcome = () => answer;
      delay.phase = 'after';
    }
    return sleep(thread, exitNs) ?? delay.outcome();
  };
  call.syscall = { ...syscall, handler };
}

/** The handler's answer; a failure is kept in `delay` to be thrown later. */
function outcomeOf(handler: () => Answer, delay: Delay): Answer | undefined {
  try {
    return ended(handler());
  } catch (thrown) {
    if (!isFailure(thrown)) throw thrown;
    delay.outcome = () => {
      throw thrown;
    };
    return undefined;
  }
}
