// sigaction: SA_SIGINFO, SA_RESETHAND, SA_NODEFER, sa_mask, the mask during and after a handler, sigpending, raise, kill.
#include "../lib/observe.h"

static int depth, arrivals;

static void show_mask(const char *label) {
  sigset_t mask;
  sigprocmask(SIG_SETMASK, NULL, &mask);
  say("%s: USR1 %d, USR2 %d", label, sigismember(&mask, SIGUSR1), sigismember(&mask, SIGUSR2));
}

static void simple(int number) {
  depth++;
  say("handler of %s, depth %d", signal_name(number), depth);
  show_mask("  mask inside");
  arrivals++;
  if (arrivals == 1 || arrivals == 3) raise(number);
  depth--;
}

static void detailed(int number, siginfo_t *info, void *context) {
  say("%s: si_signo %d, code %d, from me %d, uid mine %d, context %d", signal_name(number), info->si_signo == number,
      info->si_code, info->si_pid == getpid(), info->si_uid == getuid(), context != NULL);
}

int main(void) {
  struct sigaction action = {.sa_handler = simple}, old;
  sigemptyset(&action.sa_mask);
  sigaddset(&action.sa_mask, SIGUSR2);
  MUST(sigaction(SIGUSR1, &action, NULL));
  raise(SIGUSR1);
  show_mask("mask after");
  MUST(sigaction(SIGUSR1, NULL, &old));
  say("read back: handler %d, mask %d", old.sa_handler == simple, sigismember(&old.sa_mask, SIGUSR2));
  action.sa_flags = SA_NODEFER;
  MUST(sigaction(SIGUSR1, &action, NULL));
  raise(SIGUSR1);
  action.sa_flags = SA_RESETHAND;
  MUST(sigaction(SIGUSR1, &action, NULL));
  depth = 5;
  raise(SIGUSR1);
  MUST(sigaction(SIGUSR1, NULL, &old));
  say("reset to default: %d", old.sa_handler == SIG_DFL);
  struct sigaction rich = {.sa_sigaction = detailed, .sa_flags = SA_SIGINFO};
  MUST(sigaction(SIGUSR2, &rich, NULL));
  kill(getpid(), SIGUSR2);
  syscall(SYS_tgkill, getpid(), gettid(), SIGUSR2);
  raise(SIGUSR2);
  sigset_t set, pending;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR2);
  sigprocmask(SIG_BLOCK, &set, NULL);
  kill(getpid(), SIGUSR2);
  kill(getpid(), SIGUSR2);
  sigpending(&pending);
  say("pending: %d", sigismember(&pending, SIGUSR2));
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  say("delivered once");
  show("handler for SIGKILL", sigaction(SIGKILL, &rich, NULL));
  show("handler for 65", sigaction(65, &rich, NULL));
  show("kill with 65", kill(getpid(), 65));
  show("kill nobody", kill(0x3ffffff, 0));
  show("sigprocmask how 9", sigprocmask(9, &set, NULL));
  show("blocking SIGKILL", sigprocmask(SIG_SETMASK, ({ sigfillset(&set); &set; }), NULL));
  sigprocmask(SIG_SETMASK, NULL, &set);
  say("KILL and STOP stay open: %d %d", sigismember(&set, SIGKILL), sigismember(&set, SIGSTOP));
  return 0;
}
