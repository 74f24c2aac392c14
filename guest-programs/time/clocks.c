// clock_gettime and friends: which clocks there are, that they go forward, resolution, nanosleep, clock_nanosleep.
#include "../lib/observe.h"
#include <sys/time.h>

int main(void) {
  const struct { int id; const char *name; } clocks[] = {
      {CLOCK_REALTIME, "REALTIME"}, {CLOCK_MONOTONIC, "MONOTONIC"}, {CLOCK_PROCESS_CPUTIME_ID, "PROCESS_CPUTIME"},
      {CLOCK_THREAD_CPUTIME_ID, "THREAD_CPUTIME"}, {CLOCK_MONOTONIC_RAW, "MONOTONIC_RAW"},
      {CLOCK_REALTIME_COARSE, "REALTIME_COARSE"}, {CLOCK_MONOTONIC_COARSE, "MONOTONIC_COARSE"}, {CLOCK_BOOTTIME, "BOOTTIME"},
      {CLOCK_TAI, "TAI"}, {77, "77"}};
  for (size_t i = 0; i < COUNT(clocks); i++) {
    struct timespec first, second;
    if (clock_gettime(clocks[i].id, &first) == -1) {
      show(clocks[i].name, -1);
      continue;
    }
    for (volatile int j = 0; j < 1000; j++) continue;
    clock_gettime(clocks[i].id, &second);
    bool forward = second.tv_sec > first.tv_sec || (second.tv_sec == first.tv_sec && second.tv_nsec >= first.tv_nsec);
    say("%s: forward %d, nanoseconds in range %d", clocks[i].name, forward, first.tv_nsec >= 0 && first.tv_nsec < 1000000000);
  }
  struct timespec resolution = {9, 9};
  CALL(clock_getres(CLOCK_MONOTONIC, &resolution));
  say("resolution under a second: %d", resolution.tv_sec == 0);
  CALL(clock_getres(99, &resolution));
  say("after 2020: %d", time(NULL) > 1577836800);
  struct timeval day;
  CALL(gettimeofday(&day, NULL));
  say("agrees with time(): %d", labs(day.tv_sec - time(NULL)) <= 1);
  struct timespec rest = {0, 15000000};
  int64_t before = now_ms(CLOCK_MONOTONIC);
  CALL(nanosleep(&rest, NULL));
  int64_t took = now_ms(CLOCK_MONOTONIC) - before;
  say("slept: %d", took >= 14 && took < 5000);
  rest.tv_nsec = 1000000000;
  CALL(nanosleep(&rest, NULL));
  rest.tv_nsec = -1;
  CALL(nanosleep(&rest, NULL));
  struct timespec deadline;
  clock_gettime(CLOCK_MONOTONIC, &deadline);
  deadline.tv_sec -= 1;
  say("a past deadline: %d", clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, NULL));
  say("bad clock: %s", errno_name(clock_nanosleep(99, 0, &(struct timespec){0, 1}, NULL)));
  say("thread clock refused: %s", errno_name(clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, &(struct timespec){0, 1}, NULL)));
  struct timespec cpu_before, cpu_after;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu_before);
  for (volatile long i = 0; i < 3000000; i++) continue;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &cpu_after);
  say("processor time passes with work: %d", cpu_after.tv_nsec != cpu_before.tv_nsec);
  return 0;
}
