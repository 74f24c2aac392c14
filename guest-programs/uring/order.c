// In which order completions come: those of one submission, then links, failures of chains and writes, what was polled for first; who of many readers has what comes, and what an eventfd hears of.
// And which of an entry's faults is found first.
#include "../lib/uring.h"
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

static struct ring ring;
static int ends[2], sockets[2], closed = 999;

// All completions as they come, also from the workers that draining makes use of.
static void submit_all(const char *label) {
  struct io_uring_cqe cqe;
  long count = submit_and_wait(&ring, 0);
  say("%s: %ld submitted", label, count);
  usleep(5000);
  while (take_completion(&ring, &cqe)) {
    if (cqe.res < 0) say("  %llu: %s, flags %#x", cqe.user_data, errno_name(-cqe.res), cqe.flags);
    else say("  %llu: %d, flags %#x", cqe.user_data, cqe.res, cqe.flags);
  }
}

static void chain(int flags, int last_flags) {
  entry(&ring, IORING_OP_READ, closed, 1)->flags = flags;
  entry(&ring, IORING_OP_NOP, -1, 2)->flags = last_flags | IOSQE_IO_LINK;
  entry(&ring, IORING_OP_NOP, -1, 3);
  entry(&ring, IORING_OP_NOP, -1, 4);
}

static void chains(void) {
  entry(&ring, IORING_OP_NOP, -1, 1)->flags = IOSQE_IO_LINK;
  entry(&ring, IORING_OP_NOP, -1, 2);
  entry(&ring, IORING_OP_NOP, -1, 3);
  submit_all("a link");
  chain(IOSQE_IO_LINK, 0);
  submit_all("a chain that fails");
  chain(IOSQE_IO_HARDLINK, 0);
  submit_all("a hard link that fails");
  chain(IOSQE_IO_LINK | IOSQE_CQE_SKIP_SUCCESS, 0);
  submit_all("what hides success fails");
  chain(IOSQE_IO_LINK, IOSQE_CQE_SKIP_SUCCESS);
  submit_all("what would hide success is cancelled");
  entry(&ring, IORING_OP_NOP, -1, 1)->flags = IOSQE_IO_LINK;
  entry(&ring, IORING_OP_TIMEOUT_REMOVE, -1, 2)->timeout_flags = 64;
  ring.entries[(*RING_FIELD(&ring, ring.params.sq_off.tail) - 1) & 7].flags = IOSQE_IO_LINK;
  entry(&ring, IORING_OP_NOP, -1, 3);
  entry(&ring, IORING_OP_NOP, -1, 4);
  submit_all("a wrong one in a chain");
}

static void later_ones(void) {
  int gone[2];
  MUST(pipe(gone));
  close(gone[0]);
  struct io_uring_sqe *sqe = entry(&ring, IORING_OP_WRITE, gone[1], 1);
  sqe->addr = (uintptr_t)"x", sqe->len = 1, sqe->off = -1;
  entry(&ring, IORING_OP_NOP, -1, 2);
  submit_all("a write that fails");
  sqe = entry(&ring, IORING_OP_SEND, sockets[0], 1);
  sqe->addr = (uintptr_t)"hello", sqe->len = 5, sqe->ioprio = IORING_RECVSEND_POLL_FIRST;
  entry(&ring, IORING_OP_NOP, -1, 2);
  submit_all("polled for first");
  char text[8];
  MUST(read(sockets[1], text, sizeof text));
  close(gone[1]);
}

// A socket without room is waited for at once, so that the next entry of the same submission finds who waits.
static void polled_first(void) {
  struct sockaddr_un name = {.sun_family = AF_UNIX};
  int listener = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  MUST(bind(listener, (struct sockaddr *)&name, sizeof(sa_family_t)));
  MUST(listen(listener, 1));
  for (int kind = 0; kind < 4; kind++) {
    static const int operations[] = {IORING_OP_SEND, IORING_OP_SENDMSG, IORING_OP_RECV, IORING_OP_ACCEPT};
    struct msghdr message = {0};
    struct io_uring_sqe *sqe = entry(&ring, operations[kind], listener, 1);
    sqe->ioprio = kind == 3 ? 4 /* IORING_ACCEPT_POLL_FIRST */ : IORING_RECVSEND_POLL_FIRST;
    if (kind == 1) sqe->addr = (uintptr_t)&message, sqe->len = 1;
    else if (kind == 3) sqe->len = 0;
    else sqe->addr = (uintptr_t)"hello", sqe->len = 5;
    submit_all("waits for what does not come");
    entry(&ring, IORING_OP_ASYNC_CANCEL, -1, 2)->cancel_flags = IORING_ASYNC_CANCEL_ANY;
    submit_all("any is cancelled");
    sqe = entry(&ring, operations[kind], listener, 1);
    sqe->ioprio = kind == 3 ? 4 : IORING_RECVSEND_POLL_FIRST;
    if (kind == 1) sqe->addr = (uintptr_t)&message, sqe->len = 1;
    else if (kind != 3) sqe->addr = (uintptr_t)"hello", sqe->len = 5;
    entry(&ring, IORING_OP_ASYNC_CANCEL, -1, 2)->cancel_flags = IORING_ASYNC_CANCEL_ANY;
    submit_all("both at once");
  }
  close(listener);
}

