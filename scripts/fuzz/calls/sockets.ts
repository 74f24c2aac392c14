// Scripts of socket calls: those of guest-programs/lib/socket-script*.h, whose arguments are numbers.
// Each script begins with calls that connect sockets, though shrinking may take them away. Listed in families.ts.
import fc from 'fast-check';
import { type CallRow, callOf, type Family, type Script, scriptOf } from './family.ts';
import { MORE_THEMES } from './socket-kinds.ts';
import { THEMES } from './socket-themes.ts';

const slot = fc.oneof({ weight: 8, arbitrary: fc.nat(3) }, { weight: 2, arbitrary: fc.nat(9) });
const kind = fc.constantFrom(1, 1, 2, 5, 5, 3, 4, 10, 0);
const name = fc.oneof(
  { weight: 6, arbitrary: fc.constantFrom(0, 1, 4, 5) },
  { weight: 2, arbitrary: fc.nat(13) },
);
const perhapsName = fc.oneof({ weight: 3, arbitrary: fc.constant(-1) }, { weight: 1, arbitrary: name });
const size = fc.oneof(
  { weight: 6, arbitrary: fc.nat(20) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(100, 2048, 4064, 4065, 16064, 30000, 36544, 36545, 65536, 212960, 212961),
  },
);
// OOB 1, PEEK 2, CTRUNC 8, TRUNC 20, DONTWAIT 40, EOR 80, WAITALL 100, ERRQUEUE 2000, NOSIGNAL 4000, MORE 8000, CMSG_CLOEXEC
const flag = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom(0, 0, 0, 0, 1, 1, 2, 2, 4, 0x20, 0x22, 3, 0x80, 0x100, 0x102, 0x2000, 0x4000),
  },
  {
    weight: 1,
    arbitrary: fc
      .array(
        fc.constantFrom(
          1,
          2,
          4,
          0x10,
          0x20,
          0x80,
          0x100,
          0x200,
          0x400,
          0x800,
          0x1000,
          0x4000,
          0x8000,
          0x40000,
          0x4000000,
          0x20000000,
          0x40000000,
        ),
        { maxLength: 3 },
      )
      .map((bits) => bits.reduce((all, bit) => all | bit, 0)),
  },
);
/** MSG_WAITFORONE too. */
const moreFlag = fc.oneof(flag, fc.constant(0x10000));
// DEBUG 1, REUSEADDR 2, TYPE 3, ERROR 4, DONTROUTE 5, BROADCAST 6, SNDBUF 7, RCVBUF 8, KEEPALIVE 9, OOBINLINE 10,
// LINGER 13, PASSCRED 16, PEERCRED 17, RCVLOWAT 18, RCVTIMEO 20, ACCEPTCONN 30, PASSSEC 34, PROTOCOL 38, DOMAIN 39,
// PEEK_OFF 42, PASSPIDFD 76, PEERPIDFD 77, PASSRIGHTS 83, INQ 84
const readable = fc.constantFrom(
  2,
  3,
  4,
  6,
  7,
  8,
  9,
  10,
  13,
  16,
  17,
  18,
  20,
  30,
  34,
  38,
  39,
  42,
  76,
  77,
  83,
  84,
  999,
);
const settable = fc.constantFrom(
  3,
  4,
  6,
  7,
  7,
  8,
  9,
  10,
  10,
  16,
  16,
  18,
  18,
  30,
  34,
  39,
  42,
  42,
  76,
  83,
  84,
  84,
  999,
);
const optionValue = fc.constantFrom(0, 1, 1, 1, 2, 5, -1, 4096, 100000, 0x7fffffff);

