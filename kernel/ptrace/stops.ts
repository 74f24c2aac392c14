// Stopping a thread for its tracer (kernel/signal.c, ptrace_stop): the tracer hears of it by SIGCHLD and wait(2).
// Signal delivery, calls, clone, execve and exit stop a thread here; requests.ts lets it go on.
// A thread that is to die does not stop any more.
import {
  CLD_TRAPPED,
  PTRACE_EVENT_STOP,
  PTRACE_EVENTMSG_SYSCALL_ENTRY,
  PTRACE_EVENTMSG_SYSCALL_EXIT,
  PTRACE_O_TRACESYSGOOD,
} from '../abi/ptrace.ts';
import { CLD_STOPPED, SA_NOCLDSTOP, SIG_IGN, SIGCHLD, SIGTRAP } from '../abi/signal.ts';
import { notifyParent, sendToProcess } from '../task/send-signal.ts';
import type { SignalInfo } from '../task/signal-info.ts';
import type { Thread } from '../task/thread.ts';
import { clockTicks, threadCpuTime } from '../time/cpu-time.ts';
import type { StopKind, Tracee } from './tracee.ts';

const A0 = 10;
const ECALL_SIZE = 4n;
const ENOSYS = 38n;

interface StopFacts {
  readonly kind: StopKind;
  readonly code: number;
  readonly info: SignalInfo | undefined;
  readonly message?: number;
}

/** Stops the thread; false when it has to die instead. */
function enterStop(thread: Thread, tracee: Tracee, { kind, code, info, message = 0 }: StopFacts): boolean {
  const { process } = thread;
  const { tracer } = tracee;
  if (tracer === undefined || process.signals.fatal !== undefined) return false;
  tracee.stop = { kind, code, info, message, isListening: false };
  thread.state = 'stopped';
  thread.signals.attention = true;
  const hasCompleted = kind === 'job-control' && takePart(thread, tracee);
  tracee.trapStop = false;
  if (kind === 'job-control' && tracee.isSeized) tracee.trapNotify = false;
  tellTracer(thread, tracer, kind === 'job-control' ? CLD_STOPPED : CLD_TRAPPED, code & 0x7f);
  if (hasCompleted && tracer.process !== process.parent)
    notifyParent(process, CLD_STOPPED, process.signals.stopSignal);
  return true;
}

/** SIGCHLD about a tracee (do_notify_parent_cldstop). */
export function tellTracer(thread: Thread, { process }: Thread, code: number, status: number): void {
  const { handler, flags } = process.signals.actions.get(SIGCHLD);
  if (handler !== SIG_IGN && (flags & SA_NOCLDSTOP) === 0) {
    const { userNs, systemNs } = threadCpuTime(thread);
    const utime = clockTicks(userNs);
    const stime = clockTicks(systemNs);
    const { tid, credentials } = thread;
    const pid = process.shownPid(tid);
    sendToProcess(process, { signo: SIGCHLD, code, pid, uid: credentials.ruid, status, utime, stime });
  }
  process.childChanged.wake();
}

/** The thread is one of those that a group stop waits for; true when it was the last (task_participate_group_stop). */
function takePart({ process }: Thread, tracee: Tracee): boolean {
  if (!tracee.stopPending) return false;
  tracee.stopPending = false;
  return process.signals.takePart();
}

function eventInfo({ ownTid, credentials }: Thread, signo: number, code: number): SignalInfo {
  return { signo, code, pid: ownTid, uid: credentials.ruid };
}

/** A signal-delivery-stop. */
export function stopForSignal(thread: Thread, tracee: Tracee, info: SignalInfo): boolean {
  tracee.stopDequeued = true;
  return enterStop(thread, tracee, { kind: 'signal', code: info.signo, info });
}

/** A group stop, or PTRACE_EVENT_STOP (do_jobctl_trap). */
export function stopForJobControl(thread: Thread, tracee: Tracee): boolean {
  const { stopSignal, stopsDue } = thread.process.signals;
  if (!tracee.isSeized)
    return enterStop(thread, tracee, { kind: 'job-control', code: tracee.stopSigno, info: undefined });
  const signo = stopSignal === 0 && stopsDue === 0 ? SIGTRAP : tracee.stopSigno;
  const code = signo | (PTRACE_EVENT_STOP << 8);
  return enterStop(thread, tracee, { kind: 'job-control', code, info: eventInfo(thread, signo, code) });
}

/** PTRACE_EVENT_*; its option is set. A thread in a call is seen as if the call were under way. */
export function stopForEvent(
  thread: Thread,
  tracee: Tracee,
  kind: StopKind,
  event: number,
  message: number,
): boolean {
  if (kind !== 'exec' && (kind !== 'dying' || thread.call !== undefined)) openView(thread, tracee);
  const code = SIGTRAP | (event << 8);
  return enterStop(thread, tracee, { kind, code, info: eventInfo(thread, SIGTRAP, code), message });
}

/** A syscall-stop. */
export function stopForCall(thread: Thread, tracee: Tracee, kind: 'entry' | 'exit'): boolean {
  if (kind === 'entry') openView(thread, tracee);
  const code = SIGTRAP | ((tracee.options & PTRACE_O_TRACESYSGOOD) === 0 ? 0 : 0x80);
  const message = kind === 'entry' ? PTRACE_EVENTMSG_SYSCALL_ENTRY : PTRACE_EVENTMSG_SYSCALL_EXIT;
  return enterStop(thread, tracee, { kind, code, info: eventInfo(thread, SIGTRAP, code), message });
}

/** As do_trap_ecall_u shows registers: pc behind the ecall, the result -ENOSYS until there is one. */
function openView(thread: Thread, tracee: Tracee): void {
  const nextPc = thread.hart.pcBig + ECALL_SIZE;
  tracee.view ??= { a0: BigInt.asUintN(64, -ENOSYS), pc: nextPc, nextPc };
}

/** The call is over: pc goes where the tracer wanted it. */
export function closeView({ hart }: Thread, tracee: Tracee): void {
  const { view } = tracee;
  tracee.view = undefined;
  if (view !== undefined && view.pc !== view.nextPc && hart.pcBig === view.nextPc) hart.pcBig = view.pc;
}

/** The call is not made: its result is what the tracer left in a0. */
export function skipCall({ hart }: Thread, tracee: Tracee): void {
  const { view } = tracee;
  if (view === undefined) return;
  hart.setX(A0, view.a0);
  hart.pcBig = view.nextPc;
  tracee.exitDue = true;
}
