// Scripts about ptrace: attaching and letting go, stops and what restarts them, signals on their way, events of forks and ends,
// group stops that are listened to, and waiting for all that. Listed in families.ts.
// The first process is never traced; the others make each other, wait, end, and trace each other.
import fc from 'fast-check';
import {
  type Arguments,
  bits,
  type CallRow,
  type Family,
  items,
  mostly,
  one,
  row,
  type Script,
  scriptOf,
} from './family.ts';

const tracee = mostly(one('p1', 'p2', 'p2', 'p3'), one('p4', 0x3ffffe));
const signal = one(10, 10, 12, 15, 2, 17, 18, 18, 19, 19, 20, 21, 5, 11);
const passed = mostly(one(0, 0), signal, one(9, 65, -1));
// PTRACE_O_TRACESYSGOOD 1, FORK 2, VFORK 4, CLONE 8, EXEC 0x10, VFORKDONE 0x20, EXIT 0x40, EXITKILL 0x100000
const optionsOfMembers = mostly(
  one(0, 0, 2, 1, 3),
  bits(1, 2, 4, 8, 0x10, 0x20, 0x10_0000),
  one(0x100, 0x40_0000),
);
const options = mostly(optionsOfMembers, one(0x40, 0x40, 0x42, 0x43));
const mask = one(0x200, 0xa00, 0x80000, 0x20000, 0x4200, 0x1_0000);
const info = items`[4:${signal},4:0,4:${one(0, -1, 0x80)},z4,4:${tracee},z108]`;
const shownInfo = '[4!0,4!0,4!0,z4,4?0,z108]';

/** Two that trace each other and stop at their end never end, and nothing can kill them: only the first process asks for that. */
function requests(options: Arguments): CallRow[] {
  return [
    row`7 ptrace 0x4206 ${tracee} ${mostly(one(0), one(1))} ${options}`,
    row`5 ptrace 16 ${tracee} 0 0`,
    row`16 ptrace 7 ${tracee} 0 ${passed}`,
    row`7 ptrace 24 ${tracee} 0 ${passed}`,
    row`5 ptrace 17 ${tracee} 0 ${passed}`,
    row`1 ptrace 8 ${tracee} 0 0`,
    row`5 ptrace 0x4207 ${tracee} 0 0`,
    row`5 ptrace 0x4208 ${tracee} 0 0`,
    row`3 ptrace 0x4200 ${tracee} 0 ${options}`,
    row`4 ptrace 0x4201 ${tracee} 0 [8^0]`,
    row`5 ptrace 0x4202 ${tracee} 0 ${one(shownInfo)}`,
    row`1 ptrace 0x4203 ${tracee} 0 ${info}`,
    row`1 ptrace 0x420a ${tracee} ${mostly(one(8), one(4))} [8#0]`,
    row`1 ptrace 0x420b ${tracee} ${mostly(one(8), one(16))} ${items`[8:${mask}]`}`,
    row`2 ptrace 0x4209 ${tracee} ${items`[8:${one(0, 0, 1)},4:${one(0, 0, 1, 2)},4:${one(1, 2, -1)}]`} ${items`[4!0,4!0,4!0,z4,4?0,z108,4!0,4!0,4!0,z4,4?0,z108]`}`,
    row`2 ptrace 0x420e ${tracee} 88 [1!0,z87]`,
  ];
}
// WNOHANG 1, WUNTRACED 2, WCONTINUED 8, __WALL 0x40000000, __WCLONE 0x80000000, __WNOTHREAD 0x20000000, WNOWAIT 0x1000000
const WAITS = [
  row`10 wait4 ${mostly(tracee, one(-1, -1, 0))} [4#0] ${one(1, 1, 3, 0x40000001, 0x40000003, 0x4000000b, 9, 0, 0x40000000, 2)} 0 =p`,
  row`4 waitid ${one('1 p2', '1 p1', '1 p3', '0 0')} [4!0,4!0,4!0,z4,4?0,4!0,4#0,z100] ${one(5, 7, 15, 0x1000007, 3, 0x40000007)} 0`,
];
const SIGNALS = [
  row`6 kill ${tracee} ${signal}`,
  row`2 kill ${tracee} 18`,
  row`1 kill ${tracee} 9`,
  row`1 tgkill ${tracee} ${tracee} ${signal}`,
];
const MEMBERS = [
  ...requests(optionsOfMembers).map(({ weight, arbitrary }) => ({
    weight: Math.ceil(weight / 5),
    arbitrary,
  })),
  ...WAITS.map(({ weight, arbitrary }) => ({ weight: weight / 2, arbitrary })),
  ...SIGNALS,
  row`3 ptrace 0 0 0 0`,
  row`6 spawn ${one(2, 3, 3, 4)}`,
  row`2 end ${one(0, 5)}`,
  row`5 ppoll 0 0 ${mostly(one(0), one('[8:0,8:0]'))} 0 8`,
  row`4 handle ${one(10, 10, 12, 15, 18, 17, 5)} ${one(0, 1, 2, 2)} ${one(0, 0x10000000)} 0`,
  row`3 rt_sigprocmask ${one(0, 0, 1)} ${items`[8:${mask}]`} 0 8`,
  row`1 rt_sigpending [8#0] 8`,
  row`1 rt_sigtimedwait ${items`[8:${mask}]`} 0 0 8`,
  row`2 getppid =p`,
  row`1 setpgid 0 0`,
  row`1 prctl 1 ${one(9, 15, 0)} 0 0 0`,
];
const TRACER = [
  ...requests(options),
  ...WAITS.map(({ weight, arbitrary }) => ({ weight: weight * 2, arbitrary })),
  ...SIGNALS,
  row`12 processes`,
];

const call = fc.oneof(
  {
    weight: 2,
    arbitrary: fc
      .tuple(one(1, 1, 2, 2, 3, 4), fc.oneof(...MEMBERS))
      .map(([process, line]) => `${process} &${line}`),
  },
  { weight: 3, arbitrary: fc.oneof(...TRACER).map((line) => `0 ${line}`) },
);

const opening: fc.Arbitrary<Script> = fc
  .tuple(fc.nat(3), fc.nat(4), options, optionsOfMembers)
  .map(([processes, how, asked, askedByMember]) => [
    '0 spawn 1',
    ...(processes > 0 ? ['0 spawn 2'] : []),
    ...(processes > 1 ? ['1 &spawn 3'] : []),
    ...(how === 1 ? ['0 ptrace 16 p1 0 0'] : []),
    ...(how === 2 ? [`0 ptrace 0x4206 p1 0 ${asked}`] : []),
    ...(how === 3 ? ['1 &ptrace 0 0 0 0'] : []),
    ...(how === 4 ? [`1 &ptrace 0x4206 p2 0 ${askedByMember}`] : []),
  ]);

export const TRACES: Family = {
  name: 'traces',
  scripts: scriptOf(opening, call, ['0 processes'], 24),
  excluded: [
    'registers, memory, numbers of system calls and single steps, which differ by processor',
    'pids, but for whose they are; the first process as one that is traced',
    'what a process answers in the moment in which a signal kills it',
  ],
  inTest: 0,
};
