// io_uring: sockets and pipes, what waits and is cancelled, polls, timeouts, provided buffers, many results of one entry.
#include "../lib/uring.h"
#include <poll.h>
#include <sys/epoll.h>

static struct ring ring;
static int pair[2], pipe_fds[2];
static char text[64], more[64];

static struct io_uring_sqe *transfer(int operation, int fd, uint64_t user_data, const void *memory, unsigned length) {
  struct io_uring_sqe *sqe = entry(&ring, operation, fd, user_data);
  sqe->addr = (uintptr_t)memory, sqe->len = length;
  return sqe;
}

static void messages(void) {
  say("# messages");
  transfer(IORING_OP_RECV, pair[0], 1, text, sizeof text);
  run(&ring, "nothing to receive", 0);
  transfer(IORING_OP_SEND, pair[1], 2, "hello", 5);
  run(&ring, "send wakes it", 2);
  say("text: %s", text);
  MUST(fcntl(pair[0], F_SETFL, O_NONBLOCK));
  transfer(IORING_OP_RECV, pair[0], 1, text, sizeof text);
  run(&ring, "waits though O_NONBLOCK", 0);
  MUST(write(pair[1], "a write", 7));
  later(&ring, "received", 1);
  transfer(IORING_OP_RECV, pair[0], 1, text, sizeof text)->msg_flags = MSG_DONTWAIT;
  run(&ring, "MSG_DONTWAIT", 1);
  MUST(fcntl(pair[0], F_SETFL, 0));
  struct iovec vector = {text, sizeof text}, sent = {"a message", 9};
  struct msghdr in = {.msg_iov = &vector, .msg_iovlen = 1}, out = {.msg_iov = &sent, .msg_iovlen = 1};
  transfer(IORING_OP_RECVMSG, pair[0], 1, &in, 1);
  transfer(IORING_OP_SENDMSG, pair[1], 2, &out, 1);
  run(&ring, "sendmsg and recvmsg", 2);
  transfer(IORING_OP_RECV, pair[0], 1, text, 8)->msg_flags = MSG_WAITALL;
  run(&ring, "MSG_WAITALL", 0);
  MUST(write(pair[1], "1234", 4));
  run(&ring, "half of it", 0);
  MUST(write(pair[1], "5678", 4));
  later(&ring, "all", 1);
  transfer(IORING_OP_READ, pipe_fds[0], 1, text, sizeof text)->off = -1;
  run(&ring, "an empty pipe", 0);
  transfer(IORING_OP_WRITE, pipe_fds[1], 2, "pipe", 4)->off = -1;
  run(&ring, "and a write", 2);
  transfer(IORING_OP_RECV, pipe_fds[0], 1, text, 4);
  run(&ring, "recv of a pipe", 1);
  transfer(IORING_OP_SEND, 99, 1, text, 4);
  run(&ring, "bad descriptor", 1);
}

static void cancellations(void) {
  say("# cancelling");
  transfer(IORING_OP_RECV, pair[0], 1, text, sizeof text);
  transfer(IORING_OP_READ, pipe_fds[0], 2, text, sizeof text)->off = -1;
  run(&ring, "two wait", 0);
  entry(&ring, IORING_OP_ASYNC_CANCEL, -1, 3)->addr = 77;
  run(&ring, "no such request", 1);
  entry(&ring, IORING_OP_ASYNC_CANCEL, -1, 3)->addr = 1;
  run(&ring, "one", 2);
  struct io_uring_sqe *sqe = entry(&ring, IORING_OP_ASYNC_CANCEL, pipe_fds[0], 3);
  sqe->cancel_flags = IORING_ASYNC_CANCEL_FD;
  run(&ring, "by descriptor", 2);
  for (int i = 0; i < 3; i++) transfer(IORING_OP_RECV, pair[0], 10 + i, text, sizeof text);
  run(&ring, "three wait", 0);
  sqe = entry(&ring, IORING_OP_ASYNC_CANCEL, pair[0], 3);
  sqe->cancel_flags = IORING_ASYNC_CANCEL_FD | IORING_ASYNC_CANCEL_ALL;
  run(&ring, "all of them", 4);
  sqe = entry(&ring, IORING_OP_ASYNC_CANCEL, -1, 3);
  sqe->cancel_flags = IORING_ASYNC_CANCEL_ANY;
  run(&ring, "any", 1);
  entry(&ring, IORING_OP_ASYNC_CANCEL, -1, 3)->cancel_flags = 1 << 20;
  run(&ring, "unknown flags", 1);
  transfer(IORING_OP_RECV, pair[0], 1, text, sizeof text)->flags = IOSQE_IO_LINK;
  entry(&ring, IORING_OP_NOP, -1, 2);
  run(&ring, "a chain waits", 0);
  entry(&ring, IORING_OP_ASYNC_CANCEL, -1, 3)->addr = 1;
  run(&ring, "and is broken", 3);
  int closed[2];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, closed));
  transfer(IORING_OP_RECV, closed[0], 1, text, sizeof text);
  run(&ring, "waits", 0);
  MUST(close(closed[0]));
  run(&ring, "still, with its descriptor closed", 0);
  MUST(write(closed[1], "late", 4));
  later(&ring, "received", 1);
  MUST(close(closed[1]));
}

