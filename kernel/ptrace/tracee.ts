// What the kernel keeps of a thread that another one traces (ptrace(2); Linux: task->ptrace, task->jobctl).
// attach.ts makes one, stops.ts stops the thread and lets it go on, detach.ts ends it; signals and exits look at it.
// A stop is data: the thread is 'stopped', and `left` tells its next turn which stop it comes from.
import type { SignalInfo } from '../task/signal-info.ts';
import type { Thread } from '../task/thread.ts';

/** Where a thread stands that is stopped for its tracer. */
export type StopKind =
  /** A signal is about to be delivered. */
  | 'signal'
  /** A group stop, or the one that PTRACE_INTERRUPT asks for. */
  | 'job-control'
  /** Before a system call, and behind it. */
  | 'entry'
  | 'exit'
  /** A filter of seccomp said SECCOMP_RET_TRACE. */
  | 'seccomp'
  /** In the middle of a call: fork, vfork, clone, vfork-done. */
  | 'call-event'
  /** A new program is in place. */
  | 'exec'
  /** About to end. */
  | 'dying';

export interface TraceStop {
  readonly kind: StopKind;
  /** What wait(2) tells, above 0x7f: a signal, and an event in the byte above; 0 once it was told. */
  code: number;
  /** PTRACE_GETSIGINFO; a group stop that was not asked for with PTRACE_SEIZE has none. */
  info: SignalInfo | undefined;
  /** PTRACE_GETEVENTMSG. */
  readonly message: number;
  /** PTRACE_LISTEN: as if it ran, but for its registers. */
  isListening: boolean;
}

/** Registers as a tracer sees and sets them while a call is under way: pc is behind the ecall already, a0 the result. */
export interface CallView {
  a0: bigint;
  pc: bigint;
  /** pc before the tracer changed it. */
  readonly nextPc: bigint;
}

export class Tracee {
  /** Undefined once it is let go of: what the last stop means is still to be done. */
  tracer: Thread | undefined;
  /** PTRACE_SEIZE: stops of job control say so, and PTRACE_INTERRUPT and LISTEN work. */
  isSeized = false;
  /** PTRACE_O_*. */
  options = 0;
  /** Goes on by PTRACE_SYSCALL: calls are reported. */
  reportsCalls = false;
  stop: TraceStop | undefined;
  /** The stop that was left last, not yet acted upon, and the signal that PTRACE_CONT and its kin gave. */
  left: { readonly stop: TraceStop; readonly signo: number } | undefined;
  view: CallView | undefined;
  /** The filter's SECCOMP_RET_TRACE was reported: the call may begin. */
  isJudged = false;
  /** The number before execve, to be reported. */
  execDue: number | undefined;
  /** A call is over whose end may be reported. */
  exitDue = false;
  /** The vfork child whose end of borrowing may be reported. */
  vforkChild = 0;
  /** Stops of job control (JOBCTL_*): it is to take part in a group stop, by which signal, it is to trap, to trap again. */
  stopPending = false;
  stopSigno = 0;
  trapStop = false;
  trapNotify = false;
  /** A stop signal that was taken still counts: no SIGCONT came since (JOBCTL_STOP_DEQUEUED). */
  stopDequeued = false;
  /** PTRACE_EVENT_EXIT was reported: nothing keeps it from ending with this wait status. */
  dyingStatus: number | undefined;
  /** The thread has ended with this wait status and waits for its tracer. */
  exitStatus: number | undefined;

  /** Something is to be done before the thread runs guest code (recalc_sigpending_tsk). */
  get isDue(): boolean {
    return (
      this.left !== undefined ||
      this.execDue !== undefined ||
      this.exitDue ||
      this.stopPending ||
      this.trapStop ||
      this.trapNotify ||
      this.dyingStatus !== undefined
    );
  }

  /** A thread's number as the tracer counts. */
  shownPid(tid: number): number {
    return this.tracer?.process.shownPid(tid) ?? 0;
  }

  /** Is the event's option set? */
  wants(event: number): boolean {
    return this.tracer !== undefined && (this.options & (1 << event)) !== 0;
  }
}

/** Somebody traces the thread. */
export function isTraced({ tracee }: Thread): boolean {
  return tracee?.tracer !== undefined;
}

/** The thread leaves its stop with `signo` (0 = none); what that means its next turn finds out. */
export function leaveStop(thread: Thread, tracee: Tracee, signo: number): void {
  const { stop } = tracee;
  if (stop === undefined) return;
  tracee.stop = undefined;
  tracee.left = { stop, signo };
  thread.signals.attention = true;
  thread.kernel.scheduler.resume(thread);
}

/** Job control has changed: a seized thread is to tell its tracer, also out of PTRACE_LISTEN (ptrace_trap_notify). */
export function notifyTrap(thread: Thread, tracee: Tracee): void {
  tracee.trapNotify = true;
  wakeForTrap(thread, tracee);
}

/** Makes the thread look at what it is to trap for, unless it is in a stop that it does not leave for that. */
export function wakeForTrap(thread: Thread, tracee: Tracee): void {
  thread.signals.attention = true;
  if (tracee.stop?.isListening === true) leaveStop(thread, tracee, 0);
  else if (thread.state === 'blocked' && thread.parkPolicy !== 'killable') thread.wake();
}
