// Scripts about futexes that three processes share: waits on one word and on several, wakes by mask, requeues, locks with
// inherited priority, in the old call and in the new ones. Listed in families.ts.
import { family, items, mostly, one, row } from './family.ts';

const word = mostly(one('m0', 'm4', 'm8'), one('m1', 'm2', 'm4096', 0, 16, 'm8192'));
/** Words that hold the ids of their owners. */
const owned = mostly(one('m16', 'm20'), one('m18', 0));
const number = mostly(one(0, 0, 7), one(1, -1, '0x100000000'));
const count = mostly(one(1, 1, 2, 0), one(-1, 100, '0x80000000'));
const mask = mostly(one(1, 2, 3, -1), one(0));
const soon = mostly(one('[8:0,8:1000000]'), one('[8:0,8:0]', '[8:-1,8:0]', '[8:0,8:1000000000]', 16));
const never = one(0, 0, '[8:4000000000,8:0]');
// FUTEX2_SIZE_U32 2, PRIVATE 128, NUMA 4, MPOL 8
const size = mostly(one(2), one(0, 1, 3, 10, 130, 128, 16, -1));
const operation = (...numbers: number[]) =>
  mostly(one(...numbers), one(...numbers.map((own) => own | 128), ...numbers.map((own) => own | 256)));
const waiter = items`8:${number},8:${word},4:${size},4:${mostly(one(0), one(1))}`;
const waiters = items`[${waiter},${waiter}]`;
const good = items`8:${one(0, 0, 7)},8:${one('m0', 'm4', 'm8')},4:2,4:0`;
const clock = mostly(one(0, 1), one(2, 7, -1));
// FUTEX_WAKE_OP: operation, compare, their arguments
const wakeOp = mostly(
  one(0x00007000, 0x11001000, 0x20002000, 0x30fff000, 0x40001000, 0x01007000, 0x05000000),
  one(0x51000000, 0x06000000, 0x81001000, '0xffffffff'),
);

const CALLS = [
  row`4 put ${one('m0', 'm4', 'm8')} [4:${one(0, 0, 7)}] 4`,
  row`3 load ${one('m0', 'm4', 'm8')}`,
  row`8 futex ${word} ${operation(1)} ${count}`,
  row`4 futex ${word} ${operation(10)} ${count} 0 0 ${mask}`,
  row`3 futex ${word} ${operation(3)} ${count} ${count} ${word} 0`,
  row`4 futex ${word} ${operation(4)} ${count} ${count} ${word} ${number}`,
  row`4 futex ${word} ${operation(5)} ${count} ${count} ${word} ${wakeOp}`,
  row`2 futex ${word} ${operation(0)} ${number} ${soon}`,
  row`2 futex ${word} ${operation(9)} ${number} ${mostly(one('[8:1,8:0]'), soon)} 0 ${mask}`,
  row`4 futex_wake ${word} ${mask} ${count} ${size}`,
  row`2 futex_wait ${word} ${number} ${mask} ${size} ${mostly(one('[8:1,8:0]'), soon)} ${clock}`,
  row`5 futex_requeue ${mostly(waiters, one(0, 16))} ${mostly(one(0), one(1, -1))} ${count} ${count}`,
  row`4 futex_waitv ${mostly(waiters, one(0, 16))} ${mostly(one(1, 2), one(0, 129, -1))} ${mostly(one(0), one(1))} ${mostly(one('[8:1,8:0]'), soon)} ${clock}`,
  row`3 futex ${owned} ${operation(8)} 0`,
  row`3 futex ${owned} ${operation(7)} 0`,
  row`2 futex ${owned} ${operation(6, 13)} 0 ${mostly(one('[8:1,8:0]'), soon)}`,
  row`2 futex ${word} ${operation(12)} ${mostly(one(1), count)} ${count} ${owned} ${number}`,
  row`1 futex ${word} ${operation(11)} ${number} ${mostly(one('[8:1,8:0]'), soon)} ${owned}`,
  row`1 futex ${word} ${one(2, 14, 99, 512, 640)} ${number} 0 ${word} 0`,
  row`1 futex ${owned} ${operation(1)} 1`,
  row`2 kill ${one('p1', 'p2')} ${one(10, 12, 15)}`,
  row`1 munmap m4096 4096`,
  row`1 mprotect m0 4096 ${one(1, 3, 3, 0)}`,
  row`2 fork ${one(0, 1)}`,
  row`1 exit`,
];
const WAITING = [
  row`6 &futex ${one('m0', 'm4', 'm8')} ${one(0, 0, 256)} ${one(0, 0, 7)} ${one(0)}`,
  row`6 &futex ${one('m0', 'm4', 'm8')} 9 ${one(0, 0, 7)} ${never} 0 ${one(1, 2, 3, -1)}`,
  row`5 &futex_wait ${one('m0', 'm4', 'm8')} ${one(0, 0, 7)} ${one(1, 2, -1)} 2 ${never} 1`,
  row`6 &futex_waitv ${items`[${good},${good},${good}]`} ${one(1, 2, 3)} 0 ${never} 1`,
  row`5 &futex ${one('m16', 'm20')} ${one(6, 6, 13)} 0 0`,
  row`3 &futex ${one('m0', 'm4')} 11 ${one(0, 0, 7)} 0 m16`,
  row`2 futex ${owned} 7 0`,
  row`1 exit`,
];

const opening = one(0, 1, 2).map((how) => [
  `0 mmap m0 8192 3 ${how === 0 ? 0x32 : 0x31} -1 0 =m`,
  '0 handle 10 2 0 0',
  '0 handle 12 2 0x10000000 0',
  ...(how === 2 ? ['0 futex m16 6 0 0'] : []),
  '0 fork 0',
  '0 fork 1',
]);

export const FUTEXES = family({
  name: 'futexes',
  opening,
  calls: CALLS,
  waiting: { calls: WAITING, by: one(1, 1, 2), oneIn: 2 },
  excluded: [
    'futexes with a NUMA node',
    'what is in words that hold the ids of owners',
    'robust lists, which have guest programs',
  ],
  inTest: 0,
});
