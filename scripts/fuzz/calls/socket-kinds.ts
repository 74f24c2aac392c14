// More scripts of socket calls about one thing each: descriptors of all kinds in flight, options of all levels and lengths,
// connections and names. Used by sockets.ts, as those of socket-themes.ts.
import fc from 'fast-check';
import { bits, type CallRow, callOf, mostly, one, row, type Script, scriptOf } from './family.ts';

const slot = one(0, 1, 2, 3, 4, 5, 6, 7);
const end = one(0, 1);
const letter = fc.nat(25);
const small = one(0, 1, 1, 2, 5);
const how = one(0, 1, 2);
const toggle = one(16, 76, 83, 83, 84, 34);

// MSG_PEEK 2, MSG_WAITALL 100, MSG_CMSG_CLOEXEC
const receiving = mostly(one(0, 0, 2), one(0x40000000, 0x22, 0x102, 1, 0x40000002, 0x20));
const IN_FLIGHT: readonly CallRow[] = [
  row`4 kind ${one(4, 5, 6, 7)} ${fc.nat(11)}`,
  row`1 epoll ${one(5, 6, 7)}`,
  row`1 pipe 5 6`,
  row`1 file 7 0`,
  row`2 bind ${slot} ${one(0, 4)}`,
  row`2 listen ${slot} 2`,
  row`2 connect ${slot} ${one(0, 4)}`,
  row`1 accept ${slot} ${one(2, 3)} 0`,
  row`1 socket ${slot} ${one(1, 2, 5)} 0`,
  row`1 pair ${one(2, 4)} ${one(3, 5)} ${one(1, 2, 5)} 0`,
  row`6 sendmsg ${end} ${one(0, 0, 1)} ${small} ${letter} ${slot.map((n) => 16 * Number(n) + 1)} -1`,
  row`2 sendmsg ${end} 0 ${small} ${letter} ${slot.map((n) => 16 * Number(n) + 9)} -1`,
  row`2 sendmsg ${end} 0 ${small} ${letter} ${one(2, 14, 3, 12)} -1`,
  row`3 rights ${end} ${one(1, 2, 3, 10, 253, 254)} ${mostly(slot, one(-1))} 0 ${small}`,
  row`8 recvmsg ${end} ${receiving} ${one(0, 1, 3, 10)} ${one(0, 16, 20, 24, 28, 48, 200)} ${slot}`,
  row`3 rightsin ${end} ${one(0, 1, 2, 9, 253, 260)} ${receiving} ${one(1, 10)}`,
  row`1 recvmmsg ${end} 0 3 5 0`,
  row`1 read ${end} ${small}`,
  row`3 use ${slot} ${one(0, 1)}`,
  row`2 setopt ${end} ${toggle} ${one(0, 1)} 4`,
  row`1 watch ${slot} ${one(1, 3)} ${slot} ${one(1, 0x80000005)}`,
  row`1 wait ${slot}`,
  row`1 nofile ${one(105, 108, 1024, 1024)}`,
  row`2 proc ${end}`,
  row`1 poll 0x7fff`,
  row`2 shutdown ${end} ${how}`,
  row`3 close ${slot}`,
  row`1 drop ${fc.nat(1)}`,
  row`1 exit`,
];

const level = mostly(one(1), one(0, 6, 17, 41, 270, 271, 255, -1, 2));
const option = mostly(fc.integer({ min: 0, max: 85 }), one(-1, 99, 999, 0x10001));
const length = mostly(one(4), one(0, 1, 2, 3, 5, 8, 12, 16, 20, 64, -1));
const value = mostly(
  one(0, 1),
  one(2, 3, 5, -1, 100, 2304, 4608, 100000, 212992, 212993, '0x3fffffff', '0x7fffffff'),
);
const OPTIONS: readonly CallRow[] = [
  row`10 getany ${end} ${level} ${option} ${length} ${mostly(one(0), one(1, 2))}`,
  row`8 setany ${end} ${level} ${option} ${value} ${length} ${mostly(one(0), one(1))}`,
  row`2 setpair ${end} ${one(13, 20, 21, 66, 67)} ${one(0, 1, 5, -1)} ${one(0, 1, 999999, 1000000, -1)} ${one(16, 8, 4, 20)}`,
  row`1 send ${end} 0 ${one(1, 5000, 65536)} ${letter} -1`,
  row`1 recvmsg ${end} 0 10 200 5`,
  row`1 shutdown ${end} ${how}`,
  row`1 close ${end}`,
  row`1 diag ${end} 0x7f`,
  row`1 drop ${fc.nat(1)}`,
];

