// Scripts of socket calls about one thing each, on few sockets and with few other calls, so that its rules meet often:
// out-of-band bytes, peeking, full buffers, datagrams that connect and disconnect, edges of epoll. Used by sockets.ts.
import fc from 'fast-check';
import { type CallRow, callOf, one, row, type Script, scriptOf } from './family.ts';

const end = one(0, 1);
const few = one(0, 1, 1, 2, 3, 5);
const how = one(0, 1, 2);
const letter = fc.nat(25);

// OOB 1, PEEK 2, both 3, WAITALL 0x100
const OUT_OF_BAND: readonly CallRow[] = [
  row`6 send ${end} ${one(0, 1, 1)} ${few} ${letter} -1`,
  row`6 recv ${end} ${one(0, 0, 0, 1, 1, 2, 3, 0x100, 0x20)} ${one(0, 1, 2, 3, 10)}`,
  row`2 recvmsg ${end} ${one(0, 1, 2, 3)} ${one(1, 3, 10)} ${one(0, 200)} 4`,
  row`2 sendmsg ${end} ${one(0, 1)} ${few} ${letter} ${one(1, 2, 33)} -1`,
  row`2 setopt ${end} 10 ${one(0, 1)} 4`,
  row`1 setopt ${end} 42 ${one(-1, 0, 1, 2)} 4`,
  row`3 ioctl ${end} ${one(0, 1, 2, 2)}`,
  row`2 poll 0x7fff`,
  row`1 read ${end} ${few}`,
  row`1 splice 0 3 ${few}`,
  row`1 recvmmsg ${end} ${one(0, 1, 2)} 2 2 0`,
  row`1 shutdown ${end} ${how}`,
  row`1 close ${end}`,
];

const PEEKING: readonly CallRow[] = [
  row`6 send ${end} ${one(0, 0, 0x80)} ${one(0, 1, 4, 9)} ${letter} -1`,
  row`4 setopt ${end} 42 ${one(-1, 0, 0, 1, 3, 7, 20)} 4`,
  row`2 getopt ${end} 42 4`,
  row`8 recv ${end} ${one(0, 2, 2, 2, 0x22, 0x20, 0x102)} ${one(0, 1, 3, 5, 20)}`,
  row`3 recvmsg ${end} ${one(0, 2, 2, 0x22)} ${one(1, 3, 20)} ${one(0, 16, 20, 24, 200)} 4`,
  row`3 sendmsg ${end} 0 ${one(0, 1, 4)} ${letter} ${one(0, 1, 2, 8, 33)} -1`,
  row`2 recvmmsg ${end} ${one(0, 2, 0x22)} 3 ${one(2, 6)} 0`,
  row`1 setopt ${end} ${one(16, 76, 83, 84)} ${one(0, 1)} 4`,
  row`1 ioctl ${end} 0`,
  row`1 proc ${end}`,
  row`1 shutdown ${end} ${how}`,
];

const large = one(1, 100, 2048, 4064, 4065, 16064, 30000, 36544, 65536, 212960);
const FULL: readonly CallRow[] = [
  row`3 setopt ${end} 7 ${one(1, 4096, 20000, 100000)} 4`,
  row`1 setopt ${end} 8 ${one(1, 4096, 100000)} 4`,
  row`2 setopt ${end} 18 ${one(0, 1, 5, 4096)} 4`,
  row`6 send ${end} ${one(0, 0, 0x80, 0x4000)} ${large} ${letter} -1`,
  row`3 timed ${one(2, 2, 0)} ${end} ${large} ${one(0, 0x100)} ${letter}`,
  row`5 recv ${end} ${one(0, 0, 0x20, 0x100)} ${large}`,
  row`2 sendmmsg ${end} 0 4 ${large} ${letter}`,
  row`2 writev ${end} ${large} ${letter} ${fc.nat(6)}`,
  row`1 splice 4 ${end} ${few}`,
  row`1 tee 4 ${end} 100`,
  row`3 poll 0x7fff`,
  row`2 ioctl ${end} ${one(0, 1)}`,
  row`2 diag ${end} 0x10`,
  row`1 setpair ${end} 13 ${one(0, 1)} ${one(0, 1)} 8`,
  row`1 shutdown ${end} ${how}`,
];

