// Every kind of descriptor passes over a socket and works on the other side.
// rows: U38
#include "../lib/unix.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>

static int through(int fd) {
  int pair[2], got = -1;
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  MUST(send_fds(pair[0], &fd, 1));
  close(fd);
  MUST(receive_fds(pair[1], &got, 1, 0, NULL));
  close(pair[0]);
  close(pair[1]);
  return got;
}

int main(void) {
  int fds[2];
  struct stat status;
  MUST(mkdir("dir", 0700));
  int directory = through(MUST(open("dir", O_RDONLY | O_DIRECTORY)));
  show_ok("directory: openat", openat(directory, "file", O_CREAT | O_RDWR, 0600));
  MUST(pipe(fds));
  int writer = through(fds[1]);
  MUST(write(writer, "through", 7));
  close(writer);
  show_read("pipe", fds[0]);
  show_read("pipe after the passed writer is closed", fds[0]);
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
  int end = through(fds[1]);
  MUST(write(end, "socket", 6));
  show_read("socket", fds[0]);
  int listener = through(listener_at("passed", 2));
  int client = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  show("listener: connect", connect_to(client, "passed"));
  show_ok("listener: accept", accept(listener, NULL, NULL));
  uint64_t value = 7;
  int event = through(MUST(eventfd(3, 0)));
  MUST(write(event, &value, 8));
  MUST(read(event, &value, 8));
  say("eventfd: %lu", (long)value);
  int epoll = MUST(epoll_create1(0));
  struct epoll_event wanted = {.events = EPOLLIN};
  MUST(epoll_ctl(epoll, EPOLL_CTL_ADD, fds[0], &wanted));
  epoll = through(epoll);
  MUST(write(end, "x", 1));
  show("epoll", epoll_wait(epoll, &wanted, 1, 1000));
  int timer = through(MUST(timerfd_create(CLOCK_MONOTONIC, 0)));
  struct itimerspec soon = {.it_value = {0, 1000000}};
  MUST(timerfd_settime(timer, 0, &soon, NULL));
  show("timerfd", read(timer, &value, 8));
  int path = through(MUST(open("dir", O_PATH)));
  show("O_PATH: fstat", fstat(path, &status));
  int memory = through(MUST(memfd_create("m", 0)));
  show("memfd", write(memory, "abc", 3));
  int null = through(MUST(open("/dev/null", O_RDWR)));
  show("device", write(null, "abc", 3));
  return 0;
}
