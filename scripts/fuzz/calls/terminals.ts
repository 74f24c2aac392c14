// Scripts about pseudoterminals: the line discipline, termios, windows, job control. Listed in families.ts.
import fc from 'fast-check';
import { bits, family, items, mostly, one, row } from './family.ts';

const fd = mostly(one('f0', 'f1'), one('f2', 'f9'));
const side = one('f0', 'f0', 'f1');
// letters, and the control characters 3 ^C, 4 ^D, 8, 10, 13, 17 ^Q, 18 ^R, 19 ^S, 21 ^U, 22 ^V, 23 ^W, 26 ^Z, 28, 127, 0xff
const character = one(
  97,
  97,
  98,
  32,
  9,
  10,
  10,
  13,
  3,
  4,
  8,
  17,
  18,
  19,
  21,
  22,
  23,
  26,
  28,
  127,
  255,
  65,
  0,
  46,
);
const typed = fc
  .array(character, { minLength: 1, maxLength: 8 })
  .map((list) => ({ list, text: `[${list.map((each) => `1:${each}`).join(',')}]` }));
const type = typed.map(({ list, text }) => `write f0 ${text} ${list.length}`);
const print = typed.map(({ list, text }) => `write f1 ${text} ${list.length}`);
// ISIG 1, ICANON 2, XCASE 4, ECHO 8, ECHOE 10, ECHOK 20, ECHONL 40, NOFLSH 80, TOSTOP 100, ECHOCTL 200, ECHOPRT 400, ECHOKE 800, EXTPROC 10000, IEXTEN 8000
const lflag = mostly(
  one(0x8a3b),
  one(0, 2, 0x8a31, 0x8a33, 0x8039, 0x8b3b, 0x8abb, 0xe3b, 0x8a7b, 10, 0x18a3b),
);
// IGNBRK 1, BRKINT 2, IGNPAR 4, PARMRK 8, ISTRIP 20, INLCR 40, IGNCR 80, ICRNL 100, IUCLC 200, IXON 400, IXANY 800, IXOFF 1000, IMAXBEL 2000, IUTF8 4000
const iflag = mostly(one(0x500), bits(8, 0x20, 0x40, 0x80, 0x100, 0x200, 0x400, 0x800, 0x2000, 0x4000));
// OPOST 1, OLCUC 2, ONLCR 4, OCRNL 8, ONOCR 10, ONLRET 20, XTABS 1800
const oflag = mostly(one(5), bits(1, 4, 8, 0x10, 0x20, 0x1800, 2));
const cc = (min: number, time: number) =>
  `1:3,1:28,1:127,1:21,1:4,1:${time},1:${min},1:0,1:17,1:19,1:26,1:0,1:18,1:15,1:23,1:22,1:0,1:0,1:0`;
const chars = one(cc(1, 0), cc(1, 0), cc(0, 0), cc(5, 0), cc(0, 1));
const settings = items`[4:${iflag},4:${oflag},4:${one(0xbf, 0xbf, 0xb0, 0x8000_00bf)},4:${lflag},1:0,${chars}]`;
const pid = mostly(one('p0', 'p1'), one(0, -1, 0x3ffffe, 1));

