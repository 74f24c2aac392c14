// Scripts about fanotify without privileges and about file handles. Listed in families.ts.
import fc from 'fast-check';
import { bits, family, items, mostly, one, row } from './family.ts';

const group = mostly(one('f6', 'f6', 'f7'), one('f0', 'f9', -1));
const at = mostly(one(-100), one('f1', 'f0', 'f9'));
const path = mostly(
  one('"a"', '"a"', '"b"', '"d"', '"d"', '"d/a"', '"d/b"', '"d/e"', '"m"'),
  one('"."', '""', '"none"', '"m/"', 0, 16, '"/dev/null"'),
);
const fd = mostly(one('f0', 'f2', 'f3'), one('f1', 'f6', 'f9'));
const EVENTS = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096];
const mask = mostly(
  one(0x08000fff, 0x48000fff, 0x40000fc0, 0x2b, 0x10000000, 0x58000fff, 0x48001fff),
  bits(...EVENTS, 0x08000000, 0x40000000, 0x10000000),
  one(0, 0x10000, 0x100000, 0x8000, 0x4000, '0x100000000', 0x20000),
);
const marking = mostly(
  one(1, 1, 1, 2, 5, 9),
  bits(1, 2, 4, 8, 0x20, 0x40, 0x80, 0x100, 0x200),
  one(0x80, 0x201, 0x221, 0x90, 0x81, 0x41, 0x11),
);
// the first event, its first record, and the beginning of what follows
const EVENT = '[4!0,1!0,1!0,2!0,8#0,4!0,4?0,1!0,1!0,2!0,z8,4!0,4!0,z12,x40,z400]';
const room = mostly(one(484), one(24, 40, 56, 60, 10, 0));
const handle = items`[4!${mostly(one(128, 12), one(0, 8, 11, 129, -1))},4!0,z128]`;

const CALLS = [
  row`3 fanotify_init ${mostly(one(0x202, 0xe02, 0xf02, 0x602), bits(1, 2, 4, 8, 16, 32, 64, 0x80, 0x100, 0x200, 0x400, 0x800, 0x1000))} ${mostly(one(0), one(2, 0x80000, 0x800, 3, 0x40))} ${one('=f6', '=f7')}`,
  row`14 fanotify_mark ${group} ${marking} ${mask} ${at} ${path}`,
  row`12 read ${group} ${mostly(one(EVENT), one(16))} ${room}`,
  row`2 ioctl ${group} 0x541b [4!0]`,
  row`1 write ${group} [4:5,4:1] 8`,
  row`6 openat ${at} ${path} ${mostly(one(0, 0x40, 1, 2), one(0x241, 0x10000, 0x200000))} 420 ${one('=f2', '=f3')}`,
  row`3 read ${fd} [x10] 10`,
  row`3 write ${fd} [d10] ${one(10, 0)}`,
  row`2 entries ${fd} 1000 0`,
  row`3 close ${fd}`,
  row`1 close ${group}`,
  row`2 mkdirat ${at} ${path} 493`,
  row`3 unlinkat ${at} ${path} ${one(0, 0x200)}`,
  row`2 linkat ${at} ${path} ${at} ${path} 0`,
  row`1 symlinkat "a" ${at} ${path}`,
  row`5 renameat2 ${at} ${path} ${at} ${path} ${mostly(one(0), one(1, 2))}`,
  row`2 fchmodat ${at} ${path} 420`,
  row`2 truncate ${path} 5`,
  row`1 setxattr ${path} "user.a" [d5] 5 0`,
  row`1 utimensat ${at} ${path} [8:1,8:0,8:2,8:0] 0`,
  row`6 name_to_handle_at ${at} ${path} ${mostly(handle, one(16))} ${mostly(one('[4^0,4:0]', '[8^0]'), one(16))} ${mostly(one(0, 0x400, 0x1000), one(0x200, 1, 2, 0x201, 0x100, 0x1001, 8))}`,
  row`2 open_by_handle_at ${at} ${items`[4:${mostly(one(12, 128), one(0, 8, 129))},4:${mostly(one(1), one(0, -1, 0x10000))},z128]`} ${one(0, 0x40000)} =f2`,
  row`1 open_by_handle_at ${one(-1, 'f9')} ${one(16)} 0`,
  row`1 fork ${fc.nat(1)}`,
  row`1 exit`,
  row`1 setresuid ${one(0, 1000)} ${one(0, 1000)} ${one(0, 1000)}`,
];

const opening = fc
  .nat(2)
  .map((how) => [
    '0 mkdirat -100 "d" 511',
    '0 mkdirat -100 "d/e" 511',
    '0 symlinkat "a" -100 "m"',
    '0 openat -100 "a" 66 438 =f0',
    '0 openat -100 "d/a" 66 438 =f2',
    '0 openat -100 "d" 0x10000 0 =f1',
    `0 fanotify_init ${[0x202, 0xe02, 0xf02][how]} 0 =f6`,
    '0 fanotify_mark f6 1 0x48000fff -100 "d"',
  ]);

export const WATCHES = family({
  name: 'watches',
  opening,
  calls: CALLS,
  last: ['0 read f6 [x0,z4096] 4096'],
  excluded: [
    'handles themselves and where they lead: numbers of inodes are the file systems’ own',
    'namespaces, which have handles of their own',
    'groups that need CAP_SYS_ADMIN, which the jail has not, and reports of mounts',
  ],
  inTest: 150,
});
