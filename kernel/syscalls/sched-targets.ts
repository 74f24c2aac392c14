// Whom setpriority(2) and ioprio_set(2) mean: a thread, a process group, or all of a user.

import { EINVAL, fail } from '../errno.ts';
import { kernelUid } from '../task/credentials.ts';
import type { Thread } from '../task/thread.ts';

const PRIO_PROCESS = 0;
const PRIO_PGRP = 1;
const PRIO_USER = 2;

/** The threads that `which` and `who` name. EINVAL; an empty list is the caller's ESRCH. */
export function threadsOf(thread: Thread, which: number, who: number): Thread[] {
  const { pids } = thread.kernel;
  if (which === PRIO_PROCESS) {
    const target = who === 0 ? thread : pids.thread(who);
    return target === undefined ? [] : [target];
  }
  if (which === PRIO_PGRP) {
    const group = who === 0 ? thread.process.group : pids.group(who);
    return group === undefined ? [] : [...group.members].flatMap((process) => [...process.threads.values()]);
  }
  if (which === PRIO_USER) {
    const uid = who === 0 ? thread.credentials.ruid : kernelUid(thread.credentials, who);
    return [...pids.threads()].filter((other) => other.credentials.ruid === uid);
  }
  return fail(EINVAL, 'not PRIO_PROCESS, PRIO_PGRP or PRIO_USER');
}
