// Scheduling: priorities, policies, affinity (sched(7), setpriority(2)), on one CPU.
// Rows for table.ts. Values are checked and stored here; kernel/scheduler.ts and task/rank.ts let them say who runs.

import { I32, Pid, Ptr, Size, U32, U32Out } from '../abi/kinds/basic.ts';
import {
  CpuSetIn,
  CpuSetOut,
  PriorityWhich,
  SchedParamIn,
  SchedParamOut,
} from '../abi/kinds/process-kinds.ts';
import { Policy, PolicyResult } from '../abi/kinds/result-kinds.ts';
import { SchedAttrIn, SchedAttrOut } from '../abi/kinds/scheduling-kinds.ts';
import { TimespecOut } from '../abi/kinds/time-kinds.ts';
import { SCHED_FIFO, SCHED_IDLE, SCHED_RR, SchedAttr } from '../abi/scheduling.ts';
import { nsToTimespec, Timespec } from '../abi/time.ts';
import { E2BIG, EACCES, EINVAL, EOPNOTSUPP, EPERM, ESRCH, fail } from '../errno.ts';
import { CAP_SYS_NICE, capable } from '../task/credentials.ts';
import { hasCapabilitiesOf, mayReschedule } from '../task/permission.ts';
import { isRealtime, RR_INTERVAL_MS, rerank } from '../task/rank.ts';
import { RLIMIT_NICE, RLIMIT_RTPRIO } from '../task/rlimits.ts';
import { BASE_SLICE_NS, type Thread } from '../task/thread.ts';
import { wait } from '../wait.ts';
import { decodeExtensible } from './extensible-struct.ts';
import { threadsOf } from './sched-targets.ts';
import { type Answer, syscall } from './syscall.ts';

const SCHED_OTHER = 0;
const SCHED_BATCH = 3;
const SCHED_RESET_ON_FORK = 0x4000_0000;
const MAX_RT_PRIORITY = 99;
const LEAST_SLICE_NS = 100_000;
const MOST_SLICE_NS = 100_000_000;
/** A tick of CONFIG_HZ=250, in which slices are told. */
const TICK_NS = 4_000_000;
/** Bytes of the kernel's CPU mask: one unsigned long. */
const CPUMASK_SIZE = 8;

function threadAt(thread: Thread, pid: number): Thread {
  if (pid < 0) fail(EINVAL, 'negative pid');
  if (pid === 0) return thread;
  return thread.kernel.pids.task(thread.process.kernelPid(pid)) ?? fail(ESRCH, 'no such thread');
}

/** How process 1 is scheduled, which has no thread. */
const OF_INIT = {
  policy: SCHED_OTHER,
  realtimePriority: 0,
  nice: 0,
  resetOnFork: false,
  sliceNs: BASE_SLICE_NS,
} as const;

function isInit({ kernel, process }: Thread, pid: number): boolean {
  return pid > 0 && kernel.pids.process(process.kernelPid(pid))?.isInit === true;
}

/** What is told of a thread. EINVAL, ESRCH. */
function scheduleOf(thread: Thread, pid: number): Thread | typeof OF_INIT {
  return isInit(thread, pid) ? OF_INIT : threadAt(thread, pid);
}

interface Scheduling {
  readonly policy: number;
  readonly priority: number;
  readonly nice: number;
  readonly resetOnFork: boolean;
  /** Absent: as it was. */
  readonly sliceNs?: number;
  /** SCHED_FLAG_UTIL_CLAMP: this kernel has no utilization clamping, as most. */
  readonly clamps?: boolean;
  readonly hasUnknownFlags?: boolean;
}

