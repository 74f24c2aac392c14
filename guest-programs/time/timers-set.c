// What setting a timer does at once: a past time expires before the call is over, 0 forgets the interval, a bad old_value
// comes too late, and numbers of timers are used up by what fails.
#include "../lib/observe.h"
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>

static volatile int alarms;
static void on_alarm(int number) {
  (void)number;
  alarms++;
}

#define CPU_CLOCK(pid) (-((pid) + 1) * 8 + 2) // clock_getcpuclockid(3)

static const long FAR = 4000000000; // s: past 2096

static long create(clockid_t clock, struct sigevent *event, int *id) { return syscall(SYS_timer_create, clock, event, id); }

int main(void) {
  int id = -7;
  struct itimerspec spec = {.it_value = {0, 5}, .it_interval = {FAR, 0}}, left;
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1};
  signal(SIGUSR1, on_alarm);
  CALL(create(CLOCK_MONOTONIC, &event, &id));
  say("id %d", id);
  say("settime: %ld", syscall(SYS_timer_settime, id, TIMER_ABSTIME, &spec, NULL));
  say("alarms: %d", alarms);
  syscall(SYS_timer_gettime, id, &left);
  say("interval %ld, armed: %d", left.it_interval.tv_sec, left.it_value.tv_sec > FAR / 2);
  spec.it_value = (struct timespec){0, 0};
  say("disarm: %ld", syscall(SYS_timer_settime, id, 0, &spec, NULL));
  syscall(SYS_timer_gettime, id, &left);
  say("interval %ld, armed: %d", left.it_interval.tv_sec, left.it_value.tv_sec > 0);
  spec.it_value.tv_nsec = 1;
  CALL(syscall(SYS_timer_settime, id, TIMER_ABSTIME, &spec, (void *)16));
  say("alarms: %d", alarms);

  event.sigev_signo = 65;
  CALL(create(CLOCK_MONOTONIC, &event, &id));
  CALL(create(CLOCK_MONOTONIC, NULL, (void *)16));
  CALL(create(CLOCK_MONOTONIC_RAW, NULL, &id));
  CALL(create(-1, NULL, &id)); // the number is written first
  say("id %d", id);
  CALL(create(-5, NULL, &id));
  CALL(create(CLOCK_MONOTONIC, NULL, &id));
  say("id %d", id);

  int fd = timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK);
  uint64_t ticks;
  spec.it_value = (struct timespec){1, 0};
  CALL(timerfd_settime(fd, TFD_TIMER_ABSTIME, &spec, (void *)16));
  CALL(read(fd, &ticks, sizeof ticks));
  say("ticks: %d", (int)ticks);

  struct itimerval once = {.it_interval = {5, 0}}, old;
  CALL(setitimer(ITIMER_REAL, &once, NULL));
  CALL(getitimer(ITIMER_REAL, &old));
  say("interval %ld", (long)old.it_interval.tv_sec);
  once.it_value.tv_sec = FAR;
  CALL(setitimer(ITIMER_REAL, &once, NULL));
  CALL(setitimer(ITIMER_REAL, NULL, &old));
  say("left: %d", old.it_value.tv_sec > FAR / 2);

  CALL(clock_getres(CPU_CLOCK(1), NULL)); // of process 1
  CALL(syscall(SYS_clock_nanosleep, -5, 0, (void *)16, NULL));
  CALL(syscall(SYS_clock_nanosleep, CPU_CLOCK(0x3ffffe), 0, (void *)16, NULL));
  return 0;
}
