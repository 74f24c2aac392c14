// /proc/locks and the locks in /proc/PID/fdinfo/N (proc_locks(5); fs/locks.c, lock_get_status).
// root.ts and descriptor-nodes.ts make files of them.
import type { OpenFile } from '../../file/open-file.ts';
import type { Kernel } from '../../kernel.ts';
import type { PidNamespace } from '../../namespaces/pid-namespace.ts';
import type { Inode } from '../inode.ts';
import { F_RDLCK, F_WRLCK, type FileLocks } from '../locks/file-locks.ts';
import { isBreaking, targetType } from '../locks/leases.ts';
import { OFD_PID } from '../locks/lock-calls.ts';
import { numberIn } from './target.ts';

/** A lock as lines show it: who may hold it, and all but the number in front. */
interface LockLine {
  /** A descriptor table (POSIX) or an open file description. */
  readonly owner: object;
  /** Through which it was set. */
  readonly file: OpenFile;
  /** Whose lock it is, as this /proc shows it; 0 for who is not in its pid namespace. */
  readonly pid: number;
  readonly text: string;
}

function linesOf(
  inode: Inode,
  { flocks, ranges, leases }: FileLocks,
  pids: PidNamespace | undefined,
): LockLine[] {
  const { dev } = inode.fs;
  const place = `${hex2(dev >> 8)}:${hex2(dev & 0xff)}:${inode.ino}`;
  const line = (kind: string, type: number, pid: number, range: string): string =>
    `${kind.padEnd(6)} ADVISORY  ${type === F_WRLCK ? 'WRITE' : 'READ '} ${pid} ${place} ${range}\n`;
  const shown = (pid: number): number => (pid === OFD_PID ? OFD_PID : numberIn({ pids }, pid));
  const whole = [...flocks].map(([file, { type, pid }]) => ({
    owner: file,
    file,
    pid: shown(pid),
    text: line('FLOCK', type, shown(pid), '0 EOF'),
  }));
  const parts = ranges.map(({ owner, file, pid, type, start, end }) => ({
    owner,
    file,
    pid: shown(pid),
    text: line(
      pid === OFD_PID ? 'OFDLCK' : 'POSIX',
      type,
      shown(pid),
      `${start} ${end === Infinity ? 'EOF' : end - 1}`,
    ),
  }));
  const given = (leases?.list ?? []).map((lease) => {
    const type = targetType(lease);
    const word = type === F_WRLCK ? 'WRITE' : type === F_RDLCK ? 'READ' : 'UNLCK';
    const state = isBreaking(lease) ? 'BREAKING ' : 'ACTIVE   ';
    const { file } = lease;
    const pid = shown(lease.pid);
    return { owner: file, file, pid, text: `LEASE  ${state} ${word} ${pid} ${place} 0 EOF\n` };
  });
  return [...whole, ...parts, ...given];
}

function hex2(value: number): string {
  return value.toString(16).padStart(2, '0');
}

/** Every lock that a process of `pids` holds; those of files that are only in flight are left out. */
export function locksText(kernel: Kernel, pids: PidNamespace | undefined): string {
  const inodes = new Set<Inode>();
  for (const process of kernel.processes) {
    for (const { files } of process.threads.values())
      for (const [, { descriptor }] of files.entries())
        if (descriptor.inode.locks) inodes.add(descriptor.inode);
  }
  const lines = [...inodes].flatMap((inode) => (inode.locks ? linesOf(inode, inode.locks, pids) : []));
  return lines
    .filter(({ pid }) => pid !== 0)
    .map(({ text }, index) => `${index + 1}: ${text}`)
    .join('');
}

/** The locks that `file`, opened in the table `files`, has part in (show_fd_locks). */
export function descriptorLocksText(file: OpenFile, files: object, pids: PidNamespace | undefined): string {
  const { inode } = file.descriptor;
  if (inode.locks === undefined) return '';
  const own = linesOf(inode, inode.locks, pids).filter(
    (line) => line.file === file && (line.owner === file || line.owner === files),
  );
  return own.map(({ text }, index) => `lock:\t${index + 1}: ${text}`).join('');
}
