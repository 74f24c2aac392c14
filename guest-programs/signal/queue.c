// Real-time signals queue in order with their values; ordinary ones merge; sigwaitinfo, sigtimedwait, sigqueue.
#include "../lib/observe.h"

static void handler(int number, siginfo_t *info, void *context) {
  (void)context;
  say("%s: value %d, code %d", signal_name(number), info->si_value.sival_int, info->si_code);
}

int main(void) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigfillset(&action.sa_mask);
  for (int i = 0; i < 3; i++) sigaction(SIGRTMIN + i, &action, NULL);
  sigaction(SIGUSR1, &action, NULL);
  sigset_t set, old;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  for (int i = 0; i < 3; i++) sigaddset(&set, SIGRTMIN + i);
  sigprocmask(SIG_BLOCK, &set, &old);
  for (int i = 0; i < 3; i++) {
    sigqueue(getpid(), SIGRTMIN + 2, (union sigval){.sival_int = 20 + i});
    sigqueue(getpid(), SIGRTMIN + 1, (union sigval){.sival_int = 10 + i});
    sigqueue(getpid(), SIGUSR1, (union sigval){.sival_int = i});
  }
  siginfo_t info;
  int number = sigwaitinfo(&set, &info);
  say("sigwaitinfo: %s, value %d, code %d", signal_name(number), info.si_value.sival_int, info.si_code);
  struct timespec none = {0, 0}, brief = {0, 10000000};
  number = sigtimedwait(&set, &info, &none);
  say("sigtimedwait: %s, value %d", signal_name(number), info.si_value.sival_int);
  sigprocmask(SIG_SETMASK, &old, NULL);
  sigprocmask(SIG_BLOCK, &set, NULL);
  show("nothing left", sigtimedwait(&set, &info, &brief));
  pid_t parent = getpid(), child = MUST(fork());
  if (child == 0) {
    await_state(parent, "S");
    kill(parent, SIGUSR1);
    _exit(0);
  }
  struct timespec long_time = {20, 0};
  number = sigtimedwait(&set, &info, &long_time);
  say("from the child: %s, pid right %d", signal_name(number), info.si_pid == child);
  waitpid(child, NULL, 0);
  show("sigqueue nobody", sigqueue(0x3ffffff, SIGUSR1, (union sigval){0}));
  show("sigqueue 99", sigqueue(getpid(), 99, (union sigval){0}));
  siginfo_t forged = {.si_code = SI_USER, .si_signo = SIGUSR1};
  show("forged SI_USER to another", syscall(SYS_rt_sigqueueinfo, getppid(), SIGUSR1, &forged));
  return 0;
}
