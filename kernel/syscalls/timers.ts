// Interval timers and POSIX timers: setitimer, getitimer, timer_create and its kin.
// Rows for table.ts; kernel/time/interval-timers.ts and posix-timers.ts run them.

import { I32, I32Out } from '../abi/kinds/basic.ts';
import {
  ClockId,
  ItimerspecIn,
  ItimerspecOut,
  ItimervalIn,
  ItimervalOut,
  ItimerWhich,
  SigeventIn,
  TimerFlags,
} from '../abi/kinds/time-kinds.ts';
import {
  NSIG,
  SIGALRM,
  SIGEV_NONE,
  SIGEV_SIGNAL,
  SIGEV_THREAD,
  SIGEV_THREAD_ID,
  Sigevent,
} from '../abi/signal.ts';
import {
  Itimerspec,
  Itimerval,
  isValidTimespec,
  nsToTimespec,
  nsToTimeval,
  TIMER_ABSTIME,
  timespecToNs,
  timevalToNs,
} from '../abi/time.ts';
import { EAGAIN, EINVAL, EOPNOTSUPP, fail } from '../errno.ts';
import type { Process } from '../task/process.ts';
import { chargeSigqueue } from '../task/send-signal.ts';
import type { Thread } from '../task/thread.ts';
import {
  CLOCK_MONOTONIC_COARSE,
  CLOCK_MONOTONIC_RAW,
  CLOCK_PROCESS_CPUTIME_ID,
  CLOCK_REALTIME_COARSE,
  CLOCK_THREAD_CPUTIME_ID,
  type CpuClock,
  cpuClock,
  isAlarmClock,
  isDynamicClock,
  isMonotonic,
  isRealtime,
} from '../time/clocks.ts';
import { absoluteDeadline } from '../time/deadlines.ts';
import { readInterval, setInterval } from '../time/interval-timers.ts';
import {
  armPosix,
  disarmPosix,
  dropPosix,
  type PosixTimer,
  remainingNs,
  timerNow,
} from '../time/posix-timers.ts';
import type { ProcessTimers } from '../time/process-timers.ts';
import { machineTime } from '../time/time-offsets.ts';
import { syscall } from './syscall.ts';

const ITIMER_PROF = 2;

function describeInterval(thread: Thread, which: number): ReturnType<typeof Itimerval.decode> {
  const { intervalNs, valueNs } = readInterval(thread.kernel, thread.process, which);
  return { interval: nsToTimeval(intervalNs), value: nsToTimeval(valueNs) };
}

function getitimer(thread: Thread, { which, value }: { which: number; value: number }): number {
  if (which < 0 || which > ITIMER_PROF) fail(EINVAL, 'no such interval timer');
  thread.user.writeStruct(value, Itimerval, describeInterval(thread, which));
  return 0;
}

function setitimer(
  thread: Thread,
  { which, value, ovalue }: { which: number; value: number; ovalue: number },
): number {
  const { user, kernel, process } = thread;
  // NULL is a timer of zeros (setitimer(2), "Linux will … treat NULL as zero")
  const wanted = value === 0 ? undefined : user.readStruct(value, Itimerval);
  const valueNs = wanted === undefined ? 0 : (timevalToNs(wanted.value) ?? fail(EINVAL, 'not a valid time'));
  const intervalNs =
    wanted === undefined ? 0 : (timevalToNs(wanted.interval) ?? fail(EINVAL, 'not a valid time'));
  if (which < 0 || which > ITIMER_PROF) fail(EINVAL, 'no such interval timer');
  const old = describeInterval(thread, which);
  setInterval(kernel, process, which, valueNs, intervalNs);
  if (ovalue !== 0) user.writeStruct(ovalue, Itimerval, old);
  return 0;
}

const TIMERLESS = [CLOCK_MONOTONIC_RAW, CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE];

/** The sort of clock has timers, whether or not this clock does: EINVAL, EOPNOTSUPP. */
function demandTimerClock(clockId: number): void {
  if (TIMERLESS.includes(clockId) || isDynamicClock(clockId)) fail(EOPNOTSUPP, 'this clock has no timers');
  const isCpu = clockId < 0 || clockId === CLOCK_PROCESS_CPUTIME_ID || clockId === CLOCK_THREAD_CPUTIME_ID;
  if (!isCpu && !isMonotonic(clockId) && !isRealtime(clockId) && !isAlarmClock(clockId))
    fail(EINVAL, 'no such clock');
}

/** The clock of CPU time that the timer is on, if it is: kc->timer_create, which comes last. EINVAL, EOPNOTSUPP. */
function timerCpuClock(thread: Thread, clockId: number): CpuClock | undefined {
  if (isAlarmClock(clockId)) fail(EOPNOTSUPP, 'nothing could wake the machine');
  return isMonotonic(clockId) || isRealtime(clockId) ? undefined : cpuClock(thread, clockId);
}

type SigeventValue = ReturnType<typeof Sigevent.decode>;

