// What tracers ask about signals and the ends of threads, and how strace words an end.
// Tracer uses it.
import { SIG_DFL, SIGKILL, signalBit, signalName } from '../../kernel/abi/signal.ts';
import type { Thread } from '../../kernel/task/thread.ts';

/** Has SIGKILL come meanwhile? A tracer does not learn what the call's result would have been. */
export function isKilled(thread: Thread): boolean {
  const { fatal, pending } = thread.process.signals;
  const waiting = thread.signals.pending.set | pending.set;
  return fatal?.signo === SIGKILL || (waiting & signalBit(SIGKILL)) !== 0n;
}

/** The thread whose execve ends this one, which leads the process: it takes over the number. */
export function successorOf(thread: Thread): Thread | undefined {
  const { process } = thread;
  if (thread.tid !== process.pid || process.isExiting) return undefined;
  return [...process.threads.values()].find((each) => each.call?.syscall.name.startsWith('execve'));
}

export function isDefault(thread: Thread, signo: number): boolean {
  return thread.process.signals.actions.get(signo).handler === SIG_DFL;
}

/** `+++ exited with 3 +++`, `+++ killed by SIGSEGV (core dumped) +++`. */
export function endText(waitStatus: number): string {
  const signal = waitStatus & 0x7f;
  if (signal === 0) return `+++ exited with ${(waitStatus >> 8) & 0xff} +++`;
  const core = (waitStatus & 0x80) === 0 ? '' : ' (core dumped)';
  return `+++ killed by ${signalName(signal)}${core} +++`;
}
