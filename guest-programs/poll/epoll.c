// epoll: level and edge triggering, one shot, modification, data, nesting, errors, closed descriptors.
#include "../lib/observe.h"
#include <sys/epoll.h>

static int epoll;

static void show_events(const char *label, int limit) {
  struct epoll_event events[8];
  int count = epoll_wait(epoll, events, 8, limit);
  if (count == -1) {
    show(label, -1);
    return;
  }
  char text[256] = "";
  for (int i = 0; i < count; i++) sprintf(text + strlen(text), " %#x(%d)", events[i].events, (int)events[i].data.u64);
  say("%s: %d%s", label, count, text);
}

static int control(int op, int fd, uint32_t events, int data) {
  struct epoll_event event = {.events = events, .data.u64 = data};
  return epoll_ctl(epoll, op, fd, &event);
}

int main(void) {
  int a[2], b[2];
  MUST(pipe2(a, O_NONBLOCK));
  MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, b));
  epoll = CALL(epoll_create1(EPOLL_CLOEXEC));
  CALL(control(EPOLL_CTL_ADD, a[0], EPOLLIN, 1));
  CALL(control(EPOLL_CTL_ADD, a[0], EPOLLIN, 1));
  CALL(control(EPOLL_CTL_ADD, b[0], EPOLLIN | EPOLLOUT | EPOLLET, 2));
  show_events("first", 0);
  show_events("edge seen once", 0);
  MUST(write(a[1], "x", 1));
  show_events("level", 0);
  show_events("level again", 0);
  MUST(write(b[1], "x", 1));
  show_events("edge", 0);
  MUST(write(b[1], "y", 1));
  show_events("another arrival", 0);
  char byte[8];
  MUST(read(a[0], byte, 8));
  show_events("quiet", 10);
  CALL(control(EPOLL_CTL_MOD, a[0], EPOLLIN | EPOLLONESHOT, 3));
  MUST(write(a[1], "x", 1));
  show_events("one shot", 0);
  show_events("one shot is spent", 0);
  CALL(control(EPOLL_CTL_MOD, a[0], EPOLLIN | EPOLLONESHOT, 4));
  show_events("armed again", 0);
  CALL(control(EPOLL_CTL_DEL, a[0], 0, 0));
  CALL(control(EPOLL_CTL_DEL, a[0], 0, 0));
  CALL(control(EPOLL_CTL_MOD, a[0], EPOLLIN, 0));
  CALL(control(EPOLL_CTL_ADD, 99, EPOLLIN, 0));
  CALL(control(EPOLL_CTL_ADD, epoll, EPOLLIN, 0));
  CALL(control(EPOLL_CTL_ADD, MUST(open("f", O_CREAT | O_RDWR, 0600)), EPOLLIN, 0));
  CALL(control(77, b[0], EPOLLIN, 0));
  close(b[1]);
  show_events("hang-up", 0);
  int copy = MUST(dup(b[0]));
  close(b[0]);
  show_events("closed, but a dup is open: edge is spent", 0);
  close(copy);
  show_events("gone", 0);
  int outer = MUST(epoll_create1(0)), inner = epoll;
  struct epoll_event event = {.events = EPOLLIN, .data.u64 = 9};
  MUST(epoll_ctl(outer, EPOLL_CTL_ADD, inner, &event));
  MUST(control(EPOLL_CTL_ADD, a[0], EPOLLIN, 5));
  epoll = outer;
  show_events("nested", 0);
  epoll = inner;
  show("cycle", epoll_ctl(inner, EPOLL_CTL_ADD, outer, &event));
  struct epoll_event none[1];
  CALL(epoll_wait(epoll, none, 0, 0));
  CALL(epoll_wait(a[0], none, 1, 0));
  CALL(epoll_create(0));
  CALL(epoll_create1(77));
  pid_t child = MUST(fork());
  if (child == 0) {
    sleep_ms(20);
    MUST(write(a[1], "zz", 2));
    _exit(0);
  }
  MUST(read(a[0], byte, 8));
  show_events("waits for a child's write", 5000);
  show_wait("child", child);
  return 0;
}