/** __sched_setscheduler: checks and stores. EINVAL, EPERM. */
function apply(thread: Thread, target: Thread, wanted: Scheduling): void {
  const { policy, priority, nice } = wanted;
  if (![SCHED_OTHER, SCHED_FIFO, SCHED_RR, SCHED_BATCH, SCHED_IDLE].includes(policy))
    fail(EINVAL, 'no such policy');
  if (wanted.hasUnknownFlags === true) fail(EINVAL, 'unknown flags');
  if (priority < 0 || priority > MAX_RT_PRIORITY) fail(EINVAL, 'priority out of range');
  if (isRealtime(policy) !== priority > 0) fail(EINVAL, 'priority and policy do not fit');
  if (!capable(thread.credentials, CAP_SYS_NICE)) {
    if (!mayReschedule(thread, target)) fail(EPERM, "not this user's thread");
    const limit = target.process.limits.get(RLIMIT_RTPRIO).soft;
    const raises = isRealtime(policy) && (policy !== target.policy || priority > target.realtimePriority);
    if (raises && priority > limit) fail(EPERM, 'beyond RLIMIT_RTPRIO');
    if (
      !isRealtime(policy) &&
      nice < target.nice &&
      20 - nice > target.process.limits.get(RLIMIT_NICE).soft
    ) {
      fail(EPERM, 'beyond RLIMIT_NICE');
    }
    // leaving SCHED_IDLE is like becoming less nice (user_check_sched_setscheduler)
    const leavesIdle = target.policy === SCHED_IDLE && policy !== SCHED_IDLE;
    if (leavesIdle && 20 - target.nice > target.process.limits.get(RLIMIT_NICE).soft)
      fail(EPERM, 'beyond RLIMIT_NICE');
    if (target.resetOnFork && !wanted.resetOnFork) fail(EPERM, 'reset-on-fork cannot be taken back');
  }
  if (!hasCapabilitiesOf(thread, target)) fail(EPERM, 'it has more capabilities');
  if (wanted.clamps === true) fail(EOPNOTSUPP, 'utilization cannot be clamped');
  target.policy = policy;
  target.realtimePriority = priority;
  target.resetOnFork = wanted.resetOnFork;
  rerank(target);
  if (isRealtime(policy)) return;
  target.nice = nice;
  if (wanted.sliceNs !== undefined) target.sliceNs = wanted.sliceNs;
}

function setscheduler(
  thread: Thread,
  { pid, policy, param }: { pid: number; policy: number; param: number },
): number {
  if (policy < 0 || pid < 0 || param === 0) fail(EINVAL, 'negative policy or no parameters');
  const priority = thread.user.readI32(param);
  const target = threadAt(thread, pid);
  const resetOnFork = (policy & SCHED_RESET_ON_FORK) !== 0;
  apply(thread, target, { policy: policy & ~SCHED_RESET_ON_FORK, priority, nice: target.nice, resetOnFork });
  return 0;
}

function setparam(thread: Thread, { pid, param }: { pid: number; param: number }): number {
  if (pid < 0 || param === 0) fail(EINVAL, 'negative pid or no parameters');
  const priority = thread.user.readI32(param);
  const target = threadAt(thread, pid);
  const { policy, nice, resetOnFork } = target;
  apply(thread, target, { policy, priority, nice, resetOnFork });
  return 0;
}

function getscheduler(thread: Thread, { pid }: { pid: number }): number {
  const { policy, resetOnFork } = scheduleOf(thread, pid);
  return policy | (resetOnFork ? SCHED_RESET_ON_FORK : 0);
}

function getparam(thread: Thread, { pid, param }: { pid: number; param: number }): number {
  if (param === 0) fail(EINVAL, 'no room for the parameters');
  thread.user.writeU32(param, scheduleOf(thread, pid).realtimePriority);
  return 0;
}

const SCHED_ATTR_SIZE_VER0 = 48;
const SCHED_ATTR_SIZE_VER1 = 56;
const SCHED_FLAG_UTIL_CLAMP = 0x60n;

