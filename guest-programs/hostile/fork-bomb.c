// Forks without end: must stop at the limit of processes with EAGAIN, and everything must end.
// skip-native: it would take the host's processes
#include "../lib/observe.h"

int main(void) {
  for (int depth = 0;; depth++) {
    pid_t pid = fork();
    if (pid == -1) {
      say("fork: %s", errno_name(errno));
      for (;;) pause();
    }
  }
}
