// timer_settime(2), timer_delete(2): a signal that waits is recalled, two timers of one signal both arrive.
#include "../lib/observe.h"

static void handler(int signo, siginfo_t *info, void *context) {
  (void)signo, (void)context;
  say("  timer %d", info->si_value.sival_int);
}

static timer_t make(int value, int signo) {
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = signo, .sigev_value.sival_int = value};
  timer_t timer;
  MUST(timer_create(CLOCK_MONOTONIC, &event, &timer));
  return timer;
}

static void set(timer_t timer, long nanoseconds) {
  struct itimerspec setting = {{0, 0}, {0, nanoseconds}};
  MUST(timer_settime(timer, 0, &setting, NULL));
  if (nanoseconds > 0) sleep_ms(3);
}

static void deliver(const char *what, const sigset_t *set) {
  say("%s", what);
  sigprocmask(SIG_UNBLOCK, set, NULL);
  sigprocmask(SIG_BLOCK, set, NULL);
}

int main(void) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigset_t both;
  sigemptyset(&both);
  int signals[] = {SIGUSR1, SIGRTMIN};
  for (size_t i = 0; i < COUNT(signals); i++) {
    sigaction(signals[i], &action, NULL);
    sigaddset(&both, signals[i]);
  }
  sigprocmask(SIG_BLOCK, &both, NULL);
  for (size_t i = 0; i < COUNT(signals); i++) {
    timer_t one = make(1, signals[i]), two = make(2, signals[i]);
    set(one, 1);
    deliver("expired", &both);
    set(one, 1);
    set(one, 0);
    deliver("expired, then disarmed", &both);
    set(one, 1);
    set(one, 1);
    deliver("expired, set anew, expired", &both);
    set(one, 1);
    set(two, 1);
    deliver("two timers", &both);
    set(one, 1);
    set(two, 1);
    MUST(timer_delete(one));
    deliver("one of two deleted", &both);
    set(two, 1);
    signal(signals[i], SIG_IGN); // what waits is dropped
    sigaction(signals[i], &action, NULL);
    deliver("ignored meanwhile", &both);
    set(two, 1);
    deliver("set again", &both);
  }
  return 0;
}