// between two pipes, a socket's ends and a file: buffers of all sizes change hands, in whole and in parts
const splicedSize = one(1, 100, 320, 3776, 4000, 4096, 12000, 30000, 65536, 200000);
const from = one(4, 4, 6);
const to = one(5, 5, 7);
const SPLICED: readonly CallRow[] = [
  row`5 send ${end} 0 ${one(1, 2000, 3776, 4065, 12000, 30000, 36544, 65536)} ${letter} -1`,
  row`2 recv ${end} 0 ${splicedSize}`,
  row`6 splice ${end} ${to} ${splicedSize}`,
  row`6 splice ${from} ${end} ${splicedSize}`,
  row`2 splice ${from} ${to} ${splicedSize}`,
  row`2 tee ${from} ${to} ${splicedSize}`,
  row`3 write ${to} ${splicedSize} ${letter}`,
  row`2 read ${from} ${splicedSize}`,
  row`3 vmsplice ${to} ${splicedSize} ${letter}`,
  row`3 sendfile ${one(0, 1, 5, 7)} 8 ${one(0, 1)} ${splicedSize}`,
  row`1 splice 8 ${to} ${splicedSize}`,
  row`1 filecall 8 0`,
  row`1 file 8 ${one(0, 100, 5000)}`,
  row`2 pipesize ${to} ${one(4096, 65536, 65536, 1048576)}`,
  row`2 setopt ${end} 7 ${one(1, 20000, 100000)} 4`,
  row`3 ioctl ${end} ${one(0, 1)}`,
  row`2 pipebytes ${from}`,
  row`2 poll 0x7fff`,
  row`1 shutdown ${end} ${how}`,
  row`1 close ${one(0, 1, 4, 5)}`,
];

const some = one(0, 1, 2, 3);
const place = one(0, 1, 4, 5, 11);
const DATAGRAMS: readonly CallRow[] = [
  row`2 socket ${some} 2 0`,
  row`3 bind ${some} ${one(0, 1, 4, 5, 7)}`,
  row`5 connect ${some} ${place}`,
  row`5 send ${some} 0 ${few} ${letter} ${one(-1, -1, 0, 1, 4, 5)}`,
  row`4 recvfrom ${some} ${one(0, 0, 2, 0x20)} ${one(0, 2, 10)} 110`,
  row`2 sendmsg ${some} 0 ${few} ${letter} ${one(1, 2, 17, 33)} ${one(-1, 0, 4)}`,
  row`2 recvmsg ${some} ${one(0, 2)} 10 ${one(20, 200)} 5`,
  row`2 sockname ${some} 110`,
  row`2 peername ${some} 110`,
  row`2 unlink ${one(0, 1)}`,
  row`1 rename ${one(0, 1)} ${one(0, 1, 2)}`,
  row`1 link ${one(0, 1)} ${one(0, 1, 2)}`,
  row`3 poll 0x7fff`,
  row`2 shutdown ${some} ${how}`,
  row`2 close ${some}`,
  row`1 getopt ${some} 4 4`,
  row`1 fork 0`,
];

const EDGES: readonly CallRow[] = [
  row`5 watch 9 ${one(1, 1, 3, 2)} ${end} ${one(0x800020ff, 0x80000001, 0x80000004, 0xc00020ff, 0x20ff, 0x90000001)}`,
  row`8 wait 9`,
  row`5 send ${end} ${one(0, 0, 1)} ${one(0, 1, 5, 30000, 212960)} ${letter} -1`,
  row`5 recv ${end} ${one(0, 0, 2, 1)} ${one(1, 5, 30000, 212960)}`,
  row`1 sendmsg ${end} 0 2 ${letter} 1 -1`,
  row`2 shutdown ${end} ${how}`,
  row`1 dup ${end} ${one(2, 3)}`,
  row`1 close ${one(0, 1, 2)}`,
  row`1 setopt ${end} ${one(7, 18)} ${one(1, 5, 4096)} 4`,
  row`1 poll 0x7fff`,
  row`1 epoll 8`,
  row`1 watch 8 1 9 ${one(1, 0x80000001)}`,
  row`1 wait 8`,
];

const first = one(0, 0, 0, 1);
const pairOf = (...types: readonly number[]): fc.Arbitrary<Script> =>
  one(...types).map((type) => [`0 pair 0 1 ${type} 0`, '0 fork 0']);

/** Each as likely as another. */
export const THEMES: readonly fc.Arbitrary<Script>[] = [
  scriptOf(pairOf(1), callOf(OUT_OF_BAND, first)),
  scriptOf(pairOf(1, 2, 5), callOf(PEEKING, first)),
  scriptOf(
    pairOf(1, 1, 2, 5).map((script) => [...script, '0 pipe 4 5']),
    callOf(FULL, one(0)),
  ),
  scriptOf(
    pairOf(1, 1, 1, 2, 5).map((script) => [...script, '0 pipe 4 5', '0 pipe 6 7', '0 file 8 0']),
    callOf(SPLICED, one(0)),
  ),
  scriptOf(
    one(0).map(() => ['0 socket 0 2 0', '0 socket 1 2 0', '0 bind 1 4']),
    callOf(DATAGRAMS, first),
  ),
  scriptOf(
    pairOf(1, 2, 5).map((script) => [...script, '0 epoll 9']),
    callOf(EDGES, one(0)),
  ),
];
