// One io_uring over the bare calls: made, filled entry by entry, and emptied. Used by uring.h and script-rings.h.
#pragma once
#include <linux/io_uring.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

struct ring {
  int fd;
  struct io_uring_params params;
  unsigned char *rings;
  struct io_uring_sqe *entries;
  unsigned queued;
};

#define RING_FIELD(ring, offset) ((unsigned *)((ring)->rings + (offset)))

static inline int ring_setup(struct ring *ring, unsigned entries, unsigned flags) {
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

static inline void ring_close(struct ring *ring) {
  munmap(ring->rings, ring->params.sq_off.array + ring->params.sq_entries * sizeof(unsigned));
  munmap(ring->entries, ring->params.sq_entries * sizeof(struct io_uring_sqe));
  close(ring->fd);
}

// The next entry, zeroed but for operation, descriptor and user data.
static inline struct io_uring_sqe *entry(struct ring *ring, int operation, int fd, unsigned long long user_data) {
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

static inline long submit_and_wait(struct ring *ring, unsigned wanted) {
  unsigned count = ring->queued;
  ring->queued = 0;
  return syscall(SYS_io_uring_enter, ring->fd, count, wanted, IORING_ENTER_GETEVENTS, NULL, 0);
}

static inline unsigned ready(struct ring *ring) {
  return __atomic_load_n(RING_FIELD(ring, ring->params.cq_off.tail), __ATOMIC_ACQUIRE) -
         *RING_FIELD(ring, ring->params.cq_off.head);
}

// Takes the next completion; false when there is none.
static inline int take_completion(struct ring *ring, struct io_uring_cqe *cqe) {
  if (ready(ring) == 0) return 0;
  unsigned head = *RING_FIELD(ring, ring->params.cq_off.head);
  *cqe = ((struct io_uring_cqe *)(ring->rings + ring->params.cq_off.cqes))[head & (ring->params.cq_entries - 1)];
  __atomic_store_n(RING_FIELD(ring, ring->params.cq_off.head), head + 1, __ATOMIC_RELEASE);
  return 1;
}
