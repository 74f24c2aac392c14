// A small io_uring library over the bare calls: one ring, entries taken in order, completions shown by user data.
#pragma once
#include "observe.h"
#include <linux/io_uring.h>
#include <linux/time_types.h>

struct ring {
  int fd;
  struct io_uring_params params;
  unsigned char *rings;
  struct io_uring_sqe *entries;
  unsigned queued;
};

#define RING_FIELD(ring, offset) ((unsigned *)((ring)->rings + (offset)))

MAYBE_UNUSED static int ring_setup(struct ring *ring, unsigned entries, unsigned flags) {
  unsigned cq_entries = ring->params.cq_entries;
  memset(ring, 0, sizeof *ring);
  ring->params.flags = flags, ring->params.cq_entries = cq_entries;
  ring->fd = syscall(SYS_io_uring_setup, entries, &ring->params);
  if (ring->fd < 0) return -1;
  size_t length = ring->params.sq_off.array + ring->params.sq_entries * sizeof(unsigned);
  ring->rings = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring->fd, IORING_OFF_SQ_RING);
  ring->entries = mmap(NULL, ring->params.sq_entries * sizeof(struct io_uring_sqe), PROT_READ | PROT_WRITE,
                       MAP_SHARED | MAP_POPULATE, ring->fd, IORING_OFF_SQES);
  if (ring->rings == MAP_FAILED || ring->entries == MAP_FAILED) return -1;
  return 0;
}

MAYBE_UNUSED static void ring_close(struct ring *ring) {
  munmap(ring->rings, ring->params.sq_off.array + ring->params.sq_entries * sizeof(unsigned));
  munmap(ring->entries, ring->params.sq_entries * sizeof(struct io_uring_sqe));
  close(ring->fd);
}

// The next entry, zeroed but for operation, descriptor and user data.
MAYBE_UNUSED static struct io_uring_sqe *entry(struct ring *ring, int operation, int fd, uint64_t user_data) {
  unsigned tail = *RING_FIELD(ring, ring->params.sq_off.tail);
  unsigned index = tail & (ring->params.sq_entries - 1);
  struct io_uring_sqe *sqe = &ring->entries[index];
  memset(sqe, 0, sizeof *sqe);
  sqe->opcode = operation, sqe->fd = fd, sqe->user_data = user_data;
  RING_FIELD(ring, ring->params.sq_off.array)[index] = index;
  __atomic_store_n(RING_FIELD(ring, ring->params.sq_off.tail), tail + 1, __ATOMIC_RELEASE);
  ring->queued++;
  return sqe;
}

MAYBE_UNUSED static long submit_and_wait(struct ring *ring, unsigned wanted) {
  unsigned count = ring->queued;
  ring->queued = 0;
  return syscall(SYS_io_uring_enter, ring->fd, count, wanted, IORING_ENTER_GETEVENTS, NULL, 0);
}

MAYBE_UNUSED static unsigned ready(struct ring *ring) {
  return __atomic_load_n(RING_FIELD(ring, ring->params.cq_off.tail), __ATOMIC_ACQUIRE) -
         *RING_FIELD(ring, ring->params.cq_off.head);
}

// Takes the next completion; false when there is none.
MAYBE_UNUSED static bool take(struct ring *ring, struct io_uring_cqe *cqe) {
  if (ready(ring) == 0) return false;
  unsigned head = *RING_FIELD(ring, ring->params.cq_off.head);
  *cqe = ((struct io_uring_cqe *)(ring->rings + ring->params.cq_off.cqes))[head & (ring->params.cq_entries - 1)];
  __atomic_store_n(RING_FIELD(ring, ring->params.cq_off.head), head + 1, __ATOMIC_RELEASE);
  return true;
}

static int by_user_data(const void *a, const void *b) {
  const struct io_uring_cqe *x = a, *y = b;
  if (x->user_data != y->user_data) return x->user_data < y->user_data ? -1 : 1;
  return x->flags > y->flags ? -1 : x->flags < y->flags; // those that go on are before the last
}

// Shows all completions by their user data, so that their order does not matter.
MAYBE_UNUSED static void show_completions(struct ring *ring, const char *label) {
  struct io_uring_cqe list[64];
  int count = 0;
  while (count < 64 && take(ring, &list[count])) count++;
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
