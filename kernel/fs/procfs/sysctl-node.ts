// /proc/sys: the machine's settings as files (sysctl(8), Documentation/admin-guide/sysctl).
// root.ts puts it into the root. A row is a path with a reader and perhaps a writer; directories follow from the paths.
// Writers get the text as written; what is no number or out of range is EINVAL.
import { EINVAL, fail } from '../../errno.ts';
import { identityFor } from '../../identity.ts';
import type { Kernel } from '../../kernel.ts';
import { late } from '../../late.ts';
import { demandRestore, pidNamespaceOf } from '../../namespaces/pid-namespace.ts';
import { NET_SYSCTLS, type Sysctl } from '../../net/sysctls.ts';
import { PID_MAX } from '../../task/pid-table.ts';
import type { Thread } from '../../task/thread.ts';
import { type DirectoryNode, type ProcNode, type TextNode, watchable } from './nodes.ts';

function fixed(value: number | string): Sysctl {
  return { read: () => `${value}\n` };
}

function number(
  read: (kernel: Kernel) => number,
  store: (kernel: Kernel, value: number) => void,
  least = 0,
  most = 0x7fff_ffff,
): Sysctl {
  return {
    read: (kernel) => `${read(kernel)}\n`,
    write: (kernel, text) => {
      store(kernel, parsed(text, least, most));
    },
  };
}

/** The number that was written. EINVAL. */
function parsed(text: string, least: number, most: number): number {
  const trimmed = text.replaceAll('\0', '').trim();
  const value = /^[+-]?\d{1,10}$/.test(trimmed) ? Number(trimmed) : fail(EINVAL, 'a sysctl takes a number');
  if (value < least || value > most) fail(EINVAL, 'the number is out of range');
  return value;
}

/** A utsname field: the first line of what is written, cut to 64 bytes. */
function name(key: 'hostName' | 'domainName'): Sysctl {
  return {
    read: (_kernel, reader) => `${identityFor(reader)[key]}\n`,
    changes: ({ identity }) => identity[`${key}Changes`],
    takes: 'text',
    write: (_kernel, text, writer) => {
      identityFor(writer)[key] = text.slice(0, 64);
    },
  };
}

