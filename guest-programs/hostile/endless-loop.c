// Loops for ever without a system call, all signals blocked: only a limit of time or ticks ends it.
// skip-native: it has no end
#include "../lib/observe.h"

int main(void) {
  sigset_t all;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, NULL);
  say("looping");
  for (volatile unsigned long i = 0;; i++) continue;
}
