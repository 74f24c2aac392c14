// Scripts about mounts: binds, moves, propagation, detached trees, read-only ones, roots, and namespaces of other processes.
// Listed in families.ts.
import fc from 'fast-check';
import { bits, family, items, mostly, one, row } from './family.ts';

const MS_BIND = 0x1000;
const MS_REC = 0x4000;
const path = mostly(
  one('"a"', '"a"', '"b"', '"b"', '"c"', '"a/x"', '"a/x"', '"b/x"', '"c/x"', '"a/x/u"', '"b/x/u"', '"d"'),
  one('"."', '".."', '"f"', '"a/f"', '"b/f"', '"none"', '"a/l"', '"c/x/u"', '"d/x"', '""', '"a/y"'),
);
const at = mostly(one(-100), one('f1', 'f2', 'f3', 'f4'));
const tree = mostly(one('f5', 'f5', 'f6', 'f6'), one('f1', 'f2', 'f9', -1, -100));
const keptTree = one('=f5', '=f6');
const source = one('"t1"', '"t2"', '"t3"');
const options = mostly(
  one(0),
  one('"size=64k"', '"mode=700,uid=3"', '"nr_inodes=5"', '"size=1x"', '"odd"', '""'),
);
// MS_RDONLY 1, MS_NOSUID 2, MS_NODEV 4, MS_NOEXEC 8, MS_NOSYMFOLLOW 0x100, MS_NOATIME 0x400, MS_NODIRATIME 0x800, MS_RELATIME
// 0x200000, MS_STRICTATIME 0x1000000
const flags = mostly(one(0), bits(1, 1, 2, 4, 8, 0x100, 0x400, 0x800, 0x200000, 0x1000000));
const kind = one(0x100000, 0x100000, 0x100000, 0x40000, 0x80000, 0x80000, 0x20000);
const propagation = fc
  .tuple(kind, mostly(one(0, 0, MS_REC), one(0x20000, MS_BIND, 1)))
  .map(([type, more]) => Number(type) | Number(more));
// OPEN_TREE_CLONE 1, AT_RECURSIVE 0x8000, AT_EMPTY_PATH 0x1000, AT_SYMLINK_NOFOLLOW 0x100, AT_NO_AUTOMOUNT 0x800
const treeFlags = mostly(one(1, 1, 0x8001, 0x8001, 0, 0x80001), one(0x8000, 0x1001, 0x101, 0x801, 2, 0x9001));
// MOVE_MOUNT_F_EMPTY_PATH 4, MOVE_MOUNT_T_EMPTY_PATH 0x40, MOVE_MOUNT_SET_GROUP 0x100, MOVE_MOUNT_BENEATH 0x200
const moveFlags = mostly(one(4), one(0, 0x44, 0x104, 0x100, 0x204, 0x204, 0x14));
const attributes = mostly(
  one(0, 1, 1, 2, 8),
  bits(1, 2, 4, 8, 0x10, 0x20, 0x80, 0x200000),
  one(0x40, 0x100000),
);
const attributeCalls = items`[8:${attributes},8:${mostly(one(0, 1, 1), attributes, one(0x70))},8:${mostly(one(0, 0, 0x100000, 0x40000, 0x80000, 0x20000), one(MS_REC, 0x60000))},8:0]`;
const someFd = one('f7', 'f8', 'f1', 'f2', 'f5');
const keptFile = one('=f7', '=f8');

