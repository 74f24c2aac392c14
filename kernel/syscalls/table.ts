// The system call table: the family files' rows joined by number (asm-generic/unistd.h, riscv64).
// dispatch.ts looks calls up here; `rivulet syscalls` and the coverage page list it.
import { late } from '../late.ts';
import { DIRECTORY_CALLS } from './directories.ts';
import { EXEC_SYSCALLS } from './exec.ts';
import { FCNTL_CALLS } from './fcntl.ts';
import { FUTEX_SYSCALLS } from './futex.ts';
import { ID_SYSCALLS } from './ids.ts';
import { IOCTL_CALLS } from './ioctl.ts';
import { LIMIT_SYSCALLS } from './limits.ts';
import { MEMORY_SYSCALLS } from './memory.ts';
import { OPEN_CLOSE_CALLS } from './open-close.ts';
import { PATH_CALLS } from './paths.ts';
import { PIPE_CALLS } from './pipe.ts';
import { POLL_CALLS } from './poll.ts';
import { PROCESS_SYSCALLS } from './process.ts';
import { READ_WRITE_CALLS } from './read-write.ts';
import { SIGNAL_SYSCALLS } from './signals.ts';
import { STAT_CALLS } from './stat.ts';
import type { Syscall } from './syscall.ts';
import { SYSTEM_SYSCALLS } from './system.ts';
import { TIME_SYSCALLS } from './time.ts';
import { WAIT_SYSCALLS } from './wait.ts';

/** What C libraries and shells ask for at their start. */
const EARLY_FAMILIES: readonly Readonly<Record<number, Syscall>>[] = [
  PIPE_CALLS,
  POLL_CALLS,
  DIRECTORY_CALLS,
  FCNTL_CALLS,
  OPEN_CLOSE_CALLS,
  PATH_CALLS,
  READ_WRITE_CALLS,
  STAT_CALLS,
  IOCTL_CALLS,
  EXEC_SYSCALLS,
  FUTEX_SYSCALLS,
  ID_SYSCALLS,
  LIMIT_SYSCALLS,
  MEMORY_SYSCALLS,
  PROCESS_SYSCALLS,
  SIGNAL_SYSCALLS,
  SYSTEM_SYSCALLS,
  TIME_SYSCALLS,
  WAIT_SYSCALLS,
];

/** Above the last number (cachestat and its followers end at 470). */
export const TABLE_SIZE = 512;

/** By number, without holes: every system call looks here. */
const rows = new Array<Syscall | undefined>(TABLE_SIZE).fill(undefined);
let isComplete = false;
addRows(EARLY_FAMILIES);

/** The row of a number; undefined where Linux would say ENOSYS, or we have to. */
export function syscallRow(number: number): Syscall | undefined {
  return rows[number] ?? (isComplete ? undefined : allSyscalls()[number]);
}

/** All rows by number; holes are ENOSYS. */
export function allSyscalls(): readonly (Syscall | undefined)[] {
  if (!isComplete) {
    isComplete = true;
    addRows(late.syscallFamilies);
  }
  return rows;
}

function addRows(families: readonly Readonly<Record<number, Syscall>>[]): void {
  for (const family of families) {
    for (const key in family) {
      const number = Number(key);
      if (rows[number] !== undefined) throw new Error(`two rows for system call ${number}`);
      rows[number] = family[number];
    }
  }
}
