// Scripts about files: names, permissions, contents, descriptors, locks and attributes, on tmpfs. Listed in families.ts.
// What is left of the tree and of the descriptors is shown at the end of each script.
import fc from 'fast-check';
import { bits, family, items, mostly, one, row } from './family.ts';

const fd = mostly(one('f0', 'f0', 'f1', 'f2', 'f3'), one('f4', 'f5', 'f9', -1, 3, 999));
const kept = one('=f0', '=f2', '=f2', '=f3', '=f3', '=f4');
const at = mostly(one(-100), one('f1', 'f1', 'f0', 'f2', 'f3', 'f9', -1));
const plainPath = one(
  '"a"',
  '"a"',
  '"b"',
  '"c"',
  '"d"',
  '"d"',
  '"d/a"',
  '"d/b"',
  '"d/e"',
  '"d/e/a"',
  '"l"',
  '"m"',
  '"p"',
);
const oddPath = one(
  '""',
  '"."',
  '".."',
  '"./a"',
  '"a/"',
  '"d/"',
  '"b/"',
  '"l/"',
  '"l/a"',
  '"m/"',
  '"d/."',
  '"d/.."',
  '"d/e/.."',
  '"d//a"',
  '"a/x"',
  '"x/y"',
  '"loop"',
  '"loop/a"',
  '"d/up/a"',
  '"p/"',
  '"../w/a"',
  'n255',
  'n256',
  'n4095',
  'n4096',
  '"dangling"',
  '"dangling/"',
  0,
  16,
  -1,
  '"/proc/self/fd/100"',
  '"/proc/self/fd/101/a"',
  '"/proc/self/cwd/a"',
  '"/dev/null"',
  '"f"',
  '"g"',
);
const path = mostly(plainPath, oddPath);
const mode = mostly(
  one(0o644, 0o755, 0o600, 0o777),
  one(0, 0o1777, 0o2755, 0o4755, 0o111, 0o444, 0o170000, 0o100644, 0o7777, -1),
);
const id = one(0, 0, 1000, 1000, 1001, -1);
const size = mostly(one(0, 1, 5, 10, 100), one(4095, 4096, 4097, 8192, 65536, 70000));
const offset = mostly(one(0, 1, 5, 10, 100), one(4095, 4096, 5000, 8192, 65536, -1, -5, '0x1ffffffff00000'));
const badPointer = one(0, 16, -1, '0x7fffffffffff');
const noAccess = fc.constantFrom(0, 1, 2, 2, 2, 3);
const openFlags = fc
  .tuple(
    noAccess,
    fc.constantFrom(0, 0, 0x40, 0x40, 0xc0, 0x240),
    bits(
      0x200,
      0x400,
      0x800,
      0x1000,
      0x2000,
      0x4000,
      0x8000,
      0x10000,
      0x20000,
      0x40000,
      0x80000,
      0x101000,
      0x200000,
      0x410000,
      0x80,
    ),
  )
  .map(([access, create, more]) => access | create | more);
const oddFlags = one(0x800000, 0x1000000, 0x40000000, -1, 0x410002, 0x400000);
const room = items`[x${size}]`;
const lock = items`[2!${one(0, 0, 1, 1, 2, 3, -1)},2!${one(0, 0, 1, 2, 3)},4:0,8!${offset},8!${mostly(one(0, 0, 1, 10, 100), one(-1, -5))},4?${mostly(one(0), one('p0', 'p1', -1))},4:0]`;
const times = items`[8:${one(0, 1, 100, 1000000, -1)},8:${mostly(one(0, 5, 999999999), one(1000000000, -1, 0x3fffffff, 0x3ffffffe))},8:${one(1, 7, 1000)},8:${mostly(one(0, 5), one(1000000000, 0x3fffffff, 0x3ffffffe))}]`;
const attribute = one(
  '"user.a"',
  '"user.a"',
  '"user.b"',
  '"trusted.a"',
  '"security.a"',
  '"user."',
  '"user"',
  '"system.a"',
  '""',
  'n256',
  '"other.a"',
  0,
);
const position = mostly(one(0), items`[8!${offset}]`);
const vector = mostly(
  items`[8:[x5],8:5,8:[x10],8:${one(0, 3, 10)}]`,
  items`[8:[x5],8:5,8:16,8:5]`,
  items`[8:[x5],8:${one(-1, '0x7fffffffffff0000')},8:0,8:0]`,
  badPointer,
);
const dataVector = mostly(
  items`[8:[d5],8:5,8:[d10],8:${one(0, 3, 10)}]`,
  items`[8:[d5],8:5,8:16,8:5]`,
  items`[8:[d5],8:${one(-1, '0x7fffffffffff0000')},8:0,8:0]`,
  badPointer,
);
const vectors = mostly(one(2), one(0, 1, -1, 1025));

