// Scripts about messages of unix sockets as the kernel reads them: headers, control messages in any order and of any length,
// many messages in a call, what a receiver's options add and take away. In the jail; listed in families.ts.
import fc from 'fast-check';
import { type Arguments, bits, family, items, mostly, one, row } from './family.ts';

const end = mostly(one('f0', 'f1'), one('f2', 'f3'));
const slot = mostly(one(0, 1), one(2, 3));
const passed = mostly(one('f0', 'f1', 'f4', 'f5', 'f6'), one('f2', 'f3', 'f7', -1, 999));
const small = one(0, 1, 1, 2, 5);
const letter = fc.nat(25);
// OOB 1, PEEK 2, CTRUNC 8, TRUNC 20, DONTWAIT 40, EOR 80, WAITALL 100, NOSIGNAL 4000, MORE 8000, WAITFORONE 10000, CMSG_CLOEXEC
const receiving = mostly(
  one(0x40, 0x40, 0x42),
  bits(1, 2, 0x20, 0x100, 0x40000000).map((some) => (some | 0x40) >>> 0),
);
const sending = mostly(
  one(0x4040),
  bits(1, 0x80, 0x100, 0x8000).map((some) => some | 0x4040),
);

/** A control message; its length may be wrong, and it ends where the next begins. */
function control(type: Arguments, size: number, content: Arguments, level: Arguments = one(1)): Arguments {
  const padding = (8 - (size % 8)) % 8;
  const length = mostly(
    one(16 + size),
    one(16, 0, 15, 17, 16 + size - 4, 16 + size + 4, 16 + size + 8, 0x7fffffff, -1),
  );
  return items`8:${length},4:${level},4:${type},${content}${one(padding > 0 ? (padding === 4 ? ',4:-1' : `,z${padding}`) : '')}`;
}

const user = mostly(one(0), one(1000, 1001, -1));
const credentials = control(
  one(2),
  12,
  items`4:${mostly(one('p0'), one('p1', 'p2', 0, -1))},4:${user},4:${user}`,
);
const pieces = fc.oneof(
  { weight: 6, arbitrary: control(one(1), 4, items`4:${passed}`) },
  { weight: 3, arbitrary: control(one(1), 8, items`4:${passed},4:${passed}`) },
  { weight: 1, arbitrary: control(one(1), 12, items`4:${passed},4:${passed},4:${passed}`) },
  { weight: 1, arbitrary: control(one(1), 0, one('z0')) },
  { weight: 4, arbitrary: credentials },
  { weight: 1, arbitrary: control(one(3, 4, 5, 84, 0, -1, 29), 4, one('4:1')) },
  { weight: 1, arbitrary: control(one(1, 2), 12, one('z12'), one(0, 41, 6, 2)) },
);
const controls = fc.array(pieces, { minLength: 1, maxLength: 3 }).map((list) => list.join(','));
/** Pointer and length of control messages. */
const controlled = mostly(
  controls
    .map((text) => ({ text, size: sizeOf(String(text)) }))
    .chain(
      ({ text, size }) => items`8:[${one(text)}],8:${mostly(one(size), one(size - 4, 16, 12, 0, size - 8))}`,
    ),
  one('8:0,8:0', '8:0,8:0', '8:16,8:24', '8:0,8:24', '8:16,8:0', '8:[z16],8:-1', '8:[z24],8:24'),
);

/** How many bytes the items of a text take, none of which is nested. */
function sizeOf(text: string): number {
  return text.split(',').reduce((all, item) => all + Number.parseInt(item.replace(/^z/, ''), 10), 0);
}

const address = mostly(
  one('8:0,4:0'),
  one(
    '8:[2:1,1:0,1:120],4:4',
    '8:[2:1],4:2',
    '8:16,4:4',
    '8:[2:2,z14],4:16',
    '8:0,4:5',
    '8:[2:1,1:0,1:120],4:-1',
  ),
);
const vectors = mostly(
  items`8:[8:[d200],8:${small},8:[d20],8:${one(0, 3)}],8:${one(1, 1, 2)}`,
  one(
    '8:0,8:0',
    '8:[8:16,8:5],8:1',
    '8:[8:[d5],8:-1],8:1',
    '8:16,8:1',
    '8:[8:[d5],8:5],8:1025',
    '8:[8:[d9],8:3,8:16,8:0],8:2',
  ),
);
const sent = items`${address},4:0,${vectors},${controlled},4:${mostly(one(0), one(-1))},4:0`;
const plain = items`8:0,4:0,4:0,${vectors},8:0,8:0,4:0,4:0`;
const room = items`8:[x${one(1, 3, 10)}],8:${one(0, 1, 3, 10)}`;
const toRead = items`${one('8:0,4!0', '8:[x8],4!8', '8:[x8],4!0', '8:16,4!8')},4:0,8:[${room}],8:1,${one('8:0,8!0', '8:[z64],8!64', '8:[z64],8!16', '8:[z24],8!24', '8:16,8!32')},4#0,4:0`;

