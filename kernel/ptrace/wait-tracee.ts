// What a tracer hears from wait(2) of one of its tracees (kernel/exit.c, wait_consider_task with ptrace).
// task/wait-child.ts asks. Stops are told whatever the options, each once; a thread's end is told even where it is no child.
// The leader's end is the process's, and told when no other thread is left.
import { CLD_TRAPPED } from '../abi/ptrace.ts';
import { type ChildReport, WCONTINUED, WEXITED, WNOWAIT } from '../task/child-report.ts';
import { exitFacts, reapProcess } from '../task/reap.ts';
import type { Thread } from '../task/thread.ts';
import { endTracing } from './detach.ts';

/** Will anything ever be told, with these options, of a tracee that has ended? */
export function mayBeReported({ process, tid }: Thread, options: number): boolean {
  const isDelayed = tid === process.pid && process.state === 'alive';
  return (options & (isDelayed ? WEXITED | WCONTINUED : WEXITED)) !== 0;
}

export function traceeReport(thread: Thread, options: number): ChildReport | undefined {
  const { tracee, process, tid, credentials } = thread;
  const stays = (options & WNOWAIT) !== 0;
  const base = { child: process, pid: tid, uid: credentials.ruid };
  if (thread.state === 'dead') {
    const isLeader = process.endedLeader === thread;
    if ((options & WEXITED) === 0 || (isLeader && process.state === 'alive')) return undefined;
    const waitStatus = process.isExiting ? process.waitStatus : (tracee?.exitStatus ?? 0);
    if (!stays) forget(thread, isLeader);
    return { ...base, waitStatus, ...exitFacts(waitStatus) };
  }
  const stop = tracee?.stop;
  if (stop === undefined || stop.isListening || stop.code === 0) return undefined;
  const { code } = stop;
  if (!stays) stop.code = 0;
  return { ...base, waitStatus: (code << 8) | 0x7f, code: CLD_TRAPPED, status: code };
}

/** A thread's end was seen. A process goes on to its parent, if that is another. */
function forget(thread: Thread, isLeader: boolean): void {
  const { process, kernel } = thread;
  const tracer = thread.tracee?.tracer?.process;
  endTracing(thread, 'seen');
  if (isLeader && tracer === process.parent) reapProcess(kernel, process);
}
