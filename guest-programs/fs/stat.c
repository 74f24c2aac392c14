// stat, lstat, fstat, fstatat, statx, access, chmod, chown, utimensat: modes, times, and link counts.
#include "../lib/observe.h"
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <sys/time.h>

int main(void) {
  umask(077);
  int fd = MUST(open("f", O_CREAT | O_RDWR, 0777));
  MUST(write(fd, "hello world", 11));
  MUST(symlink("f", "s"));
  struct stat a, b;
  MUST(fstat(fd, &a));
  MUST(stat("s", &b));
  say("same file: %d, mode %o, size %ld, links %lu", a.st_ino == b.st_ino && a.st_dev == b.st_dev, a.st_mode,
      (long)a.st_size, (long)a.st_nlink);
  MUST(lstat("s", &b));
  say("link: mode %o, size %ld", b.st_mode, (long)b.st_size);
  CALL(fstatat(AT_FDCWD, "s", &b, AT_SYMLINK_NOFOLLOW));
  CALL(fstatat(fd, "", &b, AT_EMPTY_PATH));
  CALL(fstatat(fd, "x", &b, 0));
  CALL(fstatat(AT_FDCWD, "s", &b, 0x8000));
  CALL(stat("missing", &b));
  CALL(stat("f/x", &b));
  struct statx x;
  CALL(statx(AT_FDCWD, "f", 0, STATX_BASIC_STATS, &x));
  say("statx: mode %o, size %llu, mask has basics %d", x.stx_mode, (unsigned long long)x.stx_size,
      (x.stx_mask & STATX_BASIC_STATS) == STATX_BASIC_STATS);
  CALL(chmod("f", 0640));
  CALL(fchmod(fd, 04751));
  MUST(fstat(fd, &a));
  say("mode %o", a.st_mode);
  CALL(fchmodat(AT_FDCWD, "f", 0600, 0));
  CALL(chown("f", -1, -1));
  struct timespec times[2] = {{1000, 123456789}, {2000, 987654321}};
  CALL(utimensat(AT_FDCWD, "f", times, 0));
  MUST(stat("f", &a));
  say("atime %ld.%09ld mtime %ld.%09ld", (long)a.st_atim.tv_sec, a.st_atim.tv_nsec, (long)a.st_mtim.tv_sec,
      a.st_mtim.tv_nsec);
  times[0].tv_nsec = UTIME_OMIT;
  times[1].tv_nsec = UTIME_NOW;
  CALL(futimens(fd, times));
  MUST(stat("f", &a));
  say("atime kept %d, mtime now %d", a.st_atim.tv_sec == 1000, a.st_mtim.tv_sec > 1000000000);
  times[0].tv_nsec = -5;
  CALL(futimens(fd, times));
  struct stat before;
  MUST(fstat(fd, &before));
  sleep_ms(20);
  MUST(write(fd, "!", 1));
  MUST(fstat(fd, &a));
  say("a write moves mtime: %d, and ctime: %d", a.st_mtim.tv_nsec != before.st_mtim.tv_nsec,
      a.st_ctim.tv_nsec != before.st_ctim.tv_nsec);
  CALL(access("f", R_OK | W_OK));
  CALL(access("f", 9));
  CALL(access("missing", F_OK));
  MUST(stat("/dev/null", &a));
  say("null: character device %d, %d:%d", S_ISCHR(a.st_mode), major(a.st_rdev), minor(a.st_rdev));
  struct statvfs vfs;
  CALL(statvfs(".", &vfs));
  say("block size %lu, longest name %lu", (long)vfs.f_bsize, (long)vfs.f_namemax);
  return 0;
}
