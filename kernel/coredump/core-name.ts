// Where a core goes: /proc/sys/kernel/core_pattern with what its % words stand for (core(5); fs/coredump.c, coredump_parse).
// dump.ts asks at each death. What Linux leaves out of a pattern is left out here: a % at the end, words that it does not know.
import { EINVAL, fail } from '../errno.ts';
import { linkPath } from '../fs/resolve.ts';
import { identityFor } from '../identity.ts';
import { RLIM_INFINITY, RLIMIT_CORE } from '../task/rlimits.ts';
import type { Thread } from '../task/thread.ts';
import { reportFailure } from './report.ts';

/** Values of fs.suid_dumpable and of PR_GET_DUMPABLE. */
export const SUID_DUMP_USER = 1;
export const SUID_DUMP_ROOT = 2;
/** Bytes, with the NUL. */
const CORENAME_MAX_SIZE = 128;
const UNIX_PATH_MAX = 108;

export interface CoreSettings {
  /** kernel.core_pattern */
  pattern: string;
  /** kernel.core_uses_pid */
  usesPid: number;
  /** fs.suid_dumpable: what prctl(PR_GET_DUMPABLE) says once ids have changed. */
  suidDumpable: number;
  /** kernel.core_pipe_limit: how many helpers may be served at once; with 0 they are not waited for. */
  pipeLimit: number;
}

export type CoreTarget =
  | { readonly kind: 'file'; readonly name: string }
  /** A program that reads the core from its descriptor 0. */
  | { readonly kind: 'pipe'; readonly argv: readonly string[] }
  /** A listening stream socket; `isAsked`: what is to be done. */
  | { readonly kind: 'socket'; readonly path: string; readonly isAsked: boolean };

/** Undefined for a pattern that means nothing, which the kernel's log says. */
export function coreTarget(
  thread: Thread,
  signo: number,
  { pattern, usesPid }: CoreSettings,
): CoreTarget | undefined {
  const expand = (text: string): string => expanded(thread, signo, text);
  if (pattern.startsWith('|')) {
    const words = pattern
      .slice(1)
      .split(/\s+/)
      .filter((word) => word !== '');
    return words.length === 0 ? formatFailed(thread) : { kind: 'pipe', argv: words.map(expand) };
  }
  const socket = /^@(@?)(.*)$/s.exec(pattern);
  if (socket !== null) {
    const [, second, path = ''] = socket; // in which no % word stands for anything
    if (!path.includes(' ')) return { kind: 'socket', path, isAsked: second === '@' };
    reportFailure(thread, 'coredump_parse', 'Coredump socket may not %s contain spaces', path);
    return formatFailed(thread);
  }
  const hasPid = /^(?:[^%]|%[^p])*%p/.test(pattern);
  const suffix = usesPid !== 0 && !hasPid ? `.${thread.process.ownPid}` : '';
  return { kind: 'file', name: (expand(pattern) || 'core') + suffix };
}

function formatFailed(thread: Thread): undefined {
  reportFailure(thread, 'vfs_coredump', 'format_corename failed, aborting core');
}

/** kernel.core_pattern is written: sockets have an absolute path without `..` (check_coredump_socket). EINVAL. */
export function setCorePattern(writer: Thread, text: string): void {
  const pattern = text.slice(0, CORENAME_MAX_SIZE - 1);
  const path = /^@@?(.*)$/s.exec(pattern)?.[1];
  const isPossible =
    path === undefined ||
    (path.startsWith('/') && path.length < UNIX_PATH_MAX && !path.split('/').includes('..'));
  if (!isPossible) fail(EINVAL, 'not the path of a socket');
  writer.kernel.cores.pattern = pattern;
  warnIfUnsafe(writer);
}

/** fs.suid_dumpable is written. */
export function setSuidDumpable(writer: Thread, value: number): void {
  writer.kernel.cores.suidDumpable = value;
  warnIfUnsafe(writer);
}

/** validate_coredump_safety. */
function warnIfUnsafe(writer: Thread): void {
  const { suidDumpable, pattern } = writer.kernel.cores;
  if (suidDumpable !== SUID_DUMP_ROOT || /^[/|@]/.test(pattern)) return;
  reportFailure(
    writer,
    'validate_coredump_safety',
    'Unsafe core_pattern used with fs.suid_dumpable=2: pipe handler or fully qualified core dump path required. ' +
      'Set kernel.core_pattern before fs.suid_dumpable.',
  );
}

function expanded(thread: Thread, signo: number, pattern: string): string {
  return pattern.replace(/%(.?)/gs, (_, letter: string) =>
    letter === '%' ? '%' : wordFor(letter, thread, signo),
  );
}

function wordFor(letter: string, thread: Thread, signo: number): string {
  const { process, kernel, credentials } = thread;
  switch (letter) {
    case 'p':
      return `${process.ownPid}`;
    case 'P':
      return `${process.pid}`;
    case 'i':
      return `${thread.ownTid}`;
    case 'I':
      return `${thread.tid}`;
    case 'u':
      return `${credentials.ruid}`;
    case 'g':
      return `${credentials.rgid}`;
    case 'd':
      return `${process.dumpable}`;
    case 's':
      return `${signo}`;
    case 't':
      return `${kernel.clock.realtimeNs() / 1_000_000_000n}`;
    case 'h':
      return asName(identityFor(thread).hostName);
    case 'e':
      return asName(thread.name);
    case 'f':
      return asName(executableOf(thread).replace(/^.*\//s, ''));
    case 'E':
      return executableOf(thread).replaceAll('/', '!');
    case 'c': {
      const { soft } = process.limits.get(RLIMIT_CORE);
      return soft === RLIM_INFINITY ? '18446744073709551615' : `${soft}`;
    }
    case 'C':
      return '0';
    default:
      return '';
  }
}

/** No directories, and none of the names of directories (cn_vprintf). */
function asName(text: string): string {
  return /^\.{1,2}$/.test(text) ? text.replace('.', '!') : text.replaceAll('/', '!');
}

function executableOf(thread: Thread): string {
  const { executable } = thread.process;
  return executable === undefined ? `${thread.name} (path unknown)` : linkPath(thread, executable.path);
}
