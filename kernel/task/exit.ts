// Ends of threads and processes (kernel/exit.c): giving resources back, zombies, orphans, telling the parent.
// exit, exit_group and fatal signals call it; afterwards the caller must not touch the thread's registers.
// A process whose last thread is gone is a zombie until its parent has waited, or reaped at once when nobody will.

import { PTRACE_EVENT_EXIT } from '../abi/ptrace.ts';
import { SI_USER, SIGCHLD, SIGCONT, SIGHUP } from '../abi/signal.ts';
import { letGoOfFiles } from '../held-files.ts';
import type { SemaphoreTable } from '../ipc/semaphore-set.ts';
import type { Kernel } from '../kernel.ts';
import { late } from '../late.ts';
import { cancelTimers } from '../time/cancel-timers.ts';
import { threadCpuTime } from '../time/cpu-time.ts';
import { type Wait, WaitQueue, wait } from '../wait.ts';
import { forgetFutexWaits, wakeFutex } from './futex.ts';
import type { Process } from './process.ts';
import { notifyDeath, reapProcess } from './reap.ts';
import { walkRobustList } from './robust-list.ts';
import { retarget, sendToGroup, sendToProcess } from './send-signal.ts';
import { forgetTerminal } from './session.ts';
import { kernelSignal } from './signal-info.ts';
import type { Thread } from './thread.ts';
import { addUsage } from './usage.ts';

/**
 * Ends one thread. `status` is a wait status (exit code << 8); it becomes the process's when the last thread ends so and
 * no exit_group came (synchronize_group_exit). Until then a leader's is its own.
 */
export function exitThread(thread: Thread, status: number): void {
  const { process } = thread;
  if (thread.state === 'dead' || (thread.tracee !== undefined && stopsBeforeEnd(thread, status))) return;
  const isLast = process.threads.size === 1;
  if ((isLast || thread.tid === process.pid) && !process.isExiting) process.waitStatus = status;
  if (isLast && !process.isExiting) thread.kernel.observer?.processEnding?.(process);
  endThread(thread, status);
  if (process.threads.size === 0) endProcess(process, thread);
  else retarget(process, thread, process.signals.pending.set & ~thread.signals.blocked);
}

/** Ends all threads. `status` is a wait status: exit code << 8, or signal number with 0x80 for a core. */
export function exitProcess(process: Process, status: number): void {
  if (process.isExiting || process.state !== 'alive') return;
  process.isExiting = true;
  process.waitStatus = status;
  const threads = [...process.threads.values()];
  threads[0]?.kernel.observer?.processEnding?.(process);
  for (const thread of threads) {
    if (thread.tracee === undefined || !stopsBeforeEnd(thread, status)) endThread(thread, status);
  }
  if (process.threads.size === 0) endProcess(process, threads[threads.length - 1] as Thread);
}

/** PTRACE_EVENT_EXIT: true when the thread stops once more. Its next turn ends it. */
function stopsBeforeEnd(thread: Thread, status: number): boolean {
  const { tracee } = thread;
  if (tracee === undefined || tracee.dyingStatus !== undefined || !tracee.wants(PTRACE_EVENT_EXIT))
    return false;
  tracee.dyingStatus = status;
  thread.process.signals.fatal = undefined; // it acts already
  thread.kernel.scheduler.leaveQueues(thread);
  return late.tracing.stopForEvent(thread, tracee, 'dying', PTRACE_EVENT_EXIT, status);
}

/**
 * execve by one of several threads: the others end, and the caller takes over the leader's number (de_thread). A Wait
 * while one of them stops for PTRACE_EVENT_EXIT, or a tracer has not seen the end of one: then it is to be called again.
 */
export function endOtherThreads(survivor: Thread): Wait | undefined {
  const { process, kernel } = survivor;
  const isFirst = process.othersGone === undefined;
  for (const thread of [...process.threads.values()]) {
    if (thread === survivor || (!isFirst && thread.tracee?.dyingStatus !== undefined)) continue;
    if (thread.tracee === undefined || !stopsBeforeEnd(thread, 0)) endThread(thread, 0);
  }
  if (process.threads.size > 1 || (process.unseenThreads?.size ?? 0) > 0) {
    process.othersGone ??= new WaitQueue('ends of the other threads');
    return wait(process.othersGone, 'killable');
  }
  process.othersGone = undefined;
  if (survivor.tid === process.pid) return undefined;
  if (process.endedLeader !== undefined) late.tracing.endTracing(process.endedLeader, 'seen'); // its number has another owner
  process.threads.delete(survivor.tid);
  kernel.pids.removeThread(survivor);
  survivor.tid = process.pid;
  survivor.ownTid = process.ownPid;
  process.threads.set(survivor.tid, survivor);
  kernel.pids.addThread(survivor);
  return undefined;
}