const STATX = '[4#0,4!0,8#0,4!0,4!0,4!0,2#0,z10,8!0,8!0,8#0,8~0,z8,z32,8~0,z8,4!0,4!0,z120]';

const CALLS = [
  row`8 openat ${at} ${path} ${mostly(openFlags, oddFlags)} ${mode} ${kept}`,
  row`3 openat2 ${at} ${path} [8:${mostly(openFlags, oddFlags)},8:${mostly(one(0, 0o644), mode)},8:${mostly(one(0), bits(1, 2, 4, 8, 16, 32, 64))}] ${mostly(one(24), one(0, 8, 23, 25, 4097))} ${kept}`,
  row`3 close ${fd}`,
  row`1 close_range ${one('f0', 'f2', 'f4')} ${one('f1', 'f3', 'f4', 'f0')} ${mostly(one(0, 4), one(2, 1, 8))}`,
  row`1 dup ${fd} ${kept}`,
  row`2 dup3 ${fd} ${mostly(one('f2', 'f3', 'f4'), one(-1, 5000))} ${mostly(one(0, 0x80000), one(1, 0x800))}`,
  row`1 fcntl ${fd} ${one(0, 1030)} ${mostly(one(0, 10, 200), one(-1, 5000))} ${kept}`,
  row`3 fcntl ${fd} ${mostly(one(1, 2, 3, 4, 4), one(1033, 1034, 1025, 1027, 1028, 9, 11, 99))} ${mostly(one(0, 1, 0x400, 0x800, 0x2000), bits(0x400, 0x800, 0x2000, 0x4000, 0x40000, 1, 2), one(-1))}`,
  row`4 fcntl ${fd} ${mostly(one(5, 6, 6, 7, 36, 37, 37, 38))} ${mostly(lock, badPointer)}`,
  row`2 flock ${fd} ${mostly(one(1, 2, 5, 6, 8), one(0, 3, 4, 32, 64, -1))}`,
  row`4 mkdirat ${at} ${path} ${mode}`,
  row`2 mknodat ${at} ${path} ${mostly(items`${one('0010', '0100', '0140', '0020', '0060', '0000')}${one('644', '755', '000')}`, one('0170644', '0040755', '0120777', '0200644', -1))} ${mostly(one(0), one('0x103', '0x501'))}`,
  row`4 unlinkat ${at} ${path} ${mostly(one(0, 0, 0x200), one(0x100, 0x1200, -1))}`,
  row`4 linkat ${at} ${path} ${at} ${path} ${mostly(one(0), one(0x400, 0x1000, 0x1400, 0x100))}`,
  row`3 symlinkat ${mostly(plainPath, one('"../a"', '"/dev/null"', '""', 'n4095', 'n4096', 'n300', 0, '"d/"', '"."'))} ${at} ${path}`,
  row`6 renameat2 ${at} ${path} ${at} ${path} ${mostly(one(0), one(1, 2, 4, 3, 8, -1))}`,
  row`2 readlinkat ${at} ${mostly(path, one('"l"', '"m"', '"loop"'))} [x${one(100, 3, 1)}] ${mostly(one(3, 1, 100), one(0, -1))}`,
  row`2 truncate ${path} ${offset}`,
  row`2 ftruncate ${fd} ${offset}`,
  row`3 fallocate ${fd} ${mostly(one(0, 1, 3), one(2, 0x10, 0x11, 8, 0x20, 0x21, 0x40, 4, 0x80, -1))} ${offset} ${mostly(one(1, 10, 4096, 5000, 8192), one(0, -1))}`,
  row`4 lseek ${fd} ${offset} ${mostly(one(0, 0, 1, 2, 3, 4), one(5, -1))}`,
  row`4 read ${fd} ${room} ${size}`,
  row`1 read ${fd} ${badPointer} ${one(0, 5, -1, '0x7fffffffffffffff')}`,
  row`5 write ${fd} [d70000] ${size}`,
  row`1 write ${fd} ${badPointer} ${one(0, 5, -1, '0x7fffffffffffffff')}`,
  row`2 pread64 ${fd} [x70000] ${size} ${offset}`,
  row`3 pwrite64 ${fd} [d70000] ${size} ${offset}`,
  row`1 readv ${fd} ${vector} ${vectors}`,
  row`1 writev ${fd} ${dataVector} ${vectors}`,
  row`1 preadv ${fd} ${vector} ${vectors} ${offset} ${one(0, 0, 1, -1)}`,
  row`1 pwritev ${fd} ${dataVector} ${vectors} ${offset} ${one(0, 0, 1, -1)}`,
  row`1 preadv2 ${fd} ${vector} ${vectors} ${offset} 0 ${mostly(one(0, 8), one(1, 2, 4, 16, 32, 64, 128, 256, -1))}`,
  row`1 pwritev2 ${fd} ${dataVector} ${vectors} ${offset} 0 ${mostly(one(0, 16), one(1, 2, 4, 8, 32, 64, 128, 256, -1))}`,
  row`2 fchmod ${fd} ${mode}`,
  row`3 fchmodat ${at} ${path} ${mode}`,
  row`2 fchmodat2 ${at} ${path} ${mode} ${mostly(one(0, 0x100, 0x1000), one(0x200, -1))}`,
  row`1 fchown ${fd} ${id} ${id}`,
  row`3 fchownat ${at} ${path} ${id} ${id} ${mostly(one(0, 0x100, 0x1000), one(0x200, -1))}`,
  row`2 utimensat ${at} ${path} ${mostly(times, one(0), badPointer)} ${mostly(one(0, 0x100, 0x1000), one(0x200, -1))}`,
  row`1 utimensat ${fd} 0 ${mostly(times, one(0))} ${mostly(one(0), one(0x100, 0x1000))}`,
  row`3 stat ${at} ${path} ${mostly(one(0, 0x100), one(0x1000, 0x800, 0x200, -1))}`,
  row`2 statx ${at} ${path} ${mostly(one(0, 0x100), one(0x1000, 0x2000, 0x4000, 0x6000, 0x800, 0x200, -1))} ${mostly(one('0xfff'), one(0, '0x7ff', '0x80000000', '0x200'))} ${mostly(one(STATX), badPointer)}`,
  row`2 faccessat ${at} ${path} ${mostly(one(0, 1, 2, 4, 6, 7), one(8, -1))}`,
  row`2 faccessat2 ${at} ${path} ${mostly(one(0, 1, 2, 4, 6, 7), one(8, -1))} ${mostly(one(0, 0x100, 0x200, 0x1000), one(0x400, -1))}`,
  row`2 entries ${fd} ${mostly(one(1000), one(10, 0))} ${mostly(one(0), one(16, -1, '0x7fffffffffff'))}`,
  row`2 chdir ${path}`,
  row`1 fchdir ${fd}`,
  row`1 chroot ${path}`,
  row`1 getcwd [t200] ${mostly(one(200), one(0, 1, 5))}`,
  row`1 umask ${mostly(one(0, 0o22, 0o77, 0o777), one(-1))}`,
  row`2 setxattr ${path} ${attribute} [d20] ${mostly(one(0, 5, 20), one(65537, -1))} ${mostly(one(0, 1, 2), one(3, 4))}`,
  row`1 lsetxattr ${path} ${attribute} [d20] ${mostly(one(0, 5), badPointer)} ${mostly(one(0, 1, 2), one(3, 4))}`,
  row`1 fsetxattr ${fd} ${attribute} ${mostly(items`[d20]`, badPointer)} ${one(0, 5)} ${mostly(one(0, 1, 2), one(3, 4))}`,
  row`2 getxattr ${path} ${attribute} [x20] ${one(0, 4, 5, 20, 70000)}`,
  row`1 lgetxattr ${path} ${attribute} [x20] ${one(0, 4, 20)}`,
  row`1 fgetxattr ${fd} ${attribute} ${mostly(items`[x20]`, badPointer)} ${one(0, 4, 20)}`,
  row`1 listxattr ${path} [x40] ${one(0, 4, 40, -1)}`,
  row`1 llistxattr ${path} [x40] ${one(0, 4, 40)}`,
  row`1 flistxattr ${fd} ${mostly(items`[x40]`, badPointer)} ${one(0, 4, 40)}`,
  row`1 removexattr ${path} ${attribute}`,
  row`1 lremovexattr ${path} ${attribute}`,
  row`1 fremovexattr ${fd} ${attribute}`,
  row`2 setxattrat ${at} ${path} ${mostly(one(0, 0x100, 0x1000), one(0x200))} ${attribute} ${items`[8:[d20],4:${mostly(one(0, 5, 20), one(65537, -1))},4:${mostly(one(0, 1, 2), one(3, 4))},z8]`} ${mostly(one(16), one(0, 15, 24, 4097))}`,
  row`2 getxattrat ${at} ${path} ${mostly(one(0, 0x100, 0x1000), one(0x200))} ${attribute} ${items`[8:[x20],4:${one(0, 4, 5, 20)},4:${mostly(one(0), one(1))},z8]`} ${mostly(one(16), one(0, 15, 24, 4097))}`,
  row`1 listxattrat ${at} ${path} ${mostly(one(0, 0x100, 0x1000), one(0x200))} [x40] ${one(0, 4, 40)}`,
  row`1 removexattrat ${at} ${path} ${mostly(one(0, 0x100, 0x1000), one(0x200))} ${attribute}`,
  row`2 copy_file_range ${fd} ${position} ${fd} ${position} ${mostly(size, one(-1))} ${mostly(one(0), one(1))}`,
  row`2 sendfile ${one('f3', 'f4', 'f9')} ${one('f0', 'f1', 'f2', 'f9')} ${position} ${size}`,
  row`1 splice ${fd} ${position} ${fd} ${position} ${size} ${mostly(one(2, 3), one(0, 16))}`,
  row`1 tee ${fd} ${fd} ${size} ${mostly(one(2), one(16))}`,
  row`1 memfd_create ${mostly(one('"x"'), one('""', 'n249', 'n250', 0))} ${mostly(one(2, 3, 0), bits(1, 2, 8, 16, 64))} ${kept}`,
  row`1 fcntl ${fd} 1033 ${bits(1, 2, 4, 8, 16, 32)}`,
  row`1 inotify_init1 ${one(0x800, 0x80800, 1)} =f5`,
  row`3 inotify_add_watch ${one('f5', 'f5', 'f5', 'f0')} ${path} ${mostly(one('0xfff'), bits(1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 0x1000000, 0x2000000, 0x4000000, 0x10000000, 0x20000000, 0x40000000, 0x80000000))}`,
  row`2 read f5 [x400] ${mostly(one(400), one(16, 20, 40))}`,
  row`1 inotify_rm_watch ${one('f5', 'f0')} ${one(1, 2, 9, -1)}`,
  row`1 ioctl ${fd} ${one(0x541b, 0x5450, 0x5451, 0x5421, 0x80086601, 0x5460, 0x1234)} [8!1]`,
  row`1 fsync ${fd}`,
  row`1 fdatasync ${fd}`,
  row`1 sync_file_range ${fd} ${offset} ${offset} ${mostly(one(0, 1, 7), one(8))}`,
  row`1 fadvise64 ${fd} ${offset} ${offset} ${mostly(one(0, 1, 4), one(6, -1))}`,
  row`1 readahead ${fd} ${offset} ${size}`,
  row`1 statfs ${path} [8#0,8!0,z112]`,
  row`2 setresuid ${id} ${id} ${id}`,
  row`1 setresgid ${id} ${id} ${id}`,
  row`1 setgroups ${one(0, 1, 2)} [4:1000,4:1001]`,
  row`1 setfsuid ${id}`,
  row`1 setfsgid ${id}`,
  row`1 pipe2 [4!0,4!0] ${mostly(one(0x800), one(0x4800, 1))}`,
  row`1 fork ${fc.nat(1)}`,
  row`1 exit`,
  row`1 tree`,
];

