// Scripts about io_uring: entries over sockets, pipes and an eventfd that complete at once or later, chains, many results of one
// entry, provided buffers, timeouts and cancellation. In the jail; the calls of script-rings.h. Listed in families.ts.
import fc from 'fast-check';
import { type Arguments, bits, family, items, mostly, one, row } from './family.ts';

const FIXED_FILE = 1;
const LINK = 4;
const HARDLINK = 8;
const BUFFER_SELECT = 32;
const SKIP = 64;

const ring = mostly(one(0), one(1));
const fd = mostly(one('f0', 'f1', 'f2', 'f3'), one('f4', 'f5', 'f6', -1));
const stream = mostly(one('f0', 'f1'), one('f2', 'f5'));
const number = one(1, 2, 3, 4, 5);
const flags = mostly(one(0), one(LINK, LINK, LINK, HARDLINK), one(SKIP, LINK | SKIP, 128));
const size = mostly(one(1, 5, 20), one(0, 100, 5000, 70000));
/** Data, and places that results come to. */
const data = mostly(one('m0', 'm100'), one(0, 16));
const place = mostly(one('m8192', 'm8292', 'm12288'), one(0, 16));
const moment = mostly(
  one('[8:0,8:1000000]', '[8:4000000000,8:0]'),
  one('[8:0,8:0]', '[8:0,8:-1]', '[8:-1,8:0]', 16),
);
const group = mostly(one(1, 1, 2), one(0, 7));

/** An entry; fields that are not named are 0. */
function entry(
  operation: Arguments,
  fields: {
    readonly [field in
      | 'flags'
      | 'more'
      | 'fd'
      | 'off'
      | 'addr'
      | 'len'
      | 'what'
      | 'number'
      | 'group'
      | 'index'
      | 'third']?: Arguments;
  },
): fc.Arbitrary<string> {
  const none = one(0);
  const of = (name: keyof typeof fields, otherwise: Arguments = none) => fields[name] ?? otherwise;
  return items`[1:${operation},1:${of('flags', flags)},2:${of('more')},4:${of('fd', one(-1))},8:${of('off')},8:${of('addr')},4:${of('len')},4:${of('what')},8:${of('number', number)},2:${of('group')},2:0,4:${of('index')},8:${of('third')},z8]`;
}

const events = mostly(one(1, 4, 5, 0x2001), one(0, 8, 0x80000001, 0x40000001));
// OOB 1, PEEK 2, TRUNC 20, DONTWAIT 40, WAITALL 100, NOSIGNAL 4000
const receiving = mostly(one(0), one(2, 0x40, 0x100, 0x20, 1));
const sending = mostly(one(0x4000), one(0, 0x40, 1, 0x100));
/** POLL_FIRST 1, MULTISHOT 2, BUNDLE 16 */
const often = mostly(one(2), one(2 | 16, 3, 16, 1, 4));
const selecting = mostly(one(BUFFER_SELECT), one(BUFFER_SELECT | LINK, BUFFER_SELECT | SKIP));
const header = items`[8:${one(0, 'm16384')},4:${one(0, 20)},4:0,8:[8:${place},8:${size}],8:${one(1, 0)},8:${one(0, 'm16484')},8:${one(0, 24, 64)},4:0,4:0]`;
const sent = items`[8:0,4:0,4:0,8:[8:m0,8:${size}],8:1,8:0,8:0,4:0,4:0]`;
// ALL 1, FD 2, ANY 4, FD_FIXED 8, USERDATA 16, OP 32
const cancelling = mostly(one(0, 1, 2, 3, 4), bits(1, 2, 4, 8, 16, 32, 64));

