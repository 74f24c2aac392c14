// Scripts about locks of files and leases: POSIX locks, those of open file descriptions, flock, leases that others break, and
// who waits for whom, in three processes that share descriptors and have some of their own. Listed in families.ts.
import { family, items, mostly, one, row } from './family.ts';

const fd = mostly(one('f0', 'f0', 'f1', 'f2'), one('f3', 'f4', 'f5', 'f9', -1));
const kept = one('=f1', '=f2', '=f3');
const path = mostly(one('"a"', '"a"', '"b"'), one('"l"', '"d"', '"p"', '"s"'));
const start = mostly(one(0, 0, 5, 10, 15), one(4, 9, 20, 100, -1, '0x1ffffffff00000'));
const length = mostly(one(0, 5, 5, 10), one(1, 15, 100, -5, -100));
const lock = items`[2!${mostly(one(0, 1, 1, 2), one(3, -1))},2!${mostly(one(0), one(1, 2, 3))},4:0,8!${start},8!${length},4?${mostly(one(0), one('p0', -1))},4:0]`;
const argument = mostly(lock, one(0, 16));
const lease = mostly(one(0, 1, 2), one(3, 4, -1));
const access = mostly(one(0, 1, 2), one(0x200, 0x201, 0x401, 0x42, 0x200000));

const CALLS = [
  row`10 fcntl ${fd} 6 ${argument}`,
  row`6 fcntl ${fd} 37 ${argument}`,
  row`5 fcntl ${fd} ${one(5, 36)} ${argument}`,
  row`2 fcntl ${fd} ${one(7, 38)} ${lock}`,
  row`6 flock ${fd} ${mostly(one(5, 6, 8), one(1, 2, 0, 3, 4, 12, 13, 32, 0x25, -1))}`,
  row`6 fcntl ${fd} 1024 ${lease}`,
  row`4 fcntl ${fd} 1025 0`,
  row`1 fcntl ${fd} 10 ${one(0, 10, 34, 65)}`,
  row`1 fcntl ${fd} 8 ${one('p0', 'p1', 0)}`,
  row`1 fcntl ${fd} 11 0`,
  row`1 fcntl ${fd} 4 ${one(0, 0x800, 0x400, 0x2000)}`,
  row`2 fcntl f5 1026 ${one(0, 1, 4, 8, 0x10, 0x20, 0x80000004, 0x8000003f, 0x40)}`,
  row`5 openat -100 ${path} ${one(0, 0x800, 0x801, 0x802, 0xa01, 0x840)} 420 ${kept}`,
  row`1 openat -100 ${path} ${access} 420 ${kept}`,
  row`3 close ${fd}`,
  row`2 dup3 ${fd} ${one('f1', 'f2', 'f3', 'f4')} 0`,
  row`1 truncate ${path} ${one(0, 5)}`,
  row`1 ftruncate ${fd} ${one(0, 5)}`,
  row`1 read ${fd} [x5] 5`,
  row`1 write ${fd} [d5] 5`,
  row`1 lseek ${fd} ${one(0, 5)} ${one(0, 2)}`,
  row`1 unlinkat -100 ${path} 0`,
  row`1 renameat2 -100 ${path} -100 "c" 0`,
  row`1 linkat -100 ${path} -100 "c" 0`,
  row`1 fchmod ${fd} ${one(0o600, 0o644)}`,
  row`1 utimensat -100 ${path} 0 0`,
  row`1 setresuid 1000 1000 1000`,
  row`1 kill p1 ${one(10, 15)}`,
  row`1 pair 3 4 1 0`,
  row`2 fork ${one(0, 1)}`,
  row`1 exit`,
];
const WAITING = [
  row`6 &fcntl ${fd} 7 ${lock}`,
  row`4 &fcntl ${fd} 38 ${lock}`,
  row`4 &flock ${fd} ${one(1, 2)}`,
  row`4 &openat -100 ${path} ${access} 420 ${kept}`,
  row`1 &truncate ${path} ${one(0, 5)}`,
  row`2 openat -100 ${path} ${one(0x802, 0x800)} 420 ${kept}`,
  row`1 close ${fd}`,
  row`1 exit`,
];

const opening = one(0, 1, 2, 3).map((how) => [
  '0 openat -100 "a" 0x42 420 =f0',
  '0 write f0 [d20] 20',
  '0 openat -100 "b" 0x42 420 =f1',
  '0 mkdirat -100 "d" 493',
  '0 symlinkat "a" -100 "l"',
  '0 mknodat -100 "p" 4516 0',
  '0 openat -100 "a" 0 0 =f2',
  '0 openat -100 "." 0x10000 0 =f5',
  ...(how === 0 ? ['0 close f0'] : []),
  '0 handle 29 2 0 0',
  '0 handle 10 2 0 0',
  '0 handle 34 2 4 0',
  '0 fork 0',
  '0 fork 1',
  ...(how === 1 ? ['1 openat -100 "a" 2 0 =f0', '2 openat -100 "a" 2 0 =f0'] : []),
  ...(how === 2 ? ['1 close f0', '1 close f2', '2 close f0', '2 close f2', '0 close f2'] : []),
]);

export const LOCKS = family({
  name: 'locks',
  opening,
  calls: CALLS,
  waiting: { calls: WAITING, by: one(1, 1, 2), oneIn: 3 },
  excluded: [
    'leases that are not given back in time: lease-break-time is most of a minute',
    'offsets past 2⁵³, where sizes stop to be exact numbers: EOVERFLOW',
  ],
  inTest: 100,
});
