// Opens descriptors without end, in process after process: each is the guest's memory too, and ends with an errno.
// skip-native: it would take the host's memory
#include "../lib/observe.h"
#include <sys/eventfd.h>
#include <sys/resource.h>

int main(void) {
  struct rlimit limit;
  MUST(getrlimit(RLIMIT_NOFILE, &limit));
  limit.rlim_cur = limit.rlim_max;
  MUST(setrlimit(RLIMIT_NOFILE, &limit));
  long count = 0;
  while (eventfd(0, 0) >= 0) count++;
  say("eventfd ended: %s", errno_name(errno));
  say("at least 50000: %d", count >= 50000);
  for (int fd = 3; fd < 20003; fd++) close(fd);
  int processes = 0;
  for (;; processes++) {
    pid_t child = fork();
    if (child == 0) pause();
    if (child == -1) break;
  }
  say("fork ended: %s", errno_name(errno));
  fflush(NULL);
  signal(SIGTERM, SIG_IGN);
  kill(0, SIGTERM);
  return 0;
}