// Behind an entry that waits for all before it, the next waits for it.
static void draining(void) {
  entry(&ring, IORING_OP_NOP, -1, 1);
  struct io_uring_sqe *sqe = entry(&ring, IORING_OP_POLL_ADD, ends[0], 2);
  sqe->poll32_events = POLLIN, sqe->flags = IOSQE_IO_DRAIN;
  entry(&ring, IORING_OP_NOP, -1, 3);
  entry(&ring, IORING_OP_NOP, -1, 4);
  submit_all("drain");
  MUST(write(ends[1], "x", 1));
  submit_all("the poll is over");
  entry(&ring, IORING_OP_NOP, -1, 5);
  submit_all("afterwards");
}

// Polls tell of POLLRDHUP unasked; the first result of many comes later than its entry.
static void polls(void) {
  struct io_uring_sqe *sqe = entry(&ring, IORING_OP_POLL_ADD, sockets[1], 1);
  sqe->poll32_events = POLLIN;
  sqe = entry(&ring, IORING_OP_POLL_ADD, sockets[0], 2);
  sqe->poll32_events = POLLOUT, sqe->len = IORING_POLL_ADD_MULTI;
  entry(&ring, IORING_OP_NOP, -1, 3);
  submit_all("polls");
  MUST(shutdown(sockets[0], SHUT_WR));
  submit_all("no more is written");
  entry(&ring, IORING_OP_ASYNC_CANCEL, -1, 4)->addr = 2;
  entry(&ring, IORING_OP_NOP, -1, 5);
  submit_all("cancelled");
}

static void try(const char *label, struct io_uring_sqe *sqe, const void *address, unsigned length) {
  sqe->addr = (uintptr_t)address, sqe->len = length;
  submit_all(label);
}

static void faults(void) {
  struct iovec beyond = {(void *)-8L, 8}, negative = {"x", -1L}, good = {"x", 1};
  struct msghdr many = {.msg_iov = &good, .msg_iovlen = 1025}, wrong = {.msg_iov = &negative, .msg_iovlen = 1};
  struct __kernel_timespec long_time = {0, 2000000};
  char byte;
  try("vectors beyond the memory, and no file", entry(&ring, IORING_OP_READV, closed, 1), &beyond, 1);
  try("a negative length, and no file", entry(&ring, IORING_OP_WRITEV, closed, 1), &negative, 1);
  try("too many vectors, and no file", entry(&ring, IORING_OP_WRITEV, closed, 1), &good, 1025);
  try("a message of too many", entry(&ring, IORING_OP_SENDMSG, closed, 1), &many, 1);
  try("a message with a negative length", entry(&ring, IORING_OP_RECVMSG, closed, 1), &wrong, 1);
  struct io_uring_sqe *sqe = entry(&ring, IORING_OP_READ, closed, 1);
  sqe->ioprio = 1;
  try("a priority without a class, and no file", sqe, &byte, 1);
  entry(&ring, IORING_OP_NOP, -1, 1)->ioprio = 1;
  submit_all("a NOP with a priority");
  entry(&ring, IORING_OP_POLL_ADD, ends[0], 1)->len = 8;
  submit_all("a new poll of levels");
  entry(&ring, IORING_OP_SOCKET, AF_UNIX, 1)->off = 99;
  entry(&ring, IORING_OP_NOP, -1, 2);
  submit_all("flags of sockets that are none");
  submit_all("the rest");
  sqe = entry(&ring, IORING_OP_READ, sockets[1], 1);
  sqe->off = 5;
  try("a socket at an offset", sqe, &byte, 1);
  long_time.tv_nsec = 1500000000;
  try("more than a second of nanoseconds", entry(&ring, IORING_OP_TIMEOUT, -1, 1), &long_time, 1);
  sqe = entry(&ring, IORING_OP_TIMEOUT_REMOVE, -1, 2);
  try("and removed", sqe, (void *)1, 0);
}

