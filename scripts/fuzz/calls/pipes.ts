// Scripts about pipes and FIFOs: sizes, packets, splicing, ends that close, writers and readers that wait.
// Listed in families.ts.
import fc from 'fast-check';
import { family, items, mostly, one, row } from './family.ts';

const fd = mostly(one('f0', 'f1', 'f2', 'f3'), one('f4', 'f5', 'f6', -1));
const reader = mostly(one('f0', 'f2'), fd);
const writer = mostly(one('f1', 'f3'), fd);
const size = mostly(one(1, 5, 100, 4096), one(0, 4095, 4097, 8192, 65536, 65537, 70000));
const position = mostly(one(0), items`[8!${one(0, 5, -1)}]`);
const spliceFlags = mostly(one(2, 2, 3), one(6, 10, 16));
const pipeFlags = mostly(one(0x800), one(0x4800, 0x80800, 0x80, 1, 0x2000));
const vector = items`[8:[d70000],8:${size},8:[d10],8:${one(0, 3, 10)}]`;
// what is given away with vmsplice does not change any more
const given = items`[8:m${one(0, 0, 100, 4096)},8:${size},8:m${one(5, 8192)},8:${one(0, 3, 10)}]`;
const room = items`[8:[x70000],8:${size},8:[x10],8:${one(0, 3, 10)}]`;

const CALLS = [
  row`8 write ${writer} [d70000] ${size}`,
  row`1 write ${writer} ${one(0, 16)} ${size}`,
  row`8 read ${reader} [x70000] ${size}`,
  row`1 read ${reader} ${one(0, 16)} ${size}`,
  row`2 writev ${writer} ${vector} ${mostly(one(2), one(0, 1))}`,
  row`2 readv ${reader} ${room} ${mostly(one(2), one(0, 1))}`,
  row`1 pwritev2 ${writer} ${vector} 2 -1 -1 ${one(0, 8, 16, 0x100, 0x80)}`,
  row`1 preadv2 ${reader} ${room} 2 -1 -1 ${one(0, 8, 16, 0x40)}`,
  row`6 splice ${fd} ${position} ${fd} ${position} ${size} ${spliceFlags}`,
  row`3 tee ${reader} ${writer} ${size} ${spliceFlags}`,
  row`3 vmsplice ${fd} ${given} ${mostly(one(1, 2), one(0, 1025))} ${spliceFlags}`,
  row`2 vmsplice f0 ${items`[8:m40960,8:${size},8:m50000,8:3]`} ${one(1, 2)} ${spliceFlags}`,
  row`2 sendfile ${writer} ${one('f4', 'f0')} ${position} ${size}`,
  row`4 fcntl ${fd} 1031 ${mostly(one(4096, 8192, 65536), one(0, 1, 4097, 100000, 1048576, 1048577, -1, '0x80000000'))}`,
  row`2 fcntl ${fd} 1032 0`,
  row`2 fcntl ${fd} 4 ${one(0x800, 0x4800, 0x4000, 0, 0x2000)}`,
  row`1 fcntl ${fd} 3 0`,
  row`2 ioctl ${fd} ${one(0x541b, 0x5411, 0x5460)} [4!0]`,
  row`2 ppoll ${items`[4:f0,2:0x2005,2#0,4:f1,2:5,2#0,4:f2,2:0x2005,2#0,4:f3,2:5,2#0,4:f5,2:5,2#0]`} 5 [8:0,8:0] 0 8`,
  row`1 pipe2 ${mostly(one('[4!0,4!0]'), one(0, 16))} ${pipeFlags}`,
  row`3 close ${fd}`,
  row`1 dup3 ${fd} ${fd} 0`,
  row`2 openat -100 "p" ${mostly(one(0x800, 0x801, 0x802), one(0x4800, 0x803, 0x200800))} 0 ${one('=f2', '=f3', '=f5', '=f6')}`,
  row`1 openat -100 "/proc/self/fd/10${one(0, 1, 2)}" ${one(0x800, 0x801, 0x802)} 0 ${one('=f5', '=f6')}`,
  row`1 lseek ${fd} 0 ${one(0, 1)}`,
  row`1 pread64 ${fd} [x5] 5 0`,
  row`1 handle 13 ${one(1, 2, 2)} 0 0`,
  row`1 setresuid 1000 1000 1000`,
  row`1 fork ${fc.nat(1)}`,
  row`1 exit`,
];
const WAITING = [
  row`3 &write ${writer} [d70000] ${one(1, 4096, 65536, 70000)}`,
  row`3 &read ${reader} [x70000] ${one(1, 100, 70000)}`,
  row`1 &splice ${reader} 0 ${writer} 0 ${size} 0`,
  row`1 &openat -100 "p" ${one(0, 1)} 0 =f5`,
  row`1 fcntl ${fd} 4 0`,
];

const opening = fc
  .tuple(one(0x800, 0x800, 0x4800, 0), one(0, 1, 2, 3))
  .map(([flags, how]) => [
    `0 pipe2 [4:0,4:0] ${flags}`,
    '0 dup3 3 f0 0',
    '0 dup3 4 f1 0',
    '0 close 3',
    '0 close 4',
    '0 mknodat -100 "p" 4516 0',
    '0 openat -100 "f" 66 420 =f4',
    '0 write f4 [d10000] 10000',
    '0 lseek f4 0 0',
    '0 mmap m0 81920 3 0x32 -1 0 =m',
    '0 read f4 m0 10000',
    '0 lseek f4 0 0',
    ...(how === 1 ? ['0 openat -100 "p" 0x802 0 =f2', '0 openat -100 "p" 0x801 0 =f3'] : []),
    ...(how === 2
      ? ['0 pipe2 [4:0,4:0] 0x800', '0 dup3 3 f2 0', '0 dup3 4 f3 0', '0 close 3', '0 close 4']
      : []),
    ...(how === 3 ? ['0 fork 0'] : []),
  ]);

export const PIPES = family({
  name: 'pipes',
  opening,
  calls: CALLS,
  waiting: { calls: WAITING, oneIn: 10 },
  last: ['0 slots'],
  excluded: ['changes of pages that vmsplice gave away'],
  inTest: 150,
});
