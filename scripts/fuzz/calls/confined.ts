// Scripts about Landlock: rulesets, rules and layers, then names that are opened, made, moved and removed, and other processes.
// Listed in families.ts.
import fc from 'fast-check';
import { bits, family, items, mostly, one, row } from './family.ts';

const RIGHTS = Array.from({ length: 16 }, (_, bit) => 1 << bit);
const REFER = 0x2000;
const MAKING = 0x1f80;
const rights = mostly(
  one(0xffff, 0xdfff, 0x400e, 0x1ff2, REFER, MAKING | REFER | 0x30, 0xe, 0x30, 0x800c),
  bits(...RIGHTS),
  one(0, 0x10000, '0x100000000', -1),
);
const granted = mostly(
  one(0xffff, 0xdfff, 0x400e, 4, 0xe, 0x3fb0, REFER, 8, MAKING, 0x30, 6),
  bits(...RIGHTS),
  one(0, 0x10000),
);
const ruleset = mostly(one('f7', 'f7', 'f8'), one('f0', 'f9', -1));
const parent = mostly(one('f0', 'f0', 'f1', 'f2', 'f3', 'f4'), one('f5', 'f7', 'f9', -1, -100));
const fd = one('f3', 'f4', 'f5', 'f6', 'f9');
const kept = one('=f5', '=f6');
const path = mostly(
  one(
    '"a"',
    '"b"',
    '"d"',
    '"d/a"',
    '"d/e"',
    '"d/e/a"',
    '"k"',
    '"k/a"',
    '"k/b"',
    '"new"',
    '"d/new"',
    '"k/new"',
  ),
  one('"."', '".."', '"l"', '"d/e/new"', '"none"', '"/proc/self/fd/105"'),
);
const at = mostly(one(-100), one('f0', 'f1'));
const access = fc
  .tuple(one(0, 0, 1, 2, 3), mostly(one(0, 0, 0x40), one(0x200, 0x240, 0xc0, 0x10000, 0x200000)))
  .map(([mode, more]) => Number(mode) | Number(more));
const someone = one('p0', 'p1', 'p1', 'p2');

const CALLS = [
  row`6 landlock_create_ruleset ${items`[8:${rights},8:${mostly(one(0), one(1, 2, 3, 4))},8:${mostly(one(0, 2), one(1, 3, 4))}]`} ${mostly(one(24), one(8, 16, 0, 7, 25, 4097))} ${mostly(one(0), one(1, 4))} ${one('=f7', '=f7', '=f8')}`,
  row`1 landlock_create_ruleset ${one(0, 16)} ${one(0, 8)} ${one(0, 1, 2, 3)}`,
  row`14 landlock_add_rule ${ruleset} ${mostly(one(1), one(0, 2, 3))} ${mostly(items`[8:${granted},4:${parent}]`, one(0, 16))} ${mostly(one(0), one(1))}`,
  row`2 landlock_add_rule ${ruleset} 2 ${items`[8:${one(1, 2, 3, 0, 4)},8:${one(0, 80, 65535, 65536)}]`} 0`,
  row`6 landlock_restrict_self ${ruleset} ${mostly(one(0), one(1, 2, 4, 8))}`,
  row`12 openat ${at} ${path} ${access} 420 ${kept}`,
  row`2 openat ${at} ${path} 0x410002 420 ${kept}`,
  row`4 mkdirat ${at} ${path} 493`,
  row`4 mknodat ${at} ${path} ${one(0o100644, 0o010644, 0o140644, 0o020644, 0o060644)} 0x103`,
  row`2 symlinkat "a" ${at} ${path}`,
  row`6 unlinkat ${at} ${path} ${one(0, 0x200)}`,
  row`8 linkat ${at} ${path} ${at} ${path} ${mostly(one(0), one(0x400))}`,
  row`12 renameat2 ${at} ${path} ${at} ${path} ${mostly(one(0), one(1, 2, 2, 4))}`,
  row`3 truncate ${path} ${one(0, 5)}`,
  row`3 ftruncate ${fd} ${one(0, 5)}`,
  row`2 ioctl ${fd} ${one(0x541b, 0x5451, 2, 0x5401, 0x1234)} [z60]`,
  row`2 read ${fd} [x10] 10`,
  row`2 write ${fd} [d10] 10`,
  row`1 entries ${fd} 1000 0`,
  row`1 stat ${at} ${one('"a"', '"d/a"', '"new"')} 0`,
  row`1 fchmodat ${at} ${path} 420`,
  row`1 close ${fd}`,
  row`1 chdir ${one('"d"', '"."', '".."')}`,
  row`1 chroot ${one('"d"', '"."')}`,
  row`3 kill ${someone} ${one(0, 18)}`,
  row`1 tgkill ${someone} ${someone} 0`,
  row`1 pidfd_open p1 0 =f9`,
  row`1 pidfd_send_signal f9 0 0 0`,
  row`1 process_vm_readv ${someone} [8:[x10],8:10] 1 [8:0x8000000,8:1] 1 0`,
  row`1 kcmp p0 p1 0 0 0`,
  row`2 fork ${fc.nat(1)}`,
  row`1 exit`,
  row`1 setresuid ${one(0, 1000)} ${one(0, 1000)} ${one(0, 1000)}`,
  row`1 prctl 38 1 0 0 0`,
];

const opening = fc
  .nat(3)
  .map((how) => [
    '0 mkdirat -100 "d" 511',
    '0 mkdirat -100 "d/e" 511',
    '0 mkdirat -100 "k" 511',
    '0 symlinkat "d" -100 "l"',
    ...['a', 'd/a', 'd/e/a', 'k/a'].map((name) => `0 openat -100 "${name}" 65 438 =f5`),
    '0 openat -100 "d" 0x200000 0 =f0',
    '0 openat -100 "k" 0x200000 0 =f1',
    '0 openat -100 "d/e" 0x200000 0 =f2',
    '0 openat -100 "d/a" 2 0 =f3',
    '0 openat -100 "." 0x200000 0 =f4',
    ...(how === 0 ? [] : ['0 prctl 38 1 0 0 0']),
    ...(how > 1 ? ['0 landlock_create_ruleset [8:0xffff,8:0,8:2] 24 0 =f7'] : []),
    ...(how > 2
      ? ['0 fork 0', '0 landlock_add_rule f7 1 [8:0xffff,4:f0] 0', '1 landlock_restrict_self f7 0']
      : []),
  ]);

export const CONFINED = family({
  name: 'confined',
  opening,
  calls: CALLS,
  last: ['0 slots', '0 tree'],
  excluded: ['the log that Landlock keeps, and ports and abstract names, which have guest programs'],
  inTest: 150,
});
