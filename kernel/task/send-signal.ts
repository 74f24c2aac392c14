// Sending signals: what is dropped, what is queued, which thread must look (kernel/signal.c, __send_signal_locked).
// kill and its kin, terminals, timers, exits and faults call it; permission is the callers' business.
// Sending never runs guest code: it marks threads and wakes them; delivery happens when they run.

import {
  CLD_CONTINUED,
  CORE_SIGNALS,
  IGNORED_SIGNALS,
  SA_NOCLDSTOP,
  SI_KERNEL,
  SI_USER,
  SIG_DFL,
  SIG_IGN,
  SIGCHLD,
  SIGCONT,
  SIGKILL,
  SIGRTMIN,
  STOP_SIGNALS,
  signalBit,
  UNBLOCKABLE,
} from '../abi/signal.ts';
import { EAGAIN } from '../errno.ts';
import { isTraced, notifyTrap } from '../ptrace/tracee.ts';
import { clockTicks, processCpuTime } from '../time/cpu-time.ts';
import { shownUid } from './credentials.ts';
import type { QueuedSignal } from './pending-signals.ts';
import type { Process } from './process.ts';
import { DEFAULT_ACTION } from './process-signals.ts';
import { RLIMIT_SIGPENDING } from './rlimits.ts';
import type { ProcessGroup } from './session.ts';
import { type SignalInfo, withoutSender } from './signal-info.ts';
import type { Thread } from './thread.ts';

/** For a sender that must know what becomes of its signal. */
export interface SignalWatch {
  /** It waits for delivery: it was not ignored. Whoever watches sends no second one before it is taken or dropped. */
  queued(): void;
  /** It is taken; the answer is what the receiver sees, undefined when it no longer counts. */
  taken(info: SignalInfo): SignalInfo | undefined;
  /** It is gone without having been taken. */
  dropped(): void;
}

/** Sends to one thread. EAGAIN when a queued real-time signal is over RLIMIT_SIGPENDING, else 0. */
export function sendToThread(thread: Thread, info: SignalInfo, watch?: SignalWatch): number {
  if (thread.state === 'dead') return 0;
  return send(thread, info, { toThread: true, watch });
}

/** Sends to the process: one of its threads that does not block the signal takes it. Returns as sendToThread. */
export function sendToProcess(process: Process, info: SignalInfo, watch?: SignalWatch): number {
  const { leader } = process;
  if (leader === undefined || process.state !== 'alive') return 0; // zombies and init
  return send(leader, info, { toThread: false, watch });
}

/** Sends to every member; 0 when one took it, else the last error. */
export function sendToGroup(group: ProcessGroup, info: SignalInfo): number {
  let error = 0;
  let success = false;
  for (const member of [...group.members]) {
    const result = sendToProcess(member, info);
    if (result === 0) success = true;
    else error = result;
  }
  return success ? 0 : error;
}

/**
 * A fault of the running instruction: acts even when blocked or ignored, and then kills (force_sig_info_to_task).
 */
export function forceSignal(thread: Thread, info: SignalInfo): void {
  const { signals, process } = thread;
  const { actions } = process.signals;
  const bit = signalBit(info.signo);
  const blocked = (signals.blocked & bit) !== 0n;
  if (blocked || actions.get(info.signo).handler === SIG_IGN) {
    actions.set(info.signo, DEFAULT_ACTION);
    signals.blocked &= ~bit;
  }
  if (actions.get(info.signo).handler === SIG_DFL && (!isTraced(thread) || info.isFinal === true))
    process.isUnkillable = false;
  send(thread, info, { toThread: true, force: true });
  recalculateAttention(thread);
}

/** Kills the process with `signo`, whatever its handlers say (force_fatal_sig): a frame that cannot be written, RLIMIT_CPU. */
export function forceFatal(thread: Thread, signo: number): void {
  thread.process.signals.actions.set(signo, DEFAULT_ACTION);
  thread.signals.blocked &= ~signalBit(signo);
  forceSignal(thread, { signo, code: SI_KERNEL, isFinal: true });
}

/**
 * Would `info` be thrown away at once? A blocked signal is kept: its action may change (sig_ignored).
 * Process 1 of a pid namespace is killed and stopped from outside only.
 */
function isIgnored(thread: Thread, { signo, code }: SignalInfo): boolean {
  const bit = signalBit(signo);
  if ((thread.signals.blocked & bit) !== 0n) return false;
  if (isTraced(thread) && signo !== SIGKILL) return false; // its tracer sees them all
  const { handler } = thread.process.signals.actions.get(signo);
  if (thread.process.isUnkillable && handler === SIG_DFL) {
    const isForced = code === SI_KERNEL || !isSenderSeenBy(thread);
    if (!isForced || (UNBLOCKABLE & bit) === 0n) return true;
  }
  return handler === SIG_IGN || (handler === SIG_DFL && (IGNORED_SIGNALS & bit) !== 0n);
}