function endThread(thread: Thread, status: number): void {
  const { kernel, process } = thread;
  kernel.scheduler.leaveQueues(thread);
  if (kernel.rings.open.size > 0) kernel.rings.threadEnded(thread);
  forgetFutexWaits(thread);
  semaphoresOf(thread)?.forgetWait(thread);
  thread.signals.pending.flush(~0n);
  releaseMemoryClaims(thread);
  letGoOfFiles(thread);
  thread.state = 'dead';
  thread.wokenAlone?.wakeOne();
  if (--thread.files.users === 0) thread.files.closeAll(thread);
  thread.fs.users--;
  thread.hart.moveOut();
  const { userNs, systemNs } = threadCpuTime(thread);
  process.endedUserNs += userNs;
  addUsage(process.endedUsage, thread.usage);
  process.endedSystemNs += systemNs;
  if (process.threads.size === 1)
    process.last = { name: process.name, credentials: process.credentials, thread };
  if (thread.ownCgroup !== undefined)
    late.cgroupMembers.threadEnded(thread, thread.ownCgroup, process.threads.size === 1);
  process.threads.delete(thread.tid);
  if (thread.confinement !== undefined) late.confinedThreadEnded(thread);
  if (thread.tracee !== undefined) late.tracing.tellTracerOfEnd(thread, thread.tracee, status);
  kernel.pids.removeThread(thread); // a tracer may keep its number
  thread.ownNamespaces?.mnt.endIfLeft(kernel);
  if (thread.tracees !== undefined)
    for (const each of [...thread.tracees]) late.tracing.endTracing(each, 'tracer-ended');
  process.othersGone?.wake();
  kernel.observer?.threadExited?.(thread);
}

/** undefined: nothing has needed them yet. */
function semaphoresOf({ ownNamespaces, kernel }: Thread): SemaphoreTable | undefined {
  return (ownNamespaces ?? kernel.madeNamespaces?.first)?.ipc.semaphores;
}

/** What the thread promised others to do with its memory: robust futexes, the tid word, a vfork parent (mm_release). */
export function releaseMemoryClaims(thread: Thread): void {
  const { process } = thread;
  walkRobustList(thread);
  const { clearChildTid } = thread;
  thread.clearChildTid = 0;
  if (clearChildTid !== 0 && (process.threads.size > 1 || process.mm.users > 1)) {
    try {
      thread.user.writeU32(clearChildTid, 0);
      wakeFutex(thread, clearChildTid, 1);
    } catch {
      // the word may be unmapped by now; Linux ignores it too
    }
  }
}

/** The vfork child no longer uses its parent's memory (exec, exit). */
export function completeVfork(process: Process): void {
  const { vforkDone } = process;
  process.vforkDone = undefined;
  vforkDone?.wake();
}

function endProcess(process: Process, thread: Thread): void {
  const { kernel } = thread;
  process.isExiting = true;
  semaphoresOf(thread)?.processEnded(thread);
  process.state = 'zombie';
  process.signals.stopSignal = 0;
  process.signals.pending.flush(~0n);
  process.signals.actions.users--;
  cancelTimers(kernel, process);
  completeVfork(process);
  if (process.coreDump !== undefined) late.coreDumps.endDump(process);
  const { mm } = process;
  if (kernel.accounting !== undefined) late.recordEnd(kernel.accounting, process, thread);
  process.pastMaxRssKib = process.maxRssKib;
  process.mm = kernel.init.mm; // a zombie has no memory of its own
  mm.release();
  if (process.session.id === process.pid) endSession(process);
  if (process.pidNamespace?.reaper === process) late.endPidNamespace(kernel, process.pidNamespace);
  reparentChildren(kernel, process);
  hangUpOrphans(process, process.parent, process);
  process.exited.wake(1);
  kernel.observer?.processExited?.(process);
  if (notifyDeath(process)) reapProcess(kernel, process);
}

/** A session leader's exit takes the terminal away from its session (disassociate_ctty). */
function endSession(leader: Process): void {
  const { session, terminal } = leader;
  const foreground = session.anyGroup(terminal?.foregroundId ?? leader.pastForegroundId);
  if (foreground !== undefined) sendToGroup(foreground, kernelSignal(SIGHUP));
  // the terminal was hung up before: what ran in its foreground learns it now
  if (foreground !== undefined && terminal === undefined) sendToGroup(foreground, kernelSignal(SIGCONT));
  terminal?.sessionEnded();
  forgetTerminal(session);
}

/** Who takes care of the children: the nearest ancestor in the pid namespace that asked for it, else its process 1 (find_new_reaper). */
function reaperFor(init: Process, process: Process): Process {
  const { pidNamespace } = process;
  for (let at = process.parent; at !== undefined && at.pidNamespace === pidNamespace; at = at.parent) {
    if (at.isSubreaper && at.state === 'alive' && !at.isExiting) return at;
  }
  const first = pidNamespace?.reaper;
  return first === undefined || first === process ? init : first;
}

function reparentChildren(kernel: Kernel, process: Process): void {
  if (process.children.size === 0) return;
  const reaper = reaperFor(kernel.init, process);
  for (const child of [...process.children]) {
    process.children.delete(child);
    child.parent = reaper;
    reaper.children.add(child);
    child.exitSignal = SIGCHLD;
    for (const { parentDeathSignal: signo } of child.threads.values()) {
      if (signo !== 0) sendToProcess(child, { signo, code: SI_USER, pid: 0, uid: 0 });
    }
    hangUpOrphans(child, process, undefined);
    if (child.state === 'zombie' && notifyDeath(child)) reapProcess(kernel, child);
  }
}

/**
 * A stopped group that loses its last connection to the rest of its session gets SIGHUP and SIGCONT
 * (kill_orphaned_pgrp). `connection` is the parent that linked `process` to it.
 */
function hangUpOrphans(
  process: Process,
  connection: Process | undefined,
  ignored: Process | undefined,
): void {
  const { group } = process;
  if (connection === undefined || connection.group === group || connection.session !== process.session)
    return;
  if (!group.isOrphaned(ignored) || !group.hasStopped) return;
  sendToGroup(group, kernelSignal(SIGHUP));
  sendToGroup(group, kernelSignal(SIGCONT));
}
