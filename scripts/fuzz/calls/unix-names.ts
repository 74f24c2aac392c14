// Scripts about the names of unix sockets: addresses byte by byte and of every length, directories and permissions, names that
// move while sockets are bound to them. In the jail; listed in families.ts.
import fc from 'fast-check';
import { type Argument, family, mostly, one, row } from './family.ts';

const AF_UNIX = 1;
const PATHS = ['a', 'a', 'a', 'b', 'b', 'd/a', 'd/b', './a', 'd/../a', 'l', 'm/a', 'd', 'd//a'];
const ODD_PATHS = [
  'd/',
  'a/',
  'a/x',
  'x/y',
  'dangling',
  'loop',
  '.',
  '..',
  '/',
  'f',
  'p',
  'e/a',
  'e/b',
  '../w/a',
];
const ABSTRACT = ['\0a', '\0a', '\0a', '\0a\0', '\0a\0b', '\0\0', '\0', '\0/a', '\x00\x80\xff', '\0a\0\0'];

/** A path may end without a NUL, with one, or have something behind it. */
const pathBytes = fc
  .tuple(mostly(one(...PATHS), one(...ODD_PATHS)), fc.constantFrom('\0', '\0', '\0', '', '\0x', '\0\0\0'))
  .map(([path, end]) => `${path}${end}`);
const longBytes = fc
  .tuple(fc.constantFrom('', 'd/', './././', '\0', '\0'), fc.constantFrom(255, 108, 107, 106, 100, 90))
  .map(([start, length]) => start.padEnd(length, 'n').slice(0, length));
const name = fc.oneof(
  { weight: 7, arbitrary: pathBytes },
  { weight: 3, arbitrary: fc.constantFrom(...ABSTRACT) },
  { weight: 1, arbitrary: longBytes },
);

/** An address and its length, as two arguments. */
const plainAddress = name.map((bytes) => addressOf(AF_UNIX, bytes, 2 + bytes.length));
const address = fc.oneof(
  { weight: 12, arbitrary: plainAddress },
  {
    weight: 1,
    arbitrary: fc
      .tuple(
        fc.constantFrom(AF_UNIX, AF_UNIX, 0, 2, 16, 255),
        name,
        fc.constantFrom(0, 1, 2, 3, 4, 8, 109, 110, 111, 128, 129, -1),
      )
      .map(([kind, bytes, length]) => addressOf(kind, bytes, length)),
  },
  {
    weight: 1,
    arbitrary: fc.constantFrom('[2:1] 2', '[2:0,z14] 16', '[2:0] 2', '16 10', '0 0', '0 10', '[2:2,z14] 16'),
  },
);

function addressOf(kind: number, bytes: string, length: number): string {
  const items = Array.from(bytes, (character) => `1:${character.charCodeAt(0)}`);
  const used = 2 + bytes.length;
  return `[${[`2:${kind}`, ...items, ...(length > used ? [`z${length - used}`] : [])].join(',')}] ${length}`;
}

const fd = mostly(one('f0', 'f1', 'f2', 'f3'), one('f4', 'f5', 'f9', -1));
const number = mostly(one(0, 1, 2, 3), one(4, 5));
const kept = one('=f0', '=f1', '=f2', '=f3', '=f4');
const path = mostly(
  one('"a"', '"a"', '"b"', '"d/a"', '"d/b"', '"d"'),
  one('"l"', '"m"', '"dangling"', '"f"', '"p"', '"e"', '"x"', '"m/a"', '"."', '"/proc/self/fd/100"'),
);
const mode = one(0o777, 0, 0o555, 0o666, 0o444, 0o222, 0o333, 0o755, 0o1777);
const id = one(0, 1000, 1001, -1);
const roomForName = '[x16] [4!16]';
const someRoom = mostly(
  one(roomForName),
  one(
    '[x110] [4!110]',
    '[x3] [4!3]',
    '[x2] [4!2]',
    '[x8] [4!0]',
    '[x8] [4!-1]',
    '0 0',
    '0 [4!5]',
    '[x8] 0',
    '16 [4!16]',
    '[x128] [4!128]',
  ),
);

