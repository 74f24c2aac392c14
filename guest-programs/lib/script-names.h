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
    {"fchmodat2", 452},
};

static long number_of(const char *name) {
  for (size_t i = 0; i < sizeof names / sizeof *names; i++)
    if (is(name, names[i].name)) return names[i].number;
  return -1;
}
