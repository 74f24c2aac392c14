// Signals ignored and blocked across fork; SIGCHLD's siginfo; pending signals are not inherited.
#include "../lib/observe.h"

static void on_child(int number, siginfo_t *info, void *context) {
  (void)context;
  say("%s: code %d, status %d", signal_name(number), info->si_code, info->si_status);
}

int main(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, NULL);
  raise(SIGUSR1);
  struct sigaction action = {.sa_sigaction = on_child, .sa_flags = SA_SIGINFO | SA_RESTART};
  sigaction(SIGCHLD, &action, NULL);
  pid_t child = MUST(fork());
  if (child == 0) {
    sigset_t now;
    sigprocmask(SIG_SETMASK, NULL, &now);
    say("child: blocked %d", sigismember(&now, SIGUSR1));
    sigpending(&now);
    say("child: pending %d", sigismember(&now, SIGUSR1));
    _exit(21);
  }
  show_wait("child", child);
  child = MUST(fork());
  if (child == 0) {
    signal(SIGTERM, SIG_DFL);
    raise(SIGTERM);
  }
  show_wait("child", child);
  return 0;
}
