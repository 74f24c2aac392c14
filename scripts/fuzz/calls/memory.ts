// Scripts about memory: mappings in a small area, of files and of nothing, what they allow, and the faults that they give.
// Listed in families.ts.
import fc from 'fast-check';
import { bits, family, items, mostly, one, row } from './family.ts';

const PAGES = [0, 0, 1, 1, 2, 2, 3, 4, 5, 6, 8, 12];
const page = one(...PAGES.map((index) => `m${index * 4096}`));
const place = mostly(page, one('m1', 'm100', 'm4095', 0, -4096, '0x7ffffffff000', '0xffff800000000000'));
const byte = one(
  ...PAGES.flatMap((index) => [`m${index * 4096}`, `m${index * 4096 + 100}`, `m${index * 4096 + 4095}`]),
);
const length = mostly(one(4096, 4096, 8192, 12288, 20480), one(0, 1, 4095, 5000, -1, '0x10000', -4096));
const protection = mostly(one(0, 1, 3, 3, 3, 7, 5), one(8, 16, 0x1000003, 0x2000003, -1));
const fd = mostly(one(-1, 'f0', 'f0', 'f1', 'f2'), one('f8', 'f9'));
const sharing = one(1, 2, 2, 3);
const fixed = one(0x10, 0x10, 0x10, 0x100000, 0);
const flags = fc
  .tuple(
    sharing,
    fixed,
    one(0, 0, 0x20, 0x20, 0x20),
    mostly(one(0), bits(0x800, 0x2000, 0x4000, 0x8000, 0x20000, 0x80000, 0x1000), one(0x200000)),
  )
  .map((all) => all.reduce<number>((sum, bit) => sum | Number(bit), 0));
const oddFlags = one(0, 0x20, 4, 0x30, 0x31 | 0x80000);
const offset = mostly(one(0, 0, 4096, 8192), one(1, -4096, 1 << 30));

const policy = mostly(one(0, 1, 2, 3, 4), one(5, 6, 7, 0x8002, 0x4001, 0xc001, 0x2000, 0x2002, -1));
const nodes = mostly(one('[8:1]', '[8:1]', 0), one('[8:0]', '[8:2]', '[8:3]', 16));

const CALLS = [
  row`12 mmap ${place} ${length} ${protection} ${mostly(flags, oddFlags)} ${fd} ${offset} =m`,
  row`5 munmap ${place} ${length}`,
  row`6 mprotect ${place} ${length} ${protection}`,
  row`5 mremap ${place} ${length} ${length} ${mostly(one(0, 1, 3), one(2, 4, 5, 7, 8, -1))} ${place} =m`,
  row`4 madvise ${place} ${length} ${mostly(one(0, 4, 4, 9), one(1, 2, 3, 8, 10, 11, 16, 17, 18, 19, 20, 21, 22, 23, 99, -1))}`,
  row`2 msync ${place} ${length} ${mostly(one(1, 4), one(0, 2, 5, 8, -1))}`,
  row`2 mincore ${place} ${one(4096, 8192, 20480, 1, -1)} ${mostly(one('[z20]'), one(0, 16))}`,
  row`1 mlock ${place} ${length}`,
  row`1 mlock2 ${place} ${length} ${one(0, 1, 2)}`,
  row`1 munlock ${place} ${length}`,
  row`1 mlockall ${one(1, 2, 3, 4, 5, 0, 8)}`,
  row`1 munlockall`,
  row`1 mseal ${place} ${length} ${one(0, 0, 1)}`,
  row`8 load ${byte}`,
  row`8 store ${byte} ${one(1, 2, 77)}`,
  row`2 pread64 ${fd} ${byte} ${one(1, 10)} ${one(0, 4000)}`,
  row`2 pwrite64 ${fd} ${byte} ${one(1, 10)} 2000`,
  row`1 pread64 f3 ${byte} 5000 ${one(0, 4000)}`,
  row`1 pwrite64 f3 ${byte} 5000 ${one(0, 4000, 8192)}`,
  row`1 process_vm_readv ${one('p0', 'p1')} [8:[x10],8:10] 1 ${items`[8:${byte},8:${one(10, 5000)}]`} 1 0`,
  row`1 process_vm_writev ${one('p0', 'p1')} [8:[d10],8:10] 1 ${items`[8:${byte},8:${one(10, 5000)}]`} 1 0`,
  row`2 ftruncate ${one('f0', 'f2')} ${one(0, 100, 4096, 5000, 10000, 20000)}`,
  row`1 fallocate ${one('f0', 'f2')} ${one(0, 1, 3)} ${one(0, 4096, 100)} ${one(4096, 8192)}`,
  row`1 fcntl f2 1033 ${one(2, 4, 8, 16)}`,
  row`1 close ${one('f0', 'f1', 'f2')}`,
  row`1 fork ${fc.nat(1)}`,
  row`1 exit`,
  row`1 setresuid ${one(1000, 0)} ${one(1000, 0)} ${one(1000, 0)}`,
  row`1 prlimit64 0 8 ${items`[8:${one(1 << 16, 1 << 28)},8:${one(1 << 28, -1)}]`} 0`,
  row`1 shmget ${one(0, 5)} ${one(4096, 8192, 0)} ${one(0o1600, 0o600, 0o3600)} =v1`,
  row`1 shmat v1 ${mostly(page, one('m100', 0))} ${one(0, 0o10000, 0o20000, 0o40000)} =m`,
  row`1 shmdt ${place}`,
  row`1 shmctl v1 0 0`,
  row`2 mbind ${place} ${length} ${policy} ${nodes} ${mostly(one(64, 2), one(0, 1, -1))} ${mostly(one(0), one(2, 4, 8))}`,
  row`1 set_mempolicy ${policy} ${nodes} ${mostly(one(64, 2), one(0, 1, -1))}`,
  row`2 get_mempolicy ${mostly(one('[4!0]'), one(0, 16))} ${mostly(one('[8#0]'), one(0, 16))} ${mostly(one(1024, 64), one(0, 1))} ${mostly(one(0), place)} ${mostly(one(0, 2, 4), one(1, 3, 6, 8))}`,
  row`2 maps`,
];

const opening = one(0, 1, 2).map((how) => [
  '0 openat -100 "f" 66 420 =f0',
  '0 write f0 [d10000] 10000',
  '0 openat -100 "f" 0 0 =f1',
  '0 memfd_create "x" 2 =f2',
  '0 ftruncate f2 8192',
  '0 openat -100 "g" 66 420 =f3',
  '0 write f3 [d10000] 10000',
  ...(how === 0 ? [] : ['0 mmap m0 20480 3 0x32 -1 0 =m', '0 mmap m20480 8192 3 0x11 f0 0 =m']),
  ...(how === 2 ? ['0 fork 0'] : []),
]);

export const MEMORY = family({
  name: 'memory',
  opening,
  calls: CALLS,
  last: ['0 maps', '0 pread64 f0 [x20000] 20000 0', '0 pread64 f3 [x20000] 20000 0'],
  excluded: [
    'bytes that are copied within a file through a mapping of it, onto themselves: those that were written may be read again',
    'where mappings without a place come to lie, and huge pages',
    'which pages are resident, and limits that count what the program has',
    'guard regions, which are not made, and whether pages lie where a strict policy wants them',
    'writes that fail behind the end of a file, which becomes as long on tmpfs',
    'execution without reading, which processors treat in their own ways',
  ],
  inTest: 150,
});