const opening = fc
  .tuple(one(0o755, 0o755, 0o1777, 0o700, 0o2775, 0o777), one(0o644, 0o644, 0o600, 0o4777), fc.nat(4))
  .map(([directory, file, how]) => {
    if (how === 0) return [];
    return [
      `0 mkdirat -100 "d" ${directory}`,
      `0 fchmodat -100 "d" ${directory}`,
      '0 mkdirat -100 "d/e" 493',
      `0 openat -100 "a" 66 ${file} =f0`,
      '0 write f0 [d10] 10',
      '0 openat -100 "d" 65536 0 =f1',
      '0 symlinkat "d" -100 "l"',
      '0 symlinkat "a" -100 "m"',
      '0 symlinkat "loop" -100 "loop"',
      '0 symlinkat "nothing" -100 "dangling"',
      ...(how > 1 ? ['0 fchmodat -100 "." 511', '0 openat -100 "d/a" 66 438 =f2'] : []),
      ...(how > 2 ? ['0 fork 0', '1 setresgid 1000 1000 1000', '1 setresuid 1000 1000 1000'] : []),
    ];
  });

export const FILES = family({
  name: 'files',
  opening,
  calls: CALLS,
  last: ['0 slots', '0 tree'],
  excluded: [
    'inode and device numbers, the times that the clock gave, and where a directory was read to',
    'offsets past 2⁵³, where sizes stop to be exact numbers: EFBIG or EINVAL',
    'leases and directory notification',
    'sendfile within one file, which copies pages onto themselves, and where a directory was read to in part: entries begin at its start',
  ],
  inTest: 250,
});
