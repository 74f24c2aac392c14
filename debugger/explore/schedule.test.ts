// Schedules as text and as turns, and what makes them short.
import { describe, expect, it } from 'vitest';
import { asSchedule, delayText, FixedTurns, parseSchedule, type Schedule, scheduleText } from './schedule.ts';
import { shorten } from './shorten.ts';

describe('a schedule', () => {
  it('is read as it was written', () => {
    for (const text of ['none', '3@5', '3@5+12,2@7.1*3,4@0+0', '2@7~,2@8.1~*2']) {
      expect(scheduleText(parseSchedule(text) as Schedule)).toBe(text);
    }
    expect(parseSchedule('')).toEqual([]);
  });

  it('is refused when it is none', () => {
    for (const text of [
      '3',
      '3@',
      '@5',
      '3@5,',
      '3@5*',
      '3@5-1',
      'x@1',
      '3@1.5.6',
      '3@1+5~',
      '99999999999@1',
    ]) {
      expect(parseSchedule(text), text).toBeUndefined();
    }
  });

  it('counts a moment that comes several times in a row', () => {
    const moment = { kind: 'entry', tid: 3, call: 5 } as const;
    const other = { kind: 'woken', tid: 3, call: 5, wake: 2 } as const;
    expect(scheduleText(asSchedule([moment, moment, other, moment]))).toBe('3@5*2,3@5.2,3@5');
  });

  it('says in words what it does', () => {
    const words = (text: string) => (parseSchedule(text) as Schedule).map(delayText);
    expect(words('3@5,3@0+7,3@5+0*2,4@6.2')).toEqual([
      'thread 3 gives way before its call 5',
      'thread 3 gives way 7 ticks after its start',
      'thread 3 gives way right after its call 5, 2 times',
      'thread 4 gives way the 2nd time it is woken in its call 6',
    ]);
  });

  it('gives way as often as it says, and remembers where it did', () => {
    const turns = new FixedTurns(parseSchedule('3@5*2,4@1') as Schedule);
    const moment = { kind: 'entry', tid: 3, call: 5 } as const;
    expect([1, 2, 3].map(() => turns.givesWay(moment))).toEqual([true, true, false]);
    expect(turns.givesWay({ kind: 'entry', tid: 3, call: 6 })).toBe(false);
    expect(scheduleText(asSchedule(turns.used))).toBe('3@5*2');
  });
});

describe('shortening', () => {
  /** Succeeds while all of `needed` are there. */
  const needing =
    (...needed: string[]) =>
    (schedule: Schedule) => {
      const there = scheduleText(schedule).split(',');
      return needed.every((word) => there.includes(word)) ? schedule : undefined;
    };

  it('leaves the two of a thousand delays that matter', () => {
    const long = parseSchedule(Array.from({ length: 1000 }, (_, n) => `2@${n + 1}`).join(',')) as Schedule;
    const { schedule, runs } = shorten(long, needing('2@17', '2@900'), 500);
    expect(scheduleText(schedule)).toBe('2@17,2@900');
    expect(runs).toBeLessThan(200);
  });

  it('finds that nothing is needed', () => {
    expect(shorten(parseSchedule('2@1,2@2') as Schedule, needing(), 50)).toEqual({ schedule: [], runs: 1 });
  });

  it('makes a delay shorter in time too', () => {
    const long = parseSchedule('2@1*64') as Schedule;
    const { schedule } = shorten(long, (each) => ((each[0]?.times ?? 0) >= 5 ? each : undefined), 50);
    expect(scheduleText(schedule)).toBe('2@1*5');
  });

  it('finds one delay that does what two did, after another number of ticks', () => {
    const meets = (schedule: Schedule): Schedule | undefined => {
      const text = scheduleText(schedule);
      const ticks = Number(/^3@2\+(\d+)$/.exec(text)?.[1]);
      return text === '3@2+40,4@2+50' || (ticks >= 60 && ticks <= 70) ? schedule : undefined;
    };
    const { schedule, runs } = shorten(parseSchedule('3@2+40,4@2+50') as Schedule, meets, 500);
    expect(scheduleText(schedule)).toMatch(/^3@2\+6\d$|^3@2\+70$/);
    expect(runs).toBeLessThan(100);
  });

  it('stops when its runs are used up, with what it has', () => {
    const long = parseSchedule(Array.from({ length: 100 }, (_, n) => `2@${n + 1}`).join(',')) as Schedule;
    const { schedule, runs } = shorten(long, needing('2@50'), 3);
    expect(runs).toBe(3);
    expect(scheduleText(schedule)).toContain('2@50');
  });
});
