// Scripts about signals: handlers, masks, queues, signalfds, other stacks, and calls that signals end. Listed in families.ts.
import fc from 'fast-check';
import { bits, family, items, mostly, one, row } from './family.ts';

const signal = mostly(one(10, 10, 12, 34, 34, 35), one(1, 13, 15, 17, 18, 23, 28, 0, 65, -1, 9, 19, 20));
const caught = mostly(one(10, 10, 12, 34, 35), one(17, 1, 13, 18, 20, 9, 19, 0, 65));
const mask = mostly(
  bits(1 << 9, 1 << 11, 1 << 16, 1 << 12),
  one('0x200000a00', '0x600000000', '0x400000a00'),
);
const maskAt = mostly(items`[8:${mask}]`, one(0, 16));
const size = mostly(one(8), one(4, 16, 0));
const what = one(0, 1, 2, 2, 2, 3, 4);
// NOCLDSTOP 1, NOCLDWAIT 2, ONSTACK 8000000, RESTART 10000000, NODEFER 40000000, RESETHAND 80000000
const flags = mostly(one(0, 0, 0x10000000), bits(1, 2, 0x8000000, 0x10000000, 0x40000000, 0x80000000));
const to = mostly(one('p0', 'p0', 'p1'), one('p2', 0, 0x3ffffe));
const infoOut = mostly(one('[4!0,4!0,4!0,z4,4?0,4!0,8!0,z96]'), one(0, 16));
const timeout = mostly(
  one('[8:0,8:0]', '[8:0,8:1000000]'),
  one('[8:0,8:-1]', '[8:-1,8:0]', '[8:0,8:1000000000]', 16),
);
const infoIn = items`[4:${signal},4:0,4:${mostly(one(-1), one(-2, -6, 0, 1, 128, -60))},z4,4:7,4:8,8:77,z96]`;
const fd = mostly(one('f0', 'f0', 'f1'), one('f5', -1));

const CALLS = [
  row`8 handle ${caught} ${what} ${flags} ${mask}`,
  row`2 rt_sigaction ${one(0, 9, 10, 19, 65, -1)} ${one(0, 16)} ${one(0, 16)} ${size}`,
  row`6 rt_sigprocmask ${mostly(one(0, 1, 2), one(3, -1))} ${maskAt} ${mostly(one('[8#0]', 0), one(16))} ${size}`,
  row`2 rt_sigpending ${mostly(one('[8#0]'), one(16))} ${mostly(one(8), one(4, 16))}`,
  row`8 kill ${to} ${signal}`,
  row`3 tgkill ${to} ${to} ${signal}`,
  row`2 tkill ${to} ${signal}`,
  row`5 rt_sigqueueinfo ${to} ${signal} ${mostly(infoIn, one(16))}`,
  row`2 rt_tgsigqueueinfo ${to} ${to} ${signal} ${mostly(infoIn, one(16))}`,
  row`5 rt_sigtimedwait ${maskAt} ${infoOut} ${timeout} ${size}`,
  row`2 rt_sigsuspend ${maskAt} ${size}`,
  row`2 signalfd4 ${mostly(one(-1), fd)} ${maskAt} ${size} ${mostly(one(0x800), one(0, 0x80000, 1))} ${one('=f0', '=f1')}`,
  row`4 read ${fd} [4!0,4!0,4!0,4?0,4!0,4!0,4!0,4!0,4!0,4!0,4!0,4!0,8!0,z72,z128] ${mostly(one(128), one(127, 256, 0))}`,
  row`1 ppoll ${items`[4:${fd},2:1,2#0]`} 1 ${one('[8:0,8:0]')} ${maskAt} ${size}`,
  row`2 otherstack ${mostly(one(0, 2), one(1, 3, '0x80000000', 4))} ${mostly(one(16384, 8192), one(0, 100, 2047))}`,
  row`1 sigaltstack ${one(0, 16)} ${one(0, 16)}`,
  row`1 nanosleep [8:0,8:${one(0, 1000000)}] 0`,
  row`2 child ${one(17, 17, 0, 10, 34)} ${one(0, 3, 265, 271)} 1`,
  row`2 wait4 -1 [4#0] ${one(1, 0x40000001, '0x80000001')} 0 =ok`,
  row`1 setresuid ${one(1000, 0)} ${one(1000, 0)} ${one(1000, 0)}`,
  row`1 fork ${fc.nat(1)}`,
  row`1 exit`,
];
const WAITING = [
  row`2 &rt_sigsuspend ${items`[8:${mask}]`} 8`,
  row`2 &rt_sigtimedwait ${items`[8:${mask}]`} ${infoOut} 0 8`,
  row`2 &read ${fd} [4!0,4!0,4!0,4?0,z112] 128`,
  row`1 &wait4 -1 [4#0] 0 0 =ok`,
  row`1 &ppoll 0 0 0 ${maskAt} 8`,
  row`1 &nanosleep [8:100,8:0] 0`,
  row`1 &futex m0 0 0 0`,
];

const opening = one(0, 1, 2).map((how) => [
  '0 mmap m0 4096 3 0x31 -1 0 =m',
  ...(how === 0 ? [] : ['0 handle 10 2 0 0', '0 handle 12 2 0 0', '0 handle 34 2 0 0']),
  ...(how === 2 ? ['0 fork 0'] : []),
]);

export const SIGNALS = family({
  name: 'signals',
  opening,
  calls: CALLS,
  waiting: { calls: WAITING, oneIn: 8 },
  last: ['0 rt_sigprocmask 0 0 [8#0] 8', '0 rt_sigpending [8#0] 8'],
  excluded: ['signals that arrive at a time of their own, but for a process that waits'],
  inTest: 150,
});
