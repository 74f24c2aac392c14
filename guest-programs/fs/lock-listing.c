// /proc/locks and the lock lines of /proc/self/fdinfo; what /proc/self/fd calls pidfds, queues and pty masters.
#include "../lib/observe.h"
#include <mqueue.h>
#include <sys/file.h>

static ino_t file;

// Prints the lines of `path` that tell of a lock on `file` or begin with `key`, without pid and device.
static void show_lines(const char *label, const char *path, const char *key) {
  char text[8192], number[32], *next = text;
  int fd = MUST(open(path, O_RDONLY));
  text[read(fd, text, sizeof text - 1)] = 0;
  close(fd);
  snprintf(number, sizeof number, ":%lu ", (unsigned long)file);
  say("%s", label);
  for (char *line; (line = strsep(&next, "\n")) != NULL;) {
    char *at = strstr(line, "ADVISORY"), *end = strstr(line, number);
    if (at != NULL && end != NULL) {
      char *kind = strchr(line, ' ') + 1;
      say("  %.*s%.*s%s", (int)(at - kind), kind, 15, at, end + strlen(number) - 1);
    } else if (strncmp(line, key, strlen(key)) == 0) say("  %s", line);
  }
}

static void show_fd(const char *label, int fd) {
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
  show_lines(label, path, "tty-index:");
}

static void show_link(const char *label, int fd) {
  char path[64], target[256];
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  int length = MUST(readlink(path, target, sizeof target));
  say("%s: %s", label, quoted(target, length));
}

int main(void) {
  int one = MUST(open("file", O_CREAT | O_RDWR, 0600)), two = MUST(open("file", O_RDWR)), other = MUST(open("other", O_CREAT | O_RDWR, 0600));
  struct stat info;
  fstat(one, &info);
  file = info.st_ino;
  show_fd("none", one);
  CALL(flock(one, LOCK_EX));
  struct flock lock = {.l_type = F_RDLCK, .l_start = 1, .l_len = 2};
  CALL(fcntl(two, F_SETLK, &lock));
  lock.l_len = 0, lock.l_start = 10;
  CALL(fcntl(two, F_OFD_SETLK, &lock));
  show_fd("one", one);
  show_fd("two", two);
  show_fd("other", other);
  pid_t child = MUST(fork());
  if (child == 0) {
    show_fd("in a child", two);
    _exit(0);
  }
  show_wait("child", child);
  CALL(flock(one, LOCK_SH));
  lock.l_type = F_WRLCK, lock.l_start = 0, lock.l_len = 1;
  CALL(fcntl(one, F_SETLK, &lock));
  show_fd("one", one);
  CALL(flock(one, LOCK_UN));
  CALL(close(two));
  show_fd("one", one);
  show_link("pidfd", MUST(syscall(SYS_pidfd_open, getpid(), 0)));
  mq_unlink("/rivulet-listing");
  show_link("queue", MUST(mq_open("/rivulet-listing", O_CREAT | O_RDWR, 0600, NULL)));
  mq_unlink("/rivulet-listing");
  int master = MUST(posix_openpt(O_RDWR | O_NOCTTY));
  grantpt(master);
  unlockpt(master);
  int slave = MUST(open(ptsname(master), O_RDWR | O_NOCTTY));
  char line[64];
  snprintf(line, sizeof line, "/proc/self/fdinfo/%d", master);
  FILE *description = fopen(line, "r");
  int index = -1, given = -1;
  while (fgets(line, sizeof line, description)) sscanf(line, "tty-index: %d", &index);
  sscanf(ptsname(master), "/dev/pts/%d", &given);
  say("the master names its terminal: %d", index == given);
  fstat(slave, &info);
  say("names of the terminal: %d", (int)info.st_nlink);
  CALL(close(master));
  fstat(slave, &info);
  say("names of the terminal: %d", (int)info.st_nlink);
  return 0;
}
