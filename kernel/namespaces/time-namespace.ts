// A time namespace (time_namespaces(7), kernel/time/namespace.c): its processes' clocks since boot are ahead of the machine's or behind.
// Whoever made it sets by how much, as long as nobody is in it; /proc/PID/timens_offsets.
// time/time-offsets.ts adds and subtracts them where times pass; the kernel itself counts as the machine does.
import { NS_PER_SEC, type TimespecValue } from '../abi/time.ts';
import { EACCES, EINVAL, EPERM, ERANGE, fail } from '../errno.ts';
import { CAP_SYS_TIME, type Credentials, capableIn } from '../task/credentials.ts';
import type { TimeOffsets } from '../time/time-offsets.ts';
import { Namespace } from './namespace.ts';
import type { UserNamespace } from './user-namespace.ts';

type OffsetClock = keyof TimeOffsets;

/** KTIME_SEC_MAX. */
const MOST_SECONDS = 9_223_372_036;
const NO_OFFSETS: TimeOffsets = { monotonic: { sec: 0, nsec: 0 }, boottime: { sec: 0, nsec: 0 } };
const CLOCK_NAMES: Readonly<Record<string, OffsetClock>> = {
  monotonic: 'monotonic',
  1: 'monotonic',
  boottime: 'boottime',
  7: 'boottime',
};
/** So many lines are looked at. */
const MOST_LINES = 2;

export class TimeNamespace extends Namespace {
  offsets: TimeOffsets;
  /** Somebody is in it, or was. */
  isFrozen = false;

  /** A new one begins with the offsets of the one that it was made in. */
  constructor(ino: number, owner: UserNamespace, from?: TimeNamespace) {
    super('time', ino, owner);
    this.offsets = from?.offsets ?? NO_OFFSETS;
  }

  offsetsText(): string {
    const { monotonic, boottime } = this.offsets;
    return offsetLine('monotonic', monotonic) + offsetLine('boottime', boottime);
  }

  /** `nowNs` is the machine's time since boot. EINVAL, EPERM, ERANGE; EACCES: somebody has been in it. */
  writeOffsets(writer: Credentials, text: string, nowNs: number): void {
    const offsets = parseOffsets(text);
    if (!capableIn(writer, CAP_SYS_TIME, this.owner)) fail(EPERM, 'needs CAP_SYS_TIME');
    for (const { sec, nsec } of offsets.values()) {
      const now = Math.floor((nowNs + nsec) / NS_PER_SEC) + sec;
      if (Math.abs(sec) > MOST_SECONDS || now < 0 || now > MOST_SECONDS / 2)
        fail(ERANGE, 'the clock would be out of range');
    }
    if (this.isFrozen) fail(EACCES, 'a process is in the namespace');
    this.offsets = { ...this.offsets, ...Object.fromEntries(offsets) };
  }
}

function offsetLine(name: string, { sec, nsec }: TimespecValue): string {
  return `${name.padEnd(10)} ${String(sec).padStart(10)} ${String(nsec).padStart(9)}\n`;
}

/** Lines of a clock, seconds and nanoseconds (timens_offsets_write). EINVAL. */
function parseOffsets(text: string): Map<OffsetClock, TimespecValue> {
  const offsets = new Map<OffsetClock, TimespecValue>();
  const lines = (text.split('\0', 1)[0] ?? '').replace(/\n$/, '').split('\n');
  for (const line of lines.slice(0, MOST_LINES)) {
    const [, name = '', seconds, fraction] = /^\s*(\S+)\s+([+-]?\d+)\s+(\d+)/.exec(line) ?? [];
    const clock = Object.hasOwn(CLOCK_NAMES, name) ? CLOCK_NAMES[name] : undefined;
    const nsec = Number(fraction ?? Number.NaN);
    if (clock === undefined || !(nsec < NS_PER_SEC)) return fail(EINVAL, 'a clock, seconds and nanoseconds');
    offsets.set(clock, { sec: Number(seconds), nsec });
  }
  return offsets;
}
