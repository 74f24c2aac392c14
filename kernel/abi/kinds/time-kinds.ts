// Kinds of the time calls: timespec, timeval, itimerspec, itimerval in and out, clock ids, timer flags, sigevent.
// Rows of the time, poll, futex and timer families name them; the structs are declared in abi/time.ts.
// Times are shown as the pair the guest gave, valid or not.
import type { Kind, PrintContext } from '../kind.ts';
import { SIGEV_NONE, SIGEV_SIGNAL, SIGEV_THREAD, SIGEV_THREAD_ID, Sigevent } from '../signal.ts';
import { UTIME_NOW, UTIME_OMIT } from '../stat.ts';
import { array, ptr, struct } from '../struct.ts';
import { Itimerspec, Itimerval, Timespec, Timeval, Timezone } from '../time.ts';
import { flags, kind, oneOf, outKind } from './basic.ts';
import { type NameTable, nameOf, names, pointer, toU64 } from './format.ts';
import { braces, peekStruct, structText } from './peek.ts';
import { signalName } from './signal-text.ts';
import { isoComment } from './stat-kinds.ts';

export function timespecText(value: { sec: number; nsec: number }): string {
  return braces([`tv_sec=${value.sec}`, `tv_nsec=${unsigned(value.nsec)}`]);
}

export function timevalText(value: { sec: number; usec: number }): string {
  return braces([`tv_sec=${value.sec}`, `tv_usec=${unsigned(value.usec)}`]);
}

/** Fractions are shown as the unsigned numbers they are compared as. */
function unsigned(value: number): string {
  return value < 0 ? toU64(value).toString() : String(value);
}

function itimerspecText(value: ReturnType<typeof Itimerspec.decode>): string {
  return braces([`it_interval=${timespecText(value.interval)}`, `it_value=${timespecText(value.value)}`]);
}

function itimervalText(value: ReturnType<typeof Itimerval.decode>): string {
  return braces([`it_interval=${timevalText(value.interval)}`, `it_value=${timevalText(value.value)}`]);
}

const hasSucceeded = (context: PrintContext): boolean => context.result >= 0;

export const TimespecIn: Kind = kind('struct timespec', 'u64', (value, context) =>
  timespecAt(context, value),
);
/** The timespec at an address. */
export function timespecAt(context: PrintContext, address: number): string {
  return structText(context, address, Timespec, timespecText);
}
export const TimespecOut: Kind = outKind('struct timespec', 'u64', (value, context) =>
  structText(context, value, Timespec, timespecText, hasSucceeded(context)),
);
/** nanosleep's remaining time: written only when a signal ended the sleep. */
export const RemainingOut: Kind = outKind('struct timespec', 'u64', (value, context) =>
  structText(context, value, Timespec, timespecText, context.result === -4 || context.result === -516),
);
export const TimevalOut: Kind = outKind('struct timeval', 'u64', (value, context) =>
  structText(context, value, Timeval, timevalText, hasSucceeded(context)),
);
export const TimevalIn: Kind = kind('struct timeval', 'u64', (value, context) =>
  structText(context, value, Timeval, timevalText),
);
function timezoneText(zone: ReturnType<typeof Timezone.decode>): string {
  return braces([`tz_minuteswest=${zone.minuteswest}`, `tz_dsttime=${zone.dsttime}`]);
}
export const TimezoneIn: Kind = kind('struct timezone', 'u64', (value, context) =>
  structText(context, value, Timezone, timezoneText),
);
export const TimezoneOut: Kind = outKind('struct timezone', 'u64', (value, context) =>
  structText(context, value, Timezone, timezoneText, hasSucceeded(context)),
);
export const ItimerspecIn: Kind = kind('struct itimerspec', 'u64', (value, context) =>
  structText(context, value, Itimerspec, itimerspecText),
);
export const ItimerspecOut: Kind = outKind('struct itimerspec', 'u64', (value, context) =>
  structText(context, value, Itimerspec, itimerspecText, hasSucceeded(context)),
);
export const ItimervalIn: Kind = kind('struct itimerval', 'u64', (value, context) =>
  structText(context, value, Itimerval, itimervalText),
);
export const ItimervalOut: Kind = outKind('struct itimerval', 'u64', (value, context) =>
  structText(context, value, Itimerval, itimervalText, hasSucceeded(context)),
);