const some = one(0, 1, 2, 3, 4);
const type = one(1, 1, 5, 5, 2);
const place = one(0, 0, 4, 4, 1, 5);
const CONNECTIONS: readonly CallRow[] = [
  row`4 socket ${some} ${type} 0`,
  row`4 bind ${some} ${mostly(place, one(7, 8, 9, 10, 11, 12, 13))}`,
  row`4 listen ${some} ${one(0, 0, 1, 2, -1)}`,
  row`8 connect ${some} ${mostly(place, one(7, 8, 9, 10, 11, 12, 13, 2))}`,
  row`5 accept ${some} ${some} ${one(0, 0, 0o2000000)}`,
  row`3 askname ${some} ${fc.nat(2)} ${one(110, 110, 0, 1, 2, 3, 5, 20, -1, 111)} ${mostly(one(0), one(1, 2, 3))}`,
  row`1 timed ${one(1, 3)} ${some} 0 0 ${place}`,
  row`2 unlink ${one(0, 1)}`,
  row`1 rename ${one(0, 1)} ${one(0, 1)}`,
  row`1 link ${one(0, 1)} ${one(0, 1, 2)}`,
  row`1 chmod 0 ${one(0, 0o777)}`,
  row`1 mkdir 0`,
  row`1 through ${some} ${some}`,
  row`3 send ${some} 0 ${small} ${letter} ${one(-1, -1, 0, 4)}`,
  row`3 recv ${some} ${one(0, 2)} 10`,
  row`2 shutdown ${some} ${how}`,
  row`4 close ${some}`,
  row`3 poll 0x7fff`,
  row`2 watch 9 ${one(1, 3)} ${some} ${one(0x800020ff, 0x2005)}`,
  row`3 wait 9`,
  row`2 getopt ${some} ${one(4, 17, 30, 77)} 16`,
  row`1 setopt ${some} ${one(16, 76)} ${one(0, 1)} 4`,
  row`2 proc ${some}`,
  row`2 diag ${some} 0x7f`,
  row`1 ioctl ${some} ${one(0, 1, 2)}`,
  row`1 dup ${some} ${some}`,
  row`1 fork ${fc.nat(1)}`,
  row`1 drop ${fc.nat(1)}`,
  row`1 exit`,
];

// PEEK 2, TRUNC 20, DONTWAIT 40, EOR 80, WAITALL 100, NOSIGNAL 4000, MORE 8000
const RECORDS: readonly CallRow[] = [
  row`5 send ${end} ${bits(0x80, 0x100, 0x4000, 0x8000, 0x20, 1)} ${one(0, 0, 1, 3, 9)} ${letter} -1`,
  row`5 recv ${end} ${bits(2, 0x20, 0x100, 0x40, 0x80, 0x8000, 1)} ${one(0, 1, 2, 5, 20)}`,
  row`4 recvmsg ${end} ${bits(2, 0x20, 0x100, 0x80, 0x40000000)} ${one(0, 1, 5, 20)} ${one(0, 24, 200)} 4`,
  row`3 sendmmsg ${end} ${bits(0x80, 0x4000)} ${fc.nat(4)} ${one(0, 1, 5)} ${letter}`,
  row`3 recvmmsg ${end} ${mostly(bits(2, 0x20, 0x100), one(0x10000))} ${fc.nat(4)} ${one(0, 1, 5, 20)} ${fc.nat(1)}`,
  row`2 recvfrom ${end} ${bits(2, 0x20)} 5 ${one(110, 2, 0, 3)}`,
  row`2 writev ${end} ${one(0, 1, 9)} ${letter} ${fc.nat(6)}`,
  row`2 readv ${end} ${one(0, 1, 9)} 0 ${fc.nat(6)}`,
  row`1 read ${end} ${one(0, 1, 5)}`,
  row`1 odd ${end} ${fc.nat(11)} ${one(0, 2, 0x20)} ${fc.nat(1)}`,
  row`2 setopt ${end} 42 ${one(-1, 0, 1, 3)} 4`,
  row`2 setopt ${end} ${toggle} ${one(0, 1)} 4`,
  row`3 ioctl ${end} ${one(0, 1)}`,
  row`2 poll 0x7fff`,
  row`1 filter ${end} ${one(0, 1, 2, 5)} ${one(0, 1, 3, 200)}`,
  row`1 sendmsg ${end} 0 ${small} ${letter} ${one(1, 2, 33)} -1`,
  row`1 shutdown ${end} ${how}`,
  row`1 close ${end}`,
];

const first = one(0, 0, 0, 1);
const pairOf = (...types: readonly number[]): fc.Arbitrary<Script> =>
  one(...types).map((chosen) => [`0 pair 0 1 ${chosen} 0`]);

/** Each as likely as another. */
export const MORE_THEMES: readonly fc.Arbitrary<Script>[] = [
  scriptOf(
    pairOf(1, 2, 5).map((script) => [...script, '0 pair 2 3 1 0', '0 fork 0']),
    callOf(IN_FLIGHT, first),
  ),
  scriptOf(
    fc.oneof(
      pairOf(1, 2, 5),
      one(1, 2, 5).map((chosen) => [
        `0 socket 0 ${chosen} 0`,
        '0 bind 0 4',
        '0 listen 0 1',
        '0 socket 1 1 0',
      ]),
    ),
    callOf(OPTIONS, one(0)),
  ),
  scriptOf(
    one(0).map(() => ['0 epoll 9', '0 socket 0 1 0', '0 bind 0 0', '0 listen 0 0']),
    callOf(CONNECTIONS, first),
  ),
  scriptOf(
    pairOf(1, 2, 5, 5).map((script) => [...script, '0 fork 0']),
    callOf(RECORDS, first),
  ),
];