/** A random UUID of version 4. */
function uuid(kernel: Kernel): string {
  const bytes = kernel.random.fill(new Uint8Array(16));
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** One for each machine, made when first read. */
const bootIds = new WeakMap<Kernel, string>();

function bootId(kernel: Kernel): string {
  const id = bootIds.get(kernel) ?? uuid(kernel);
  bootIds.set(kernel, id);
  return id;
}

/** Half as many as threads, as Linux has it; they are only limited by what else there is of the machine. */
const MOST_NAMESPACES = 16_384;

const SYSCTLS: Readonly<Record<string, Sysctl>> = {
  'debug/exception-trace': number(
    ({ log }) => (log.showsUnhandled ? 1 : 0),
    ({ log }, value) => {
      log.showsUnhandled = value !== 0;
    },
  ),
  'fs/aio-max-nr': number(
    ({ aio }) => aio.limit,
    ({ aio }, value) => {
      aio.limit = value;
    },
  ),
  'fs/aio-nr': { read: ({ aio }) => `${aio.count}\n` },
  'fs/dentry-state': fixed('0\t0\t45\t0\t0\t0'),
  'fs/epoll/max_user_watches': number(
    ({ epollWatches }) => epollWatches.limit,
    ({ epollWatches }, value) => {
      epollWatches.limit = value;
    },
  ),
  'fs/fanotify/max_queued_events': fixed(16_384),
  'fs/fanotify/max_user_groups': fixed(128),
  'fs/fanotify/max_user_marks': fixed(65_536),
  'fs/file-max': fixed('9223372036854775807'),
  'fs/file-nr': { read: (kernel) => `${openFileCount(kernel)}\t0\t9223372036854775807\n` },
  'fs/inode-nr': fixed('0\t0'),
  'fs/inotify/max_queued_events': fixed(16_384),
  'fs/inotify/max_user_instances': fixed(128),
  'fs/inotify/max_user_watches': fixed(65_536),
  'fs/lease-break-time': number(
    ({ vfs }) => vfs.leaseBreakSeconds,
    ({ vfs }, value) => {
      vfs.leaseBreakSeconds = value;
    },
    -0x8000_0000,
  ),
  'fs/leases-enable': fixed(1),
  'fs/mount-max': fixed(100_000),
  'fs/nr_open': fixed(1_048_576),
  'fs/overflowgid': fixed(65_534),
  'fs/overflowuid': fixed(65_534),
  'fs/pipe-max-size': {
    read: ({ pipeAccounts }) => `${pipeAccounts.maxSize}\n`,
    write: ({ pipeAccounts }, text) => {
      const value = Number(text.trim());
      if (!(value >= 1 && value <= 0x8000_0000)) fail(EINVAL, 'no size for a pipe');
      pipeAccounts.maxSize = Math.max(4096, 2 ** Math.ceil(Math.log2(value)));
    },
  },
  'fs/pipe-user-pages-hard': number(
    ({ pipeAccounts }) => pipeAccounts.userPagesHard,
    ({ pipeAccounts }, value) => {
      pipeAccounts.userPagesHard = value;
    },
  ),
  'fs/pipe-user-pages-soft': number(
    ({ pipeAccounts }) => pipeAccounts.userPagesSoft,
    ({ pipeAccounts }, value) => {
      pipeAccounts.userPagesSoft = value;
    },
  ),
  'fs/protected_fifos': fixed(0),
  'fs/protected_hardlinks': fixed(1),
  'fs/protected_regular': fixed(0),
  'fs/protected_symlinks': fixed(0),
  'fs/suid_dumpable': {
    read: ({ cores }) => `${cores.suidDumpable}\n`,
    write: (_kernel, text, writer) => late.coreDumps.setSuidDumpable(writer, parsed(text, 0, 2)),
  },
  'kernel/cap_last_cap': fixed(40),
  'kernel/core_pattern': {
    read: ({ cores }) => `${cores.pattern}\n`,
    takes: 'text',
    write: (_kernel, text, writer) => late.coreDumps.setCorePattern(writer, text),
  },
  'kernel/core_pipe_limit': number(
    ({ cores }) => cores.pipeLimit,
    ({ cores }, value) => {
      cores.pipeLimit = value;
    },
  ),
  'kernel/core_uses_pid': number(
    ({ cores }) => cores.usesPid,
    ({ cores }, value) => {
      cores.usesPid = value;
    },
  ),
  'kernel/dmesg_restrict': fixed(0),
  'kernel/domainname': name('domainName'),
  'kernel/hostname': name('hostName'),
  'kernel/kptr_restrict': fixed(0),
  'kernel/msgmax': fixed(8192),
  'kernel/msgmnb': fixed(16_384),
  'kernel/msgmni': fixed(32_000),
  'kernel/ngroups_max': fixed(65_536),
  'kernel/ns_last_pid': {
    read: ({ pids }, { process }) => `${(process.pidNamespace ?? pids).last}\n`,
    write: (kernel, text, { process, credentials }) => {
      const namespace = pidNamespaceOf(kernel, process);
      demandRestore(namespace, credentials);
      (process.pidNamespace ?? kernel.pids).last = parsed(text, 0, PID_MAX);
    },
    mode: 0o666, // the writer is looked at
  },
  'kernel/osrelease': { read: ({ identity }) => `${identity.release}\n` },
  'kernel/ostype': fixed('Linux'),
  'kernel/overflowgid': fixed(65_534),
  'kernel/overflowuid': fixed(65_534),
  'kernel/panic': fixed(0),
  'kernel/pid_max': fixed(PID_MAX),
  'kernel/printk': {
    takes: 4,
    read: ({ log }) => `${log.levels.join('\t')}\n`,
    write: ({ log }, text) => {
      const given = text.trim().split(/\s+/).slice(0, 4);
      if (!given.every((word) => /^-?\d{1,9}$/.test(word))) fail(EINVAL, 'four numbers');
      const [first, second, third, fourth] = log.levels.map((old, i) => Number(given[i] ?? old));
      log.levels = [first, second, third, fourth] as typeof log.levels;
    },
  },
  'kernel/printk_delay': fixed(0),
  'kernel/printk_devkmsg': fixed('ratelimit'),
  'kernel/printk_ratelimit': fixed(5),
  'kernel/printk_ratelimit_burst': fixed(10),
  'kernel/pty/max': number(
    ({ terminals }) => terminals.devpts.maximum,
    ({ terminals }, value) => {
      terminals.devpts.maximum = value;
    },
  ),
  'kernel/pty/nr': { read: ({ terminals }) => `${terminals.devpts.count}\n` },
  'kernel/pty/reserve': fixed(1024),
  'kernel/random/boot_id': { read: (kernel) => `${bootId(kernel)}\n` },
  'kernel/random/entropy_avail': fixed(256),
  'kernel/random/poolsize': fixed(256),
  'kernel/random/urandom_min_reseed_secs': fixed(60),
  'kernel/random/uuid': { read: (kernel) => `${uuid(kernel)}\n` },
  'kernel/random/write_wakeup_threshold': fixed(256),
  'kernel/randomize_va_space': fixed(0),
  'kernel/sched_autogroup_enabled': fixed(0),
  'kernel/sched_rr_timeslice_ms': fixed(100),
  'kernel/sched_rt_period_us': fixed(1_000_000),
  'kernel/sched_rt_runtime_us': fixed(950_000),
  'kernel/seccomp/actions_avail': fixed('kill_process kill_thread trap errno trace log allow'),
  'kernel/sem': fixed('32000\t1024000000\t500\t32000'),
  'kernel/shmall': fixed('18446744073692774399'),
  'kernel/shmmax': fixed('18446744073692774399'),
  'kernel/shmmni': fixed(4096),
  'kernel/sysctl_writes_strict': fixed(1),
  'kernel/tainted': fixed(0),
  'kernel/threads-max': { read: ({ options }) => `${options.maxProcesses}\n` },
  'kernel/version': { read: ({ identity }) => `${identity.version}\n` },
  'kernel/yama/ptrace_scope': fixed(0),
  'user/max_inotify_instances': fixed(128),
  'user/max_inotify_watches': fixed(65_536),
  'user/max_cgroup_namespaces': fixed(MOST_NAMESPACES),
  'user/max_ipc_namespaces': fixed(MOST_NAMESPACES),
  'user/max_mnt_namespaces': fixed(MOST_NAMESPACES),
  'user/max_net_namespaces': fixed(MOST_NAMESPACES),
  'user/max_pid_namespaces': fixed(MOST_NAMESPACES),
  'user/max_time_namespaces': fixed(MOST_NAMESPACES),
  'user/max_user_namespaces': fixed(MOST_NAMESPACES),
  'user/max_uts_namespaces': fixed(MOST_NAMESPACES),
  'vm/dirty_background_ratio': fixed(10),
  'vm/dirty_ratio': fixed(20),
  'vm/drop_caches': number(
    () => 0,
    () => {},
    1,
    4,
  ),
  'vm/legacy_va_layout': fixed(0),
  'vm/max_map_count': fixed(65_530),
  'vm/min_free_kbytes': fixed(11_521),
  'vm/mmap_min_addr': fixed(4096),
  'vm/nr_hugepages': fixed(0),
  'vm/oom_kill_allocating_task': fixed(0),
  'vm/overcommit_memory': fixed(0),
  'vm/overcommit_ratio': fixed(50),
  'vm/panic_on_oom': fixed(0),
  'vm/swappiness': fixed(60),
  'vm/unprivileged_userfaultfd': number(
    ({ userfaultsForAll }) => userfaultsForAll,
    (kernel, value) => {
      kernel.userfaultsForAll = value;
    },
    0,
    1,
  ),
  'vm/vfs_cache_pressure': fixed(100),
  ...NET_SYSCTLS,
};

function openFileCount(kernel: Kernel): number {
  const tables = new Set([...kernel.pids.threads()].map(({ files }) => files));
  let count = 0;
  for (const table of tables) for (const _ of table.entries()) count++;
  return count;
}

/** Numbers as proc_dointvec takes them: decimal, octal or hexadecimal, between spaces. EINVAL. */
function takeNumbers(text: string, most: number): { numbers: number[]; length: number } {
  const numbers: number[] = [];
  let at = /^\s*/.exec(text)?.[0].length ?? 0;
  while (numbers.length < most && (at < text.length || numbers.length === 0)) {
    const match = /^(-?)(0x[\da-f]+|\d+)(?=[ \t\n]|$)\s*/i.exec(text.slice(at));
    if (match === null) fail(EINVAL, 'a sysctl takes numbers');
    const digits = match[2] as string;
    const value = /^0\d/.test(digits) ? Number.parseInt(digits, 8) : Number(digits);
    numbers.push(match[1] === '-' ? -value : value);
    at += match[0].length;
  }
  return { numbers, length: at };
}

/**
 * Writes as sysctl_writes_strict has them: numbers that are not written at the start are passed over, bytes go on where
 * they were. Returns how much was taken.
 */
function writeAt(kernel: Kernel, row: Sysctl, writer: Thread, text: string, position: number): number {
  if (row.write === undefined || text === '') return 0;
  if (row.takes === 'text') {
    const old = row.read(kernel, writer).slice(0, -1);
    if (position > old.length) return text.length;
    row.write(kernel, old.slice(0, position) + (/^[^\n\0]*/.exec(text)?.[0] ?? ''), writer);
    return text.length;
  }
  if (position > 0) return text.length;
  const { numbers, length } = takeNumbers(text, row.takes ?? 1);
  row.write(kernel, numbers.join(' '), writer);
  return length;
}

function sysctlText(kernel: Kernel, row: Sysctl): TextNode {
  const { read, write, changes, mode = 0o644 } = row;
  const polled = watchable(changes?.(kernel));
  const shared = {
    kind: 'text',
    isStrict: true,
    text: (reader: Thread) => read(kernel, reader),
    isReadAtOnce: (content: string) => /^-?\d+(\s+-?\d+)*\n$/.test(content),
    polled,
  } as const;
  if (write === undefined) return { ...shared, mode: 0o444 };
  return {
    ...shared,
    mode,
    store: (writer, text) => write(kernel, text, writer),
    storeAt: (writer, text, position) => writeAt(kernel, row, writer, text, position),
  };
}

/** The directory of all rows that begin with `prefix`. */
export function sysctlDirectory(kernel: Kernel, prefix = ''): DirectoryNode {
  const names = new Set<string>();
  for (const path of Object.keys(SYSCTLS)) {
    if (path.startsWith(prefix)) names.add(path.slice(prefix.length).split('/')[0] as string);
  }
  return {
    kind: 'directory',
    names: () => [...names].sort(),
    find: (name): ProcNode | undefined => {
      if (!names.has(name)) return undefined;
      const row = SYSCTLS[prefix + name];
      return row === undefined ? sysctlDirectory(kernel, `${prefix}${name}/`) : sysctlText(kernel, row);
    },
  };
}