static void polls(void) {
  say("# polls");
  entry(&ring, IORING_OP_POLL_ADD, pair[0], 1)->poll32_events = POLLIN;
  run(&ring, "not readable", 0);
  entry(&ring, IORING_OP_POLL_ADD, pair[0], 2)->poll32_events = POLLOUT;
  run(&ring, "writable", 1);
  MUST(write(pair[1], "x", 1));
  later(&ring, "readable", 1);
  MUST(read(pair[0], text, 1));
  struct io_uring_sqe *sqe = entry(&ring, IORING_OP_POLL_ADD, pair[0], 1);
  sqe->poll32_events = POLLIN, sqe->len = IORING_POLL_ADD_MULTI;
  run(&ring, "many times", 0);
  for (int i = 0; i < 2; i++) {
    MUST(write(pair[1], "x", 1));
    later(&ring, "readable", 1);
    MUST(read(pair[0], text, 1));
  }
  sqe = entry(&ring, IORING_OP_POLL_REMOVE, -1, 2);
  sqe->addr = 1, sqe->off = 5, sqe->len = IORING_POLL_UPDATE_USER_DATA | IORING_POLL_ADD_MULTI;
  run(&ring, "other user data", 1);
  entry(&ring, IORING_OP_POLL_REMOVE, -1, 2)->addr = 1;
  run(&ring, "no longer 1", 1);
  entry(&ring, IORING_OP_POLL_REMOVE, -1, 2)->addr = 5;
  run(&ring, "removed", 2);
  entry(&ring, IORING_OP_POLL_ADD, pair[0], 2)->len = 16;
  run(&ring, "unknown flags", 1);
  int closed[2];
  MUST(pipe(closed));
  entry(&ring, IORING_OP_POLL_ADD, closed[0], 2)->poll32_events = POLLIN;
  run(&ring, "waits", 0);
  MUST(close(closed[1]));
  later(&ring, "hung up", 1);
  MUST(close(closed[0]));
  // the ring itself can be polled
  struct pollfd poll_fd = {ring.fd, POLLIN | POLLOUT, 0};
  poll(&poll_fd, 1, 0);
  say("the ring: %#x", poll_fd.revents);
  entry(&ring, IORING_OP_NOP, -1, 1);
  CALL(submit_and_wait(&ring, 0));
  poll(&poll_fd, 1, 0);
  say("the ring: %#x", poll_fd.revents);
  int epoll = MUST(epoll_create1(0));
  struct epoll_event event = {.events = EPOLLIN}, seen;
  MUST(epoll_ctl(epoll, EPOLL_CTL_ADD, ring.fd, &event));
  CALL(epoll_wait(epoll, &seen, 1, -1));
  show_completions(&ring, "taken");
  CALL(epoll_wait(epoll, &seen, 1, 0));
  sqe = entry(&ring, IORING_OP_EPOLL_CTL, epoll, 1);
  sqe->len = EPOLL_CTL_ADD, sqe->off = pair[0], sqe->addr = (uintptr_t)&event;
  run(&ring, "epoll_ctl", 1);
  MUST(close(epoll));
}

