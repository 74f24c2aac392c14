// Scripts about job control: sessions, groups and their terminal, stops and continuations, hang-ups, and waiting for all that.
// The first process holds the master and looks on; the others are a shell and its jobs. Listed in families.ts.
import fc from 'fast-check';
import { type Family, items, mostly, one, row, type Script, scriptOf } from './family.ts';

const process = one('p1', 'p2', 'p2', 'p3', 'p3', 'p4');
const pid = mostly(process, one('p0', 0, 0x3ffffe, -1));
const group = one('g1', 'g2', 'g2', 'g3', 'g3', 'g4');
// SIGHUP, SIGINT, SIGQUIT, SIGUSR1, SIGTERM; SIGCONT, SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU
const stop = one(19, 20, 20, 21, 22);
const signal = mostly(one(18, 18, 19, 20, 21, 22), one(1, 2, 3, 10, 15, 0), one(9, 17, 28, 65));
const kept = one(1, 2, 3, 17, 18, 20, 21, 22, 22, 28);
// of those, but SIGCONT
const mask = one(0x1, 0x80000, 0x100000, 0x200000, 0x300000, 0x20000, 0x380000);
const slave = mostly(one('f1'), one('f2', 'f4'));
const openHow = one(2, 2, 0x102, 0x802, 0, 1);
const status = one('[4#0]');
// WNOHANG 1, WUNTRACED or WSTOPPED 2, WEXITED 4, WCONTINUED 8, WNOWAIT 0x1000000
const whom = mostly(process, one(-1, 0, 'g2', 'g3', 'g1'));
const info = one('[4!0,4!0,4!0,z4,4?0,4!0,4#0,z100]');
const target = one('1 p2', '1 p3', '1 p4', '1 p1', '0 0', '2 0', '2 p2', '2 p3', '2 p1', '3 f5', '3 f6');
// TOSTOP 100 and NOFLSH 80 among the local modes
const settings = items`[4:0x500,4:5,4:0xbf,4:${one(0x8a3b, 0x8b3b, 0x8b3b, 0x8a39, 0x8abb)},1:0,1:3,1:28,1:127,1:21,1:4,1:0,1:1,1:0,1:17,1:19,1:26,1:0,1:18,1:15,1:23,1:22,1:0,1:0,1:0]`;

