// Children that execute this program anew and exit, one after the other.
// args: 20
#include "../lib/observe.h"
#include <sys/wait.h>

int main(int argc, char **argv) {
  int rounds = argc > 1 ? atoi(argv[1]) : 20;
  if (rounds < 0) return 42;
  char *again[] = {argv[0], "-1", NULL};
  int good = 0;
  for (int round = 0; round < rounds; round++) {
    pid_t child = MUST(fork());
    if (child == 0) {
      execv("/proc/self/exe", again);
      _exit(1);
    }
    int status;
    MUST(waitpid(child, &status, 0));
    good += WIFEXITED(status) && WEXITSTATUS(status) == 42;
    if (round % 100 == 99) say("round %d", round + 1);
  }
  say("%d of %d", good, rounds);
  return 0;
}
