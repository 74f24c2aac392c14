// alarm, setitimer, timer_create: expirations by signal, remaining time, overruns, one shot and periodic.
#include "../lib/observe.h"
#include <sys/time.h>

static volatile int alarms, timers, value, code;
static void on_alarm(int number) {
  (void)number;
  alarms++;
}
static void on_timer(int number, siginfo_t *info, void *context) {
  (void)number, (void)context;
  timers++;
  value = info->si_value.sival_int;
  code = info->si_code;
}

int main(void) {
  signal(SIGALRM, on_alarm);
  CALL(alarm(100));
  say("remaining: %d", ({ unsigned left = alarm(0); left >= 99 && left <= 100; }));
  CALL(alarm(0));
  struct itimerval once = {.it_value = {0, 10000}}, old;
  CALL(setitimer(ITIMER_REAL, &once, NULL));
  CALL(pause());
  say("alarms: %d", alarms);
  struct itimerval often = {.it_value = {0, 5000}, .it_interval = {0, 5000}};
  CALL(setitimer(ITIMER_REAL, &often, NULL));
  while (alarms < 5) pause();
  CALL(getitimer(ITIMER_REAL, &old));
  say("interval: %ld", (long)old.it_interval.tv_usec);
  CALL(setitimer(ITIMER_REAL, &(struct itimerval){0}, &old));
  CALL(getitimer(ITIMER_REAL, &old));
  say("stopped: %ld %ld", (long)old.it_value.tv_usec, (long)old.it_interval.tv_usec);
  CALL(setitimer(77, &once, NULL));
  once.it_value.tv_usec = 1000000;
  CALL(setitimer(ITIMER_REAL, &once, NULL));
  signal(SIGVTALRM, on_alarm);
  alarms = 0;
  once.it_value.tv_usec = 20000;
  CALL(setitimer(ITIMER_VIRTUAL, &once, NULL));
  while (!alarms) continue;
  say("virtual alarms: %d", alarms);
  struct sigaction action = {.sa_sigaction = on_timer, .sa_flags = SA_SIGINFO};
  sigaction(SIGRTMIN, &action, NULL);
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN, .sigev_value.sival_int = 55};
  timer_t timer;
  CALL(timer_create(CLOCK_MONOTONIC, &event, &timer));
  struct itimerspec spec = {.it_value = {0, 5000000}};
  CALL(timer_settime(timer, 0, &spec, NULL));
  while (!timers) pause();
  say("value %d, code is SI_TIMER: %d", value, code == SI_TIMER);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGRTMIN);
  sigprocmask(SIG_BLOCK, &set, NULL);
  spec.it_interval.tv_nsec = 2000000;
  CALL(timer_settime(timer, 0, &spec, NULL));
  sleep_ms(30);
  siginfo_t info;
  say("sigwaitinfo: %d", sigwaitinfo(&set, &info) == SIGRTMIN);
  say("overruns: %d", info.si_overrun >= 3 && timer_getoverrun(timer) >= 3);
  struct itimerspec left;
  CALL(timer_gettime(timer, &left));
  say("interval: %ld", left.it_interval.tv_nsec);
  CALL(timer_delete(timer));
  CALL(timer_delete(timer));
  CALL(timer_create(99, &event, &timer));
  return 0;
}