export const ClockId: Kind = oneOf(
  'CLOCK_???',
  {
    CLOCK_REALTIME: 0,
    CLOCK_MONOTONIC: 1,
    CLOCK_PROCESS_CPUTIME_ID: 2,
    CLOCK_THREAD_CPUTIME_ID: 3,
    CLOCK_MONOTONIC_RAW: 4,
    CLOCK_REALTIME_COARSE: 5,
    CLOCK_MONOTONIC_COARSE: 6,
    CLOCK_BOOTTIME: 7,
    CLOCK_REALTIME_ALARM: 8,
    CLOCK_BOOTTIME_ALARM: 9,
    CLOCK_TAI: 11,
  },
  'i32',
);
export const TimerFlags: Kind = flags('TIMER_???', { TIMER_ABSTIME: 1 }, 'i32');
export const TimerfdCreateFlags: Kind = flags('TFD_???', {
  TFD_TIMER_ABSTIME: 1,
  TFD_TIMER_CANCEL_ON_SET: 2,
  TFD_CLOEXEC: 0o2000000,
  TFD_NONBLOCK: 0o4000,
});
export const TimerfdFlags: Kind = flags('TFD_???', { TFD_TIMER_ABSTIME: 1, TFD_TIMER_CANCEL_ON_SET: 2 });
export const ItimerWhich: Kind = oneOf(
  'ITIMER_???',
  { ITIMER_REAL: 0, ITIMER_VIRTUAL: 1, ITIMER_PROF: 2 },
  'i32',
);

const TimespecPair = struct('timespec[2]', { pair: array(Timespec, 2) });

/** utimensat's two times with their dates. */
export const UtimesIn: Kind = kind('struct timespec[2]', 'u64', (value, context) =>
  structText(context, value, TimespecPair, ({ pair }) => {
    const texts = pair.map((time) => {
      if (time.nsec === UTIME_NOW) return 'UTIME_NOW';
      if (time.nsec === UTIME_OMIT) return 'UTIME_OMIT';
      const isValid = time.nsec >= 0 && time.nsec < 1e9;
      return `${timespecText(time)}${isValid ? isoComment(time.sec, time.nsec) : ''}`;
    });
    return `[${texts.join(', ')}]`;
  }),
);

const NOTIFY: NameTable = names({ SIGEV_SIGNAL, SIGEV_NONE, SIGEV_THREAD, SIGEV_THREAD_ID });

/** What C libraries put behind the rest for SIGEV_THREAD. */
const SigeventThread = struct('sigev_thread', { function: ptr, attributes: ptr });

/** The `struct sigevent` of timer_create and mq_notify. */
export const SigeventIn: Kind = kind('struct sigevent', 'u64', (value, context) => {
  if (value === 0) return 'NULL';
  const event = peekStruct(context, value, Sigevent);
  if (event === undefined) return pointer(value);
  const isSignalled = [SIGEV_SIGNAL, SIGEV_THREAD, SIGEV_THREAD_ID].includes(event.notify);
  const thread = peekStruct(context, value + Sigevent.offsets.tid, SigeventThread);
  return braces([
    event.value === 0n
      ? undefined
      : `sigev_value={sival_int=${BigInt.asIntN(32, event.value)}, sival_ptr=${pointer(BigInt.asUintN(64, event.value))}}`,
    `sigev_signo=${isSignalled ? signalName(event.signo) : event.signo}`,
    `sigev_notify=${nameOf(event.notify, NOTIFY, 'SIGEV_???')}`,
    event.notify === SIGEV_THREAD_ID ? `sigev_notify_thread_id=${event.tid}` : undefined,
    ...(event.notify === SIGEV_THREAD && thread !== undefined
      ? [
          `sigev_notify_function=${pointer(thread.function)}`,
          `sigev_notify_attributes=${pointer(thread.attributes)}`,
        ]
      : []),
  ]);
});