// Other than writev(2) would, a vector of nothing reaches a socket.
static void nothing(void) {
  int pair[2], shut[2], event = MUST(eventfd(0, EFD_NONBLOCK));
  struct iovec none[2] = {{"x", 0}, {"y", 0}};
  char byte;
  MUST(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, pair));
  MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, shut));
  MUST(shutdown(shut[0], SHUT_WR));
  entry(&ring, IORING_OP_WRITEV, pair[0], 1)->off = -1;
  try("no vector for a datagram", entry(&ring, IORING_OP_NOP, -1, 2), NULL, 0);
  say("  read: %zd", read(pair[1], &byte, 1));
  struct io_uring_sqe *sqe = entry(&ring, IORING_OP_WRITEV, pair[0], 1);
  sqe->off = -1;
  try("two of nothing for a datagram", sqe, none, 2);
  say("  read: %zd", read(pair[1], &byte, 1));
  say("  read: %s", read(pair[1], &byte, 1) < 0 ? errno_name(errno) : "more");
  sqe = entry(&ring, IORING_OP_WRITEV, shut[0], 1);
  sqe->off = -1;
  try("nothing for a socket shut for writing", sqe, none, 2);
  sqe = entry(&ring, IORING_OP_READV, shut[0], 1);
  sqe->off = -1;
  try("nothing from a socket without data", sqe, none, 2);
  sqe = entry(&ring, IORING_OP_WRITEV, event, 1);
  sqe->off = -1;
  try("nothing for an eventfd", sqe, none, 1);
  sqe = entry(&ring, IORING_OP_READV, event, 1);
  sqe->off = -1;
  try("nothing from an eventfd", sqe, none, 1);
  for (int i = 0; i < 2; i++) close(pair[i]), close(shut[i]);
  close(event);
}

// A read that fails loses the buffer that it was given.
static void lost_buffer(void) {
  static char memory[3][10];
  struct io_uring_sqe *sqe = entry(&ring, IORING_OP_PROVIDE_BUFFERS, 3, 1);
  sqe->buf_group = 1;
  try("provided", sqe, memory, 10);
  for (int i = 0; i < 4; i++) {
    sqe = entry(&ring, IORING_OP_READ, ends[1], 2);
    sqe->flags = IOSQE_BUFFER_SELECT, sqe->buf_group = 1, sqe->off = -1;
    submit_all("read of the end for writing");
  }
}

// Of those that wait for the same file the newest has what comes; one that was too late waits on.
static void readers(void) {
  static char bytes[3];
  int pipe_ends[2];
  MUST(pipe(pipe_ends));
  for (int i = 0; i < 3; i++) {
    struct io_uring_sqe *sqe = entry(&ring, IORING_OP_READ, pipe_ends[0], i + 1);
    sqe->addr = (uintptr_t)&bytes[i], sqe->len = 1, sqe->off = -1;
  }
  submit_all("three readers");
  for (int round = 0; round < 3; round++) {
    MUST(write(pipe_ends[1], &"abc"[round], 1));
    submit_all("a byte");
    if (round == 0) {
      struct io_uring_sqe *sqe = entry(&ring, IORING_OP_READ, pipe_ends[0], 4);
      sqe->addr = (uintptr_t)&bytes[0], sqe->len = 1, sqe->off = -1;
      submit_all("a fourth");
    }
  }
  say("read: %d %d %d", bytes[0], bytes[1], bytes[2]);
  entry(&ring, IORING_OP_ASYNC_CANCEL, -1, 9)->cancel_flags = IORING_ASYNC_CANCEL_ANY;
  submit_all("the last is cancelled");
  close(pipe_ends[0]), close(pipe_ends[1]);
}

static void signalled(const char *label, int event) {
  uint64_t count = 0;
  submit_all(label);
  if (read(event, &count, sizeof count) < 0) count = 0;
  say("  the eventfd says %llu", (unsigned long long)count);
}

// An eventfd hears once of what is over together; or only of what workers did.
static void eventfds(void) {
  static char byte;
  int event = MUST(eventfd(0, EFD_NONBLOCK)), pipe_ends[2];
  MUST(pipe(pipe_ends));
  for (int is_async = 0; is_async < 2; is_async++) {
    MUST(syscall(SYS_io_uring_register, ring.fd, is_async ? IORING_REGISTER_EVENTFD_ASYNC : IORING_REGISTER_EVENTFD, &event, 1));
    for (int i = 0; i < 3; i++) entry(&ring, IORING_OP_NOP, -1, i + 1);
    signalled("three NOPs", event);
    entry(&ring, IORING_OP_NOP, -1, 1)->flags = IOSQE_ASYNC;
    signalled("one by a worker", event);
    entry(&ring, IORING_OP_FSYNC, pipe_ends[0], 1);
    signalled("a call that workers make", event);
    struct io_uring_sqe *sqe = entry(&ring, IORING_OP_READ, pipe_ends[0], 1);
    sqe->addr = (uintptr_t)&byte, sqe->len = 1, sqe->off = -1;
    signalled("a read that waits", event);
    MUST(write(pipe_ends[1], "x", 1));
    signalled("and is over", event);
    MUST(syscall(SYS_io_uring_register, ring.fd, IORING_UNREGISTER_EVENTFD, NULL, 0));
  }
}

int main(void) {
  MUST(ring_setup(&ring, 8, 0));
  MUST(pipe(ends));
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets));
  signal(SIGPIPE, SIG_IGN);
  readers();
  eventfds();
  nothing();
  draining(); // which an entry that hides its success forbids
  chains();
  later_ones();
  polled_first();
  faults();
  lost_buffer();
  polls();
  return 0;
}