const CALLS = [
  { weight: 14, arbitrary: type },
  { weight: 5, arbitrary: print },
  row`10 read ${side} [x100] ${mostly(one(100), one(1, 3, 0))}`,
  row`5 ioctl ${side} ${one(0x5402, 0x5402, 0x5403, 0x5404)} ${mostly(settings, one(16))}`,
  row`3 ioctl ${side} 0x5401 [4#0,4#0,4#0,4#0,1!0,x19]`,
  row`2 ioctl ${fd} 0x5413 [2!0,2!0,2!0,2!0]`,
  row`2 ioctl ${fd} 0x5414 ${mostly(items`[2:${one(24, 25)},2:80,2:0,2:0]`, one(16))}`,
  row`2 ioctl ${fd} ${one(0x541b, 0x5411)} ${mostly(one('[4!0]'), one(16))}`,
  row`2 ioctl ${fd} 0x540b ${one(0, 1, 2, 3)}`,
  row`2 ioctl ${fd} 0x540a ${one(0, 1, 2, 3, 4)}`,
  row`2 ioctl ${fd} ${one(0x540f, 0x5429)} ${mostly(one('[4?0]'), one(16))}`,
  row`2 ioctl ${fd} 0x5410 ${mostly(items`[4:${pid}]`, one(16))}`,
  row`2 ioctl ${fd} 0x540e ${one(0, 0, 1)}`,
  row`1 ioctl ${fd} 0x5422 0`,
  row`2 ioctl ${fd} ${one(0x5420, 0x5438)} ${mostly(items`[4!${one(0, 1)}]`, one(16))}`,
  row`1 ioctl ${fd} ${one('0x80045430', '0x80045439', '0x80045440')} [4^0]`,
  row`1 ioctl ${fd} ${one('0x40045431')} ${items`[4:${one(0, 1)}]`}`,
  row`1 ioctl ${fd} 0x5412 ${mostly(items`[1:${character}]`, one(16))}`,
  row`1 ioctl ${fd} ${one(0x540c, 0x540d, 0x5409, 0x5425, 0x5423, 0x5424, 0x5415, 0x5418, 0x5428, 0x1234)} [8!0]`,
  row`1 ioctl ${fd} ${one('0x40045436')} ${one(2, 3, 20, 100)}`,
  row`4 ppoll [4:f0,2:0x47,2#0,4:f1,2:0x47,2#0] 2 [8:0,8:0] 0 8`,
  row`2 setpgid ${mostly(one('p0', 'p1', 0), pid)} ${mostly(one('p0', 'p1', 0), pid)}`,
  row`1 setsid =p`,
  row`1 getsid 0 =p`,
  row`2 handle ${one(1, 2, 3, 20, 21, 22, 28, 18)} ${one(0, 1, 2, 2)} ${one(0, 0x10000000)} 0`,
  row`1 rt_sigprocmask ${one(0, 1)} [8:0x300000] 0 8`,
  row`1 kill p1 18`,
  row`1 close ${side}`,
  row`1 openat -100 "/dev/tty" ${one(0x802, 0x902)} 0 ${one('=f2', '=f1')}`,
  row`1 ioctl f0 0x5441 ${one(0x902, 0x802)} ${one('=f1', '=f2')}`,
  row`1 fcntl ${side} 4 ${one(0x800, 0)}`,
  row`1 stat f1 "" 0x1000`,
  row`1 fork ${fc.nat(1)}`,
  row`1 exit`,
];
const WAITING = [
  row`3 &read ${one('f1', 'f1', 'f0')} [x100] 100`,
  row`1 &write f1 [d2000] 2000`,
  row`1 fcntl f1 4 0`,
];

const opening = one(0, 1, 2).map((how) => [
  ...(how === 2 ? ['0 fork 0', '0 setsid =p'] : ['0 setsid =p']),
  '0 openat -100 "/dev/ptmx" 0x902 0 =f0',
  '0 ioctl f0 0x40045431 [4:0]',
  '0 ioctl f0 0x5441 0x902 =f1',
  ...(how === 0
    ? []
    : [
        '0 handle 1 2 0 0',
        '0 handle 2 2 0 0',
        '0 handle 20 2 0 0',
        '0 handle 28 2 0 0',
        '0 ioctl f1 0x540e 0',
        '0 fork 0',
      ]),
]);

export const TERMINALS = family({
  name: 'terminals',
  opening,
  calls: CALLS,
  waiting: { calls: WAITING, oneIn: 10 },
  excluded: [
    'numbers of pseudoterminals',
    'more output than waits for a master that does not read: Linux counts the memory of its buffers, not bytes',
  ],
  inTest: 120,
});
