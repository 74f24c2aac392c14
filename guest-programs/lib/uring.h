// A small io_uring library over the bare calls: one ring, entries taken in order, completions shown by user data.
#pragma once
#include "observe.h"
#include "uring-ring.h"
#include <linux/time_types.h>

static int by_user_data(const void *a, const void *b) {
  const struct io_uring_cqe *x = a, *y = b;
  if (x->user_data != y->user_data) return x->user_data < y->user_data ? -1 : 1;
  return x->flags > y->flags ? -1 : x->flags < y->flags; // those that go on are before the last
}

// Shows all completions by their user data, so that their order does not matter.
MAYBE_UNUSED static void show_completions(struct ring *ring, const char *label) {
  struct io_uring_cqe list[64];
  int count = 0;
  while (count < 64 && take_completion(ring, &list[count])) count++;
  qsort(list, count, sizeof list[0], by_user_data);
  if (count == 0) say("%s: no completion", label);
  for (int i = 0; i < count; i++) {
    char more[64] = "";
    unsigned flags = list[i].flags;
    if (flags) snprintf(more, sizeof more, ", flags %#x", flags);
    if (list[i].res < 0) say("%s: %llu: %s%s", label, list[i].user_data, errno_name(-list[i].res), more);
    else say("%s: %llu: %d%s", label, list[i].user_data, list[i].res, more);
  }
}

// Submits what is queued, waits for so many completions and shows them.
MAYBE_UNUSED static void run(struct ring *ring, const char *label, unsigned wanted) {
  long count = submit_and_wait(ring, wanted);
  if (count < 0) show(label, -1);
  show_completions(ring, label);
}

// After something outside of the ring happened: waits until a completion is there.
MAYBE_UNUSED static void later(struct ring *ring, const char *label, unsigned wanted) {
  run(ring, label, wanted);
}
