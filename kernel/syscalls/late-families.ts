// The families of system calls that no C library needs to start a program: sockets, timers, io_uring and many more.
// table.ts asks for them through kernel/late.ts at the first call that the early families do not have.
import { ACCOUNTING_CALLS } from './accounting.ts';
import { AIO_CALLS } from './aio.ts';
import { ATTRIBUTE_CALLS } from './attributes.ts';
import { BPF_CALLS } from './bpf.ts';
import { CAPABILITY_SYSCALLS } from './capabilities.ts';
import { COPY_CALLS } from './copy.ts';
import { EPOLL_CALLS } from './epoll.ts';
import { EVENT_CALLS } from './event.ts';
import { FANOTIFY_CALLS } from './fanotify.ts';
import { FLOCK_CALLS } from './fcntl-commands.ts';
import { FILE_ATTR_CALLS } from './file-attr.ts';
import { FILE_HANDLE_CALLS } from './file-handles.ts';
import { FUTEX_WAITV_SYSCALLS } from './futex-waitv.ts';
import { FUTEX2_SYSCALLS } from './futex2.ts';
import { INOTIFY_CALLS } from './inotify.ts';
import { IO_PRIORITY_SYSCALLS } from './io-priority.ts';
import { IO_URING_CALLS } from './io-uring.ts';
import { IO_URING_REGISTER_CALLS } from './io-uring-register.ts';
import { KERNEL_LOG_CALLS } from './kernel-log.ts';
import { KEY_CALLS } from './keys.ts';
import { LANDLOCK_CALLS } from './landlock.ts';
import { LSM_CALLS } from './lsm.ts';
import { MEMFD_CALLS } from './memfd.ts';
import { MEMORY_AREA_SYSCALLS } from './memory-areas.ts';
import { MESSAGE_QUEUE_CALLS } from './message-queues.ts';
import { MOUNT_ATTRIBUTE_CALLS } from './mount-attributes.ts';
import { MOUNT_INFO_CALLS } from './mount-info.ts';
import { MOUNT_STEP_CALLS } from './mount-steps.ts';
import { MOUNT_CALLS } from './mounts.ts';
import { NAMESPACE_SYSCALLS } from './namespaces.ts';
import { NUMA_CALLS } from './numa.ts';
import { PIDFD_SYSCALLS } from './pidfd.ts';
import { POSIX_QUEUE_CALLS } from './posix-queues.ts';
import { PRCTL_SYSCALLS } from './prctl.ts';
import { PROCESS_MEMORY_SYSCALLS } from './process-memory.ts';
import { PTRACE_SYSCALLS } from './ptrace.ts';
import { QUOTA_CALLS } from './quota.ts';
import { SCHED_SYSCALLS } from './sched.ts';
import { SECCOMP_SYSCALLS } from './seccomp.ts';
import { SEMAPHORE_CALLS } from './semaphores.ts';
import { SESSION_SYSCALLS } from './session.ts';
import { SET_ID_SYSCALLS } from './set-ids.ts';
import { SHM_SYSCALLS } from './shm.ts';
import { SOCKET_CALLS } from './socket.ts';
import { MESSAGE_CALLS } from './socket-messages.ts';
import { MULTI_MESSAGE_CALLS } from './socket-multi.ts';
import { SPLICE_CALLS } from './splice.ts';
import { SWAP_CALLS } from './swap.ts';
import { SYNC_CALLS } from './sync.ts';
import type { Syscall } from './syscall.ts';
import { TIMER_SYSCALLS } from './timers.ts';
import { TIMEX_CALLS } from './timex.ts';
import { USERFAULT_CALLS } from './userfault.ts';
import { XATTR_CALLS } from './xattr.ts';

export const LATE_FAMILIES: readonly Readonly<Record<number, Syscall>>[] = [
  ACCOUNTING_CALLS,
  AIO_CALLS,
  FANOTIFY_CALLS,
  QUOTA_CALLS,
  ATTRIBUTE_CALLS,
  BPF_CALLS,
  CAPABILITY_SYSCALLS,
  COPY_CALLS,
  EPOLL_CALLS,
  EVENT_CALLS,
  FILE_ATTR_CALLS,
  FILE_HANDLE_CALLS,
  FLOCK_CALLS,
  FUTEX_WAITV_SYSCALLS,
  FUTEX2_SYSCALLS,
  INOTIFY_CALLS,
  IO_PRIORITY_SYSCALLS,
  IO_URING_CALLS,
  IO_URING_REGISTER_CALLS,
  KERNEL_LOG_CALLS,
  KEY_CALLS,
  LANDLOCK_CALLS,
  LSM_CALLS,
  MEMFD_CALLS,
  MEMORY_AREA_SYSCALLS,
  MESSAGE_QUEUE_CALLS,
  MOUNT_CALLS,
  MOUNT_ATTRIBUTE_CALLS,
  MOUNT_INFO_CALLS,
  MOUNT_STEP_CALLS,
  PIDFD_SYSCALLS,
  POSIX_QUEUE_CALLS,
  PRCTL_SYSCALLS,
  PROCESS_MEMORY_SYSCALLS,
  PTRACE_SYSCALLS,
  SCHED_SYSCALLS,
  SECCOMP_SYSCALLS,
  SEMAPHORE_CALLS,
  SESSION_SYSCALLS,
  SET_ID_SYSCALLS,
  SHM_SYSCALLS,
  SOCKET_CALLS,
  MESSAGE_CALLS,
  MULTI_MESSAGE_CALLS,
  NAMESPACE_SYSCALLS,
  NUMA_CALLS,
  SPLICE_CALLS,
  SWAP_CALLS,
  SYNC_CALLS,
  TIMER_SYSCALLS,
  TIMEX_CALLS,
  USERFAULT_CALLS,
  XATTR_CALLS,
];