/** The receiver, if it is one thread: EINVAL as good_sigevent says. */
function signalledThread(process: Process, { notify, signo, tid }: SigeventValue): number | undefined {
  const isOfThread = notify === SIGEV_THREAD_ID;
  const id = process.kernelPid(tid);
  if (isOfThread && !process.threads.has(id)) fail(EINVAL, 'not a thread of this process');
  if (!isOfThread && notify !== SIGEV_SIGNAL && notify !== SIGEV_NONE && notify !== SIGEV_THREAD)
    fail(EINVAL, 'no such notification');
  if (notify !== SIGEV_NONE && (signo < 1 || signo > NSIG)) fail(EINVAL, 'no such signal');
  return isOfThread ? id : undefined;
}

function freePosixId(timers: ProcessTimers): number {
  let id = timers.nextPosixId;
  while (timers.posix.has(id)) id = (id + 1) & 0x7fff_ffff;
  timers.nextPosixId = (id + 1) & 0x7fff_ffff;
  return id;
}

function timerCreate(
  thread: Thread,
  { clockid, sevp, timerid }: { clockid: number; sevp: number; timerid: number },
): number {
  const { user, process } = thread;
  const { timers } = process;
  const event = sevp === 0 ? undefined : user.readStruct(sevp, Sigevent);
  demandTimerClock(clockid);
  const uncharge = chargeSigqueue(thread) ?? fail(EAGAIN, 'RLIMIT_SIGPENDING timers and signals');
  // do_timer_create: the number is used up, whatever is wrong with the rest
  const id = freePosixId(timers);
  let tid: number | undefined;
  let cpu: CpuClock | undefined;
  try {
    if (event !== undefined) tid = signalledThread(process, event);
    user.writeU32(timerid, id);
    cpu = timerCpuClock(thread, clockid);
  } catch (error) {
    uncharge();
    throw error;
  }
  timers.posix.set(id, {
    id,
    process,
    clockId: clockid,
    cpu,
    notify: event?.notify ?? SIGEV_SIGNAL,
    signo: event?.signo ?? SIGALRM,
    value: event?.value ?? BigInt(id),
    tid,
    uncharge,
    intervalNs: 0,
    deadlineNs: undefined,
    timer: undefined,
    follower: undefined,
    cpuTimer: undefined,
    overrun: 0,
    generation: 0,
    queuedGeneration: undefined,
  });
  return 0;
}

function timerAt(thread: Thread, id: number): PosixTimer {
  return thread.process.timers.posix.get(id) ?? fail(EINVAL, 'no such timer');
}

function describeTimer(thread: Thread, timer: PosixTimer): ReturnType<typeof Itimerspec.decode> {
  return {
    interval: nsToTimespec(timer.intervalNs),
    value: nsToTimespec(remainingNs(thread.kernel, timer)),
  };
}

function timerSettime(
  thread: Thread,
  args: { timerid: number; flags: number; new_value: number; old_value: number },
): number {
  const { user, kernel } = thread;
  if (args.new_value === 0) fail(EINVAL, 'no new value');
  const wanted = user.readStruct(args.new_value, Itimerspec);
  if (!isValidTimespec(wanted.interval) || !isValidTimespec(wanted.value)) fail(EINVAL, 'not a valid time');
  const timer = timerAt(thread, args.timerid);
  const old = describeTimer(thread, timer);
  const valueNs = timespecToNs(wanted.value);
  if (valueNs === 0) {
    disarmPosix(kernel, timer);
  } else {
    const isAbsolute = (args.flags & TIMER_ABSTIME) !== 0;
    const deadlineNs = isAbsolute
      ? absoluteDeadline(
          kernel.clock,
          machineTime(thread, timer.clockId, wanted.value),
          isRealtime(timer.clockId),
        )
      : timerNow(kernel, timer) + valueNs;
    const isRealTime = isAbsolute && isRealtime(timer.clockId);
    armPosix(kernel, timer, deadlineNs, timespecToNs(wanted.interval), isRealTime);
  }
  if (args.old_value !== 0) user.writeStruct(args.old_value, Itimerspec, old);
  return 0;
}

function timerGettime(thread: Thread, { timerid, value }: { timerid: number; value: number }): number {
  thread.user.writeStruct(value, Itimerspec, describeTimer(thread, timerAt(thread, timerid)));
  return 0;
}

function timerDelete(thread: Thread, { timerid }: { timerid: number }): number {
  dropPosix(thread.kernel, timerAt(thread, timerid));
  return 0;
}

export const TIMER_SYSCALLS = {
  102: syscall('getitimer', { which: ItimerWhich, value: ItimervalOut }, getitimer),
  103: syscall('setitimer', { which: ItimerWhich, value: ItimervalIn, ovalue: ItimervalOut }, setitimer),
  107: syscall('timer_create', { clockid: ClockId, sevp: SigeventIn, timerid: I32Out }, timerCreate),
  108: syscall('timer_gettime', { timerid: I32, value: ItimerspecOut }, timerGettime),
  109: syscall(
    'timer_getoverrun',
    { timerid: I32 },
    (thread, { timerid }) => timerAt(thread, timerid).overrun,
  ),
  110: syscall(
    'timer_settime',
    { timerid: I32, flags: TimerFlags, new_value: ItimerspecIn, old_value: ItimerspecOut },
    timerSettime,
  ),
  111: syscall('timer_delete', { timerid: I32 }, timerDelete),
};
