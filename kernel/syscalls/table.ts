// The system call table: the family files' rows joined by number (asm-generic/unistd.h, riscv64).
// dispatch.ts looks calls up here; `rivulet syscalls` and the coverage page list it.

import { ATTRIBUTE_CALLS } from './attributes.ts';
import { CAPABILITY_SYSCALLS } from './capabilities.ts';
import { COPY_CALLS } from './copy.ts';
import { DIRECTORY_CALLS } from './directories.ts';
import { EPOLL_CALLS } from './epoll.ts';
import { EVENT_CALLS } from './event.ts';
import { EXEC_SYSCALLS } from './exec.ts';
import { FCNTL_CALLS } from './fcntl.ts';
import { FILE_HANDLE_CALLS } from './file-handles.ts';
import { FUTEX_SYSCALLS } from './futex.ts';
import { FUTEX_WAITV_SYSCALLS } from './futex-waitv.ts';
import { FUTEX2_SYSCALLS } from './futex2.ts';
import { ID_SYSCALLS } from './ids.ts';
import { INOTIFY_CALLS } from './inotify.ts';
import { IO_PRIORITY_SYSCALLS } from './io-priority.ts';
import { IO_URING_CALLS } from './io-uring.ts';
import { IO_URING_REGISTER_CALLS } from './io-uring-register.ts';
import { IOCTL_CALLS } from './ioctl.ts';
import { KEY_CALLS } from './keys.ts';
import { LIMIT_SYSCALLS } from './limits.ts';
import { MEMFD_CALLS } from './memfd.ts';
import { MEMORY_SYSCALLS } from './memory.ts';
import { MESSAGE_QUEUE_CALLS } from './message-queues.ts';
import { MOUNT_CALLS } from './mounts.ts';
import { OPEN_CLOSE_CALLS } from './open-close.ts';
import { PATH_CALLS } from './paths.ts';
import { PIDFD_SYSCALLS } from './pidfd.ts';
import { PIPE_CALLS } from './pipe.ts';
import { POLL_CALLS } from './poll.ts';
import { POSIX_QUEUE_CALLS } from './posix-queues.ts';
import { PRCTL_SYSCALLS } from './prctl.ts';
import { PROCESS_SYSCALLS } from './process.ts';
import { PROCESS_MEMORY_SYSCALLS } from './process-memory.ts';
import { PTRACE_SYSCALLS } from './ptrace.ts';
import { READ_WRITE_CALLS } from './read-write.ts';
import { SCHED_SYSCALLS } from './sched.ts';
import { SECCOMP_SYSCALLS } from './seccomp.ts';
import { SEMAPHORE_CALLS } from './semaphores.ts';
import { SESSION_SYSCALLS } from './session.ts';
import { SHM_SYSCALLS } from './shm.ts';
import { SIGNAL_SYSCALLS } from './signals.ts';
import { SOCKET_CALLS } from './socket.ts';
import { MESSAGE_CALLS } from './socket-messages.ts';
import { MULTI_MESSAGE_CALLS } from './socket-multi.ts';
import { SPLICE_CALLS } from './splice.ts';
import { STAT_CALLS } from './stat.ts';
import { SYNC_CALLS } from './sync.ts';
import type { Syscall } from './syscall.ts';
import { SYSTEM_SYSCALLS } from './system.ts';
import { TIME_SYSCALLS } from './time.ts';
import { TIMER_SYSCALLS } from './timers.ts';
import { WAIT_SYSCALLS } from './wait.ts';
import { XATTR_CALLS } from './xattr.ts';

const FAMILIES: readonly Readonly<Record<number, Syscall>>[] = [
  PIPE_CALLS,
  SPLICE_CALLS,
  INOTIFY_CALLS,
  POLL_CALLS,
  EPOLL_CALLS,
  EVENT_CALLS,
  SOCKET_CALLS,
  MESSAGE_CALLS,
  MULTI_MESSAGE_CALLS,
  ATTRIBUTE_CALLS,
  DIRECTORY_CALLS,
  FCNTL_CALLS,
  OPEN_CLOSE_CALLS,
  PATH_CALLS,
  READ_WRITE_CALLS,
  STAT_CALLS,
  SYNC_CALLS,
  XATTR_CALLS,
  COPY_CALLS,
  IOCTL_CALLS,
  IO_URING_CALLS,
  IO_URING_REGISTER_CALLS,
  MEMFD_CALLS,
  MOUNT_CALLS,
  FILE_HANDLE_CALLS,
  CAPABILITY_SYSCALLS,
  EXEC_SYSCALLS,
  FUTEX_SYSCALLS,
  FUTEX_WAITV_SYSCALLS,
  FUTEX2_SYSCALLS,
  ID_SYSCALLS,
  IO_PRIORITY_SYSCALLS,
  KEY_CALLS,
  LIMIT_SYSCALLS,
  MEMORY_SYSCALLS,
  PIDFD_SYSCALLS,
  PRCTL_SYSCALLS,
  PROCESS_MEMORY_SYSCALLS,
  PROCESS_SYSCALLS,
  PTRACE_SYSCALLS,
  SCHED_SYSCALLS,
  SECCOMP_SYSCALLS,
  SESSION_SYSCALLS,
  SEMAPHORE_CALLS,
  POSIX_QUEUE_CALLS,
  MESSAGE_QUEUE_CALLS,
  SHM_SYSCALLS,
  SIGNAL_SYSCALLS,
  SYSTEM_SYSCALLS,
  TIME_SYSCALLS,
  TIMER_SYSCALLS,
  WAIT_SYSCALLS,
];

/** Above the last number (cachestat and its followers end at 470). */
const TABLE_SIZE = 512;

/** Rows by number; holes are ENOSYS. */
export const SYSCALLS: readonly (Syscall | undefined)[] = join();

function join(): (Syscall | undefined)[] {
  // without holes: every system call looks here
  const table = new Array<Syscall | undefined>(TABLE_SIZE).fill(undefined);
  for (const family of FAMILIES) {
    for (const key in family) {
      const number = Number(key);
      if (table[number] !== undefined) throw new Error(`two rows for system call ${number}`);
      table[number] = family[number];
    }
  }
  return table;
}
