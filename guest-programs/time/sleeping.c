// nanosleep and clock_nanosleep: what is left after a signal, absolute times, clocks that cannot sleep, bad times.
// needs: punctuality
#include "../lib/observe.h"
#include <sys/time.h>

static void handler(int number) { (void)number; }

static void alarm_in(long milliseconds) {
  setitimer(ITIMER_REAL, &(struct itimerval){.it_value = {0, milliseconds * 1000}}, NULL);
}

int main(void) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
  sigaction(SIGALRM, &action, NULL);
  struct timespec rest = {5, 0}, left = {-1, -1};
  alarm_in(10);
  show("interrupted", nanosleep(&rest, &left));
  say("left: %d", left.tv_sec == 4 && left.tv_nsec > 0);
  alarm_in(10);
  show("interrupted, same buffer", nanosleep(&rest, &rest));
  say("left: %d", rest.tv_sec == 4);
  rest = (struct timespec){0, 1000000};
  show("in peace", nanosleep(&rest, &left));
  rest = (struct timespec){0, 1000000000};
  show("too many ns", nanosleep(&rest, NULL));
  rest = (struct timespec){0, -1};
  show("negative ns", nanosleep(&rest, NULL));
  rest = (struct timespec){-1, 0};
  show("negative", nanosleep(&rest, NULL));
  show("no address", syscall(SYS_nanosleep, 8, NULL));
  rest = (struct timespec){0, 0};
  show("zero", nanosleep(&rest, NULL));
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  now.tv_sec += 5;
  left = (struct timespec){-1, -1};
  alarm_in(10);
  show("absolute", syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &now, &left));
  say("left untouched: %d", left.tv_sec == -1);
  show("in the past", syscall(SYS_clock_nanosleep, CLOCK_REALTIME, TIMER_ABSTIME, &(struct timespec){1, 0}, NULL));
  rest = (struct timespec){0, 1000000};
  int clocks[] = {CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID, CLOCK_MONOTONIC_RAW,
                  CLOCK_REALTIME_COARSE, CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME, CLOCK_TAI, 10, 99};
  for (size_t i = 0; i < COUNT(clocks); i++) {
    char label[32];
    snprintf(label, sizeof label, "clock %d", clocks[i]);
    if (clocks[i] == CLOCK_PROCESS_CPUTIME_ID) continue;
    show(label, syscall(SYS_clock_nanosleep, clocks[i], 0, &rest, NULL));
  }
  for (size_t i = 0; i < COUNT(clocks); i++) {
    char label[32];
    struct timespec value;
    snprintf(label, sizeof label, "read %d", clocks[i]);
    show(label, syscall(SYS_clock_gettime, clocks[i], &value));
    snprintf(label, sizeof label, "resolution %d", clocks[i]);
    if (show(label, syscall(SYS_clock_getres, clocks[i], &value)) == 0) say("%ld", value.tv_nsec);
  }
  clockid_t clock;
  CALL(clock_getcpuclockid(0, &clock));
  struct timespec before, after;
  MUST(clock_gettime(clock, &before));
  for (volatile int i = 0; i < 3000000; i++) continue;
  MUST(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after));
  say("CPU time passed: %d", after.tv_sec > before.tv_sec || after.tv_nsec > before.tv_nsec);
  sleep_ms(20);
  MUST(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before));
  say("but not while asleep: %d", (before.tv_sec - after.tv_sec) * 1000000000L + before.tv_nsec - after.tv_nsec < 10000000);
  show("set a CPU clock", clock_settime(CLOCK_PROCESS_CPUTIME_ID, &before));
  show("set the monotonic clock", clock_settime(CLOCK_MONOTONIC, &before));
  before.tv_nsec = -1;
  show("set a bad time", clock_settime(CLOCK_REALTIME, &before));
  show("gettimeofday of nothing", syscall(SYS_gettimeofday, NULL, NULL));
  return 0;
}
