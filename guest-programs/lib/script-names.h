// The system calls that scripts of fuzz/call-script.c may make, by name. Included by script-calls.h.
// Numbers from 424 on are the same for all processors, and stand here where the headers may be too old.
#pragma once

#define NAMED(name) {#name, SYS_##name}
static const struct {
  const char *name;
  long number;
} names[] = {
    NAMED(openat), NAMED(openat2), NAMED(close), NAMED(close_range), NAMED(dup), NAMED(dup3), NAMED(fcntl), NAMED(mkdirat),
    NAMED(mknodat), NAMED(unlinkat), NAMED(linkat), NAMED(symlinkat), NAMED(renameat2), NAMED(readlinkat), NAMED(truncate),
    NAMED(ftruncate), NAMED(fallocate), NAMED(lseek), NAMED(read), NAMED(write), NAMED(readv), NAMED(writev), NAMED(pread64),
    NAMED(pwrite64), NAMED(preadv), NAMED(pwritev), NAMED(preadv2), NAMED(pwritev2), NAMED(fchmod), NAMED(fchmodat),
    NAMED(fchown), NAMED(fchownat), NAMED(utimensat), NAMED(statx), NAMED(faccessat), NAMED(faccessat2), NAMED(chdir),
    NAMED(fchdir), NAMED(chroot), NAMED(getcwd), NAMED(umask), NAMED(setxattr), NAMED(lsetxattr), NAMED(fsetxattr), NAMED(getxattr),
    NAMED(lgetxattr), NAMED(fgetxattr), NAMED(listxattr), NAMED(llistxattr), NAMED(flistxattr), NAMED(removexattr),
    NAMED(lremovexattr), NAMED(fremovexattr), NAMED(flock), NAMED(copy_file_range), NAMED(sendfile), NAMED(splice), NAMED(tee),
    NAMED(vmsplice), NAMED(memfd_create), NAMED(inotify_init1), NAMED(inotify_add_watch), NAMED(inotify_rm_watch), NAMED(ioctl),
    NAMED(fsync), NAMED(fdatasync), NAMED(sync_file_range), NAMED(fadvise64), NAMED(readahead), NAMED(setresuid), NAMED(setresgid),
    NAMED(setgroups), NAMED(setfsuid), NAMED(setfsgid), NAMED(pipe2), NAMED(getdents64), NAMED(statfs), NAMED(fstatfs),
    NAMED(mmap), NAMED(munmap), NAMED(mprotect), NAMED(mremap), NAMED(madvise), NAMED(msync), NAMED(mincore), NAMED(mlock),
    NAMED(mlock2), NAMED(munlock), NAMED(mlockall), NAMED(munlockall), NAMED(brk), NAMED(rt_sigprocmask), NAMED(rt_sigpending),
    NAMED(rt_sigsuspend), NAMED(rt_sigtimedwait), NAMED(rt_sigqueueinfo), NAMED(rt_tgsigqueueinfo), NAMED(rt_sigaction),
    NAMED(sigaltstack), NAMED(signalfd4), NAMED(kill), NAMED(tgkill), NAMED(tkill), NAMED(getpid), NAMED(getppid), NAMED(gettid),
    NAMED(wait4), NAMED(waitid), NAMED(setpgid), NAMED(getpgid), NAMED(setsid), NAMED(getsid), NAMED(exit_group), NAMED(prctl),
    NAMED(prlimit64), NAMED(getrusage), NAMED(capget), NAMED(capset), NAMED(setuid), NAMED(setgid), NAMED(setreuid),
    NAMED(setregid), NAMED(getresuid), NAMED(getresgid), NAMED(getgroups), NAMED(getuid), NAMED(geteuid), NAMED(getgid),
    NAMED(getegid), NAMED(pidfd_open), NAMED(pidfd_send_signal), NAMED(pidfd_getfd), NAMED(setpriority), NAMED(getpriority),
    NAMED(sched_setscheduler), NAMED(sched_getscheduler), NAMED(sched_setparam), NAMED(sched_getparam), NAMED(sched_setattr),
    NAMED(sched_getattr), NAMED(sched_get_priority_max), NAMED(sched_get_priority_min), NAMED(sched_rr_get_interval),
    NAMED(sched_setaffinity), NAMED(sched_yield), NAMED(futex), NAMED(ioprio_set), NAMED(ioprio_get), NAMED(personality),
    NAMED(timerfd_create), NAMED(timerfd_settime), NAMED(timerfd_gettime), NAMED(timer_create), NAMED(timer_settime),
    NAMED(timer_gettime), NAMED(timer_getoverrun), NAMED(timer_delete), NAMED(setitimer), NAMED(getitimer), NAMED(clock_gettime),
    NAMED(clock_getres), NAMED(clock_nanosleep), NAMED(nanosleep), NAMED(eventfd2), NAMED(epoll_create1), NAMED(ppoll),
    NAMED(pselect6), NAMED(set_tid_address), NAMED(get_robust_list), NAMED(set_robust_list), NAMED(unshare), NAMED(getcpu),
    NAMED(times), NAMED(uname), NAMED(membarrier), NAMED(kcmp), NAMED(process_vm_readv), NAMED(process_vm_writev),
    NAMED(process_madvise), NAMED(pkey_alloc), NAMED(pkey_free), NAMED(shmget), NAMED(shmat), NAMED(shmdt), NAMED(shmctl),
    NAMED(socketpair), NAMED(socket), NAMED(listen), NAMED(accept4), NAMED(sendto), NAMED(recvfrom), NAMED(recvmmsg),
    NAMED(getsockname), NAMED(getpeername), NAMED(setsockopt), NAMED(getsockopt),
    NAMED(msgget), NAMED(msgsnd), NAMED(msgrcv), NAMED(msgctl), NAMED(semget), NAMED(semop), NAMED(semtimedop), NAMED(semctl),
    NAMED(mq_open), NAMED(mq_unlink), NAMED(mq_timedsend), NAMED(mq_timedreceive), NAMED(mq_notify), NAMED(mq_getsetattr),
    NAMED(getrandom), {"setxattrat", 463}, {"getxattrat", 464}, {"listxattrat", 465}, {"removexattrat", 466},
    {"fchmodat2", 452}, {"mseal", 462},       {"cachestat", 451}, {"futex_wake", 454}, {"futex_wait", 455}, {"futex_requeue", 456},
    {"futex_waitv", 449}, {"epoll_pwait2", 441}, {"landlock_create_ruleset", 444}, {"landlock_add_rule", 445},
    {"landlock_restrict_self", 446}, NAMED(add_key), NAMED(request_key), NAMED(keyctl), NAMED(fanotify_init), NAMED(fanotify_mark),
    NAMED(name_to_handle_at), NAMED(open_by_handle_at), NAMED(mbind), {"io_uring_setup", 425}, {"io_uring_register", 427}, NAMED(set_mempolicy), NAMED(get_mempolicy),
    NAMED(ptrace), NAMED(mount), NAMED(umount2), NAMED(pivot_root), NAMED(setns), {"open_tree", 428}, {"move_mount", 429}, {"fsopen", 430},
    {"fsconfig", 431}, {"fsmount", 432}, {"fspick", 433}, {"mount_setattr", 442}, {"open_tree_attr", 467},
    // those whose names are taken by calls with numbers
    {"sys_bind", SYS_bind}, {"sys_connect", SYS_connect}, {"sys_sendmsg", SYS_sendmsg}, {"sys_sendmmsg", SYS_sendmmsg},
};

static long number_of(const char *name) {
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (is(name, names[i].name)) return names[i].number;
  return -1;
}
