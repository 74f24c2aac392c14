// strace's sets as its options spell them: calls, signals, descriptors, statuses, what is silent.
// trace-options.ts and explore read them; all throw UsageError on words that mean nothing.
import { classMembers, knownNames } from '../debugger/trace/classes.ts';
import type { Status } from '../debugger/trace/options.ts';
import { signalNumber } from '../kernel/abi/kinds/signal-text.ts';
import { allSyscalls } from '../kernel/syscalls/table.ts';
import { UsageError } from './failure.ts';

/**
 * A LIST: names, numbers, %classes, /regex, all, none, with ! before it for the opposite; ?name may be unknown, @64 says
 * what all calls are here. `option` is what errors begin with.
 */
export function callFilter(list: string, option = `-e trace=${list}`): (name: string) => boolean {
  if (list.startsWith('!')) {
    const inverse = callFilter(list.slice(1), option);
    return (name) => !inverse(name);
  }
  if (list === 'all') return () => true;
  if (list === 'none') return () => false;
  const chosen = new Set<string>();
  const patterns: RegExp[] = [];
  const names = knownNames();
  for (const word of list.split(',')) {
    if (/@(?:32|x32)$/.test(word)) continue; // there are none of those
    const name = word.replace(/^\?/, '').replace(/@64$/, '');
    if (name.startsWith('/')) patterns.push(pattern(name.slice(1), option));
    else if (name.startsWith('%')) {
      const members = classMembers(name.slice(1)) ?? unknown(`${option}: there is no class ${name}`);
      for (const member of members) chosen.add(member);
    } else if (names.has(name) || word.startsWith('?')) chosen.add(name);
    else
      for (const member of numbered(name) ?? classMembers(name) ?? noCall(name, option)) chosen.add(member);
  }
  return (name) => chosen.has(name) || patterns.some((regex) => regex.test(name));
}

/** A call by its number. */
function numbered(word: string): readonly string[] | undefined {
  const row = /^\d{1,4}$/.test(word) ? allSyscalls()[Number(word)] : undefined;
  return row === undefined ? undefined : [row.name];
}

/** What C libraries for riscv64 call where other processors have a call of that name. */
const SUCCESSORS: Readonly<Record<string, string>> = {
  access: 'faccessat',
  arch_prctl: 'prctl',
  chmod: 'fchmodat',
  chown: 'fchownat',
  creat: 'openat',
  dup2: 'dup3',
  epoll_create: 'epoll_create1',
  epoll_wait: 'epoll_pwait',
  eventfd: 'eventfd2',
  fork: 'clone',
  getdents: 'getdents64',
  getpgrp: 'getpgid',
  inotify_init: 'inotify_init1',
  lchown: 'fchownat',
  link: 'linkat',
  lstat: 'newfstatat',
  mkdir: 'mkdirat',
  mknod: 'mknodat',
  open: 'openat',
  pause: 'ppoll',
  pipe: 'pipe2',
  poll: 'ppoll',
  readlink: 'readlinkat',
  recv: 'recvfrom',
  rename: 'renameat2',
  rmdir: 'unlinkat',
  select: 'pselect6',
  send: 'sendto',
  signal: 'rt_sigaction',
  sigaction: 'rt_sigaction',
  signalfd: 'signalfd4',
  stat: 'newfstatat',
  symlink: 'symlinkat',
  time: 'clock_gettime',
  unlink: 'unlinkat',
  vfork: 'clone',
  waitpid: 'wait4',
};

function noCall(name: string, option: string): never {
  const successor = Object.hasOwn(SUCCESSORS, name) ? SUCCESSORS[name] : undefined;
  const hint = successor === undefined ? '; `rivulet syscalls` lists them' : `; programs use ${successor}`;
  return unknown(`${option}: riscv64 has no system call ${name}${hint}`);
}

function pattern(source: string, option: string): RegExp {
  try {
    return new RegExp(source);
  } catch {
    return unknown(`${option}: /${source} is not a regular expression`);
  }
}

/** Signals of -e signal=. Throws UsageError. */
export function signalFilter(list: string): (signo: number) => boolean {
  if (list.startsWith('!')) {
    const inverse = signalFilter(list.slice(1));
    return (signo) => !inverse(signo);
  }
  if (list === 'all') return () => true;
  if (list === 'none') return () => false;
  const chosen = new Set(list.split(',').map((word) => demandSignal(word)));
  return (signo) => chosen.has(signo);
}

/** A signal's number by its name. Throws UsageError. */
export function demandSignal(word: string): number {
  return signalNumber(word) ?? unknown(`there is no signal ${word}`);
}

const STATUSES: Readonly<Record<string, Status | undefined>> = {
  successful: 'successful',
  failed: 'failed',
  unfinished: 'unfinished',
  unavailable: 'unfinished',
  detached: undefined,
};

/** With ! before it for the opposite. */
export function statusSet(list: string): ReadonlySet<Status> | undefined {
  if (list === 'all' || list === '!none') return undefined;
  if (list === 'none' || list === '!all') return new Set();
  const isInverse = list.startsWith('!');
  const named = list
    .slice(isInverse ? 1 : 0)
    .split(',')
    .map((word) => (Object.hasOwn(STATUSES, word) ? STATUSES[word] : unknown(`invalid status '${word}'`)));
  const all: Status[] = ['successful', 'failed', 'unfinished'];
  return new Set(all.filter((status) => named.includes(status) !== isInverse));
}

const QUIET: Readonly<Record<string, readonly ('attach' | 'exit')[]>> = {
  attach: ['attach'],
  attaching: ['attach'],
  exit: ['exit'],
  exits: ['exit'],
  'path-resolution': [],
  'path-resolve': [],
  personality: [],
  'thread-execve': [],
  'thread-exec': [],
  superseded: [],
  all: ['attach', 'exit'],
  none: [],
};

/** What -e quiet= silences. Throws UsageError. */
export function quietSet(list: string): ReadonlySet<'attach' | 'exit'> {
  return new Set(list.split(',').flatMap((word) => QUIET[word] ?? unknown(`invalid quiet '${word}'`)));
}

/** Descriptors of -e read= and write=. Throws UsageError. */
export function fdFilter(list: string): (fd: number) => boolean {
  if (list.startsWith('!')) {
    const inverse = fdFilter(list.slice(1));
    return (fd) => !inverse(fd);
  }
  if (list === 'all') return () => true;
  if (list === 'none') return () => false;
  const chosen = new Set(
    list
      .split(',')
      .map((word) => (/^\d{1,7}$/.test(word) ? Number(word) : unknown(`invalid descriptor '${word}'`))),
  );
  return (fd) => chosen.has(fd);
}

/** As an expression. */
export function unknown(message: string): never {
  throw new UsageError(message);
}
