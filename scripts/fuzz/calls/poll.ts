// Scripts about waiting for files: poll, select and epoll over pipes, FIFOs, eventfds, sockets and terminals.
// Listed in families.ts.
import fc from 'fast-check';
import { family, items, mostly, one, row } from './family.ts';

const fd = mostly(one('f0', 'f1', 'f2', 'f5', 'f6', 'f7'), one('f3', 'f4', 'f8', -1));
const poller = mostly(one('f3', 'f3', 'f4'), one('f0', 'f9'));
const watched = mostly(fd, one('f3', 'f4'));
const IN = 1;
const ET = 0x8000_0000;
const ONESHOT = 0x4000_0000;
const EXCLUSIVE = 0x1000_0000;
const events = mostly(
  one(IN, 5, 4, 0x2005, 0x201f),
  one(
    IN + ET,
    5 + ET,
    IN + ONESHOT,
    5 + ONESHOT + ET,
    IN + EXCLUSIVE,
    5 + EXCLUSIVE + ET,
    IN + EXCLUSIVE + ONESHOT,
    0,
    0x20000005,
    -1,
  ),
);
const asked = mostly(one(1, 5, 4, 0x2047), one(0, 0x7fff, 2));
const none = one('[8:0,8:0]', '[8:0,8:0]', '[8:0,8:1000000]');
const bytes = mostly(one(1, 5, 8), one(0, 4096, 1000, 100));

const CALLS = [
  row`10 epoll_ctl ${poller} ${mostly(one(1, 1, 2, 3, 3), one(0, 4))} ${watched} ${events} ${one(1, 2, 3, 4, 5)}`,
  row`10 epoll_wait ${poller} ${mostly(one(16, 2, 1), one(0, -1, -5))} ${one(0, 0, 1)}`,
  row`4 epoll_pwait2 ${poller} [z256] ${mostly(one(16, 1), one(0, -1))} ${mostly(none, one('[8:0,8:1000000000]', 16))} ${mostly(one(0), one('[8:0x200]', 16))} ${mostly(one(8), one(0, 4))}`,
  row`1 epoll_create1 ${mostly(one(0), one(0x80000, 1))} ${one('=f3', '=f4')}`,
  row`6 ppoll ${items`[4:${fd},2:${asked},2#0,4:${fd},2:${asked},2#0,4:${watched},2:${asked},2#0]`} ${mostly(one(3), one(1, 0, -1, 5000))} ${mostly(none, one('[8:0,8:-1]', '[8:-1,8:0]', 16))} 0 8`,
  row`5 pselect6 ${mostly(one(108, 110), one(0, 101, -1, 2000))} ${mostly(items`[8:0,8#${one('0x1f000000000', '0x7000000000', '0xff000000000', 0)},z120]`, one(0, 16))} ${mostly(items`[8:0,8#${one('0x1f000000000', '0xef000000000', 0)},z120]`, one(0, 16))} ${mostly(items`[8:0,8#${one('0xff000000000', 0)},z120]`, one(0))} ${mostly(none, one('[8:0,8:1000000000]', 16))} 0`,
  row`8 write ${fd} [d70000] ${bytes}`,
  row`8 read ${fd} [x70000] ${bytes}`,
  row`1 write ${one('f2')} ${items`[8:${one(1, 0, 5, -1, -2)}]`} 8`,
  row`1 eventfd2 ${one(0, 1, 5)} ${mostly(one(0x800), one(0, 0x801, 1, 2, 4))} =f2`,
  row`3 close ${fd}`,
  row`1 dup3 ${fd} ${one('f5', 'f7', 'f8')} 0`,
  row`1 fcntl ${fd} 4 ${one(0x800, 0)}`,
  row`1 openat -100 "p" ${one(0x800, 0x801, 0x802)} 0 ${one('=f5', '=f6', '=f8')}`,
  row`1 ioctl ${fd} ${one(0x541b, 0x5411)} [4!0]`,
  row`1 signalfd4 -1 [8:0x200] 8 0x800 =f8`,
  row`1 kill p0 10`,
  row`1 timerfd_create 1 0x800 =f8`,
  row`1 inotify_init1 0x800 =f8`,
  row`1 pidfd_open p1 0 =f8`,
  row`1 ioctl ${one('f3', 'f4')} ${one('0x40088a01', '0x80088a02')} [4#0,2#8,1#0,1#0]`,
  row`1 fork ${fc.nat(1)}`,
  row`1 exit`,
];
const WAITING = [
  row`3 &epoll_wait ${poller} ${one(1, 16)} -1`,
  row`2 &ppoll ${items`[4:${fd},2:${asked},2#0,4:${fd},2:${asked},2#0]`} 2 0 0 8`,
  row`1 &pselect6 108 [8:0,8#0x1f000000000,z120] 0 0 0 0`,
  row`1 &read ${fd} [x8] 8`,
];

const TERMINAL = [
  '0 openat -100 "/dev/ptmx" 0x902 0 =f5',
  '0 ioctl f5 0x40045431 [4:0]',
  '0 ioctl f5 0x5441 0x902 =f6',
];
const FIFO = ['0 openat -100 "p" 0x802 0 =f5', '0 openat -100 "p" 0x801 0 =f6'];
const SOCKETS = [
  '0 socketpair 1 0x801 0 [4:0,4:0]',
  '0 dup3 3 f5 0',
  '0 dup3 4 f6 0',
  '0 close 3',
  '0 close 4',
];

const opening = one(0, 1, 2, 3, 4).map((how) => [
  '0 mknodat -100 "p" 4516 0',
  '0 pipe2 [4:0,4:0] 0x800',
  '0 dup3 3 f0 0',
  '0 dup3 4 f1 0',
  '0 close 3',
  '0 close 4',
  '0 eventfd2 0 0x800 =f2',
  '0 epoll_create1 0 =f3',
  '0 epoll_create1 0 =f4',
  '0 rt_sigprocmask 0 [8:0x200] 0 8',
  ...(how === 1 ? TERMINAL : how === 2 ? FIFO : how === 3 ? SOCKETS : []),
  ...(how === 4 ? ['0 fork 0'] : []),
]);

export const POLL = family({
  name: 'poll',
  opening,
  calls: CALLS,
  waiting: { calls: WAITING, oneIn: 10 },
  excluded: ['how long a wait was'],
  inTest: 150,
});
