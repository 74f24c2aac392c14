// Scripts about unix sockets that processes share: blocking calls that others end, limits of who lacks privileges.
// In the jail; the calls of socket-script*.h (with numbers) and those of script-names.h (with memory). Listed in families.ts.
import fc from 'fast-check';
import { bits, family, items, mostly, one, row } from './family.ts';

const fd = mostly(one('f0', 'f1'), one('f2', 'f3', 'f4'));
const slot = mostly(one(0, 1), one(2, 3, 4));
const small = one(0, 1, 1, 2, 5);
const large = one(1, 100, 4065, 36544, 65536, 100000);
const letter = fc.nat(25);
const how = one(0, 1, 2);
const place = one(0, 0, 4, 4, 1);
const address = mostly(
  one('[2:1,1:110,1:48,1:0]', '[2:1,1:0,1:120]'),
  one('[2:1]', '[2:2,z14]', '[2:0,z14]', 16, 0),
);
const addressLength = mostly(one(5, 4), one(0, 1, 2, 3, 16, 110, 111, -1));
// OOB 1, PEEK 2, TRUNC 20, DONTWAIT 40, WAITALL 100, NOSIGNAL 4000
const receiving = mostly(one(0, 0, 0x100, 2), bits(1, 2, 0x20, 0x40, 0x100));
const sending = mostly(one(0, 0, 0x4000), bits(1, 0x40, 0x80, 0x4000, 0x8000));

const CALLS = [
  row`6 sendto ${fd} [d100000] ${mostly(small, large)} ${sending} ${mostly(one(0), address)} ${mostly(one(0), addressLength)}`,
  row`6 recvfrom ${fd} [x200] ${one(0, 1, 2, 5, 200)} ${receiving} 0 0`,
  row`2 recvfrom ${fd} [z100000] 100000 ${receiving} 0 0`,
  row`1 recvfrom ${fd} [x20] 20 ${receiving} ${one('[x8]', 16, 0)} ${one('[4!8]', '[4!0]', '[4!-1]', 16)}`,
  row`2 write ${fd} [d100000] ${mostly(small, large)}`,
  row`2 read ${fd} [x200] ${one(0, 1, 5, 200)}`,
  row`2 socket ${one(1, 1, 1, 2)} ${mostly(one(1, 2, 5), one(0x801, 0x80005, 3, 4))} ${mostly(one(0), one(1, 2))} ${one('=f2', '=f3', '=f4')}`,
  row`2 bind ${slot} ${place}`,
  row`2 listen ${fd} ${one(0, 1, 5)}`,
  row`3 connect ${slot} ${mostly(place, one(11))}`,
  row`2 accept ${slot} ${one(3, 4)} 0`,
  row`1 getsockname ${fd} ${one('[x12]', 16)} ${one('[4!12]', '[4!0]', '[4!-1]', 16)}`,
  row`4 shutdown ${slot} ${how}`,
  row`4 close ${fd}`,
  row`1 dup3 ${fd} ${one('f3', 'f4')} 0`,
  row`3 fcntl ${fd} 4 ${one(0, 0, 0x800, 0x2000)}`,
  row`1 fcntl ${fd} 8 ${one('p0', 'p1')}`,
  row`1 handle ${one(13, 29, 23)} ${one(1, 2, 2)} 0 0`,
  row`3 ioctl ${fd} ${one(0x541b, 0x5411, 0x8905)} [4!0]`,
  row`3 setopt ${slot} ${one(7, 7, 18, 18, 42, 10, 16, 83, 84)} ${one(0, 1, 5, 100, 5000)} 4`,
  row`1 setsockopt ${fd} 1 ${one(20, 21)} [8:0,8:${one(0, 4000, -1)}] 16`,
  row`2 getopt ${slot} ${one(4, 17)} 16`,
  row`2 sendmsg ${slot} 0 ${small} ${letter} ${mostly(one(17, 65, 1), one(2, 3, 11, 12, 13, 14))} -1`,
  row`2 rights ${slot} ${one(1, 5, 253)} ${one(4, 5, 6)} 0 1`,
  row`4 recvmsg ${slot} ${one(0, 0, 2)} 10 ${one(0, 24, 200)} ${one(3, 4)}`,
  row`1 rightsin ${slot} ${one(0, 2, 253)} 0 10`,
  row`1 kind ${one(4, 5)} ${fc.nat(11)}`,
  row`1 nofile ${one(104, 106, 1024)}`,
  row`4 ppoll ${items`[4:${fd},2:0x2047,2#0,4:${fd},2:0x2047,2#0]`} 2 [8:0,8:0] 0 8`,
  row`2 epoll_ctl f5 ${one(1, 1, 3)} ${fd} ${one(0x20ff, 0x800020ff, 0x80000001, 0x80000004, 0xc00020ff, 0x90000001)} ${one(1, 2, 3)}`,
  row`3 epoll_wait f5 16 0`,
  row`1 unlink ${one(0, 1)}`,
  row`1 chmod 0 ${one(0, 0o777)}`,
  row`1 setresuid 1000 1000 1000`,
  row`1 splice ${one('f0', 'f1', 'f6')} 0 ${one('f0', 'f1', 'f7')} 0 ${large} 2`,
  row`1 kill p1 ${one(10, 18)}`,
  row`1 fork ${fc.nat(1)}`,
  row`1 exit`,
];
const WAITING = [
  row`5 &recvfrom ${fd} [x200] ${one(1, 5, 200)} ${one(0, 0, 0x100, 2, 0x4100)} 0 0`,
  row`2 &read ${fd} [x100000] ${one(1, 100000)}`,
  row`4 &sendto ${fd} [d100000] ${large} ${one(0, 0x4000)} 0 0`,
  row`2 &write ${fd} [d100000] 100000`,
  row`3 &accept ${slot} ${one(3, 4)} 0`,
  row`3 &connect ${slot} ${place}`,
  row`1 &ppoll ${items`[4:${fd},2:${one(1, 4, 0x2000)},2#0,4:${fd},2:1,2#0]`} 2 0 0 8`,
  row`1 &epoll_wait f5 16 -1`,
  row`2 fcntl ${fd} 4 0`,
  row`1 handle 10 2 ${one(0, 0x10000000)} 0`,
  row`1 close ${fd}`,
];

const SHARED = ['0 epoll_create1 0 =f5', '0 pipe 6 7', '0 fork 0', '0 fork 1'];
const opening = fc
  .tuple(one(1, 1, 2, 5), fc.nat(3), one(0, 4))
  .map(([type, way, at]) => [
    ...(way < 2 ? [`0 pair 0 1 ${type} 0`] : []),
    ...(way === 1 ? ['0 fcntl f0 4 0', '0 fcntl f1 4 0'] : []),
    ...(way === 2
      ? [`0 socket 1 ${type} 0 =f0`, `0 socket 1 ${type} 0 =f1`, `0 bind 0 ${at}`, '0 listen f0 1']
      : []),
    ...(way === 3 ? [`0 socket 1 ${type} 0 =f0`, `0 bind 0 ${at}`, `0 socket 1 ${type} 0 =f1`] : []),
    ...SHARED,
  ]);

export const UNIX = family({
  name: 'unix',
  opening,
  calls: CALLS,
  waiting: { calls: WAITING, oneIn: 2 },
  excluded: [
    'which of two processes comes first when one call wakes both',
    'splices that wait: on Linux they hold the pipe meanwhile, and whoever comes to it sleeps without end',
  ],
  inTest: 150,
});