const CALLS = [
  row`5 socket 1 ${mostly(one(1, 1, 2, 5), one(0x801, 0x80002, 3))} 0 ${kept}`,
  row`12 sys_bind ${fd} ${address}`,
  row`10 sys_connect ${fd} ${address}`,
  row`6 listen ${fd} ${one(0, 1, 5)}`,
  row`5 accept4 ${fd} ${mostly(one(roomForName), someRoom)} ${mostly(one(0x800), one(0x80800, 1))} ${one('=f3', '=f4')}`,
  row`5 sendto ${fd} [d10] ${one(0, 1, 5)} 0x4040 ${mostly(address, one('0 0'))}`,
  row`4 recvfrom ${fd} [x8] 8 ${one(0x40, 0x42)} ${mostly(one(roomForName), someRoom)}`,
  row`4 getsockname ${fd} ${mostly(one('[x24] [4!24]'), someRoom)}`,
  row`3 getpeername ${fd} ${mostly(one('[x24] [4!24]'), someRoom)}`,
  row`4 proc ${number}`,
  row`2 diag ${number} 0x7f`,
  row`1 unixfile ${number} 9`,
  row`3 close ${fd}`,
  row`1 shutdown ${number} ${one(0, 1, 2)}`,
  row`1 setopt ${number} ${one(16, 76)} ${one(0, 1)} 4`,
  row`2 getopt ${number} ${one(4, 30, 17)} 16`,
  row`4 unlinkat -100 ${path} ${one(0, 0, 0, 0x200)}`,
  row`4 renameat2 -100 ${path} -100 ${path} ${mostly(one(0), one(1, 2))}`,
  row`3 linkat -100 ${path} -100 ${path} ${one(0, 0, 0x400)}`,
  row`1 symlinkat ${path} -100 ${path}`,
  row`2 mkdirat -100 ${path} ${mode}`,
  row`1 mknodat -100 ${path} ${one(0o140755, 0o140000, 0o10644)} 0`,
  row`4 fchmodat -100 ${path} ${mode}`,
  row`1 fchmod ${fd} ${mode}`,
  row`1 fchownat -100 ${path} ${id} ${id} 0`,
  row`1 fchown ${fd} ${id} ${id}`,
  row`2 umask ${one(0, 0o22, 0o77, 0o777, 0o111)}`,
  row`3 stat -100 ${path} ${one(0, 0x100)}`,
  row`2 openat -100 ${path} ${one(0, 2, 0x200000, 0x210000, 0x40, 0x410002)} 420 =f5`,
  row`1 faccessat -100 ${path} ${one(0, 2, 4, 6)}`,
  row`1 truncate ${path} 0`,
  row`1 statx f5 "" 0x1000 0x7ff [4#0,z24,4:0,2#0,z222]`,
  row`2 chdir ${one('"d"', '".."', '"e"', '"."')}`,
  row`1 chroot ${one('"d"', '"."')}`,
  row`2 setresuid ${one(1000, -1, 0)} ${one(1000, 1000, 0)} ${one(0, 1000, -1)}`,
  row`1 setfsuid ${one(1000, 0)}`,
  row`1 inotify_add_watch f8 ${one('"."', '"d"', '"a"')} 0xfff`,
  row`2 read f8 [x64] 64`,
  row`1 ppoll [4:f0,2:0x2047,2#0,4:f1,2:0x2047,2#0,4:f2,2:0x2047,2#0] 3 [8:0,8:0] 0 8`,
  row`1 fork 0`,
  row`1 exit`,
];

const opening = fc
  .tuple(one(1, 1, 2, 5), fc.nat(3), one(0, 0o22, 0o77))
  .map(([type, way, mask]: [Argument, number, Argument]) => [
    '0 mkdirat -100 "d" 511',
    '0 mkdirat -100 "e" 365',
    '0 symlinkat "a" -100 "l"',
    '0 symlinkat "d" -100 "m"',
    '0 symlinkat "none" -100 "dangling"',
    '0 symlinkat "loop" -100 "loop"',
    '0 openat -100 "f" 0x41 420 =f9',
    '0 close f9',
    '0 mknodat -100 "p" 4516 0',
    `0 umask ${mask}`,
    '0 inotify_init1 0x800 =f8',
    `0 socket 1 ${Number(type) | 0x800} 0 =f0`,
    `0 socket 1 ${Number(type) | 0x800} 0 =f1`,
    '0 socket 1 0x802 0 =f2',
    ...(way === 0
      ? []
      : [
          `0 sys_bind f0 ${addressOf(AF_UNIX, way === 1 ? '\0a' : 'a\0', way === 1 ? 4 : 4)}`,
          '0 listen f0 5',
        ]),
    ...(way === 2 ? ['0 fchmodat -100 "." 511', '0 fork 0', '1 setresuid 1000 1000 1000'] : []),
  ]);

export const UNIX_NAMES = family({
  name: 'unix-names',
  opening,
  calls: CALLS,
  last: ['0 tree'],
  excluded: [
    'names that autobind chose',
    'file systems that are mounted read-only, which have a guest program',
  ],
  inTest: 150,
});