function setattr(thread: Thread, { pid, attr, flags }: { pid: number; attr: number; flags: number }): number {
  if (attr === 0 || pid < 0 || flags !== 0) fail(EINVAL, 'no attributes, negative pid or flags');
  const size = thread.user.readU32(attr) || SCHED_ATTR_SIZE_VER0;
  if (size < SCHED_ATTR_SIZE_VER0 || size > 4096) {
    thread.user.writeU32(attr, SchedAttr.size);
    fail(E2BIG, 'not a size that sched_attr can have');
  }
  const wanted = decodeExtensible(thread.user.read(attr, size), SchedAttr);
  if (wanted === undefined) {
    thread.user.writeU32(attr, SchedAttr.size);
    fail(E2BIG, 'unknown fields are set');
  }
  const clamps = (wanted.flags & SCHED_FLAG_UTIL_CLAMP) !== 0n;
  if (clamps && size < SCHED_ATTR_SIZE_VER1) fail(EINVAL, 'no room for the clamps');
  if ((wanted.policy | 0) < 0) fail(EINVAL, 'negative policy');
  const nice = Math.max(-20, Math.min(19, wanted.nice));
  const resetOnFork = (wanted.flags & 1n) !== 0n;
  apply(thread, threadAt(thread, pid), {
    policy: wanted.policy,
    priority: wanted.priority | 0,
    nice,
    resetOnFork,
    sliceNs: sliceFor(wanted.runtime),
    clamps,
    hasUnknownFlags: (wanted.flags & ~0x7fn) !== 0n,
  });
  return 0;
}

/** sched_runtime of the fair policies: 0.1 to 100 ms, 0 for the usual (__setparam_fair). */
function sliceFor(runtime: bigint): number {
  if (runtime === 0n) return BASE_SLICE_NS;
  return Math.max(LEAST_SLICE_NS, Math.min(MOST_SLICE_NS, Number(runtime)));
}

function getattr(
  thread: Thread,
  { pid, attr, size, flags }: { pid: number; attr: number; size: number; flags: number },
): number {
  if (attr === 0 || pid < 0 || size > 4096 || size < SCHED_ATTR_SIZE_VER0 || flags !== 0)
    fail(EINVAL, 'bad size');
  const target = scheduleOf(thread, pid);
  const length = Math.min(size, SchedAttr.size);
  const bytes = SchedAttr.encode({
    size: length,
    policy: target.policy,
    flags: target.resetOnFork ? 1n : 0n,
    nice: isRealtime(target.policy) ? 0 : target.nice,
    priority: target.realtimePriority,
    runtime: isRealtime(target.policy) ? 0n : BigInt(target.sliceNs),
    deadline: 0n,
    period: 0n,
    utilMin: 0,
    utilMax: 0,
  });
  thread.user.write(attr, bytes.subarray(0, length));
  return 0;
}

/** As threadAt, but a negative id is one that nobody has (kernel/sched/syscalls.c, sched_setaffinity). */
function affinityTarget(thread: Thread, pid: number): Thread {
  return pid < 0 ? fail(ESRCH, 'no such thread') : threadAt(thread, pid);
}

function mayChangeAffinity(thread: Thread, target: Thread): boolean {
  return mayReschedule(thread, target) && hasCapabilitiesOf(thread, target);
}

function setaffinity(thread: Thread, { pid, len, mask }: { pid: number; len: number; mask: number }): number {
  const bytes = thread.user.read(mask, Math.min(len, CPUMASK_SIZE));
  const isAllowed = isInit(thread, pid)
    ? thread.credentials.euid === 0 || capable(thread.credentials, CAP_SYS_NICE)
    : mayChangeAffinity(thread, affinityTarget(thread, pid));
  if (!isAllowed) fail(EPERM, "not this user's thread");
  if (((bytes[0] ?? 0) & 1) === 0) fail(EINVAL, 'no CPU of this machine in the mask');
  return 0;
}

function getaffinity(thread: Thread, { pid, len, mask }: { pid: number; len: number; mask: number }): number {
  if (len * 8 < 1 || len % 8 !== 0) fail(EINVAL, 'not a multiple of a long');
  if (!isInit(thread, pid)) affinityTarget(thread, pid);
  const bytes = new Uint8Array(CPUMASK_SIZE);
  bytes[0] = 1;
  thread.user.write(mask, bytes);
  return CPUMASK_SIZE;
}

/** Gives the rest of the slice away: the thread goes to the end of the queue. */
function yieldNow(thread: Thread): Answer {
  const { call, kernel } = thread;
  if (kernel.scheduler.runnableCount === 0 || call === undefined || call.progress > 0) return 0;
  call.progress = 1;
  return wait([], 'always', kernel.clock.monotonicNs());
}

