// epoll's finer rules: order of events, re-arming, reused descriptors, nesting limits, EPOLLEXCLUSIVE, time limits, fdinfo.
#include "../lib/observe.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

static void show_events(const char *label, int epoll, int maximum) {
  struct epoll_event events[16];
  int count = epoll_wait(epoll, events, maximum, 0);
  char text[512] = "";
  for (int i = 0; i < count; i++) sprintf(text + strlen(text), " %d:%#x", (int)events[i].data.u64, events[i].events);
  if (count < 0) show(label, count);
  else say("%s: %d%s", label, count, text);
}

static int add(int epoll, int fd, uint32_t events, int data) {
  struct epoll_event event = {.events = events, .data.u64 = data};
  return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

static int change(int epoll, int fd, uint32_t events, int data) {
  struct epoll_event event = {.events = events, .data.u64 = data};
  return epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &event);
}

static void handler(int number) {
  (void)number;
}

int main(void) {
  int epoll = MUST(epoll_create1(0)), pipes[4][2];
  for (int i = 0; i < 4; i++) {
    MUST(pipe2(pipes[i], O_NONBLOCK));
    MUST(add(epoll, pipes[i][0], EPOLLIN, i));
  }
  for (int i = 3; i >= 0; i--) MUST(write(pipes[i][1], "x", 1));
  show_events("in order of arrival", epoll, 16);
  show_events("two at a time", epoll, 2);
  show_events("the next two", epoll, 2);
  show_events("and the first again", epoll, 3);
  char text[2048];
  MUST(read(pipes[2][0], text, 10));
  show_events("one is quiet", epoll, 16);
  MUST(change(epoll, pipes[0][0], EPOLLIN | EPOLLET, 10));
  MUST(change(epoll, pipes[1][0], EPOLLIN | EPOLLET, 11));
  show_events("changed to edges", epoll, 16);
  show_events("edges are spent", epoll, 16);
  MUST(write(pipes[0][1], "y", 1));
  MUST(write(pipes[0][1], "z", 1));
  show_events("two writes, one event", epoll, 16);
  MUST(read(pipes[0][0], text, 1));
  show_events("a partial read is no edge", epoll, 16);
  MUST(change(epoll, pipes[0][0], EPOLLIN | EPOLLET, 20));
  show_events("MOD arms again", epoll, 16);
  MUST(change(epoll, pipes[3][0], 0, 3));
  show_events("no events asked", epoll, 16);
  close(pipes[3][1]);
  show_events("hang-up comes anyway", epoll, 16);
  close(pipes[3][0]);
  show_events("closed", epoll, 16);
  int fd = MUST(eventfd(0, EFD_NONBLOCK));
  MUST(add(epoll, fd, EPOLLIN | EPOLLOUT | EPOLLET, 30));
  show_events("eventfd", epoll, 16);
  eventfd_write(fd, 1);
  show_events("written", epoll, 16);
  eventfd_write(fd, 1);
  show_events("written again", epoll, 16);
  eventfd_t value;
  eventfd_read(fd, &value);
  show_events("read", epoll, 16);
  int copy = MUST(dup(fd));
  CALL(add(epoll, copy, EPOLLIN, 31));
  close(fd);
  eventfd_write(copy, 1);
  show_events("both numbers of one file", epoll, 16);
  int same = MUST(eventfd(0, EFD_NONBLOCK));
  say("the number is used again: %d", same == fd);
  CALL(change(epoll, same, EPOLLIN, 32));
  CALL(add(epoll, same, EPOLLIN, 32));
  eventfd_write(same, 1);
  show_events("three", epoll, 16);
  close(copy);
  show_events("the old file is gone", epoll, 16);
  CALL(epoll_ctl(epoll, EPOLL_CTL_DEL, same, NULL));
  CALL(add(epoll, same, EPOLLIN | EPOLLEXCLUSIVE, 40));
  CALL(change(epoll, same, EPOLLIN, 40));
  CALL(change(epoll, same, EPOLLIN | EPOLLEXCLUSIVE, 40));
  show_events("exclusive", epoll, 16);
  CALL(add(epoll, pipes[2][1], EPOLLEXCLUSIVE | EPOLLONESHOT, 41));
  CALL(add(epoll, pipes[2][1], EPOLLEXCLUSIVE | EPOLLPRI, 41));
  CALL(add(epoll, pipes[2][1], EPOLLEXCLUSIVE | EPOLLOUT | EPOLLET | EPOLLWAKEUP, 41));
  show_events("writable", epoll, 16);
  int chain[7];
  for (int i = 0; i < 7; i++) chain[i] = MUST(epoll_create1(0));
  for (int i = 0; i < 6; i++) show("chain", add(chain[i], chain[i + 1], EPOLLIN, i));
  CALL(add(chain[4], chain[0], EPOLLIN, 0));
  CALL(add(chain[0], chain[0], EPOLLIN, 0));
  CALL(add(chain[0], chain[6], EPOLLIN | EPOLLEXCLUSIVE, 0));
  CALL(add(chain[4], same, EPOLLIN, 77));
  show_events("through the chain", chain[0], 16);
  struct pollfd entry = {chain[0], POLLIN, 0};
  CALL(poll(&entry, 1, 0));
  eventfd_read(same, &value);
  show_events("quiet again", chain[0], 16);
  entry.revents = 0;
  CALL(poll(&entry, 1, 0));
  struct epoll_event events[4];
  struct timespec none = {0, 0}, brief = {0, 20000000}, bad = {0, 1000000000};
  int empty = MUST(epoll_create1(0));
  CALL(syscall(SYS_epoll_pwait2, empty, events, 4, &none, NULL, 0));
  CALL(syscall(SYS_epoll_pwait2, empty, events, 4, &brief, NULL, 0));
  CALL(syscall(SYS_epoll_pwait2, empty, events, 4, &bad, NULL, 0));
  CALL(syscall(SYS_epoll_pwait2, empty, events, 0, &none, NULL, 0));
  CALL(syscall(SYS_epoll_pwait2, empty, events, -1, &none, NULL, 0));
  CALL(syscall(SYS_epoll_pwait2, 999, events, 0, &none, NULL, 0));
  CALL(syscall(SYS_epoll_pwait2, pipes[0][0], events, 0, &none, NULL, 0));
  sigset_t all, few;
  sigfillset(&all);
  sigemptyset(&few);
  CALL(syscall(SYS_epoll_pwait2, empty, events, 4, &none, &all, 4));
  signal(SIGUSR1, handler);
  sigprocmask(SIG_BLOCK, &all, NULL);
  raise(SIGUSR1);
  CALL(syscall(SYS_epoll_pwait2, empty, events, 4, &brief, &few, 8));
  raise(SIGUSR1);
  CALL(syscall(SYS_epoll_pwait2, epoll, events, 4, &brief, &few, 8) > 0);
  sigpending(&few);
  say("still pending: %d", sigismember(&few, SIGUSR1));
  sigprocmask(SIG_UNBLOCK, &all, NULL);
  int file = MUST(open("f", O_CREAT | O_RDWR, 0600));
  CALL(add(epoll, file, EPOLLIN, 0));
  CALL(add(epoll, MUST(open(".", O_RDONLY)), EPOLLIN, 0));
  CALL(add(epoll, MUST(open("/dev/null", O_RDONLY)), EPOLLIN, 0));
  CALL(add(epoll, MUST(open("/dev/zero", O_RDONLY)), EPOLLIN, 0));
  CALL(add(epoll, MUST(open("/proc/self/status", O_RDONLY)), EPOLLIN, 0));
  CALL(add(epoll, MUST(open("f", O_PATH)), EPOLLIN, 0));
  CALL(epoll_ctl(epoll, EPOLL_CTL_ADD, pipes[0][1], NULL));
  CALL(epoll_ctl(epoll, EPOLL_CTL_ADD, file, NULL));
  CALL(epoll_ctl(epoll, EPOLL_CTL_DEL, file, NULL));
  CALL(lseek(epoll, 5, SEEK_SET));
  CALL(read(epoll, text, 10));
  CALL(write(epoll, text, 10));
  char path[64];
  MUST(change(epoll, pipes[0][0], EPOLLIN | EPOLLET | EPOLLONESHOT, -1));
  sprintf(path, "/proc/self/fdinfo/%d", epoll);
  int info = MUST(open(path, O_RDONLY));
  ssize_t length = read(info, text, sizeof text - 1);
  text[length] = 0;
  char start[32];
  sprintf(start, "tfd: %8d", pipes[0][0]);
  char *line = strstr(text, start);
  say("fdinfo: %.61s", line ? line : "missing");
  sprintf(path, "/proc/self/fd/%d", epoll);
  length = readlink(path, text, sizeof text);
  say("link: %.*s", (int)length, text);
  return 0;
}
