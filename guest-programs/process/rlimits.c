// getrlimit, setrlimit, prlimit: RLIMIT_NOFILE, RLIMIT_FSIZE, RLIMIT_CORE, errors.
#include "../lib/observe.h"
#include <sys/resource.h>

int main(void) {
  struct rlimit limit = {10, 20};
  CALL(setrlimit(RLIMIT_NOFILE, &limit));
  CALL(getrlimit(RLIMIT_NOFILE, &limit));
  say("NOFILE: %lu %lu", limit.rlim_cur, limit.rlim_max);
  int last = -1, fd;
  while ((fd = open("/dev/null", O_RDONLY)) != -1) last = fd;
  say("last descriptor %d, then %s", last, errno_name(errno));
  CALL(dup(0));
  CALL(dup2(0, 10));
  CALL(fcntl(0, F_DUPFD, 10));
  CALL(fcntl(0, F_DUPFD, 9));
  int fds[2];
  close(9);
  CALL(pipe(fds));
  limit.rlim_cur = 30;
  CALL(setrlimit(RLIMIT_NOFILE, &limit));
  // Standard output may be a file too, so nothing is said while the limit holds.
  limit = (struct rlimit){50, RLIM_INFINITY};
  signal(SIGXFSZ, SIG_IGN);
  fd = MUST(open("f", O_CREAT | O_RDWR, 0600));
  char data[80] = {0};
  MUST(setrlimit(RLIMIT_FSIZE, &limit));
  ssize_t first = write(fd, data, 80);
  int second = write(fd, data, 80) == -1 ? errno : 0, third = ftruncate(fd, 51) == -1 ? errno : 0;
  struct rlimit none = {RLIM_INFINITY, RLIM_INFINITY};
  MUST(setrlimit(RLIMIT_FSIZE, &none));
  say("write across the limit: %zd, past it: %s, ftruncate past it: %s", first, errno_name(second), errno_name(third));
  signal(SIGXFSZ, SIG_DFL);
  pid_t child = MUST(fork());
  if (child == 0) {
    MUST(setrlimit(RLIMIT_FSIZE, &limit));
    MUST(lseek(fd, 60, SEEK_SET));
    write(fd, data, 1);
    _exit(0);
  }
  int status;
  waitpid(child, &status, 0);
  say("killed by %s", signal_name(WTERMSIG(status)));
  struct rlimit old;
  limit = (struct rlimit){0, 0};
  CALL(prlimit(0, RLIMIT_CORE, &limit, &old));
  CALL(prlimit(0, RLIMIT_CORE, NULL, &old));
  say("CORE: %lu %lu", old.rlim_cur, old.rlim_max);
  CALL(prlimit(0, 99, NULL, &old));
  CALL(prlimit(0x3ffffff, RLIMIT_CORE, NULL, &old));
  CALL(getpriority(PRIO_PROCESS, 0));
  CALL(setpriority(PRIO_PROCESS, 0, 5));
  CALL(getpriority(PRIO_PROCESS, 0));
  return 0;
}
