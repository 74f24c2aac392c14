// Timing for the benchmark programs: "name value unit" a line, the best of several rounds.
// With --check as an argument each does a little of everything and prints only that it was done.
#pragma once
#include "observe.h"

static bool only_check;

MAYBE_UNUSED static void begin(int argc, char **argv) { only_check = argc > 1 && strcmp(argv[1], "--check") == 0; }

MAYBE_UNUSED static int rounds(void) { return only_check ? 1 : 3; }
MAYBE_UNUSED static int iterations(int full) { return only_check ? 50 : full; }

static double seconds(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec + now.tv_nsec * 1e-9;
}

// Runs `work(count)` several times and prints the best time of one iteration.
MAYBE_UNUSED static void report_each(const char *name, int count, void (*work)(int)) {
  double best = 1e9;
  count = iterations(count);
  for (int round = 0; round < rounds(); round++) {
    double started = seconds();
    work(count);
    double took = seconds() - started;
    if (took < best) best = took;
  }
  if (only_check) say("%s done", name);
  else say("%s %.0f ns", name, best / count * 1e9);
}
