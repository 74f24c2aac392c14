// Which errors a system call can plausibly meet where it worked before: shortage, interruption, a peer or file that changed.
// faults.ts tries each. Errors that only a wrong program gets (EBADF, EFAULT, EINVAL) are left out.
// From the ERRORS sections of the man pages, section 2.

const DESCRIPTORS = ['EMFILE', 'ENFILE', 'ENOMEM'];
const PATHS = ['ENOENT', 'EACCES', 'ENOMEM', 'EIO'];
const CHANGES = ['EACCES', 'ENOSPC', 'EROFS', 'EIO'];
const READS = ['EINTR', 'EAGAIN', 'EIO'];
const SOCKET_READS = ['EINTR', 'EAGAIN', 'ECONNRESET', 'ENOMEM'];
const WRITES = ['EINTR', 'EAGAIN', 'ENOSPC', 'EIO', 'EPIPE'];
const SOCKET_WRITES = ['EINTR', 'EAGAIN', 'EPIPE', 'ECONNRESET', 'ENOBUFS', 'ENOMEM'];
const SLEEPS = ['EINTR'];
const MEMORY = ['ENOMEM'];
const PROCESSES = ['EAGAIN', 'ENOMEM'];

/** Names in a group share their errors. */
const GROUPS: readonly (readonly [names: string, errors: readonly string[]])[] = [
  ['openat openat2', [...DESCRIPTORS, 'ENOENT', 'EACCES', 'ENOSPC', 'EINTR']],
  [
    'dup dup3 fcntl pipe2 socketpair epoll_create1 eventfd2 timerfd_create signalfd4 inotify_init1',
    DESCRIPTORS,
  ],
  ['memfd_create memfd_secret pidfd_open pidfd_getfd', DESCRIPTORS],
  ['socket', [...DESCRIPTORS, 'EACCES', 'ENOBUFS']],
  ['accept accept4', [...DESCRIPTORS, 'EINTR', 'EAGAIN', 'ECONNABORTED']],
  ['connect', ['ECONNREFUSED', 'EINTR', 'EAGAIN', 'ETIMEDOUT', 'ENOENT', 'EACCES']],
  ['bind', ['EADDRINUSE', 'EACCES', 'ENOSPC', 'ENOMEM']],
  ['listen', ['EADDRINUSE']],
  ['setsockopt getsockopt', ['ENOMEM', 'ENOPROTOOPT']],
  ['shutdown getpeername', ['ENOTCONN']],
  ['getsockname', ['ENOBUFS']],
  ['read readv pread64 preadv preadv2 getdents64', READS],
  ['recvfrom recvmsg recvmmsg', SOCKET_READS],
  ['write writev pwrite64 pwritev pwritev2 sendfile splice tee copy_file_range', WRITES],
  ['sendto sendmsg sendmmsg', SOCKET_WRITES],
  ['close fsync fdatasync sync_file_range', ['EINTR', 'EIO']],
  ['ppoll pselect6 epoll_pwait epoll_pwait2 wait4 waitid', [...SLEEPS, 'ENOMEM']],
  ['nanosleep clock_nanosleep rt_sigtimedwait rt_sigsuspend flock', SLEEPS],
  ['epoll_ctl inotify_add_watch', ['ENOMEM', 'ENOSPC']],
  ['mmap mremap mprotect brk madvise shmget shmat mlock', MEMORY],
  ['clone clone3', PROCESSES],
  ['execve', ['ENOENT', 'EACCES', 'ENOMEM', 'E2BIG', 'ETXTBSY']],
  ['newfstatat fstat statx faccessat faccessat2 readlinkat statfs fstatfs chdir getcwd', PATHS],
  ['mkdirat unlinkat renameat2 linkat symlinkat mknodat ftruncate truncate fallocate', CHANGES],
  ['fchmod fchmodat fchown fchownat utimensat', ['EPERM', 'EROFS', 'EIO']],
  ['setuid setgid setresuid setresgid setgroups', ['EAGAIN', 'EPERM']],
  ['kill tkill tgkill', ['ESRCH', 'EPERM']],
  ['getrandom', ['EINTR', 'ENOSYS']],
  ['prlimit64 setrlimit', ['EPERM']],
  ['lseek', ['ESPIPE']],
  ['ioctl', ['ENOTTY', 'EINTR']],
  ['futex', ['EINTR', 'EAGAIN']],
];

const ERRORS: ReadonlyMap<string, readonly string[]> = new Map(
  GROUPS.flatMap(([names, errors]) => names.split(' ').map((name) => [name, errors] as const)),
);

/** Error names to try for a call; none for calls that cannot fail. */
export function plausibleErrors(syscallName: string): readonly string[] {
  return ERRORS.get(syscallName) ?? [];
}