static void timeouts(void) {
  say("# timeouts");
  struct __kernel_timespec soon = {0, 20000000}, late = {100, 0}, wrong = {0, -1};
  int64_t start = now_ms(CLOCK_MONOTONIC);
  transfer(IORING_OP_TIMEOUT, -1, 1, &soon, 1);
  run(&ring, "20 ms", 1);
  int64_t took = now_ms(CLOCK_MONOTONIC) - start;
  say("took about as long: %d", took >= 20 && took < 2000);
  transfer(IORING_OP_TIMEOUT, -1, 1, &late, 1)->off = 2;
  run(&ring, "or two completions", 0);
  entry(&ring, IORING_OP_NOP, -1, 2);
  run(&ring, "one", 1);
  entry(&ring, IORING_OP_NOP, -1, 3);
  run(&ring, "two", 2);
  transfer(IORING_OP_TIMEOUT, -1, 1, &late, 1);
  run(&ring, "waits", 0);
  struct io_uring_sqe *sqe = entry(&ring, IORING_OP_TIMEOUT_REMOVE, -1, 2);
  sqe->addr = 9;
  run(&ring, "no such timeout", 1);
  sqe = entry(&ring, IORING_OP_TIMEOUT_REMOVE, -1, 2);
  sqe->addr = 1;
  run(&ring, "removed", 2);
  transfer(IORING_OP_TIMEOUT, -1, 1, &late, 1);
  sqe = entry(&ring, IORING_OP_TIMEOUT_REMOVE, -1, 2);
  sqe->addr = 1, sqe->addr2 = (uintptr_t)&soon, sqe->timeout_flags = IORING_TIMEOUT_UPDATE;
  run(&ring, "another time", 2);
  transfer(IORING_OP_TIMEOUT, -1, 1, &late, 2);
  run(&ring, "two timespecs", 1);
  transfer(IORING_OP_TIMEOUT, -1, 1, &wrong, 1);
  run(&ring, "no timespec", 1);
  transfer(IORING_OP_TIMEOUT, -1, 1, NULL, 1);
  run(&ring, "nowhere", 1);
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  struct __kernel_timespec absolute = {now.tv_sec, now.tv_nsec};
  transfer(IORING_OP_TIMEOUT, -1, 1, &absolute, 1)->timeout_flags = IORING_TIMEOUT_ABS | IORING_TIMEOUT_REALTIME;
  run(&ring, "a time that has passed", 1);

  transfer(IORING_OP_RECV, pair[0], 1, text, sizeof text)->flags = IOSQE_IO_LINK;
  transfer(IORING_OP_LINK_TIMEOUT, -1, 2, &soon, 1);
  run(&ring, "a receive with a limit", 2);
  MUST(write(pair[1], "x", 1));
  transfer(IORING_OP_RECV, pair[0], 1, text, sizeof text)->flags = IOSQE_IO_LINK;
  transfer(IORING_OP_LINK_TIMEOUT, -1, 2, &late, 1)->flags = IOSQE_IO_LINK;
  entry(&ring, IORING_OP_NOP, -1, 3);
  run(&ring, "that is not reached", 3);
  transfer(IORING_OP_RECV, pair[0], 1, text, sizeof text)->flags = IOSQE_IO_LINK;
  transfer(IORING_OP_LINK_TIMEOUT, -1, 2, &late, 1)->flags = IOSQE_IO_LINK;
  entry(&ring, IORING_OP_NOP, -1, 3);
  run(&ring, "waits", 0);
  MUST(write(pair[1], "x", 1));
  later(&ring, "that is not reached", 3);
  transfer(IORING_OP_LINK_TIMEOUT, -1, 2, &soon, 1);
  run(&ring, "nothing to limit", 1);

  struct io_uring_getevents_arg wait_argument = {.ts = (uintptr_t)&soon};
  CALL(syscall(SYS_io_uring_enter, ring.fd, 0, 1, IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG, &wait_argument,
               sizeof wait_argument));
  CALL(syscall(SYS_io_uring_enter, ring.fd, 0, 1, IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG, &wait_argument, 8));
  CALL(syscall(SYS_io_uring_enter, ring.fd, 0, 1, IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG, NULL,
               sizeof wait_argument));
}