function priorityMax(_: Thread, { policy }: { policy: number }): number {
  if (isRealtime(policy)) return MAX_RT_PRIORITY;
  if ([SCHED_OTHER, SCHED_BATCH, SCHED_IDLE, 6, 7].includes(policy)) return 0;
  return fail(EINVAL, 'no such policy');
}

function priorityMin(_: Thread, { policy }: { policy: number }): number {
  if (isRealtime(policy)) return 1;
  if ([SCHED_OTHER, SCHED_BATCH, SCHED_IDLE, 6, 7].includes(policy)) return 0;
  return fail(EINVAL, 'no such policy');
}

function rrGetInterval(thread: Thread, { pid, interval }: { pid: number; interval: number }): number {
  const { policy, sliceNs } = scheduleOf(thread, pid);
  const fairNs = sliceNs - (sliceNs % TICK_NS);
  const ns = policy === SCHED_RR ? RR_INTERVAL_MS * 1e6 : policy === SCHED_FIFO ? 0 : fairNs;
  thread.user.writeStruct(interval, Timespec, nsToTimespec(ns));
  return 0;
}

function setpriority(
  thread: Thread,
  { which, who, prio }: { which: number; who: number; prio: number },
): number {
  const nice = Math.max(-20, Math.min(19, prio));
  let error = ESRCH;
  for (const target of threadsOf(thread, which, who)) {
    if (!mayReschedule(thread, target)) error = EPERM;
    else if (nice < target.nice && !mayRaise(thread, target, nice)) error = EACCES;
    else if (!hasCapabilitiesOf(thread, target)) error = EPERM;
    else {
      target.nice = nice;
      if (error === ESRCH) error = 0;
    }
  }
  return -error;
}

function mayRaise(thread: Thread, target: Thread, nice: number): boolean {
  return (
    capable(thread.credentials, CAP_SYS_NICE) || 20 - nice <= target.process.limits.get(RLIMIT_NICE).soft
  );
}

/** 20 − nice, so that errors stay distinguishable (getpriority(2), "C library/kernel differences"). */
function getpriority(thread: Thread, { which, who }: { which: number; who: number }): number {
  const targets = threadsOf(thread, which, who);
  if (targets.length === 0) fail(ESRCH, 'no such process');
  return Math.max(...targets.map((target) => 20 - target.nice));
}

function getcpu(thread: Thread, { cpu, node }: { cpu: number; node: number }): number {
  if (cpu !== 0) thread.user.writeU32(cpu, 0);
  if (node !== 0) thread.user.writeU32(node, 0);
  return 0;
}

export const SCHED_SYSCALLS = {
  118: syscall('sched_setparam', { pid: Pid, param: SchedParamIn }, setparam),
  119: syscall('sched_setscheduler', { pid: Pid, policy: Policy, param: SchedParamIn }, setscheduler),
  120: syscall('sched_getscheduler', { pid: Pid }, getscheduler, { returns: PolicyResult }),
  121: syscall('sched_getparam', { pid: Pid, param: SchedParamOut }, getparam),
  122: syscall('sched_setaffinity', { pid: Pid, len: U32, mask: CpuSetIn }, setaffinity),
  123: syscall('sched_getaffinity', { pid: Pid, len: U32, mask: CpuSetOut }, getaffinity),
  124: syscall('sched_yield', {}, yieldNow),
  125: syscall('sched_get_priority_max', { policy: Policy }, priorityMax),
  126: syscall('sched_get_priority_min', { policy: Policy }, priorityMin),
  127: syscall('sched_rr_get_interval', { pid: Pid, interval: TimespecOut }, rrGetInterval),
  140: syscall('setpriority', { which: PriorityWhich, who: I32, prio: I32 }, setpriority),
  141: syscall('getpriority', { which: PriorityWhich, who: I32 }, getpriority),
  168: syscall('getcpu', { cpu: U32Out, node: U32Out, tcache: Ptr }, getcpu),
  274: syscall('sched_setattr', { pid: Pid, attr: SchedAttrIn, flags: U32 }, setattr, {
    partial: 'no SCHED_DEADLINE',
  }),
  275: syscall('sched_getattr', { pid: Pid, attr: SchedAttrOut, size: Size, flags: U32 }, getattr),
};