interface SendOptions {
  readonly toThread: boolean;
  /** A fault: sent even when ignored. */
  readonly force?: boolean;
  readonly watch?: SignalWatch | undefined;
}

function send(thread: Thread, given: SignalInfo, { toThread, force, watch }: SendOptions): number {
  const { process } = thread;
  const info = asSeenBy(thread, given);
  const { signo } = info;
  const { pending } = toThread ? thread.signals : process.signals;
  // not even SIGKILL reaches who ends already, and stands in PTRACE_EVENT_EXIT (prepare_signal)
  if (process.isExiting || process.signals.fatal !== undefined) return 0;
  prepare(process, signo);
  if (force !== true && isIgnored(thread, info)) {
    thread.kernel.observer?.signalIgnored?.(thread, info);
    return 0;
  }
  // standard signals do not queue, but for those of timers (posixtimer_send_sigqueue)
  if (signo < SIGRTMIN && watch === undefined && pending.has(signo)) return 0;
  const entry = watch === undefined ? charge(thread, info) : { info, uncharge: () => {} };
  if (entry !== undefined) {
    pending.add(watch === undefined ? entry : { ...entry, taken: watch.taken, dropped: watch.dropped });
    watch?.queued();
  } else if (signo >= SIGRTMIN && info.code !== SI_USER) return EAGAIN;
  else pending.mark(signo);
  process.signals.arrived.wake(1);
  complete(thread, info, toThread);
  return 0;
}

/** Ids as the receiver's namespaces count; who is in a pid namespace around its own has no number (send_signal_locked). */
function asSeenBy(receiver: Thread, info: SignalInfo): SignalInfo {
  const { credentials, process } = receiver;
  if (credentials.userNamespace === undefined && process.pidNamespace === undefined) return info;
  if (info.uid === undefined) return info;
  const seen = isSenderSeenBy(receiver) ? info : withoutSender(info);
  return info.raw === undefined ? { ...seen, uid: shownUid(credentials, info.uid) } : seen;
}

/** Has whoever runs a number in the receiver's pid namespace? */
function isSenderSeenBy({ process, kernel }: Thread): boolean {
  return kernel.running === undefined || process.shownPid(kernel.running.tid) !== 0;
}

/** Stop signals cancel a pending SIGCONT and the other way round, for the whole process (prepare_signal). */
function prepare(process: Process, signo: number): void {
  if ((signalBit(signo) & STOP_SIGNALS) !== 0n) flushEverywhere(process, signalBit(SIGCONT));
  else if (signo === SIGCONT) {
    flushEverywhere(process, STOP_SIGNALS);
    continueProcess(process);
  }
}

/** Forgets pending signals of `set` in all threads. */
export function flushEverywhere(process: Process, set: bigint): void {
  process.signals.pending.flush(set);
  for (const thread of process.threads.values()) thread.signals.pending.flush(set);
}

/** A queue entry charged to the receiver's user; undefined over RLIMIT_SIGPENDING (signal(7)). */
function charge(thread: Thread, info: SignalInfo): QueuedSignal | undefined {
  const uncharge = chargeSigqueue(thread, info.signo < SIGRTMIN && info.code >= 0);
  return uncharge === undefined ? undefined : { info, uncharge };
}

/**
 * Room for one queued signal or POSIX timer, which brings its own; the answer gives it back. Undefined over
 * RLIMIT_SIGPENDING, unless the room is had whatever the limit (sigqueue_alloc).
 */
export function chargeSigqueue(
  { kernel, process, credentials }: Thread,
  isFree = false,
): (() => void) | undefined {
  const uid = credentials.ruid;
  const count = kernel.queuedSignals.get(uid) ?? 0;
  if (!isFree && count >= process.limits.get(RLIMIT_SIGPENDING).soft) return undefined;
  kernel.queuedSignals.set(uid, count + 1);
  return () => {
    kernel.queuedSignals.set(uid, (kernel.queuedSignals.get(uid) ?? 1) - 1);
  };
}

/** Picks who must look (complete_signal) and, for a signal that surely kills, ends the process at once. */
function complete(thread: Thread, info: SignalInfo, toThread: boolean): void {
  const { process } = thread;
  const bit = signalBit(info.signo);
  let target: Thread | undefined;
  if (wants(thread, info.signo)) target = thread;
  else if (!toThread) {
    for (const other of process.threads.values()) {
      if (wants(other, info.signo)) {
        target = other;
        break;
      }
    }
  }
  if (target === undefined) return;
  const { handler } = process.signals.actions.get(info.signo);
  const kills =
    info.signo === SIGKILL ||
    (!isTraced(thread) &&
      handler === SIG_DFL &&
      ((IGNORED_SIGNALS | STOP_SIGNALS | CORE_SIGNALS) & bit) === 0n);
  if (kills) {
    killProcess(process, info);
    return;
  }
  wakeForSignal(target, false);
}

