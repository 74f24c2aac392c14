// Whom setpriority(2) and ioprio_set(2) mean: a thread, a process group, or all of a user.

import { EINVAL, fail } from '../errno.ts';
import { kernelUid } from '../task/credentials.ts';
import type { Process } from '../task/process.ts';
import type { Thread } from '../task/thread.ts';

const PRIO_PROCESS = 0;
const PRIO_PGRP = 1;
const PRIO_USER = 2;

/** The threads of a process; of a zombie its last one. */
function tasksOf({ threads, last }: Process): Thread[] {
  if (threads.size > 0 || last?.thread === undefined) return [...threads.values()];
  return [last.thread];
}

/** The threads that `which` and `who` name. EINVAL; an empty list is the caller's ESRCH. */
export function threadsOf(thread: Thread, which: number, who: number): Thread[] {
  const { process, kernel } = thread;
  const { pids } = kernel;
  if (which === PRIO_PROCESS) {
    const target = who === 0 ? thread : pids.task(process.kernelPid(who));
    return target === undefined ? [] : [target];
  }
  if (which === PRIO_PGRP) {
    const group = who === 0 ? process.group : pids.group(process.kernelPid(who));
    // who joined last comes first (do_each_pid_thread)
    return group === undefined ? [] : [...group.members].reverse().flatMap(tasksOf);
  }
  if (which === PRIO_USER) {
    const uid = who === 0 ? thread.credentials.ruid : kernelUid(thread.credentials, who);
    const seen = [...pids.processes()].filter(({ pid }) => process.shownPid(pid) !== 0);
    return seen.flatMap(tasksOf).filter(({ credentials }) => credentials.ruid === uid);
  }
  return fail(EINVAL, 'not PRIO_PROCESS, PRIO_PGRP or PRIO_USER');
}
