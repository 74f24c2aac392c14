// Waiting for children (wait(2), kernel/exit.c, do_wait): which child has something to report, and taking the report.
// wait4 and waitid call it on every try; children wake `process.childChanged`.
// A zombie is reaped by the report unless WNOWAIT; stops and continuations are reported once.

import { CLD_CONTINUED, CLD_STOPPED, SIGCHLD, SIGCONT } from '../abi/signal.ts';
import { ECHILD, fail } from '../errno.ts';
import { late } from '../late.ts';
import {
  __WALL,
  __WCLONE,
  __WNOTHREAD,
  type ChildReport,
  WCONTINUED,
  WEXITED,
  WNOWAIT,
  WSTOPPED,
} from './child-report.ts';
import type { Process } from './process.ts';
import { exitFacts, reapProcess } from './reap.ts';
import type { Thread } from './thread.ts';

/** Whom to wait for. */
export type WaitTarget =
  | { readonly kind: 'any' }
  | { readonly kind: 'pid'; readonly pid: number }
  | { readonly kind: 'group'; readonly id: number }
  | { readonly kind: 'process'; readonly process: Process };

/** The first child with something that `options` ask for; undefined when none has yet. ECHILD when there is no such child. */
export function findReport(thread: Thread, target: WaitTarget, options: number): ChildReport | undefined {
  let isEligible = false;
  const { process } = thread;
  for (const child of process.children) {
    if (!matches(child, child.pid, target) || !isOurKind(child, options)) continue;
    if ((options & __WNOTHREAD) !== 0 && makerOf(child) !== thread) continue;
    if (child.state === 'zombie' && (options & WEXITED) === 0 && !isWatchedByOthers(child)) continue; // nothing else will ever come
    isEligible = true;
    const report = takeReport(thread, child, options);
    if (report !== undefined) return report;
  }
  for (const tracer of (options & __WNOTHREAD) === 0 ? process.threads.values() : [thread]) {
    // the one that it began to trace last comes first (ptrace_link)
    for (const tracee of [...(tracer.tracees ?? [])].reverse()) {
      if (!matches(tracee.process, tracee.tid, target)) continue;
      if (tracee.state === 'dead' && !late.tracing.mayBeReported(tracee, options)) continue;
      isEligible = true;
      const report = traceeReport(tracee, options);
      if (report !== undefined) return report;
    }
  }
  if (!isEligible) fail(ECHILD, 'no such child to wait for');
  return undefined;
}

function matches(child: Process, tid: number, target: WaitTarget): boolean {
  switch (target.kind) {
    case 'any':
      return true;
    case 'pid':
      return tid === target.pid;
    case 'group':
      return child.group.id === target.id;
    case 'process':
      return child === target.process && tid === child.pid;
  }
}

/** The parent's thread whose child it is: the one that made it, while that lives. */
function makerOf({ parent, makerTid }: Process): Thread | undefined {
  return parent?.threads.get(makerTid) ?? parent?.leader;
}

/** "Clone" children signal something else than SIGCHLD and are waited for with __WCLONE only (eligible_child). */
function isOurKind(child: Process, options: number): boolean {
  if ((options & __WALL) !== 0) return true;
  return (child.exitSignal !== SIGCHLD) === ((options & __WCLONE) !== 0);
}

function leaderOf(child: Process): Thread | undefined {
  return child.endedLeader ?? child.threads.get(child.pid);
}

function tracerOf(child: Process): Process | undefined {
  return leaderOf(child)?.tracee?.tracer?.process;
}

function isWatchedByOthers(child: Process): boolean {
  const tracer = tracerOf(child);
  return tracer !== undefined && tracer !== child.parent;
}

function traceeReport(tracee: Thread, options: number): ChildReport | undefined {
  return late.tracing.traceeReport(tracee, options) ?? continuedReport(tracee.process, options);
}

function takeReport(thread: Thread, child: Process, options: number): ChildReport | undefined {
  const uid = child.credentials.ruid;
  const base = { child, pid: child.pid, uid };
  const keep = (options & WNOWAIT) !== 0;
  const tracer = tracerOf(child);
  // one of our own tracees tells what tracees do, and its group stops are hidden
  if (tracer === thread.process) return traceeReport(leaderOf(child) as Thread, options);
  if (child.state === 'zombie') {
    if (tracer !== undefined) return undefined; // its tracer sees it first
    if ((options & WEXITED) === 0) return undefined;
    const report = { ...base, waitStatus: child.waitStatus, ...exitFacts(child.waitStatus) };
    if (!keep) reapProcess(thread.kernel, child);
    return report;
  }
  const { signals } = child;
  if (signals.unreported === 'stopped' && signals.stopSignal !== 0 && (options & WSTOPPED) !== 0) {
    if (!keep) signals.unreported = undefined;
    return {
      ...base,
      waitStatus: (signals.stopSignal << 8) | 0x7f,
      code: CLD_STOPPED,
      status: signals.stopSignal,
    };
  }
  return continuedReport(child, options);
}

function continuedReport(child: Process, options: number): ChildReport | undefined {
  const { signals } = child;
  if (signals.unreported !== 'continued' || (options & WCONTINUED) === 0) return undefined;
  if ((options & WNOWAIT) === 0) signals.unreported = undefined;
  const { pid, credentials } = child;
  return { child, pid, uid: credentials.ruid, waitStatus: 0xffff, code: CLD_CONTINUED, status: SIGCONT };
}
