// Timers in scripts of fuzz/call-script.c are past, due in a millisecond, or never: what the first two do is over before the next call.
// Included by script-calls.h; v[] are the arguments.
#pragma once
#include <time.h>

enum { PASSING_NS = 3000000, PASSING_CPU_NS = 25000000 }; // timers on CPU time expire with a tick of the kernel, up to 10 ms
static int uses_cpu_timers;

static long nanoseconds(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return now.tv_sec * 1000000000L + now.tv_nsec;
}

static int sets_timer(const char *call, const long v[6]) {
  int clock = (int)v[0], is_interval = is(call, "setitimer");
  if (is(call, "timer_create")) uses_cpu_timers |= clock < 0 || clock == CLOCK_PROCESS_CPUTIME_ID || clock == CLOCK_THREAD_CPUTIME_ID;
  if (is_interval) uses_cpu_timers |= clock == ITIMER_VIRTUAL || clock == ITIMER_PROF;
  return is_interval || is(call, "timerfd_settime") || is(call, "timer_settime");
}

static void let_timers_pass(void) {
  long end = nanoseconds(CLOCK_MONOTONIC) + PASSING_NS;
  for (long left; (left = end - nanoseconds(CLOCK_MONOTONIC)) > 0;) nanosleep(&(struct timespec){0, left}, NULL);
  if (!uses_cpu_timers) return;
  end = nanoseconds(CLOCK_PROCESS_CPUTIME_ID) + PASSING_CPU_NS;
  while (nanoseconds(CLOCK_PROCESS_CPUTIME_ID) < end)
    for (volatile int i = 0; i < 10000; i++) {}
}
