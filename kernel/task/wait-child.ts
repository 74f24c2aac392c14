// Waiting for children (wait(2), kernel/exit.c, do_wait): which child has something to report, and taking the report.
// wait4 and waitid call it on every try; children wake `process.childChanged`.
// A zombie is reaped by the report unless WNOWAIT; stops and continuations are reported once.
import { CLD_CONTINUED, CLD_STOPPED, SIGCHLD, SIGCONT } from '../abi/signal.ts';
import { ECHILD, fail } from '../errno.ts';
import { exitFacts, reapProcess } from './exit.ts';
import type { Process } from './process.ts';
import type { Thread } from './thread.ts';

export const WNOHANG = 1;
export const WUNTRACED = 2;
export const WSTOPPED = 2;
export const WEXITED = 4;
export const WCONTINUED = 8;
export const WNOWAIT = 0x0100_0000;
export const __WNOTHREAD = 0x2000_0000;
export const __WALL = 0x4000_0000;
export const __WCLONE = 0x8000_0000;

/** Whom to wait for. */
export type WaitTarget =
  | { readonly kind: 'any' }
  | { readonly kind: 'pid'; readonly pid: number }
  | { readonly kind: 'group'; readonly id: number }
  | { readonly kind: 'process'; readonly process: Process };

export interface ChildReport {
  readonly child: Process;
  readonly pid: number;
  /** As wait(2) encodes it. */
  readonly waitStatus: number;
  /** CLD_* and si_status for waitid. */
  readonly code: number;
  readonly status: number;
  readonly uid: number;
}

/** The first child with something that `options` ask for; undefined when none has yet. ECHILD when there is no such child. */
export function findReport(thread: Thread, target: WaitTarget, options: number): ChildReport | undefined {
  let isEligible = false;
  for (const child of thread.process.children) {
    if (!matches(child, target) || !isOurKind(child, options)) continue;
    isEligible = true;
    const report = takeReport(thread, child, options);
    if (report !== undefined) return report;
  }
  if (!isEligible) fail(ECHILD, 'no such child to wait for');
  return undefined;
}

function matches(child: Process, target: WaitTarget): boolean {
  switch (target.kind) {
    case 'any':
      return true;
    case 'pid':
      return child.pid === target.pid;
    case 'group':
      return child.group.id === target.id;
    case 'process':
      return child === target.process;
  }
}

/** "Clone" children signal something else than SIGCHLD and are waited for with __WCLONE only (eligible_child). */
function isOurKind(child: Process, options: number): boolean {
  if ((options & __WALL) !== 0) return true;
  return (child.exitSignal !== SIGCHLD) === ((options & __WCLONE) !== 0);
}

function takeReport(thread: Thread, child: Process, options: number): ChildReport | undefined {
  const uid = child.credentials.ruid;
  const base = { child, pid: child.pid, uid };
  const keep = (options & WNOWAIT) !== 0;
  if (child.state === 'zombie') {
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
  if (signals.unreported === 'continued' && (options & WCONTINUED) !== 0) {
    if (!keep) signals.unreported = undefined;
    return { ...base, waitStatus: 0xffff, code: CLD_CONTINUED, status: SIGCONT };
  }
  return undefined;
}
