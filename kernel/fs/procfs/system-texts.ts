// Texts of the whole machine: meminfo, cpuinfo, stat, uptime, loadavg and the like (proc(5)).
// root.ts makes files of them. What the machine does not have (swap, disks, interrupts) is given as empty or 0.
import { NS_PER_SEC } from '../../abi/time.ts';
import type { Kernel } from '../../kernel.ts';
import type { Thread } from '../../task/thread.ts';
import { CLOCK_BOOTTIME } from '../../time/clocks.ts';
import type { CpuTime } from '../../time/cpu-time.ts';
import { clockTicks, processCpuTime } from '../../time/cpu-time.ts';
import { clockOffset } from '../../time/time-offsets.ts';
import { PAGE_KB } from './memory-texts.ts';

/** What the hart implements, in the order of Linux's print_isa. */
const ISA = 'rv64imafdc_zicntr_zicond_zicsr_zifencei_zba_zbb_zbs';

function kbLine(name: string, kb: number): string {
  return `${`${name}:`.padEnd(15)} ${String(kb).padStart(8)} kB\n`;
}

export function meminfoText(kernel: Kernel): string {
  const { limitPages, freePages, usedPages } = kernel.memory;
  const { storage } = kernel.vfs;
  const files = Math.ceil(storage.used / 1024);
  const total = limitPages * PAGE_KB;
  const used = usedPages * PAGE_KB;
  const free = Math.max(0, freePages * PAGE_KB);
  const rows: [string, number][] = [
    ['MemTotal', total],
    ['MemFree', free],
    ['MemAvailable', free],
    ['Buffers', 0],
    ['Cached', files],
    ['SwapCached', 0],
    ['Active', used],
    ['Inactive', files],
    ['Active(anon)', used],
    ['Inactive(anon)', 0],
    ['Active(file)', 0],
    ['Inactive(file)', files],
    ['Unevictable', 0],
    ['Mlocked', 0],
    ['SwapTotal', 0],
    ['SwapFree', 0],
    ['Dirty', 0],
    ['Writeback', 0],
    ['AnonPages', used],
    ['Mapped', 0],
    ['Shmem', files],
    ['KReclaimable', 0],
    ['Slab', 0],
    ['SReclaimable', 0],
    ['SUnreclaim', 0],
    ['KernelStack', kernel.pids.threadCount * 16],
    ['PageTables', 0],
    ['SecPageTables', 0],
    ['NFS_Unstable', 0],
    ['Bounce', 0],
    ['WritebackTmp', 0],
    ['CommitLimit', Math.floor(total / 2)],
    ['Committed_AS', used],
    ['VmallocTotal', 67_108_863],
    ['VmallocUsed', 0],
    ['VmallocChunk', 0],
    ['Percpu', 0],
  ];
  return rows.map(([name, kb]) => kbLine(name, kb)).join('');
}

export function cpuinfoText(): string {
  const rows: [string, string][] = [
    ['processor\t', '0'],
    ['hart\t\t', '0'],
    ['isa\t\t', ISA],
    ['mmu\t\t', 'sv39'],
    ['mvendorid\t', '0x0'],
    ['marchid\t\t', '0x0'],
    ['mimpid\t\t', '0x0'],
    ['hart isa\t', ISA],
  ];
  return `${rows.map(([name, value]) => `${name}: ${value}\n`).join('')}\n`;
}

function hundredths(ns: number): string {
  const total = clockTicks(ns);
  return `${Math.floor(total / 100)}.${String(total % 100).padStart(2, '0')}`;
}

/** CPU time of all processes, with that of children that were reaped. */
export function busyTime(kernel: Kernel): CpuTime {
  let userNs = 0;
  let systemNs = 0;
  for (const process of kernel.processes) {
    const time = processCpuTime(process);
    userNs += time.userNs + process.childrenUserNs;
    systemNs += time.systemNs + process.childrenSystemNs;
  }
  return { userNs, systemNs };
}

function idleNs(kernel: Kernel): number {
  const { userNs, systemNs } = busyTime(kernel);
  return Math.max(0, kernel.clock.monotonicNs() - userNs - systemNs);
}

export function uptimeText(reader: Thread): string {
  const { kernel } = reader;
  const { sec, nsec } = clockOffset(reader, CLOCK_BOOTTIME);
  const uptimeNs = kernel.clock.monotonicNs() + sec * NS_PER_SEC + nsec;
  return `${hundredths(uptimeNs)} ${hundredths(idleNs(kernel))}\n`;
}

function runningCount(kernel: Kernel): number {
  let count = 0;
  for (const { state } of kernel.pids.threads()) if (state === 'runnable') count++;
  return count;
}

/** Averages are not kept: 0.00. */
export function loadavgText({ kernel, process }: Thread): string {
  const { last } = process.pidNamespace ?? kernel.pids;
  return `0.00 0.00 0.00 ${runningCount(kernel)}/${kernel.pids.threadCount} ${last}\n`;
}

export function statText(reader: Thread): string {
  const { kernel } = reader;
  const { userNs, systemNs } = busyTime(kernel);
  const times = [
    clockTicks(userNs),
    0,
    clockTicks(systemNs),
    clockTicks(idleNs(kernel)),
    0,
    0,
    0,
    0,
    0,
    0,
  ].join(' ');
  const offset = clockOffset(reader, CLOCK_BOOTTIME);
  const offsetNs = BigInt(offset.sec) * BigInt(NS_PER_SEC) + BigInt(offset.nsec);
  const bootSeconds = (kernel.clock.realtimeOffsetNs - offsetNs) / BigInt(NS_PER_SEC);
  return (
    `cpu  ${times}\ncpu0 ${times}\nintr 0\nctxt 0\nbtime ${bootSeconds}\nprocesses ${kernel.pids.last}\n` +
    `procs_running ${runningCount(kernel)}\nprocs_blocked 0\nsoftirq 0 0 0 0 0 0 0 0 0 0 0\n`
  );
}

const FILE_SYSTEMS = [
  'sysfs',
  'tmpfs',
  'proc',
  'cgroup2',
  'devtmpfs',
  'sockfs',
  'pipefs',
  'ramfs',
  'devpts',
  'overlay',
];

export function filesystemsText(kernel: Kernel): string {
  const names = new Set([...FILE_SYSTEMS, ...kernel.vfs.fileSystemTypes]);
  return [...names].map((name) => `nodev\t${name}\n`).join('');
}

export const DEVICES_TEXT = `Character devices:
  1 mem
  5 /dev/tty
  5 /dev/console
  5 /dev/ptmx
 10 misc
128 ptm
136 pts

Block devices:
`;

export const SYSVIPC = {
  msg: '       key      msqid perms      cbytes       qnum lspid lrpid   uid   gid  cuid  cgid      stime      rtime      ctime\n',
  sem: '       key      semid perms      nsems   uid   gid  cuid  cgid      otime      ctime\n',
  shm: '       key      shmid perms                  size  cpid  lpid nattch   uid   gid  cuid  cgid      atime      dtime      ctime                   rss                  swap\n',
} as const;

export const VMSTAT_TEXT = [
  'nr_free_pages',
  'pgpgin',
  'pgpgout',
  'pswpin',
  'pswpout',
  'pgfault',
  'pgmajfault',
]
  .map((name) => `${name} 0\n`)
  .join('');
