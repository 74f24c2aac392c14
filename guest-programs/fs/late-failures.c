// What calls have done before they fail: writes of bad buffers, lengths beyond all, links of /proc that are looked at themselves.
// needs: root
#include "../lib/observe.h"
#include <sys/stat.h>
#include <sys/uio.h>

static int fd;

static void show_mode(const char *label) {
  struct stat status;
  MUST(fstat(fd, &status));
  say("%s: mode %o, modified %s", label, status.st_mode, status.st_mtime < 1000 ? "long ago" : "now");
}

int main(void) {
  struct timespec times[2] = {{5, 0}, {6, 0}};
  char data[10];
  fd = MUST(open("file", O_RDWR | O_CREAT, 0644));
  struct iovec huge[2] = {{data, 0x7fffffffffff0000}, {data, 0}};
  CALL(readv(fd, huge, 1));
  CALL(readv(fd, huge, 2));
  MUST(fchmod(fd, 06755));
  MUST(futimens(fd, times));
  show_mode("before");
  pid_t child = MUST(fork());
  if (child == 0) {
    MUST(setresuid(1000, 1000, 1000));
    CALL(write(fd, NULL, 0));
    show_mode("nothing written");
    CALL(write(fd, (void *)16, 5));
    show_mode("bad buffer");
    _exit(0);
  }
  show_wait("child", child);
  for (int flags = 0; flags < 3; flags++) {
    char path[40];
    int other = MUST(open("file", flags));
    snprintf(path, sizeof path, "/proc/self/fd/%d", other);
    for (int mode = 0; mode < 8; mode++) say("access %d of a descriptor's link, opened %d: %d", mode, flags, faccessat(AT_FDCWD, path, mode, AT_SYMLINK_NOFOLLOW));
  }
  return 0;
}