const CALLS = [
  row`10 mount ${source} ${path} "tmpfs" ${flags} ${options}`,
  row`14 mount ${path} ${path} 0 ${mostly(one(MS_BIND, MS_BIND, MS_BIND | MS_REC), one(MS_BIND | 1, MS_BIND | 0x100000))} 0`,
  row`16 mount 0 ${path} 0 ${propagation} 0`,
  row`8 mount ${path} ${path} 0 0x2000 0`,
  row`4 mount "t9" ${path} 0 ${fc.tuple(one(0x1020), flags).map(([a, b]) => Number(a) | Number(b))} ${options}`,
  row`3 mount "t9" ${path} "tmpfs" ${fc.tuple(one(0x20), flags).map(([a, b]) => Number(a) | Number(b))} ${options}`,
  row`1 mount ${one(0, '"t1"')} ${path} ${one('"none"', 0, '"ext9"', '""')} ${flags} 0`,
  row`14 umount2 ${path} ${mostly(one(0, 0, 2), one(1, 4, 4, 8, 10, 6, 16, 5))}`,
  row`9 open_tree ${at} ${path} ${treeFlags} ${keptTree}`,
  row`2 open_tree ${tree} "" ${one(0x1001, 0x9001, 0x1000)} ${keptTree}`,
  row`10 move_mount ${tree} "" ${at} ${path} ${moveFlags}`,
  row`2 move_mount -100 ${path} ${at} ${path} ${one(0, 0, 0x100, 0x200)}`,
  row`1 move_mount ${tree} "" ${tree} "" ${one(0x44, 0x144)}`,
  row`1 move_mount ${tree} ${one('"x"', '"x/u"')} -100 ${path} ${one(0, 4)}`,
  row`9 mount_setattr ${mostly(one(-100), tree)} ${mostly(path, one('""'))} ${mostly(one(0, 0, 0x8000), one(0x1000, 0x9000, 0x100, 1))} ${attributeCalls} ${mostly(one(32), one(31, 40, 0, 5000))}`,
  row`2 open_tree_attr -100 ${path} ${one(1, 0x8001, 0)} ${attributeCalls} ${mostly(one(32), one(0))} ${keptTree}`,
  row`3 fsopen ${mostly(one('"tmpfs"'), one('"none"'))} ${mostly(one(0, 1), one(2))} =f3`,
  row`1 fspick ${at} ${path} ${one(0, 0, 1, 2, 8)} =f3`,
  row`2 fsconfig f3 1 ${one('"size"', '"mode"', '"source"', '"odd"')} ${one('"64k"', '"700"', '"t4"')} 0`,
  row`1 fsconfig f3 0 ${one('"ro"', '"rw"', '"odd"')} 0 0`,
  row`3 fsconfig f3 ${mostly(one(6), one(7, 8, 9))} 0 0 0`,
  row`3 fsmount f3 ${mostly(one(0, 1), one(2))} ${attributes} ${keptTree}`,
  row`2 pivot_root ${path} ${path}`,
  row`1 chroot ${path}`,
  row`3 chdir ${path}`,
  row`1 fchdir ${one('f1', 'f2', 'f5', 'f6')}`,
  row`2 openat ${at} ${path} ${one(0x200000, 0x10000)} 0 ${one('=f1', '=f2')}`,
  row`3 openat ${at} ${path} ${one(0, 1, 2, 0x41)} 420 ${keptFile}`,
  row`2 openat -100 ${one('"a/new"', '"b/new"', '"a/x/new"', '"c/new"')} ${one(0x41, 0x42)} 420 ${keptFile}`,
  row`1 openat2 -100 ${path} [8:0x200000,8:0,8:${one(1, 8, 16)}] 24 =f7`,
  row`3 mkdirat ${at} ${one('"a/x"', '"b/x"', '"a/x/u"', '"c/x"', '"d/x"', '"b/x/u"', '"x"')} 493`,
  row`4 unlinkat ${at} ${path} ${one(0x200, 0x200, 0)}`,
  row`3 renameat2 ${at} ${path} ${at} ${path} ${mostly(one(0), one(1, 2))}`,
  row`1 linkat -100 ${one('"f"', '"a/f"')} -100 ${one('"g"', '"a/g"', '"b/g"')} 0`,
  row`1 faccessat -100 ${path} 2`,
  row`1 write ${someFd} "abc" 3`,
  row`1 fchmod ${someFd} 0x1c0`,
  row`4 close ${mostly(someFd, tree)}`,
  row`2 statfs ${path} [8#0,8!0,8:0,8:0,8:0,8:0,8:0,8:0,8!0,8!0,8#0,z40]`,
  row`2 stat -100 ${one('"f"', '"a/f"', '"b/f"', '"a/l"')} ${one(0, 0x100, 0x800)}`,
  row`1 getcwd [t200] 200 =ok`,
  row`1 entries ${one('f1', 'f2')} 1000 0`,
  row`3 fork 0`,
  row`2 unshare ${one(0x20000, 0x20000, 0x10020000)}`,
  row`8 mounts`,
];

const START = [
  '0 unshare 0x20000',
  '0 mount 0 "/" 0 0x44000 0',
  '0 mount "t0" "." "tmpfs" 0 0',
  '0 chdir "../w"',
  ...['a', 'b', 'c', 'd'].map((name) => `0 mkdirat -100 "${name}" 493`),
  '0 openat -100 "f" 65 420 =f9',
  '0 close f9',
];
const FILLED = [
  '0 mkdirat -100 "a/x" 493',
  '0 mkdirat -100 "a/y" 493',
  '0 openat -100 "a/f" 65 420 =f9',
  '0 close f9',
  '0 symlinkat "x" -100 "a/l"',
];
const opening = fc
  .nat(5)
  .map((how) => [
    ...START,
    ...(how > 0 ? ['0 mount "t1" "a" "tmpfs" 0 0'] : []),
    ...FILLED,
    ...(how > 1 ? ['0 mount 0 "a" 0 0x100000 0', '0 mount "a" "b" 0 0x1000 0'] : []),
    ...(how > 2 ? ['0 mount "b" "c" 0 0x1000 0', '0 mount 0 "c" 0 0x80000 0'] : []),
    ...(how > 3 ? ['0 mount "t2" "a/x" "tmpfs" 0 0', '0 mkdirat -100 "a/x/u" 493'] : []),
    ...(how > 4 ? ['0 fork 0', '1 unshare 0x10020000'] : []),
  ]);

export const MOUNTS = family({
  name: 'mounts',
  opening,
  calls: CALLS,
  last: ['0 mounts', '1 mounts'],
  excluded: ['file systems but tmpfs, which guest programs mount'],
  inTest: 150,
});