const MEMBERS = [
  row`2 setsid =p`,
  row`10 setpgid ${mostly(one(0, 0, 'p2', 'p3', 'p4'), pid)} ${mostly(one(0, 0, 'p2', 'p3', 'p1'), pid)}`,
  row`1 getpgid ${pid} =p`,
  row`1 getsid ${pid} =p`,
  row`1 getppid =p`,
  row`3 ioctl ${slave} 0x540e ${one(0, 0, 1)}`,
  row`3 ioctl ${slave} 0x5422 0`,
  row`2 ioctl ${slave} 0x540f [4?0]`,
  row`1 ioctl ${slave} 0x5429 [4?0]`,
  row`9 ioctl ${slave} 0x5410 ${items`[4:${mostly(process, one('p0', 0, -1, 0x3ffffe))}]`}`,
  row`1 ioctl ${slave} 0x5437 0`,
  row`1 vhangup`,
  row`2 openat -100 "/dev/tty" ${openHow} 0 =f2`,
  row`2 openat -100 "/proc/self/fd/${one(101, 101, 104)}" ${openHow} 0 ${one('=f2', '=f1')}`,
  row`7 read ${slave} [x10] ${mostly(one(10), one(0))}`,
  row`7 write ${slave} ${one('"ab"', '"c"')} ${mostly(one(1), one(0))}`,
  row`5 ioctl ${slave} 0x5402 ${settings}`,
  row`1 ioctl ${slave} ${one(0x5409, 0x540a, 0x540b)} ${one(1, 2)}`,
  row`1 ioctl ${slave} 0x5401 [4#0,4#0,4#0,4#0,1!0,x19]`,
  row`1 ppoll ${items`[4:${slave},2:0x47,2#0]`} 1 [8:0,8:0] 0 8`,
  row`1 ioctl ${slave} 0x5414 ${items`[2:${one(24, 25, 26)},2:80,2:0,2:0]`}`,
  row`6 handle ${kept} ${one(0, 1, 1, 2, 2)} ${one(0, 0x10000000, 0x10000000)} 0`,
  row`1 handle 17 ${one(0, 1, 2)} ${one(1, 2, 3)} 0`,
  row`5 rt_sigprocmask ${one(0, 0, 1)} ${items`[8:${mask}]`} 0 8`,
  row`1 rt_sigpending [8#0] 8`,
  row`1 rt_sigtimedwait ${items`[8:${mask}]`} 0 ${one(0, '[8:0,8:0]')} 8`,
  row`4 kill ${process} ${signal}`,
  row`4 kill ${group} ${signal}`,
  row`2 kill 0 ${signal}`,
  row`6 wait4 ${whom} ${status} ${one(0, 2, 2, 3, 8, 9, 10, 11, 11)} 0 =p`,
  row`6 waitid ${target} ${info} ${one(4, 2, 6, 8, 14, 15, 15, 0x1000006, 0x100000f, 0x100000f, 0x1000003)} 0`,
  row`2 pidfd_open ${process} ${one(0, 0, 0x800)} ${one('=f5', '=f6')}`,
  row`1 pidfd_send_signal ${one('f5', 'f6')} ${signal} 0 ${one(0, 4, 4)}`,
  row`7 spawn ${one(2, 3, 3, 4, 4)}`,
  row`2 end ${one(0, 5)}`,
  row`1 close ${slave}`,
  row`1 prctl ${one(36, 36, 1)} ${one(1, 18, 0)} 0 0 0`,
];
const WATCHER = [
  { weight: 12, arbitrary: one(3, 26, 26, 28, '97,1:10', '98,1:10', 4, 19, 17).map((c) => typed(c)) },
  row`4 read f0 [x40] 40`,
  row`6 kill ${process} ${mostly(one(18), signal)}`,
  row`3 kill ${group} ${mostly(one(18), signal)}`,
  row`3 kill ${process} ${stop}`,
  row`12 processes`,
  row`2 wait4 ${mostly(one('p1'), whom)} ${status} ${one(1, 3, 9, 11)} 0 =p`,
  row`2 waitid ${target} ${info} ${one(7, 15, 0x100000f, 11)} 0`,
  row`1 ioctl f0 0x540f [4?0]`,
  row`1 ioctl f0 0x5429 [4?0]`,
  row`1 ioctl f0 0x5410 ${items`[4:${process}]`}`,
  row`1 ioctl f0 0x40045436 ${one(2, 3, 20)}`,
  row`1 ioctl f0 0x5414 ${items`[2:${one(24, 25, 26)},2:80,2:0,2:0]`}`,
  row`1 ioctl f0 ${one(0x5437, 0x540e, 0x5422)} 0`,
  row`1 ioctl f1 0x5402 ${settings}`,
  row`1 ioctl f1 ${one(0x540f, 0x5429)} [4?0]`,
  row`1 close f0`,
  row`1 ppoll [4:f0,2:0x47,2#0] 1 [8:0,8:0] 0 8`,
  row`1 pidfd_open ${process} 0 =f5`,
];

function typed(characters: string | number): string {
  const text = `1:${characters}`;
  return `write f0 [${text}] ${text.split(',').length}`;
}

const call = fc.oneof(
  {
    weight: 3,
    arbitrary: fc
      .tuple(one(1, 1, 2, 2, 3, 4), fc.oneof(...MEMBERS))
      .map(([process, line]) => `${process} &${line}`),
  },
  { weight: 2, arbitrary: fc.oneof(...WATCHER).map((line) => `0 ${line}`) },
);

/** The terminals, the leader of their session, and perhaps jobs as a shell makes them. */
const opening: fc.Arbitrary<Script> = fc
  .tuple(fc.nat(4), fc.nat(3), fc.boolean())
  .map(([jobs, how, isIgnoring]) => [
    '0 openat -100 "/dev/ptmx" 0x902 0 =f0',
    '0 ioctl f0 0x40045431 [4:0]',
    '0 ioctl f0 0x5441 0x102 =f1',
    ...(how === 3
      ? [
          '0 openat -100 "/dev/ptmx" 0x902 0 =f3',
          '0 ioctl f3 0x40045431 [4:0]',
          '0 ioctl f3 0x5441 0x102 =f4',
        ]
      : []),
    '0 processes',
    '0 spawn 1',
    '1 &close f0',
    '1 &close f3',
    '1 &setsid =p',
    ...(how === 0 ? [] : ['1 &ioctl f1 0x540e 0']),
    ...(isIgnoring ? ['1 &handle 22 1 0 0', '1 &handle 1 1 0 0', '1 &handle 20 1 0 0'] : []),
    ...(jobs > 0 ? ['1 &spawn 2', '2 &setpgid 0 0', '2 &handle 22 0 0 0', '2 &handle 1 0 0 0'] : []),
    ...(jobs > 1 ? ['1 &spawn 3', jobs > 2 ? '3 &setpgid 0 0' : '3 &setpgid 0 p2'] : []),
    ...(jobs > 3 ? ['2 &spawn 4'] : []),
    ...(jobs > 0 ? ['1 &ioctl f1 0x5410 [4:p2]'] : []),
  ]);

export const JOBS: Family = {
  name: 'jobs',
  scripts: scriptOf(opening, call, ['0 processes'], 24),
  excluded: [
    'pids, but for whose they are; numbers of pseudoterminals',
    'the order in which signals sent together are caught, and how often SIGCHLD is',
    'what a process answers in the moment in which a signal kills it',
  ],
  inTest: 0,
};