const CALLS: readonly (readonly [weight: number, call: string, ...numbers: fc.Arbitrary<number>[]])[] = [
  [3, 'socket', slot, kind, fc.constantFrom(0, 0, 0, 1, 2)],
  [3, 'pair', slot, slot, kind, fc.constantFrom(0, 0, 0, 1, 2)],
  [1, 'pipe', slot, slot],
  [4, 'bind', slot, name],
  [4, 'connect', slot, name],
  [3, 'listen', slot, fc.constantFrom(0, 1, 2, 5, -1)],
  [4, 'accept', slot, slot, fc.constantFrom(0, 0, 0o2000000, 1)],
  [2, 'sockname', slot, fc.constantFrom(110, 110, 2, 3, 0, 5, -1, 200)],
  [2, 'peername', slot, fc.constantFrom(110, 110, 2, 3, 0, 5, -1, 200)],
  [6, 'send', slot, flag, size, fc.nat(25), perhapsName],
  [6, 'recv', slot, flag, size],
  [6, 'sendmsg', slot, flag, size, fc.nat(25), fc.nat(159), perhapsName],
  [6, 'recvmsg', slot, flag, size, fc.constantFrom(0, 8, 15, 16, 20, 24, 28, 32, 56, 200, 200, 200), slot],
  [2, 'write', slot, size, fc.nat(25)],
  [2, 'read', slot, size],
  [1, 'pread', slot],
  [1, 'splice', slot, slot, size],
  [3, 'setopt', slot, settable, optionValue, fc.constantFrom(4, 4, 4, 4, 0, 3, 8)],
  [3, 'getopt', slot, readable, fc.constantFrom(4, 4, 16, 16, 0, 2, -1)],
  [2, 'ioctl', slot, fc.nat(6)],
  [2, 'shutdown', slot, fc.constantFrom(0, 1, 2, 2, 3, -1)],
  [3, 'close', slot],
  [1, 'dup', slot, slot],
  [1, 'flags', slot],
  [4, 'poll', fc.constantFrom(0x7fff, 0x7fff, 1, 4, 0, 2, 0x2000)],
  [1, 'epoll', slot],
  [
    2,
    'watch',
    slot,
    fc.constantFrom(1, 1, 1, 2, 3),
    slot,
    fc.constantFrom(0x20ff, 0x800020ff, 0x400020ff, 0xc00020ff, 0x10000005, 0x90000001, 0x2000, 1, 4),
  ],
  [2, 'wait', slot],
  [1, 'unlink', fc.nat(3)],
  [1, 'rename', fc.nat(3), fc.nat(3)],
  [1, 'link', fc.nat(3), fc.nat(3)],
  [1, 'chmod', fc.nat(3), fc.constantFrom(0, 0o600, 0o777)],
  [1, 'stat', fc.nat(3)],
  [1, 'fstat', slot],
  [1, 'fork', fc.nat(1)],
  [1, 'exit'],
  [2, 'sendmmsg', slot, flag, fc.nat(4), size, fc.nat(25)],
  [2, 'recvmmsg', slot, moreFlag, fc.nat(4), size, fc.nat(1)],
  [2, 'writev', slot, size, fc.nat(25), fc.nat(6)],
  [2, 'readv', slot, size, fc.constant(0), fc.nat(6)],
  [1, 'file', slot, fc.constantFrom(0, 0, 100, 8990, 9000)],
  [2, 'sendfile', slot, slot, fc.nat(1), size],
  [2, 'splice', slot, slot, size],
  [1, 'tee', slot, slot, size],
  [1, 'vmsplice', slot, size, fc.nat(25)],
  [3, 'sigio', slot, fc.constantFrom(0, 1, 1, 1), fc.nat(1)],
  [3, 'timed', fc.nat(3), slot, size, flag, fc.nat(13)],
  [2, 'proc', slot],
  [2, 'diag', slot, fc.constantFrom(0x7f, 0x7f, 0x10, 0)],
  [1, 'unixfile', slot, slot],
  [1, 'drop', fc.nat(1)],
  [1, 'fchmod', slot, fc.constantFrom(0, 0o600, 0o777)],
  [1, 'protoname', slot, fc.constantFrom(31, 5, 0)],
  [1, 'through', slot, slot],
  [3, 'filter', slot, fc.nat(7), fc.constantFrom(0, 1, 2, 4, 8, 200, -1)],
  [2, 'filecall', slot, fc.nat(27)],
  [2, 'select', fc.nat(7)],
  [
    1,
    'setpair',
    slot,
    fc.constantFrom(13, 20, 21),
    fc.constantFrom(0, 1, 5, -1),
    fc.constantFrom(0, 1, 999999, 1000000, -1),
    fc.constantFrom(16, 16, 8, 4, 20),
  ],
  [2, 'recvfrom', slot, flag, size, fc.constantFrom(110, 110, 2, 3, 0, -1)],
  [2, 'odd', slot, fc.nat(11), flag, fc.nat(1)],
  [2, 'peerpidfd', slot],
  [1, 'symlink', fc.nat(3), fc.nat(3)],
  [1, 'mkdir', fc.nat(3)],
  [1, 'rmdir', fc.nat(3)],
  [1, 'nofile', fc.constantFrom(4, 6, 1024, 1024, 1024)],
];

const opening: fc.Arbitrary<Script> = fc
  .tuple(fc.constantFrom(1, 1, 2, 5), fc.constantFrom(0, 4), fc.nat(5))
  .map(([type, at, how]): Script => {
    if (how === 0) return [];
    if (how < 3) return [`0 pair 0 1 ${type} 0`, ...(how === 1 ? ['0 fork 0'] : [])];
    return [
      `0 socket 2 ${type} 0`,
      `0 bind 2 ${at}`,
      '0 listen 2 2',
      `0 socket 0 ${type} 0`,
      `0 connect 0 ${at}`,
      '0 accept 2 1 0',
    ];
  });

const rows = CALLS.map(
  ([weight, call, ...numbers]): CallRow => ({
    weight,
    arbitrary: fc.tuple(...numbers).map((values) => [call, ...values].join(' ')),
  }),
);

export const SOCKETS: Family = {
  name: 'sockets',
  scripts: fc.oneof({ weight: 6, arbitrary: scriptOf(opening, callOf(rows)) }, ...THEMES, ...MORE_THEMES),
  excluded: [
    'calls that wait for another process: the outcome would depend on time; what blocks gives up after 4 ms',
    'names that autobind chose: the kernel draws them; only their length is compared',
  ],
  inTest: 500,
};
