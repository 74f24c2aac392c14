// Scripts about processes: children and their ends, groups and sessions, identities, limits, priorities, pidfds, futexes.
// Listed in families.ts.
import fc from 'fast-check';
import { bits, family, items, mostly, one, row } from './family.ts';

const pid = mostly(one('p0', 'p1', 'p1', 'v1', 'v1', 'v2'), one(0, -1, 0x3ffffe, 'p2', -0x3ffffe));
// not all processes (-1), and no low number: what else has one differs
const killed = mostly(one('p0', 'p1', 'p1', 'v1', 'v1', 'v2'), one(0, 0x3ffffe, 'p2', -0x3ffffe));
const id = one(0, 0, 1000, 1001, 2000, -1);
const signal = mostly(one(0, 10, 15, 17), one(9, 18, 19, 65, -1));
const status = mostly(one('[4#0]'), one(0, 16));
const info = mostly(one('[4!0,4!0,4!0,z4,4^0,4!0,4#0,z100]'), one(0, 16));
const rusage = mostly(one(0), one('[z144]', 16));
const which = one(0, 1, 0, 1, 3, -1);
// users other than root: what the script does to root's processes lasts longer than the script
const user = one(1000, 1001, 2000);
const word = mostly(one('m0', 'm0', 'm4', 'm8'), one('m1', 'm4096', 0, 16));
const timeout = mostly(
  one('[8:0,8:0]', '[8:0,8:1000000]'),
  one('[8:0,8:-1]', '[8:-1,8:0]', '[8:0,8:1000000000]', 16),
);
// an owner's number is no process's
const value = mostly(one(0, 0, 1, 250), one(-1, 0x7fffffff));
const set32 = items`[4:${one(0, -1, 0x3f, 0x21000)},4:${one(0, -1, 0xff)},4:${one(0, -1, 0x3f)},4:${one(0, 1)},4:0,4:0]`;
const header = mostly(
  items`[4#0x20080522,4:${mostly(one(0), one('p0', 'p1', -1, 0x3ffffe))}]`,
  one('[4#0,4:0]', '[4#0x19980330,4:0]', 16),
);

