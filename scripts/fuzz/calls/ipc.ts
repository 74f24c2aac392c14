// Scripts about IPC by key and by name: System V's message queues, semaphores and segments, POSIX message queues.
// Listed in families.ts.
import fc from 'fast-check';
import { bits, family, items, mostly, one, row } from './family.ts';

const key = one(0, 5, 5, 6);
const flags = mostly(one(0o1600, 0o1666), one(0o3600, 0o600, 0, 0o1000, 0o1200, 0o1400));
const queue = mostly(one('v1', 'v1', 'v2'), one(-1, 0x7ffffff));
const sems = mostly(one('v3', 'v3', 'v4'), one(-1, 0x7ffffff));
const id = one(0, 1000, 1001);
const mode = one(0o600, 0o666, 0o400, 0o200, 0);
const NOWAIT = 0x800;
const type = mostly(one(1, 2, 3), one(0, -1));
const wanted = mostly(one(0, 1, 2, -2, -3), one(5, '0x8000000000000000'));
const size = mostly(one(0, 1, 10, 20), one(8192, 8193, -1, 21));
// NOERROR 1000, EXCEPT 2000, COPY 4000
const taking = mostly(one(NOWAIT, NOWAIT | 0x1000), one(NOWAIT | 0x2000, NOWAIT | 0x4000, NOWAIT | 0x5000));
const PERMISSIONS = '4!0,4!0,4!0,4!0,4!0,4#0,z24';
const permissions = items`4:0,4:${id},4:${id},4:0,4:0,4:${mode},z24`;
const QUEUE = `[${PERMISSIONS},8^0,8^0,8^0,8!0,8!0,8!0,4?0,4?0,z16]`;
const SEGMENT = `[${PERMISSIONS},8!0,8^0,8^0,8^0,4?0,4?0,8!0,z16]`;
const number = mostly(one(0, 0, 1, 2), one(3, -1));
const change = mostly(one(1, 2, -1, -1, 0), one(-3, 32767, -32768));
const undo = mostly(one(NOWAIT), one(NOWAIT | 0x1000));
const operation = items`2:${number},2:${change},2:${undo}`;
const operations = mostly(items`[${operation}]`, items`[${operation},${operation}]`, one(0, 16));
const value = mostly(one(0, 1, 3), one(32767, 32768, -1));
const soon = mostly(one('[8:0,8:1000000]', '[8:0,8:0]'), one('[8:-1,8:0]', '[8:0,8:1000000000]', 16));
const bad = one(0, 16);

const fd = mostly(one('f0', 'f0', 'f1'), one('f2', 'f9'));
const kept = one('=f0', '=f1');
const name = mostly(one('"q"', '"q"', '"r"'), one('""', '"/q"', '"a/b"', '"."', '".."', 'n255', 'n256', 0));
const access = fc
  .tuple(fc.constantFrom(0, 1, 2, 2), bits(0x40, 0x40, 0x80, 0x80000))
  .map(([a, b]) => a | b | NOWAIT);
const shape = mostly(
  items`[8:0,8:${mostly(one(1, 3, 10), one(0, 11, -1))},8:${mostly(one(20, 20, 64), one(0, 8192, 8193, -1))},z40]`,
  one(0),
);
const until = mostly(one(0, '[8:1,8:0]'), soon);
const event = items`[8:77,4:${mostly(one(10), one(0, 9, 65, -1))},4:${mostly(one(0, 1), one(2, 3, 4, -1))},z48]`;

