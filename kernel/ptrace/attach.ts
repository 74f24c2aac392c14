// How tracing begins: PTRACE_TRACEME, ATTACH, SEIZE, and children of those that are traced (kernel/ptrace.c).
// syscalls/ptrace.ts and clone come here. What the tracee is told of it waits for its next turn.
import {
  PTRACE_EVENT_CLONE,
  PTRACE_EVENT_EXEC,
  PTRACE_EVENT_FORK,
  PTRACE_EVENT_VFORK,
  PTRACE_EVENT_VFORK_DONE,
  PTRACE_O_MASK,
  PTRACE_O_SUSPEND_SECCOMP,
} from '../abi/ptrace.ts';
import { SI_KERNEL, SIGCHLD, SIGSTOP, SIGTRAP } from '../abi/signal.ts';
import { EINVAL, EIO, EPERM, fail } from '../errno.ts';
import { CLONE_PTRACE, CLONE_UNTRACED, CLONE_VFORK } from '../task/clone-flags.ts';
import { CAP_SYS_ADMIN, capable } from '../task/credentials.ts';
import { mayBeTracedBy, mayInspect } from '../task/permission.ts';
import { sendToThread } from '../task/send-signal.ts';
import { ownSignal } from '../task/signal-info.ts';
import type { Thread } from '../task/thread.ts';
import { stopForEvent, stopForJobControl } from './stops.ts';
import { isTraced, Tracee } from './tracee.ts';

/** What clone was asked for. */
interface CloneFacts {
  readonly flags: number;
  readonly exitSignal: number;
}

function link(thread: Thread, tracer: Thread, isSeized: boolean, options: number): Tracee {
  // one that was let go of has still to act on its last stop
  const tracee = thread.tracee ?? new Tracee();
  tracee.tracer = tracer;
  tracee.isSeized = isSeized;
  tracee.options = options;
  thread.tracee = tracee;
  tracer.tracees ??= new Set();
  tracer.tracees.add(thread);
  return tracee;
}

/** The parent's thread that made the caller traces it. EPERM when it is traced, or has no parent that could. */
export function traceMe(thread: Thread): number {
  if (isTraced(thread)) fail(EPERM, 'the thread is traced already');
  const { parent, makerTid } = thread.process;
  const tracer = parent?.threads.get(makerTid) ?? parent?.leader;
  if (tracer === undefined) fail(EPERM, 'the parent cannot trace');
  if (!mayBeTracedBy(thread, tracer)) fail(EPERM, 'the parent lacks capabilities of this thread');
  link(thread, tracer, false, 0);
  return 0;
}

/** PTRACE_ATTACH and PTRACE_SEIZE. EIO, EINVAL, EPERM. */
export function attach(
  tracer: Thread,
  thread: Thread | undefined,
  seized?: { address: number; options: number },
): number {
  if (seized !== undefined) {
    if (seized.address !== 0) fail(EIO, 'the address must be 0');
    if ((seized.options & ~PTRACE_O_MASK) !== 0) fail(EIO, 'unknown options');
    checkOptions(tracer, seized.options);
  }
  if (thread === undefined) return fail(EPERM, 'the process has ended');
  if (thread.process === tracer.process) fail(EPERM, 'a thread of the same process');
  if (!mayInspect(tracer, thread)) fail(EPERM, 'not a process that the caller may trace');
  if (isTraced(thread)) fail(EPERM, 'the thread is traced already');
  const tracee = link(thread, tracer, seized !== undefined, seized?.options ?? 0);
  if (seized === undefined) sendToThread(thread, { signo: SIGSTOP, code: SI_KERNEL });
  if (thread.state === 'stopped' && tracee.stop === undefined) {
    // stopped with its process: from now on for the tracer
    tracee.stopSigno = thread.process.signals.stopSignal;
    stopForJobControl(thread, tracee);
  }
  return 0;
}

/** EINVAL, EPERM (PTRACE_O_SUSPEND_SECCOMP). */
export function checkOptions({ credentials, confinement, tracee }: Thread, options: number): void {
  if ((options & ~PTRACE_O_MASK) !== 0) fail(EINVAL, 'unknown options');
  if ((options & PTRACE_O_SUSPEND_SECCOMP) === 0) return;
  const isSuspended = ((tracee?.options ?? 0) & PTRACE_O_SUSPEND_SECCOMP) !== 0;
  if (!capable(credentials, CAP_SYS_ADMIN) || confinement !== undefined || isSuspended)
    fail(EPERM, 'needs CAP_SYS_ADMIN, and no filters of its own');
}

function eventOf({ flags, exitSignal }: CloneFacts): number {
  if ((flags & CLONE_VFORK) !== 0) return PTRACE_EVENT_VFORK;
  return exitSignal === SIGCHLD ? PTRACE_EVENT_FORK : PTRACE_EVENT_CLONE;
}

function isReported(tracee: Tracee, facts: CloneFacts): boolean {
  return (facts.flags & CLONE_UNTRACED) === 0 && tracee.wants(eventOf(facts));
}

/** A traced thread has made `child`, which is traced too if the event is wanted (ptrace_init_task). */
export function inheritTracing(tracee: Tracee, child: Thread, facts: CloneFacts): void {
  const { tracer } = tracee;
  if (tracer === undefined) return;
  if ((facts.flags & CLONE_PTRACE) === 0 && !isReported(tracee, facts)) return;
  const own = link(child, tracer, tracee.isSeized, tracee.options);
  if (own.isSeized) own.trapStop = true;
  else child.signals.pending.mark(SIGSTOP);
  child.signals.attention = true;
}

/** PTRACE_EVENT_FORK, VFORK or CLONE: true when the parent has stopped, in its call. */
export function stopsAfterClone(parent: Thread, child: Thread, facts: CloneFacts): boolean {
  const { tracee } = parent;
  if (tracee === undefined) return false;
  if ((facts.flags & CLONE_VFORK) !== 0) tracee.vforkChild = child.tid;
  if (!isReported(tracee, facts)) return false;
  return stopForEvent(parent, tracee, 'call-event', eventOf(facts), tracee.shownPid(child.tid));
}

/** PTRACE_EVENT_VFORK_DONE: true when the parent has stopped once more. */
export function stopsAfterVfork(parent: Thread): boolean {
  const { tracee } = parent;
  const tid = tracee?.vforkChild ?? 0;
  if (tracee === undefined || tid === 0) return false;
  tracee.vforkChild = 0;
  return (
    tracee.wants(PTRACE_EVENT_VFORK_DONE) &&
    stopForEvent(parent, tracee, 'call-event', PTRACE_EVENT_VFORK_DONE, tracee.shownPid(tid))
  );
}

/** A traced thread, which had the number `tid`, has a new program: PTRACE_EVENT_EXEC, or a plain SIGTRAP where nobody asked. */
export function noteExec(thread: Thread, tracee: Tracee, tid: number): void {
  if (tracee.tracer === undefined) return;
  if (tracee.wants(PTRACE_EVENT_EXEC)) {
    tracee.execDue = tracee.shownPid(tid);
    thread.signals.attention = true;
  } else if (!tracee.isSeized) {
    sendToThread(thread, ownSignal(SIGTRAP, thread.process, thread.credentials.ruid));
  }
}