const ENTRIES = [
  row`3 ${entry(one(0), { more: mostly(one(0), one(1)) })}`,
  row`6 ${entry(one(22), { fd, addr: place, len: size, off: mostly(one(-1, 0), one(5)) })}`,
  row`6 ${entry(one(23), { fd, addr: data, len: size, off: mostly(one(-1, 0), one(5)) })}`,
  row`2 ${entry(one(22), { fd, len: size, off: one(-1), flags: selecting, group })}`,
  row`2 ${entry(one(1), { fd, addr: items`[8:${place},8:${size},8:m12388,8:5]`, len: mostly(one(2), one(0, 1, 1025)), off: one(-1) })}`,
  row`2 ${entry(one(2), { fd, addr: items`[8:${data},8:${size},8:m100,8:5]`, len: mostly(one(2), one(0, 1, -1)), off: one(-1) })}`,
  row`6 ${entry(one(6), { fd, what: events, len: mostly(one(0, 0, 1), one(2, 4, 8, 9)) })}`,
  row`3 ${entry(one(7), { addr: number, len: mostly(one(0), one(2, 4, 6, 3, 8)), off: one(0, 6), what: events })}`,
  row`4 ${entry(one(26), { fd: stream, addr: data, len: size, what: sending, more: mostly(one(0), one(1, 2, 4)) })}`,
  row`6 ${entry(one(27), { fd: stream, addr: place, len: size, what: receiving, more: mostly(one(0), one(1, 2, 4)) })}`,
  row`6 ${entry(one(27), { fd: stream, len: mostly(one(0), size), what: receiving, more: often, flags: selecting, group, index: mostly(one(0), one(1, 10)) })}`,
  row`2 ${entry(one(9), { fd: stream, addr: mostly(sent, one(0, 16)), len: one(1, 0), what: sending })}`,
  row`3 ${entry(one(10), { fd: stream, addr: mostly(header, one(0, 16)), len: one(1, 0), what: receiving })}`,
  row`3 ${entry(one(10), { fd: stream, addr: mostly(header, one(16)), len: one(1), what: receiving, more: often, flags: selecting, group })}`,
  row`3 ${entry(one(49), { fd, off: one(-1, 0), flags: selecting, group })}`,
  row`4 ${entry(one(11), { addr: moment, len: mostly(one(1), one(0, 2)), off: mostly(one(0), one(1, 2)), what: mostly(one(0), one(1, 4, 8, 32, 64, 12)) })}`,
  row`2 ${entry(one(12), { addr: number, off: mostly(one(0), moment), what: mostly(one(0), one(2, 3, 16, 18)) })}`,
  row`4 ${entry(one(15), { addr: moment, len: mostly(one(1), one(0)), what: mostly(one(0), one(1, 64)), off: mostly(one(0), one(1)) })}`,
  row`6 ${entry(one(14), { fd, addr: number, what: cancelling, len: mostly(one(0), one(6, 27)) })}`,
  row`3 ${entry(one(13), { fd: mostly(one('f5'), fd), more: mostly(one(0, 1), one(2, 3, 8)), what: mostly(one(0x800), one(0, 0x80000, 1)), index: mostly(one(0), one(-1, 1)) })}`,
  row`2 ${entry(one(16), { fd: mostly(one('f6'), fd), addr: one('[2:1,1:0,1:120]', '[2:1,1:0,1:121]', 16), off: one(4, 2, 200) })}`,
  row`2 ${entry(one(19), { fd: mostly(one('f6', 'f9'), fd), index: mostly(one(0), one(1)) })}`,
  row`4 ${entry(one(31), { fd: mostly(one(1, 3), one(0, 65536, -1)), addr: mostly(one('m20480', 'm21000'), one(0)), len: mostly(one(10, 100), one(0, -1)), off: mostly(one(0, 3), one(65535, 65536)), group })}`,
  row`2 ${entry(one(32), { fd: mostly(one(1, 5), one(0, 65537)), group })}`,
  row`2 ${entry(one(40), { fd: one('f8', 'f9', 'f0'), addr: one(0, 0, 1, 2), len: one(5, 0), off: number, what: mostly(one(0), one(1, 2, 4)), index: mostly(one(0), one(1)) })}`,
  row`3 ${entry(one(46), { fd: mostly(stream, fd), off: mostly(one(0, 1), one(2, 3, 4, 5, 99)), addr: mostly(one('0x300000001', '0x400000001', '0x700000001', '0x1000000001'), one(0)), third: mostly(place, one(0)), index: one(4, 0, 3) })}`,
  row`1 ${entry(one(45), { fd: one(1, 99), off: one(1, 2, 99), len: one(0, 7), index: mostly(one(0), one(1, -1)) })}`,
  row`2 ${entry(one(0, 22, 27, 54), { fd: one(0, 1, 2, 9), flags: one(FIXED_FILE, FIXED_FILE | LINK), addr: place, len: one(5, 0), off: one(0, -1) })}`,
  row`1 ${entry(one(46, 55, 63, 70, 255, 24, 25), { fd, addr: mostly(place, number), len: size, off: one(0, 1, -1), what: one(0, 1), more: one(0, 1), index: one(0, 1) })}`,
];

const entries = fc.oneof(...ENTRIES);
/** What takes nothing away: on Linux the order in which rings get their turns is that of the wakes. */
const OTHER_RING = [
  row`1 ${entry(one(0), {})}`,
  row`3 ${entry(one(6), { fd, what: events, len: one(0, 0, 1) })}`,
  row`1 ${entry(one(11), { addr: moment, len: one(1) })}`,
  row`1 ${entry(one(14), { fd, addr: number, what: cancelling })}`,
  row`2 ${entry(one(40), { fd: one('f8', 'f9'), addr: one(0, 0, 1), len: one(5, 0), off: number, what: one(0, 1) })}`,
];

