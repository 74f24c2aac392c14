// strace's classes of system calls: %file, %desc, %process, %network, %signal, %ipc, %memory, %creds, %clock, %stat …
// cli/trace-options.ts resolves -e trace=LIST with it. %file and %desc follow from the rows' argument kinds.
import { allSyscalls } from '../../kernel/syscalls/table.ts';

const WORDS: Readonly<Record<string, string>> = {
  process:
    'clone clone3 fork vfork execve execveat exit exit_group wait4 waitid kill tkill tgkill pidfd_open pidfd_send_signal unshare setns rt_sigqueueinfo rt_tgsigqueueinfo prlimit64',
  network:
    'socket socketpair bind listen accept accept4 connect getsockname getpeername sendto recvfrom sendmsg recvmsg sendmmsg recvmmsg setsockopt getsockopt shutdown sendfile',
  signal:
    'rt_sigaction rt_sigprocmask rt_sigreturn rt_sigpending rt_sigsuspend rt_sigtimedwait rt_sigqueueinfo rt_tgsigqueueinfo sigaltstack kill tkill tgkill signalfd4 pidfd_send_signal',
  ipc: 'shmget shmat shmdt shmctl semget semop semctl semtimedop msgget msgsnd msgrcv msgctl mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr',
  memory:
    'brk mmap munmap mprotect mremap madvise msync mincore mlock mlock2 munlock mlockall munlockall remap_file_pages shmat shmdt io_setup io_destroy pkey_mprotect mbind migrate_pages move_pages get_mempolicy set_mempolicy process_madvise',
  creds:
    'getuid geteuid getgid getegid getresuid getresgid setuid setgid setreuid setregid setresuid setresgid setfsuid setfsgid getgroups setgroups capget capset prctl',
  clock: 'clock_gettime clock_settime clock_getres clock_adjtime gettimeofday settimeofday adjtimex times',
  stat: 'newfstatat statx',
  lstat: '',
  fstat: 'fstat newfstatat statx',
  '%stat': 'fstat newfstatat statx',
  statfs: 'statfs',
  fstatfs: 'fstatfs',
  '%statfs': 'statfs fstatfs',
  pure: 'getpid getppid gettid getuid geteuid getgid getegid getpgid getsid getpgrp',
};

/** Calls without a descriptor argument of their own that still are about descriptors. */
const MORE_DESC = [
  'pipe2',
  'memfd_create',
  'memfd_secret',
  'fanotify_init',
  'userfaultfd',
  'io_uring_setup',
  'bpf',
  'perf_event_open',
  'close_range',
  'epoll_create1',
  'eventfd2',
  'timerfd_create',
  'signalfd4',
  'inotify_init1',
];

function rows(): { name: string; kinds: string[] }[] {
  return allSyscalls()
    .filter((row) => row !== undefined)
    .map((row) => ({
      name: row.name,
      kinds: row.kinds.map(([, kind]) => kind.name),
    }));
}

/** The names of a class, given without its first %; undefined when there is no such class. */
export function classMembers(name: string): Set<string> | undefined {
  if (name === 'file') {
    return new Set(
      rows()
        .filter(({ kinds }) => kinds.includes('path'))
        .map((row) => row.name),
    );
  }
  if (name === 'desc') {
    const direct = rows()
      .filter(({ kinds }) => kinds.includes('fd') || kinds.includes('dirfd'))
      .map((row) => row.name);
    // strace has those of sockets in %network alone
    const sockets = classMembers('network');
    const others = direct.filter((each) => each === 'sendfile' || sockets?.has(each) !== true);
    return new Set([...others, ...MORE_DESC, 'mmap', 'ppoll', 'pselect6']);
  }
  const words = WORDS[name] ?? WORDS[{ net: 'network', sig: 'signal' }[name] ?? ''];
  return words === undefined ? undefined : new Set(words.split(' '));
}

/** Every name the kernel has a row for. */
export function knownNames(): Set<string> {
  return new Set(rows().map((row) => row.name));
}