static void connections(void) {
  say("# connections");
  struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "socket"};
  entry(&ring, IORING_OP_SOCKET, AF_UNIX, 1)->off = SOCK_STREAM;
  CALL(submit_and_wait(&ring, 1));
  struct io_uring_cqe cqe = {0};
  take_completion(&ring, &cqe);
  int listener = cqe.res;
  MUST(bind(listener, (struct sockaddr *)&address, sizeof address));
  MUST(listen(listener, 5));
  entry(&ring, IORING_OP_ACCEPT, listener, 1);
  run(&ring, "nobody to accept", 0);
  int client = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  transfer(IORING_OP_CONNECT, client, 2, &address, 0)->off = sizeof address;
  CALL(submit_and_wait(&ring, 2));
  int accepted = -1;
  while (take_completion(&ring, &cqe)) {
    if (cqe.user_data == 1) accepted = cqe.res;
    else say("connect: %d", cqe.res);
  }
  say("accepted: %d", accepted > 2);
  MUST(write(client, "through it", 10));
  transfer(IORING_OP_RECV, accepted, 1, text, sizeof text);
  run(&ring, "received", 1);
  entry(&ring, IORING_OP_SHUTDOWN, accepted, 1)->len = SHUT_WR;
  run(&ring, "shutdown", 1);
  CALL(read(client, text, sizeof text));
  entry(&ring, IORING_OP_CLOSE, accepted, 1);
  entry(&ring, IORING_OP_CLOSE, 99, 2);
  run(&ring, "close", 2);

  entry(&ring, IORING_OP_ACCEPT, listener, 1)->ioprio = IORING_ACCEPT_MULTISHOT;
  run(&ring, "accept as many as come", 0);
  for (int i = 0; i < 3; i++) {
    int another = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
    MUST(connect(another, (struct sockaddr *)&address, sizeof address));
    MUST(submit_and_wait(&ring, 1));
    while (take_completion(&ring, &cqe))
      say("accepted: %d, more: %d", cqe.res > 2, (cqe.flags & IORING_CQE_F_MORE) != 0), close(cqe.res);
    MUST(close(another));
  }
  entry(&ring, IORING_OP_ASYNC_CANCEL, -1, 2)->addr = 1;
  run(&ring, "no more", 2);
  int files[2] = {-1, -1};
  MUST(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_FILES, files, 2));
  entry(&ring, IORING_OP_ACCEPT, listener, 1)->file_index = 1;
  run(&ring, "into a slot", 0);
  MUST(close(client));
  client = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  MUST(connect(client, (struct sockaddr *)&address, sizeof address));
  later(&ring, "accepted", 1);
  transfer(IORING_OP_SEND, 0, 1, "slot", 4)->flags = IOSQE_FIXED_FILE;
  run(&ring, "send", 1);
  CALL(read(client, text, sizeof text));
  MUST(syscall(SYS_io_uring_register, ring.fd, IORING_UNREGISTER_FILES, NULL, 0));
  CALL(read(client, text, sizeof text));
  MUST(close(client));
  MUST(close(listener));
}