/** Only the first process makes them: others would leave addresses in the rings that mean nothing to whoever submits. */
const QUEUEING = [
  { weight: 8, arbitrary: entries.map((text) => `entry 0 ${text}`) },
  { weight: 1, arbitrary: fc.oneof(...OTHER_RING).map((text) => `entry 1 ${text}`) },
];

const CALLS = [
  row`16 enter ${ring} ${mostly(one(-1), one(0, 100))} ${mostly(one(0), one(1, 2))} ${mostly(one(0, 1), one(4, 8, 128))}`,
  row`5 completions ${ring}`,
  row`4 write ${one('f1', 'f3', 'f0')} [d70000] ${size}`,
  row`3 read ${fd} [x70000] ${size}`,
  row`1 write f4 [8:1] 8`,
  row`2 close ${fd}`,
  row`1 connect ${one(6, 7)} 4`,
  row`2 shutdown ${one(0, 1)} ${one(0, 1, 2)}`,
  row`1 ring ${ring} ${mostly(one(4, 8), one(1, 0, 3))} ${mostly(one(0, 0x80), one(0x100, 0x1000, 8, 0x40, 0x2000))} ${one(0, 8)}`,
  row`1 io_uring_register f8 2 ${items`[4:${fd},4:${fd},4:-1,4:f4]`} ${mostly(one(4), one(0, 5))}`,
  row`1 io_uring_register f8 3 0 0`,
  row`1 io_uring_register f8 6 ${items`[4:0,4:0,8:[4:${fd},4:-1]]`} ${one(1, 2)}`,
  row`1 io_uring_register f8 4 [4:f4] 1`,
  row`1 io_uring_register f8 5 0 0`,
  row`1 io_uring_register f8 24 ${items`[8:${number},4:${fd},4:${cancelling},8:0,8:0,1:0,z31]`} 1`,
  row`2 io_uring_register f8 22 ${items`[8:m24576,4:${mostly(one(4, 8), one(3, 0, 65536))},2:${one(3, 1)},2:${mostly(one(0), one(2, 4))},z24]`} 1`,
  row`1 io_uring_register f8 23 ${items`[8:0,4:0,2:${one(3, 1)},2:0,z24]`} 1`,
  row`2 put m24576 ${items`[8:m20480,4:${one(10, 100)},2:1,2:${one(1, 2, 3)},8:m21000,4:20,2:2,2:0,8:m22000,4:5,2:3,2:0]`} 48`,
  row`3 bytes ${one('m8192', 'm12288', 'm20480', 'm16384')} 24`,
  row`1 ppoll [4:f8,2:5,2#0,4:f4,2:1,2#0] 2 [8:0,8:0] 0 8`,
  row`1 fork 0`,
  row`1 exit`,
];

const opening = one(0, 1, 2).map((how) => [
  '0 mmap m0 65536 3 0x32 -1 0 =m',
  '0 put m0 [d200] 200',
  '0 put m24576 [8:m20480,4:100,2:1,2:2,8:m21000,4:20,2:2,2:0] 32',
  `0 pair 0 1 ${how === 2 ? 5 : 1} 0`,
  '0 pipe 2 3',
  '0 eventfd2 0 0x800 =f4',
  '0 socket 1 0x801 0 =f5',
  '0 bind 5 4',
  '0 listen f5 5',
  '0 socket 1 0x801 0 =f6',
  '0 socket 1 0x801 0 =f7',
  `0 ring 0 8 ${how === 1 ? 0x1000 : 0} 0`,
  '0 ring 1 4 0 0',
  '0 entry 0 [1:31,1:0,2:0,4:3,8:0,8:m20480,4:100,4:0,8:9,2:1,2:0,4:0,z16]',
  '0 enter 0 -1 0 0',
  '0 io_uring_register f8 22 [8:m24576,4:4,2:2,2:0,z24] 1',
]);

export const RINGS = family({
  name: 'rings',
  opening,
  calls: CALLS,
  waiting: { calls: QUEUEING, by: one(0), oneIn: 1 },
  last: ['0 completions 0', '0 completions 1', '0 bytes m8192 200', '0 bytes m20480 300'],
  excluded: [
    'rings that the kernel polls by a thread of its own, those without an array of indices, and work that is put off (DEFER_TASKRUN)',
    'requests of two rings that one arrival wakes, of which the first takes it',
    'datagram sockets that were shut down, which are ready and have nothing: who gives up first changes from run to run',
    'entries for workers (IOSQE_ASYNC, IOSQE_IO_DRAIN), which do not wait for files with O_NONBLOCK, the order in which workers end and what they change for others (SHUTDOWN), and when buffers sent without a copy are given back',
  ],
  inTest: 80,
});
