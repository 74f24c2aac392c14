// Resource limits and what was used: prlimit64, getrlimit, setrlimit, getrusage, times.
// Rows for table.ts; kernel/task/rlimits.ts holds the values, each subsystem enforces its own.

import { Pid } from '../abi/kinds/basic.ts';
import {
  LimitName,
  Rlimit64In,
  Rlimit64Out,
  RlimitIn,
  RlimitOut,
  RusageOut,
  RusageWho,
  TmsOut,
} from '../abi/kinds/process-kinds.ts';
import { Rlimit } from '../abi/process.ts';
import { Rusage, rusage, Tms } from '../abi/rusage.ts';
import { EINVAL, EPERM, ESRCH, fail } from '../errno.ts';
import { armCpuLimit } from '../task/cpu-limit.ts';
import { CAP_SYS_RESOURCE, capable } from '../task/credentials.ts';
import { mayChangeLimits } from '../task/permission.ts';
import type { Process } from '../task/process.ts';
import {
  demandPossible,
  type ResourceLimit,
  RLIM_INFINITY,
  RLIM_NLIMITS,
  RLIMIT_CPU,
} from '../task/rlimits.ts';
import type { Thread } from '../task/thread.ts';
import { processUsage } from '../task/usage.ts';
import { clockTicks, processCpuTime, threadCpuTime } from '../time/cpu-time.ts';
import { syscall } from './syscall.ts';

const INFINITY_BITS = 0xffff_ffff_ffff_ffffn;
const RUSAGE_SELF = 0;
const RUSAGE_CHILDREN = -1;
const RUSAGE_THREAD = 1;

function encode(value: number): bigint {
  return value === RLIM_INFINITY ? INFINITY_BITS : BigInt(value);
}

function decode(value: bigint): number {
  return value >= 1n << 63n ? RLIM_INFINITY : Number(value);
}

function readLimit(thread: Thread, address: number): ResourceLimit {
  const { rlim_cur, rlim_max } = thread.user.readStruct(address, Rlimit);
  return { soft: decode(rlim_cur), hard: decode(rlim_max) };
}

function writeLimit(thread: Thread, address: number, limit: ResourceLimit): void {
  thread.user.writeStruct(address, Rlimit, { rlim_cur: encode(limit.soft), rlim_max: encode(limit.hard) });
}

/** do_prlimit. EINVAL, EPERM. */
function change(
  thread: Thread,
  target: Process,
  resource: number,
  wanted: ResourceLimit | undefined,
): ResourceLimit {
  if (resource >= RLIM_NLIMITS) fail(EINVAL, 'no such resource limit');
  if (wanted !== undefined) demandPossible(resource, wanted);
  const old = target.limits.get(resource);
  if (wanted === undefined) return old;
  if (wanted.hard > old.hard && !capable(thread.credentials, CAP_SYS_RESOURCE)) {
    fail(EPERM, 'raising a hard limit needs CAP_SYS_RESOURCE');
  }
  target.limits.set(resource, wanted);
  if (resource === RLIMIT_CPU) armCpuLimit(target);
  return old;
}

function prlimit64(
  thread: Thread,
  {
    pid,
    resource,
    new_limit,
    old_limit,
  }: { pid: number; resource: number; new_limit: number; old_limit: number },
): number {
  const wanted = new_limit === 0 ? undefined : readLimit(thread, new_limit);
  const old = change(thread, limitedProcess(thread, pid), resource, wanted);
  if (old_limit !== 0) writeLimit(thread, old_limit, old);
  return 0;
}

/** Whose limits are meant; process 1 has some without having a thread. ESRCH, EPERM. */
function limitedProcess(thread: Thread, pid: number): Process {
  const { kernel, process, credentials } = thread;
  const id = process.kernelPid(pid);
  const target = pid === 0 ? thread : kernel.pids.task(id);
  const owner = target?.process ?? kernel.pids.process(id) ?? fail(ESRCH, 'no such process');
  const isAllowed =
    target === undefined
      ? credentials.ruid === 0 || capable(credentials, CAP_SYS_RESOURCE)
      : mayChangeLimits(thread, target);
  if (!isAllowed) fail(EPERM, "not this user's process");
  return owner;
}

function getrlimit(thread: Thread, { resource, rlim }: { resource: number; rlim: number }): number {
  writeLimit(thread, rlim, change(thread, thread.process, resource, undefined));
  return 0;
}

function setrlimit(thread: Thread, { resource, rlim }: { resource: number; rlim: number }): number {
  change(thread, thread.process, resource, readLimit(thread, rlim));
  return 0;
}

function getrusage(thread: Thread, { who, usage }: { who: number; usage: number }): number {
  const { process } = thread;
  const maxrss = process.maxRssKib;
  if (who === RUSAGE_SELF) {
    const { userNs, systemNs } = processCpuTime(process);
    thread.user.writeStruct(usage, Rusage, rusage(userNs, systemNs, maxrss, processUsage(process)));
  } else if (who === RUSAGE_THREAD) {
    const { userNs, systemNs } = threadCpuTime(thread);
    thread.user.writeStruct(usage, Rusage, rusage(userNs, systemNs, maxrss, thread.usage));
  } else if (who === RUSAGE_CHILDREN) {
    const { childrenUserNs, childrenSystemNs, childrenMaxRssKib, childrenUsage } = process;
    const all = rusage(childrenUserNs, childrenSystemNs, childrenMaxRssKib, childrenUsage);
    thread.user.writeStruct(usage, Rusage, all);
  } else fail(EINVAL, 'no such rusage');
  return 0;
}

function times(thread: Thread, { buf }: { buf: number }): number {
  const { process, kernel } = thread;
  if (buf !== 0) {
    const { userNs, systemNs } = processCpuTime(process);
    thread.user.writeStruct(buf, Tms, {
      utime: clockTicks(userNs),
      stime: clockTicks(systemNs),
      cutime: clockTicks(process.childrenUserNs),
      cstime: clockTicks(process.childrenSystemNs),
    });
  }
  return clockTicks(kernel.clock.monotonicNs());
}

export const LIMIT_SYSCALLS = {
  153: syscall('times', { buf: TmsOut }, times),
  163: syscall('getrlimit', { resource: LimitName, rlim: RlimitOut }, getrlimit),
  164: syscall('setrlimit', { resource: LimitName, rlim: RlimitIn }, setrlimit),
  165: syscall('getrusage', { who: RusageWho, usage: RusageOut }, getrusage),
  261: syscall(
    'prlimit64',
    { pid: Pid, resource: LimitName, new_limit: Rlimit64In, old_limit: Rlimit64Out },
    prlimit64,
  ),
};
