// Rings of io_uring in scripts of fuzz/call-script.c: ring N is slot 8 + N. What has to wait completes a little after what it
// waits for happened, so completions are taken later. Included by script-calls.h; v[] are the arguments.
#pragma once
#include "uring-ring.h"

enum { RINGS = 2, RING_SLOT = 8, COMPLETING_US = 300, COMPLETIONS_MAX = 64 };
static struct ring rings[RINGS];
static int uses_workers, uses_timeouts, is_linked[RINGS];

static struct ring *ring_at(long n) {
  struct ring *ring = &rings[n & 1];
  ring->fd = slot(RING_SLOT + (n & 1));
  return ring;
}

// ring, entries, flags, completions
static void make_ring(const long v[6]) {
  struct ring *ring = ring_at(v[0]);
  if (ring->rings) ring_close(ring);
  ring->params.cq_entries = (unsigned)v[3];
  if (result(ring_setup(ring, (unsigned)v[1], (unsigned)v[2])) < 0) return (void)(ring->rings = NULL);
  say(" %u %u", ring->params.sq_entries, ring->params.cq_entries);
  dup3(ring->fd, slot(RING_SLOT + (v[0] & 1)), O_CLOEXEC);
  close(ring->fd);
}

// Operations that a worker does meanwhile complete in any order; those from IORING_OP_READ_MULTISHOT (49) on wait by themselves.
static int is_for_workers(const struct io_uring_sqe *entry) {
  static const unsigned char inline_operations[] = {
      IORING_OP_NOP, IORING_OP_READV, IORING_OP_WRITEV, IORING_OP_READ_FIXED, IORING_OP_WRITE_FIXED, IORING_OP_POLL_ADD,
      IORING_OP_POLL_REMOVE, IORING_OP_SENDMSG, IORING_OP_RECVMSG, IORING_OP_TIMEOUT, IORING_OP_TIMEOUT_REMOVE, IORING_OP_ACCEPT,
      IORING_OP_ASYNC_CANCEL, IORING_OP_LINK_TIMEOUT, IORING_OP_CONNECT, IORING_OP_CLOSE, IORING_OP_READ, IORING_OP_WRITE,
      IORING_OP_SEND, IORING_OP_RECV, IORING_OP_EPOLL_CTL, IORING_OP_PROVIDE_BUFFERS, IORING_OP_REMOVE_BUFFERS, IORING_OP_MSG_RING,
      IORING_OP_SOCKET, IORING_OP_FILES_UPDATE};
  if (entry->flags & (IOSQE_ASYNC | IOSQE_IO_DRAIN)) return 1;
  return entry->opcode < 49 && !memchr(inline_operations, entry->opcode, sizeof inline_operations);
}

// ring, entry
static void queue_entry(const long v[6]) {
  struct ring *ring = ring_at(v[0]);
  if (!ring->rings) return say(" no ring");
  unsigned tail = *RING_FIELD(ring, ring->params.sq_off.tail), head = *RING_FIELD(ring, ring->params.sq_off.head);
  if (tail - head + 1 >= ring->params.sq_entries) return say(" full"); // one more ends a chain
  struct io_uring_sqe *to = entry(ring, 0, 0, 0);
  memcpy(to, (void *)v[1], sizeof *to);
  uses_workers |= is_for_workers(to);
  is_linked[v[0] & 1] = (to->flags & (IOSQE_IO_LINK | IOSQE_IO_HARDLINK)) != 0;
  uses_timeouts |= to->opcode == IORING_OP_TIMEOUT || to->opcode == IORING_OP_LINK_TIMEOUT;
  kept = taken; // what it points to
  say(" queued");
}

static int by_number(const void *one, const void *other) {
  const struct io_uring_cqe *a = one, *b = other;
  if (a->user_data != b->user_data) return a->user_data < b->user_data ? -1 : 1;
  return (a->res > b->res) - (a->res < b->res);
}

static void say_completions(struct ring *ring) {
  struct io_uring_cqe list[COMPLETIONS_MAX];
  int count = 0;
  while (count < COMPLETIONS_MAX && take_completion(ring, &list[count])) count++;
  if (uses_workers) qsort(list, count, sizeof *list, by_number);
  for (int i = 0; i < count; i++) {
    say(" %llu:", list[i].user_data);
    if (list[i].res < 0) say("%s", strerrorname_np(-list[i].res));
    else say("%d", list[i].res);
    if (list[i].flags) say("/%x", list[i].flags);
  }
  unsigned flags = *RING_FIELD(ring, ring->params.sq_off.flags), dropped = *RING_FIELD(ring, ring->params.sq_off.dropped);
  unsigned overflow = *RING_FIELD(ring, ring->params.cq_off.overflow);
  if (flags || dropped || overflow) say(" flags=%x dropped=%u overflow=%u", flags, dropped, overflow);
}

static void let_complete(void) {
  usleep(COMPLETING_US * (uses_workers ? 5 : 1));
  if (uses_timeouts) let_timers_pass();
}

// ring, how many to submit or -1 for all, how many to wait for, flags
static void enter_ring(const long v[6]) {
  struct ring *ring = ring_at(v[0]);
  int *is_open = &is_linked[v[0] & 1];
  if (*is_open && ring->rings) entry(ring, IORING_OP_NOP, -1, 99); // a chain without an end would go to a worker, which does not wait for files
  *is_open = 0;
  unsigned count = v[1] < 0 ? ring->queued : (unsigned)v[1];
  long got = syscall(SYS_io_uring_enter, ring->fd, count, (unsigned)v[2], (unsigned)v[3], NULL, 8);
  if (got < 0 && errno == EINTR && barked) say(" blocked");
  else result(got);
  if (!ring->rings) return;
  if (got > 0) ring->queued -= ring->queued < got ? ring->queued : (unsigned)got;
  if (rings[0].queued + rings[1].queued == 0) kept = 0;
  let_complete();
  say_completions(ring);
}

// True when the call is one of these.
static int act_on_rings(const char *call, const long v[6]) {
  if (is(call, "ring")) make_ring(v);
  else if (is(call, "entry")) queue_entry(v);
  else if (is(call, "enter")) enter_ring(v);
  else if (is(call, "completions")) {
    let_complete();
    if (ring_at(v[0])->rings) say_completions(ring_at(v[0]));
  } else if (is(call, "put")) memcpy((void *)v[0], (void *)v[1], (size_t)v[2]); // to, from, length
  else if (is(call, "bytes")) say_bytes((char *)v[0], v[1]);
  else return 0;
  return 1;
}