const CALLS = [
  row`3 msgget ${key} ${flags} ${one('=v1', '=v2')}`,
  row`8 msgsnd ${queue} ${items`[8:${type},d8193]`} ${size} ${one(NOWAIT)}`,
  row`1 msgsnd ${queue} ${bad} 5 ${one(NOWAIT)}`,
  row`8 msgrcv ${queue} [8!0,x20] ${mostly(one(20, 20, 10), one(0, 1, -1))} ${wanted} ${taking}`,
  row`1 msgrcv ${queue} ${bad} 5 0 ${one(NOWAIT)}`,
  row`2 msgctl ${queue} 2 ${mostly(one(QUEUE), bad)}`,
  row`2 msgctl ${queue} 1 ${mostly(items`[${permissions},z40,8:${one(100, 16384, 20000, 0)},z24]`, bad)}`,
  row`1 msgctl ${queue} ${mostly(one(0), one(-1, 99))} 0`,
  row`3 semget ${key} ${mostly(one(3, 3, 1), one(0, -1, 32001, 4))} ${flags} ${one('=v3', '=v4')}`,
  row`8 semop ${sems} ${operations} ${mostly(one(1, 2), one(0, 501, -1))}`,
  row`3 semtimedop ${sems} ${items`[2:${number},2:${change},2:${one(0, 0x1000)}]`} 1 ${soon}`,
  row`3 semctl ${sems} ${number} ${one(12, 14, 15)} 0`,
  row`1 semctl ${sems} ${number} 11 0 =p`,
  row`3 semctl ${sems} ${number} 16 ${value}`,
  row`1 semctl ${sems} 0 13 ${mostly(one('[2!0,2!0,2!0,2!0]'), bad)}`,
  row`1 semctl ${sems} 0 17 ${mostly(items`[2:${value},2:${value},2:${value},2:0]`, bad)}`,
  row`1 semctl ${sems} 0 ${mostly(one(0), one(-1, 99))} 0`,
  row`2 shmget ${key} ${mostly(one(4096, 8192), one(0, 1, -1))} ${flags} ${one('=v5', '=v6')}`,
  row`2 shmat ${one('v5', 'v6', -1)} ${mostly(one('m0', 'm8192'), one('m100', 16))} ${one(0, 0o10000, 0o20000, 0o40000)} =m`,
  row`1 shmdt ${one('m0', 'm8192', 'm4096', 0)}`,
  row`2 shmctl ${one('v5', 'v6', -1)} 2 ${mostly(one(SEGMENT), bad)}`,
  row`1 shmctl ${one('v5', 'v6')} ${mostly(one(0), one(11, 12, -1))} 0`,
  row`1 shmctl ${one('v5', 'v6')} 1 ${items`[${permissions},z64]`}`,
  row`1 store ${one('m0', 'm8192', 'm100')} ${one(1, 2)}`,
  row`1 load ${one('m0', 'm8192', 'm100')}`,
  row`4 mq_open ${name} ${access} ${mode} ${shape} ${kept}`,
  row`2 mq_unlink ${name}`,
  row`6 mq_timedsend ${fd} [d64] ${mostly(one(0, 1, 10, 20), one(21, 64, 65, -1))} ${mostly(one(0, 1, 5), one(32767, 32768, -1))} ${until}`,
  row`6 mq_timedreceive ${fd} [x64] ${mostly(one(64, 20), one(19, 0, -1))} ${mostly(one('[4!7]', 0), one(16))} ${until}`,
  row`3 mq_notify ${fd} ${mostly(event, bad)}`,
  row`3 mq_getsetattr ${fd} ${mostly(one(0), items`[8:${mostly(one(NOWAIT), one(0, 1, 0x400))},z56]`)} ${mostly(one('[8#0,8!0,8!0,8!0,z32]'), bad)}`,
  row`2 ppoll ${items`[4:${fd},2:5,2#0]`} 1 [8:0,8:0] 0 8`,
  row`1 fcntl ${fd} ${one(1, 3)} 0`,
  row`1 close ${fd}`,
  row`2 setresuid ${id} ${id} ${id}`,
  row`1 setresgid ${id} ${id} ${id}`,
  row`2 fork ${fc.nat(1)}`,
  row`1 exit`,
];
const WAITING = [
  row`3 &msgrcv v1 [8!0,x20] 20 ${wanted} ${one(0, 0x1000)}`,
  row`1 &msgsnd v1 [8:1,d8192] 8192 0`,
  row`3 &semop v3 ${items`[2:${one(0, 1)},2:${one(-1, -2, 0)},2:${one(0, 0x1000)}]`} 1`,
  row`2 &mq_timedreceive f2 [x64] 64 [4!7] 0`,
  row`1 &mq_timedsend f2 [d20] 20 ${one(0, 1)} 0`,
];

const opening = one(0, 1, 2).map((how) => [
  '0 msgget 5 950 =v1',
  '0 semget 5 3 950 =v3',
  '0 shmget 5 8192 950 =v5',
  '0 mq_open "q" 0x842 438 [8:0,8:3,8:20,z40] =f0',
  ...(how === 0 ? [] : ['0 handle 10 2 0 0']),
  ...(how === 2 ? ['0 mq_open "q" 2 0 0 =f2', '0 fork 0'] : []),
]);

export const IPC = family({
  name: 'ipc',
  opening,
  calls: CALLS,
  waiting: { calls: WAITING, oneIn: 8 },
  last: [`0 msgctl v1 2 ${QUEUE}`, '0 semctl v3 0 13 [2!0,2!0,2!0,2!0]', `0 shmctl v5 2 ${SEGMENT}`],
  excluded: [
    'numbers of queues, sets and segments',
    'struct semid_ds, which processors lay out in their own ways',
  ],
  inTest: 100,
});