const CALLS = [
  row`12 sys_sendmsg ${end} ${mostly(items`[${sent}]`, one(16, 0))} ${sending}`,
  row`5 sys_sendmmsg ${end} ${mostly(items`[${sent},4!0,4:0,${plain},4!0,4:0,${sent},4!0,4:0]`, one(16))} ${mostly(one(2, 3), one(0, 1))} ${sending}`,
  row`4 recvmmsg ${end} ${mostly(items`[${toRead},4!-1,4:0,${toRead},4!-1,4:0]`, one(16))} ${mostly(one(2), one(0, 1))} ${mostly(receiving, one(0x10040))} ${mostly(one(0), one('[8:0,8:0]', '[8:1,8:0]', '[8:-1,8:0]', 16))}`,
  row`12 recvmsg ${slot} ${mostly(one(0, 0, 2), bits(1, 2, 0x20, 0x100, 0x40000000))} ${one(0, 1, 3, 10)} ${mostly(one(200), one(0, 8, 16, 20, 24, 28, 32, 40, 48, 56, 64, 72))} ${one(4, 5, 6, 7)}`,
  row`2 sendmsg ${slot} 0 ${small} ${letter} ${mostly(one(17, 65, 1, 2, 9, 8), one(3, 11, 12, 13, 14))} ${mostly(one(-1), one(7, 4))}`,
  row`2 rightsin ${slot} ${one(0, 1, 2, 3)} ${one(0, 2)} ${one(1, 10)}`,
  row`2 sendto ${end} [d10] ${small} ${sending} 0 0`,
  row`2 recvfrom ${end} [x10] ${one(0, 1, 3, 10)} ${receiving} 0 0`,
  row`1 readv ${end} [8:[x3],8:3,8:[x5],8:${one(0, 5)}] 2`,
  row`8 setopt ${slot} ${mostly(one(16, 16, 76, 83, 83, 84, 42, 42), one(34, 10, 18, 29, 35))} ${mostly(one(0, 1), one(-1, 2, 5))} 4`,
  row`2 getopt ${slot} ${one(16, 76, 83, 84, 42, 4)} 4`,
  row`2 ioctl ${end} ${one(0x541b, 0x5411, 0x8905)} [4!0]`,
  row`2 proc ${slot}`,
  row`1 use ${one(4, 5, 6, 7)} 0`,
  row`1 kind ${one(4, 5, 6)} ${fc.nat(11)}`,
  row`1 dup ${slot} ${one(4, 5, 6)}`,
  row`2 close ${mostly(one('f4', 'f5', 'f6', 'f7'), end)}`,
  row`1 shutdown ${slot} ${one(0, 1, 2)}`,
  row`1 bind ${slot} ${one(4, 7)}`,
  row`1 connect ${slot} ${one(4, 11)}`,
  row`2 ppoll ${items`[4:${end},2:0x2047,2#0,4:${end},2:0x2047,2#0]`} 2 [8:0,8:0] 0 8`,
  row`1 epoll_ctl f8 ${one(1, 3)} ${end} ${one(0x20ff, 0x800020ff)} ${one(1, 2)}`,
  row`2 epoll_wait f8 16 0`,
  row`1 nofile ${one(104, 106, 109, 1024)}`,
  row`1 setresuid ${one(1000, -1)} ${one(1000, -1)} ${one(0, 1000)}`,
  row`1 setgroups ${one(0, 1)} [4:1001]`,
  row`2 getsockopt ${end} 1 59 ${one('[4#0,4#0]', 0, 16)} ${one('[4!8]', '[4!4]', '[4!3]', '[4!0]', '[4!-1]', 16)}`,
  row`1 tee f9 ${end} 5 2`,
  row`1 splice ${end} 0 f9 0 ${one(1, 5, 100)} 2`,
  row`1 fork ${fc.nat(1)}`,
  row`1 exit`,
];

const opening = fc
  .tuple(one(1, 1, 2, 5), fc.nat(2))
  .map(([type, way]) => [
    `0 pair 0 1 ${type} 0`,
    '0 pair 2 3 1 0',
    '0 kind 4 0',
    '0 kind 5 9',
    '0 kind 6 3',
    '0 epoll_create1 0 =f8',
    ...(way === 0 ? [] : ['0 setopt 1 16 1 4']),
    ...(way === 2 ? ['0 fork 0', '0 fork 1'] : []),
  ]);

export const UNIX_MESSAGES = family({
  name: 'unix-messages',
  opening,
  calls: CALLS,
  excluded: [
    'the bytes of control messages that recvmmsg gives, which hold process ids: recvmsg shows what they say',
  ],
  inTest: 150,
});