/** Makes all threads end at their next step, even stopped ones. */
function killProcess(process: Process, info: SignalInfo): void {
  process.signals.fatal = info;
  process.signals.stopSignal = 0;
  for (const thread of process.threads.values()) wakeForSignal(thread, true);
}

/** Stopped by its cgroup alone, which is a sleep as far as signals go. */
export function isFrozen({ isFreezing, process, state, tracee }: Thread): boolean {
  if (!isFreezing || state !== 'stopped') return false;
  return process.signals.stopSignal === 0 && tracee?.stop === undefined;
}

function wants(thread: Thread, signo: number): boolean {
  if ((thread.signals.blocked & signalBit(signo)) !== 0n) return false;
  if (signo === SIGKILL || isFrozen(thread)) return true;
  return thread.state !== 'stopped' && thread.state !== 'dead' && !thread.signals.attention;
}

/** Raises TIF_SIGPENDING and ends an interruptible sleep (signal_wake_up). */
export function wakeForSignal(thread: Thread, fatal: boolean): void {
  thread.signals.attention = true;
  const { scheduler } = thread.kernel;
  if (thread.state === 'blocked') {
    if (fatal || thread.parkPolicy !== 'killable') scheduler.unpark(thread);
  } else if (thread.state === 'stopped' && fatal) {
    if (thread.tracee !== undefined) thread.tracee.stop = undefined;
    scheduler.resume(thread);
  }
}

/** Signals that could be delivered to `thread` now. */
export function deliverable(thread: Thread): bigint {
  const { signals } = thread;
  return (signals.pending.set | thread.process.signals.pending.set) & ~signals.blocked;
}

/** After the mask or the pending sets changed (recalc_sigpending). */
export function recalculateAttention(thread: Thread): void {
  thread.signals.attention =
    thread.process.signals.fatal !== undefined ||
    thread.process.coreDump !== undefined ||
    deliverable(thread) !== 0n ||
    thread.tracee?.isDue === true ||
    thread.isFreezing ||
    thread.interruption?.isSettled === false;
}

/** Replaces the mask; signals that this thread blocks from now on go to others (set_current_blocked). */
export function setBlocked(thread: Thread, mask: bigint): void {
  const { signals, process } = thread;
  const old = signals.blocked;
  if (mask === old) return;
  signals.blocked = mask;
  if (process.threads.size > 1) retarget(process, thread, process.signals.pending.set & mask & ~old);
  recalculateAttention(thread);
}

/** Someone else must look after the process's pending signals in `set` (retarget_shared_pending). */
export function retarget(process: Process, from: Thread, set: bigint): void {
  if (set === 0n) return;
  for (const other of process.threads.values()) {
    if (other === from || other.state === 'dead') continue;
    if ((set & ~other.signals.blocked) !== 0n && !other.signals.attention) wakeForSignal(other, false);
  }
}

/** SIGCONT was sent: whatever becomes of the signal itself, the process runs again. */
function continueProcess(process: Process): void {
  const { signals } = process;
  const isStopped = signals.stopSignal !== 0 || signals.stopsDue > 0;
  signals.stopSignal = 0;
  signals.stopsDue = 0;
  for (const thread of process.threads.values()) {
    const { tracee } = thread;
    if (tracee === undefined) {
      if (thread.state !== 'stopped') continue;
      thread.signals.attention = true; // what came while it was stopped acts first (get_signal, behind do_signal_stop)
      thread.kernel.scheduler.resume(thread);
      continue;
    }
    tracee.stopPending = false;
    tracee.stopDequeued = false;
    if (tracee.isSeized) notifyTrap(thread, tracee);
  }
  if (!isStopped) return;
  signals.unreported = 'continued';
  notifyParent(process, CLD_CONTINUED, SIGCONT);
}

/** SIGCHLD for a stop or continuation, unless the parent does not want it (do_notify_parent_cldstop). */
export function notifyParent(process: Process, code: number, status: number): void {
  const { parent } = process;
  if (parent === undefined) return;
  const action = parent.signals.actions.get(SIGCHLD);
  if (action.handler !== SIG_IGN && (action.flags & SA_NOCLDSTOP) === 0) {
    sendToProcess(parent, childSignal(process, parent, SIGCHLD, code, status));
  }
  parent.childChanged.wake();
}

/** The siginfo that tells `viewer`, the parent or a tracer, of `process`: si_code CLD_*, si_status, and the times it took, in clock ticks. */
export function childSignal(
  process: Process,
  viewer: Process,
  signo: number,
  code: number,
  status: number,
): SignalInfo {
  const { userNs, systemNs } = processCpuTime(process);
  return {
    signo,
    code,
    pid: viewer.shownPid(process.pid),
    uid: process.credentials.ruid,
    status,
    utime: clockTicks(userNs),
    stime: clockTicks(systemNs),
  };
}
