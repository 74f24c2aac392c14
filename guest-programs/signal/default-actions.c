// What each signal does by default.
#include "../lib/observe.h"

int main(void) {
  for (int number = 1; number < 32; number++) {
    pid_t child = MUST(fork());
    if (child == 0) {
      setpgid(0, 0);
      raise(number);
      _exit(0);
    }
    int status;
    MUST(waitpid(child, &status, WUNTRACED));
    if (WIFSIGNALED(status)) say("%s: ends, status %d", signal_name(number), WTERMSIG(status));
    else if (WIFSTOPPED(status)) say("%s: stops, status %d", signal_name(number), WSTOPSIG(status));
    else say("%s: nothing", signal_name(number));
    if (WIFSTOPPED(status)) {
      kill(child, SIGKILL);
      waitpid(child, &status, 0);
    }
  }
  return 0;
}
