// Schedules as people copy them: `3@5,2@7+12` lists the moments at which threads give way to the others.
// `--schedule` of every command that runs a guest reads one; explore records, shortens and prints them.
// Everything not listed is first come, first served, so the empty schedule is the machine's usual one.
import type { Thread } from '../../kernel/task/thread.ts';
import type { Moment, TurnPlan } from '../../kernel/turns.ts';

/** A thread gives way at a moment, `times` times in a row. */
export interface Delay {
  readonly moment: Moment;
  readonly times: number;
}

export type Schedule = readonly Delay[];

/** What stands for the schedule without delays. */
const NONE = 'none';
/** The longest list that is read. */
const MOST_DELAYS = 100_000;

/**
 * Reads `TID@CALL` (before that call of the thread, from 1), `TID@CALL+TICKS` (that many ticks after it ended, `0+` from
 * the thread's start) and `TID@CALL.N` (when woken for the Nth time inside it), each perhaps with `*TIMES`, separated by
 * commas. `~` behind the first and the last: until the next timer fires, when nobody else can run. Undefined when it is not one.
 */
export function parseSchedule(text: string): Schedule | undefined {
  if (text === NONE || text === '') return [];
  const words = text.split(',');
  if (words.length > MOST_DELAYS) return undefined;
  const delays: Delay[] = [];
  for (const word of words) {
    const match = /^\s*(\d{1,9})@(\d{1,15})(?:([+.])(\d{1,15}))?(~)?(?:\*(\d{1,6}))?\s*$/.exec(word);
    if (match === null) return undefined;
    const [tid, call, detail, times] = [match[1], match[2], match[4], match[6] ?? '1'].map(Number) as [
      number,
      number,
      number,
      number,
    ];
    const late = match[5] === undefined ? {} : ({ isLate: true } as const);
    if (match[3] === '+' && match[5] !== undefined) return undefined;
    const moment: Moment =
      match[3] === '+'
        ? { kind: 'code', tid, call, ticks: detail }
        : match[3] === '.'
          ? { kind: 'woken', tid, call, wake: detail, ...late }
          : { kind: 'entry', tid, call, ...late };
    delays.push({ moment, times });
  }
  return delays;
}

/** As parseSchedule reads it. */
export function scheduleText(schedule: Schedule): string {
  if (schedule.length === 0) return NONE;
  return schedule
    .map(({ moment, times }) => `${momentText(moment)}${times === 1 ? '' : `*${times}`}`)
    .join(',');
}

/** `3@5`, `3@5+12`, `3@5.1`. */
export function momentText(moment: Moment): string {
  const start = `${moment.tid}@${moment.call}`;
  if (moment.kind === 'code') return `${start}+${moment.ticks}`;
  const late = moment.isLate === true ? '~' : '';
  return moment.kind === 'woken' ? `${start}.${moment.wake}${late}` : `${start}${late}`;
}

/** One delay in words: `thread 3 gives way before its call 5`. */
export function delayText({ moment, times }: Delay): string {
  const again = times === 1 ? '' : `, ${times} times`;
  const isLate = moment.kind !== 'code' && moment.isLate === true;
  const who = `thread ${moment.tid} ${isLate ? 'waits for the next timer' : 'gives way'}`;
  if (moment.kind === 'entry') return `${who} before its call ${moment.call}${again}`;
  if (moment.kind === 'woken') {
    const which = moment.wake === 1 ? 'when' : `the ${ordinal(moment.wake)} time`;
    return `${who} ${which} it is woken in its call ${moment.call}${again}`;
  }
  const { call, ticks } = moment;
  if (call === 0) return `${who} ${ticks === 0 ? 'at its start' : `${ticks} ticks after its start`}${again}`;
  return `${who} ${ticks === 0 ? 'right' : `${ticks} ticks`} after its call ${call}${again}`;
}

function ordinal(n: number): string {
  const tens = n % 100;
  if (tens >= 11 && tens <= 13) return `${n}th`;
  return `${n}${['th', 'st', 'nd', 'rd'][n % 10] ?? 'th'}`;
}

/** Moments in a row as delays: the same one again is counted. */
export function asSchedule(moments: readonly Moment[]): Schedule {
  const delays: { moment: Moment; times: number }[] = [];
  for (const moment of moments) {
    const last = delays[delays.length - 1];
    if (last !== undefined && momentText(last.moment) === momentText(moment)) last.times++;
    else delays.push({ moment, times: 1 });
  }
  return delays;
}

/** Makes threads give way where a schedule says. */
export class FixedTurns implements TurnPlan {
  /** What is left of the delays, by thread, then by moment. */
  readonly #left = new Map<number, Map<string, number>>();
  /** Ticks after a call at which the thread is to be stopped, by `tid@call`. */
  readonly #codeTicks = new Map<string, number[]>();
  /** What has been used, in order. */
  readonly used: Moment[] = [];

  constructor(schedule: Schedule) {
    for (const { moment, times } of schedule) {
      const { tid, call } = moment;
      const own = this.#left.get(tid) ?? new Map<string, number>();
      this.#left.set(tid, own);
      const key = momentText(moment);
      own.set(key, (own.get(key) ?? 0) + times);
      if (moment.kind !== 'code') continue;
      const stops = this.#codeTicks.get(`${tid}@${call}`) ?? [];
      this.#codeTicks.set(`${tid}@${call}`, [...stops, moment.ticks]);
    }
  }

  givesWay(moment: Moment): boolean {
    const own = this.#left.get(moment.tid);
    if (own === undefined) return false;
    const key = momentText(moment);
    const left = own.get(key);
    if (left === undefined) return false;
    if (left > 1) own.set(key, left - 1);
    else own.delete(key);
    this.used.push(moment);
    return true;
  }

  waitsForTimer(moment: Moment): boolean {
    return this.givesWay(moment);
  }

  codeTicks(thread: Thread, call: number, ticks: number): number {
    if (!this.#left.has(thread.tid)) return Number.POSITIVE_INFINITY;
    const stops = this.#codeTicks.get(`${thread.tid}@${call}`) ?? [];
    return stops.reduce(
      (least, stop) => (stop > ticks ? Math.min(least, stop - ticks) : least),
      Number.POSITIVE_INFINITY,
    );
  }

  gaveWay(moment: Moment): void {
    this.givesWay(moment);
  }
}
