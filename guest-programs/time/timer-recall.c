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

static sigset_t both;

static void deliver(const char *what) {
  say("%s", what);
  sigprocmask(SIG_UNBLOCK, &both, NULL);
  sigprocmask(SIG_BLOCK, &both, NULL);
}

// Delivers what is left after `first` expired and `second` was then set.
static void deliver_after(const char *what, timer_t first, timer_t second, long nanoseconds) {
  set(first, 1);
  set(second, nanoseconds);
  deliver(what);
}

int main(void) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
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
    deliver("expired");
    deliver_after("expired, then disarmed", one, one, 0);
    deliver_after("expired, set anew, expired", one, one, 1);
    deliver_after("two timers", one, two, 1);
    set(one, 1);
    set(two, 1);
    MUST(timer_delete(one));
    deliver("one of two deleted");
    set(two, 1);
    signal(signals[i], SIG_IGN); // what waits is dropped
    sigaction(signals[i], &action, NULL);
    deliver("ignored meanwhile");
    set(two, 1);
    deliver("set again");
  }
  return 0;
}