const CALLS = [
  row`6 child ${mostly(one(17), one(0, 10, 34, 65, 0x800, 0x10011, 0x20000011))} ${mostly(one(0, 7, 255), one(265, 271, 267, 275))} ${one(1, 2)}`,
  row`5 wait4 ${pid} ${status} ${mostly(one(1, 3, '0x40000001'), one(9, '0x80000001', 0x20000001, 0x1000001, 16, 4))} ${rusage} =ok`,
  row`5 waitid ${mostly(one(0, 1, 2), one(3, 4, -1))} ${pid} ${info} ${mostly(one(5, 7, 0x1000005, 0x40000005), one(1, 4, 0, 16, 13, -1))} ${rusage}`,
  row`1 wait4 ${pid} ${status} ${one(0, 2)} 0 =ok`,
  row`3 kill ${mostly(killed, one('p1'))} ${signal}`,
  row`3 setpgid ${pid} ${pid}`,
  row`1 getpgid ${pid} =p`,
  row`1 setsid =p`,
  row`1 getsid ${pid} =p`,
  row`1 getppid =p`,
  row`4 setresuid ${id} ${id} ${id}`,
  row`2 setresgid ${id} ${id} ${id}`,
  row`2 setreuid ${id} ${id}`,
  row`1 setregid ${id} ${id}`,
  row`2 setuid ${id}`,
  row`1 setgid ${id}`,
  row`1 getresuid [4!0] [4!0] ${mostly(one('[4!0]'), one(16))}`,
  row`1 getresgid [4!0] [4!0] ${mostly(one('[4!0]'), one(16))}`,
  row`1 setgroups ${one(0, 2, 65537, -1)} ${mostly(one('[4:1001,4:1000]'), one(16))}`,
  row`1 getgroups ${one(0, 1, 8, -1)} ${mostly(one('[4!0,4!0]'), one(16))}`,
  row`2 capget ${header} ${mostly(one('[4#0,4#0,4#0,4#0,4#0,4#0]'), one(0, 16))}`,
  row`3 capset ${header} ${mostly(set32, one(16))}`,
  row`2 prctl ${mostly(one(2, 7, 23, 24, 38, 39, 47, 3, 8, 28, 30), one(16, 21, 22, 36, 40, 41, 42, 99))} ${mostly(one(0, 1, 2, 3, 4), one('[8#0]', 16, 40, -1))} ${mostly(one(0), one(1, 5, 40))} ${mostly(one(0), one(1))} ${mostly(one(0), one(1))}`,
  row`1 prctl 15 ${one('"name"', '"a-long-name-that-is-cut"', 16, '""')}`,
  row`1 prctl 16 [t16]`,
  row`3 prlimit64 ${mostly(one(0), pid)} ${mostly(one(7, 6, 4, 11, 13, 14, 3), one(16, -1))} ${mostly(items`[8:${one(0, 5, 100, 1000, -1)},8:${one(5, 100, 1000, 5000, -1)}]`, one(0, 16))} ${mostly(one('[8!0,8!0]'), one(0, 16))}`,
  row`2 setpriority ${which} ${mostly(pid, id)} ${one(0, 5, 19, 30, -5, -30)}`,
  row`1 setpriority 2 ${user} ${one(0, 5, 19, -5)}`,
  row`1 getpriority 2 ${user}`,
  row`2 getpriority ${which} ${mostly(pid, id)}`,
  row`1 sched_getscheduler ${pid}`,
  row`2 sched_setscheduler ${pid} ${mostly(one(0, 3, 5), one(1, 2, 4, 6, 7, 0x40000000, -1))} ${mostly(items`[4:${one(0, 1, 99, 100, -1)}]`, one(0, 16))}`,
  row`1 sched_getparam ${pid} ${mostly(one('[4!0]'), one(0, 16))}`,
  row`1 sched_setparam ${pid} ${mostly(items`[4:${one(0, 1, -1)}]`, one(0, 16))}`,
  row`1 sched_get_priority_max ${one(0, 1, 2, 3, 4, 5, 6, 7, -1)}`,
  row`1 sched_get_priority_min ${one(0, 1, 2, 3, 4, 5, 6, 7, -1)}`,
  row`1 sched_getattr ${pid} ${mostly(one('[4!0,4!0,8!0,4!0,4!0,z24,4!0,4!0]'), one(0, 16))} ${one(56, 48, 47, 5000)} ${one(0, 0, 1)}`,
  row`1 sched_setattr ${pid} ${mostly(items`[4#${one(48, 56, 0, 40, 100)},4:${one(0, 3, 5, 9)},8:${one(0, 1, 0x40, 0x80)},4:${one(0, 5, -30)},4:${one(0, 1)},z32]`, one(0, 16))} ${one(0, 0, 1)}`,
  row`1 sched_yield`,
  row`2 pidfd_open ${pid} ${mostly(one(0, 0x800), one(0x80, 1, -1))} ${one('=f0', '=f1')}`,
  row`2 pidfd_send_signal ${one('f0', 'f1', 'f5', -1)} ${signal} ${mostly(one(0), one('[4:10,4:0,4:-1,z4,4:7,4:8,8:77,z96]', 16))} ${one(0, 0, 1, 2, 4, 8)}`,
  row`1 pidfd_getfd ${one('f0', 'f1', -1)} ${one('f0', 'f1', 'f7')} ${one(0, 0, 1)} =f3`,
  row`2 ppoll ${items`[4:${one('f0', 'f1')},2:1,2#0]`} 1 [8:0,8:0] 0 8`,
  row`3 futex ${word} ${mostly(one(0, 1, 9, 10), one(2, 99, 128, 129, 256, 265, 384))} ${value} ${mostly(timeout, one(0, 1))} ${word} ${one(0, 1, -1, 0x10000001)}`,
  row`2 futex ${word} ${one(3, 4, 5, 12, 131, 132)} ${value} ${one(0, 1, -1)} ${word} ${one(0, 1, 0x11000001, 0x410fa001)}`,
  row`2 futex ${word} ${one(6, 7, 8, 13, 11)} ${value} ${timeout} ${word} ${one(0, 1)}`,
  row`1 futex_wake ${word} ${one(0, 1, -1)} ${value} ${one(2, 130, 0, 1)}`,
  row`1 futex_wait ${word} ${value} ${one(0, 1, -1)} ${one(2, 130, 0, 1)} ${timeout} ${one(0, 1, 2)}`,
  row`1 load ${one('m3', 'm7')}`,
  row`2 store ${one('m0', 'm4', 'm8')} ${one(0, 250)}`,
  row`1 ioprio_set ${one(1, 2, 0)} ${pid} ${one(0, 0x2004, 0x4007, 0x6000, 0x2008, 0x8000, 0xe000)}`,
  row`1 ioprio_set 3 ${user} ${one(0, 0x2004)}`,
  row`1 ioprio_get ${one(1, 2, 0)} ${pid}`,
  row`1 ioprio_get 3 ${user}`,
  row`1 personality ${one('0xffffffff', 0, 0x40000, 0x8000000)}`,
  row`1 set_tid_address 0 =p`,
  row`1 set_robust_list 0 ${one(24, 0, 23)}`,
  row`1 membarrier ${one(0, 1, 8, 16, 99)} ${one(0, 0, 1)} 0`,
  row`1 unshare ${one(0, 0x200, 0x400, 0x80000000, 0x10000)}`,
  row`1 kcmp ${pid} ${pid} ${one(0, 1, 2, 3, 4, 6, 9)} ${one('f0', 'f1', 0)} ${one('f0', 'f1', 0)}`,
  row`1 handle ${one(17, 10)} ${one(0, 1, 2, 2)} ${bits(1, 2)} 0`,
  row`1 end ${one(0, 5)}`,
  row`2 fork ${fc.nat(1)}`,
  row`1 exit`,
];
const WAITING = [
  row`2 &futex ${one('m0', 'm4')} ${one(0, 9)} 0 0 0 ${one(1, -1)}`,
  row`1 &futex ${one('m0', 'm4')} 6 0 0`,
  row`1 &wait4 -1 [4#0] 0 0 =ok`,
  row`1 end ${one(0, 7)}`,
  row`1 kill p1 ${one(9, 15, 19)}`,
];

const opening = one(0, 1, 2).map((how) => [
  '0 mmap m0 4096 3 0x31 -1 0 =m',
  ...(how === 0 ? [] : ['0 fork 0']),
  ...(how === 2 ? ['0 fork 1', '0 child 17 3 1'] : []),
]);

export const PROCESSES = family({
  name: 'processes',
  opening,
  calls: CALLS,
  waiting: { calls: WAITING, by: one(1, 2), oneIn: 10 },
  excluded: [
    'pids, but for whose they are; times used',
    'kcmp of io_contexts; futexes with a NUMA node',
    'signals to all processes, priorities of all that root has',
  ],
  inTest: 100,
});
