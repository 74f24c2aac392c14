// struct rusage and struct tms: what getrusage, wait4, waitid and times report.
// syscalls/limits.ts and syscalls/wait.ts fill them.
import { i64, struct } from './struct.ts';
import { nsToTimeval, Timeval } from './time.ts';

export const Rusage = struct('rusage', {
  utime: Timeval,
  stime: Timeval,
  maxrss: i64,
  ixrss: i64,
  idrss: i64,
  isrss: i64,
  minflt: i64,
  majflt: i64,
  nswap: i64,
  inblock: i64,
  oublock: i64,
  msgsnd: i64,
  msgrcv: i64,
  nsignals: i64,
  nvcsw: i64,
  nivcsw: i64,
});

export const Tms = struct('tms', { utime: i64, stime: i64, cutime: i64, cstime: i64 });

/** What is counted besides times and the largest resident set (kernel/task/usage.ts). */
interface Counts {
  readonly minorFaults: number;
  readonly voluntarySwitches: number;
  readonly involuntarySwitches: number;
}

/** `maxrss` in KiB. There is no disk, and Linux fills no more of it in. */
export function rusage(
  userNs: number,
  systemNs: number,
  maxrss: number,
  { minorFaults, voluntarySwitches, involuntarySwitches }: Counts,
): ReturnType<typeof Rusage.decode> {
  return {
    utime: nsToTimeval(userNs),
    stime: nsToTimeval(systemNs),
    maxrss,
    ixrss: 0,
    idrss: 0,
    isrss: 0,
    minflt: minorFaults,
    majflt: 0,
    nswap: 0,
    inblock: 0,
    oublock: 0,
    msgsnd: 0,
    msgrcv: 0,
    nsignals: 0,
    nvcsw: voluntarySwitches,
    nivcsw: involuntarySwitches,
  };
}
