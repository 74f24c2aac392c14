// Opens without end: EMFILE at the limit, and everything still works after closing one.
#include "../lib/observe.h"
#include <sys/resource.h>

int main(void) {
  struct rlimit limit = {256, 256};
  MUST(setrlimit(RLIMIT_NOFILE, &limit));
  int last = -1, fd;
  while ((fd = open("/dev/null", O_RDONLY)) != -1) last = fd;
  say("open: %s, last %d", errno_name(errno), last);
  int fds[2];
  CALL(pipe(fds));
  CALL(socket(AF_UNIX, SOCK_STREAM, 0));
  CALL(dup(0));
  CALL(close(last));
  CALL(socket(AF_UNIX, SOCK_STREAM, 0));
  return 0;
}
