// ioprio_get and ioprio_set (ioprio_set(2)): stored and reported; there is no disk whose queue they could order.
// Rows for table.ts.
import { I32 } from '../abi/kinds/basic.ts';
import { IoPriority, IoPriorityResult, IoPriorityWhich } from '../abi/kinds/scheduling-kinds.ts';
import { SCHED_IDLE } from '../abi/scheduling.ts';
import { EINVAL, EPERM, ESRCH, fail } from '../errno.ts';
import { CAP_SYS_ADMIN, CAP_SYS_NICE, capable } from '../task/credentials.ts';
import { hasCapabilitiesOf } from '../task/permission.ts';
import { isRealtime } from '../task/rank.ts';
import type { Thread } from '../task/thread.ts';
import { threadsOf } from './sched-targets.ts';
import { syscall } from './syscall.ts';

const IOPRIO_CLASS_SHIFT = 13;
const CLASS_NONE = 0;
const CLASS_RT = 1;
const CLASS_BE = 2;
const CLASS_IDLE = 3;
/** IOPRIO_WHO_PROCESS is 1 where PRIO_PROCESS is 0, and so on. */
const WHO_OFFSET = 1;

/** ioprio_check_cap. EINVAL; EPERM. */
export function demandIoPriority(thread: Thread, ioprio: number): void {
  const level = ioprio & 7;
  const kind = (ioprio >> IOPRIO_CLASS_SHIFT) & 7;
  if (kind > CLASS_IDLE || (kind === CLASS_NONE && level !== 0)) fail(EINVAL, 'no such class');
  const mayRealtime = capable(thread.credentials, CAP_SYS_ADMIN) || capable(thread.credentials, CAP_SYS_NICE);
  if (kind === CLASS_RT && !mayRealtime) fail(EPERM, 'the real-time class needs CAP_SYS_NICE');
}

function ioprioSet(
  thread: Thread,
  { which, who, ioprio }: { which: number; who: number; ioprio: number },
): number {
  demandIoPriority(thread, ioprio);
  const targets = threadsOf(thread, which - WHO_OFFSET, who);
  if (targets.length === 0) fail(ESRCH, 'no such process');
  for (const target of targets) {
    if (!maySet(thread, target)) fail(EPERM, "not this user's thread");
    target.ioPriority = ioprio;
  }
  return 0;
}

/** set_task_ioprio. */
function maySet(thread: Thread, target: Thread): boolean {
  const { credentials } = thread;
  const { ruid } = target.credentials;
  const isOwn = ruid === credentials.euid || ruid === credentials.ruid;
  return (isOwn || capable(credentials, CAP_SYS_NICE)) && hasCapabilitiesOf(thread, target);
}

/** Who has ended has none. */
function ownPriority({ state, ioPriority }: Thread): number {
  return state === 'dead' ? 0 : ioPriority;
}

/** What a thread has without one of its own, by its nice value (__get_task_ioprio). */
function effectivePriority(thread: Thread): number {
  const { policy, nice } = thread;
  const own = ownPriority(thread);
  if (own !== 0) return own;
  const kind = policy === SCHED_IDLE ? CLASS_IDLE : isRealtime(policy) ? CLASS_RT : CLASS_BE;
  return (kind << IOPRIO_CLASS_SHIFT) | Math.trunc((nice + 20) / 5);
}

/** The best priority of those named (ioprio_best): the lowest number. */
function ioprioGet(thread: Thread, { which, who }: { which: number; who: number }): number {
  const targets = threadsOf(thread, which - WHO_OFFSET, who);
  const [first] = targets;
  if (first === undefined) fail(ESRCH, 'no such process');
  if (which === WHO_OFFSET) return ownPriority(first);
  return Math.min(...targets.map(effectivePriority));
}

export const IO_PRIORITY_SYSCALLS = {
  30: syscall('ioprio_set', { which: IoPriorityWhich, who: I32, ioprio: IoPriority }, ioprioSet, {
    partial: 'stored only',
  }),
  31: syscall('ioprio_get', { which: IoPriorityWhich, who: I32 }, ioprioGet, { returns: IoPriorityResult }),
};
