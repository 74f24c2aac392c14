// sigsuspend swaps the mask while it waits and restores it before it returns.
#include "../lib/observe.h"

static void handler(int number) {
  sigset_t mask;
  sigprocmask(SIG_SETMASK, NULL, &mask);
  say("%s arrives; USR1 blocked inside: %d, USR2: %d", signal_name(number), sigismember(&mask, SIGUSR1),
      sigismember(&mask, SIGUSR2));
}

int main(void) {
  signal(SIGUSR1, handler);
  signal(SIGUSR2, handler);
  sigset_t both, only_two;
  sigemptyset(&both);
  sigaddset(&both, SIGUSR1);
  sigaddset(&both, SIGUSR2);
  sigprocmask(SIG_BLOCK, &both, NULL);
  raise(SIGUSR1);
  raise(SIGUSR2);
  say("both are pending, none has arrived");
  sigemptyset(&only_two);
  sigaddset(&only_two, SIGUSR2);
  show("sigsuspend", sigsuspend(&only_two));
  sigset_t now;
  sigprocmask(SIG_SETMASK, NULL, &now);
  say("mask restored: %d %d", sigismember(&now, SIGUSR1), sigismember(&now, SIGUSR2));
  sigpending(&now);
  say("pending: %d %d", sigismember(&now, SIGUSR1), sigismember(&now, SIGUSR2));
  return 0;
}
