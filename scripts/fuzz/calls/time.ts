// Scripts about time: timerfds, timers and sleeps, with what they refuse. Times are either long or a millisecond.
// Listed in families.ts.
import fc from 'fast-check';
import { family, items, mostly, one, row } from './family.ts';

const clock = mostly(one(0, 1, 1, 4, 7), one(2, 3, 5, 6, 8, 9, 10, 11, 12, 99, -1, -5, -6));
// how much time a process has used is not told
const waitable = mostly(one(0, 1, 1, 4, 7), one(3, 5, 6, 8, 9, 10, 11, 12, 99, -1));
const fd = mostly(one('f0', 'f0', 'f1'), one('f2', 'f9'));
// past, soon, or never on any clock and from any moment, so that how long the machine is up does not matter
const moment = mostly(
  one('8:0,8:0', '8:0,8:1000000', '8:4000000000,8:0', '8:0,8:5'),
  one(
    '8:0,8:1000000000',
    '8:-1,8:0',
    '8:0,8:-1',
    '8:0x7fffffffffffffff,8:0',
    '8:0x7fffffffffffffff,8:999999999',
  ),
);
// no short ones: how often those pass is a matter of speed
const interval = mostly(
  one('8:0,8:0', '8:4000000000,8:0'),
  one('8:0,8:1000000000', '8:-1,8:0', '8:0,8:-1', '8:0x7fffffffffffffff,8:0'),
);
const setting = mostly(items`[${interval},${moment}]`, one(0, 16));
const left = mostly(one('[8!0,8^0,8^0,8^0]', 0), one(16));
const wrong = one('8:0,8:1000000', '8:-1,8:0', '8:0,8:-1');
const soon = mostly(one('8:0,8:0', '8:0,8:1000', '8:4000000000,8:0'), wrong);
const repeat = mostly(one('8:0,8:0', '8:4000000000,8:0'), wrong);
const timer = mostly(one(1, 1, 2), one(0x7fff, -1, 3));
const signal = mostly(one(10, 12, 34), one(0, 9, 65, -1));
const notify = mostly(
  items`[8:77,4:${signal},4:${mostly(one(0, 1), one(2, 3, 4, 5, -1))},4:${mostly(one('p0'), one('p1', 0, 1))},z44]`,
  one(0, 16),
);
const request = mostly(
  one('[8:0,8:1000000]', '[8:0,8:0]', '[8:0,8:3000000]'),
  one('[8:0,8:1000000000]', '[8:-1,8:0]', '[8:0,8:-1]', '[8:4000000000,8:0]', 0, 16),
);

const CALLS = [
  row`3 timerfd_create ${clock} ${mostly(one(0x800), one(0, 0x80000, 1))} ${one('=f0', '=f1')}`,
  row`6 timerfd_settime ${fd} ${mostly(one(0, 1), one(2, 3, 4))} ${setting} ${left}`,
  row`2 timerfd_gettime ${fd} ${mostly(one('[8!0,8^0,8^0,8^0]'), one(0, 16))}`,
  row`4 read ${fd} ${one('[8!0]', '[8!0,8:0]')} ${mostly(one(8), one(7, 16, 0))}`,
  row`2 ppoll ${items`[4:${fd},2:5,2#0]`} 1 ${one('[8:0,8:0]', '[8:0,8:2000000]')} 0 8`,
  row`1 ioctl ${fd} ${one('0x40085400', 0x5421)} [8:${one(1, 0, 5)}]`,
  row`4 timer_create ${clock} ${notify} ${mostly(one('[4!0]'), one(0, 16))}`,
  row`6 timer_settime ${timer} ${mostly(one(0, 1), one(2, 3))} ${setting} ${left}`,
  row`2 timer_gettime ${timer} ${mostly(one('[8!0,8^0,8^0,8^0]'), one(16))}`,
  row`1 timer_getoverrun ${timer}`,
  row`1 timer_delete ${timer}`,
  row`3 setitimer ${mostly(one(0), one(1, 2, 3, -1))} ${mostly(items`[${repeat},${soon}]`, one(0, 16))} ${left}`,
  row`2 getitimer ${mostly(one(0), one(1, 2, 3, -1))} ${mostly(one('[8!0,8^0,8^0,8^0]'), one(16))}`,
  row`2 clock_gettime ${clock} ${mostly(one('[8^0,z8]'), one(0, 16))}`,
  row`2 clock_getres ${mostly(clock, one(-14))} ${mostly(one('[8!0,8!0]'), one(0, 16))}`,
  row`3 clock_nanosleep ${waitable} ${mostly(one(0, 1), one(2, -1))} ${request} ${mostly(one('[8!7,8^7]'), one(0, 16))}`,
  row`1 clock_nanosleep ${one(2, -5, -6)} 0 ${request} [8^7,z8]`,
  row`3 nanosleep ${request} ${mostly(one('[8!7,8^7]'), one(0, 16))}`,
  row`2 handle ${one(10, 12, 14, 34)} ${one(1, 2, 2)} ${one(0, 0x10000000)} 0`,
  row`1 rt_sigprocmask ${one(0, 1)} ${one('[8:0x2200]', '[8:0x200000000]')} 0 8`,
  row`1 rt_sigtimedwait [8:0x200002a00] [4!0,4!0,4!0,z4,4:0,4!0,8!0,z96] [8:0,8:2000000] 8`,
  row`1 rt_sigpending [8#0] 8`,
  row`1 close ${fd}`,
  row`1 fork ${fc.nat(1)}`,
  row`1 exit`,
];

const opening = one(0, 1, 2).map((how) => [
  ...(how === 0
    ? []
    : [
        '0 timerfd_create 1 2048 =f0',
        '0 handle 10 2 0 0',
        '0 handle 14 2 0 0',
        '0 timer_create 1 [8:77,4:10,4:0,4:0,z44] [4!0]',
      ]),
  ...(how === 2 ? ['0 fork 0'] : []),
]);

export const TIME = family({
  name: 'time',
  opening,
  calls: CALLS,
  maxLength: 20,
  excluded: ['how much time is left, but for whether it is none', 'setting clocks'],
  inTest: 150,
});