static char buffers[4][16];
static void provided(void) {
  say("# provided buffers");
  struct io_uring_sqe *sqe = entry(&ring, IORING_OP_RECV, pair[0], 1);
  sqe->flags = IOSQE_BUFFER_SELECT, sqe->buf_group = 7;
  MUST(write(pair[1], "abc", 3));
  run(&ring, "none", 1);
  sqe = transfer(IORING_OP_PROVIDE_BUFFERS, 3, 1, buffers, 16);
  sqe->off = 20, sqe->buf_group = 7;
  run(&ring, "three provided", 1);
  sqe = entry(&ring, IORING_OP_RECV, pair[0], 1);
  sqe->flags = IOSQE_BUFFER_SELECT, sqe->buf_group = 7;
  run(&ring, "received", 1);
  say("text: %s", buffers[0]);
  sqe = entry(&ring, IORING_OP_RECV, pair[0], 1);
  sqe->flags = IOSQE_BUFFER_SELECT, sqe->buf_group = 7, sqe->ioprio = IORING_RECV_MULTISHOT;
  run(&ring, "as much as comes", 0);
  MUST(write(pair[1], "first", 5));
  later(&ring, "one", 1);
  MUST(write(pair[1], "the second, longer", 18));
  later(&ring, "two", 2);
  say("text: %s and %s", buffers[1], quoted(buffers[2], 16));
  MUST(read(pair[0], text, sizeof text));
  sqe = transfer(IORING_OP_PROVIDE_BUFFERS, 4, 1, buffers, 16);
  sqe->off = 0, sqe->buf_group = 7;
  run(&ring, "provided", 1);
  sqe = entry(&ring, IORING_OP_REMOVE_BUFFERS, 3, 1);
  sqe->buf_group = 7;
  run(&ring, "removed", 1);
  sqe = entry(&ring, IORING_OP_REMOVE_BUFFERS, 3, 1);
  sqe->buf_group = 8;
  run(&ring, "no such group", 1);
  sqe = entry(&ring, IORING_OP_READ, pipe_fds[0], 1);
  sqe->flags = IOSQE_BUFFER_SELECT, sqe->buf_group = 7, sqe->off = -1;
  MUST(write(pipe_fds[1], "pipe", 4));
  run(&ring, "read", 1);

  say("# a ring of buffers");
  struct io_uring_buf_ring *list = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  struct io_uring_buf_reg registration = {.ring_addr = (uintptr_t)list, .ring_entries = 4, .bgid = 9};
  CALL(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_PBUF_RING, &registration, 1));
  CALL(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_PBUF_RING, &registration, 1));
  registration.ring_entries = 3, registration.bgid = 10;
  CALL(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_PBUF_RING, &registration, 1));
  for (int i = 0; i < 2; i++)
    list->bufs[i] = (struct io_uring_buf){.addr = (uintptr_t)buffers[i], .len = 16, .bid = 100 + i};
  __atomic_store_n(&list->tail, 2, __ATOMIC_RELEASE);
  sqe = entry(&ring, IORING_OP_RECV, pair[0], 1);
  sqe->flags = IOSQE_BUFFER_SELECT, sqe->buf_group = 9, sqe->ioprio = IORING_RECV_MULTISHOT;
  run(&ring, "as much as comes", 0);
  MUST(write(pair[1], "one", 4));
  later(&ring, "one", 1);
  say("text: %s", buffers[0]);
  list->bufs[2] = (struct io_uring_buf){.addr = (uintptr_t)buffers[2], .len = 16, .bid = 102};
  __atomic_store_n(&list->tail, 3, __ATOMIC_RELEASE);
  MUST(write(pair[1], "two", 4));
  later(&ring, "two", 1);
  MUST(shutdown(pair[1], SHUT_WR));
  later(&ring, "the end", 1);
  registration.bgid = 9;
  CALL(syscall(SYS_io_uring_register, ring.fd, IORING_UNREGISTER_PBUF_RING, &registration, 1));
  CALL(syscall(SYS_io_uring_register, ring.fd, IORING_UNREGISTER_PBUF_RING, &registration, 1));
}

int main(void) {
  MUST(ring_setup(&ring, 16, 0));
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  MUST(pipe(pipe_fds));
  messages();
  cancellations();
  polls();
  timeouts();
  connections();
  provided();
  say("# the end of the ring ends what waits in it");
  int last[2];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, last));
  transfer(IORING_OP_RECV, last[0], 1, more, sizeof more);
  run(&ring, "waits", 0);
  MUST(close(last[0]));
  CALL(send(last[1], "x", 1, MSG_NOSIGNAL));
  transfer(IORING_OP_RECV, pipe_fds[0], 1, more, sizeof more);
  MUST(close(last[1]));
  return 0;
}
