// poll, ppoll, select, pselect on pipes, files and bad descriptors; time limits; the mask of ppoll.
#include "../lib/observe.h"
#include <poll.h>
#include <sys/select.h>

static volatile int caught;
static void handler(int number) {
  (void)number;
  caught++;
}

int main(void) {
  int fds[2];
  MUST(pipe(fds));
  int file = MUST(open("f", O_CREAT | O_RDWR, 0600));
  struct pollfd set[5] = {
      {fds[0], POLLIN, 0}, {fds[1], POLLOUT, 0}, {file, POLLIN | POLLOUT, 0}, {99, POLLIN, 0}, {-1, POLLIN, 0x55}};
  CALL(poll(set, 5, 0));
  say("events: %#x %#x %#x %#x %#x", set[0].revents, set[1].revents, set[2].revents, set[3].revents, set[4].revents);
  MUST(write(fds[1], "x", 1));
  CALL(poll(set, 1, -1));
  say("event: %#x", set[0].revents);
  char byte;
  MUST(read(fds[0], &byte, 1));
  int64_t before = now_ms(CLOCK_MONOTONIC);
  CALL(poll(set, 1, 30));
  int64_t took = now_ms(CLOCK_MONOTONIC) - before;
  say("waited: %d", took >= 29 && took < 5000);
  CALL(poll(NULL, 0, 5));
  struct timespec bad = {0, -1}, brief = {0, 5000000};
  CALL(ppoll(set, 1, &bad, NULL));
  CALL(ppoll(set, 1, &brief, NULL));
  signal(SIGUSR1, handler);
  sigset_t blocked, open_set;
  sigemptyset(&open_set);
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGUSR1);
  sigprocmask(SIG_BLOCK, &blocked, NULL);
  raise(SIGUSR1);
  say("caught before: %d", caught);
  CALL(ppoll(set, 1, NULL, &open_set));
  say("caught after: %d", caught);
  raise(SIGUSR1);
  MUST(write(fds[1], "x", 1));
  CALL(ppoll(set, 1, NULL, &open_set));
  say("ready wins: %d", caught);
  fd_set in, out, except;
  FD_ZERO(&in);
  FD_ZERO(&out);
  FD_ZERO(&except);
  FD_SET(fds[0], &in);
  FD_SET(fds[1], &out);
  FD_SET(fds[0], &except);
  struct timeval limit = {3, 0};
  CALL(select(fds[1] + 1, &in, &out, &except, &limit));
  say("in %d, out %d, except %d, limit left %d", !!FD_ISSET(fds[0], &in), !!FD_ISSET(fds[1], &out),
      !!FD_ISSET(fds[0], &except), limit.tv_sec >= 2);
  MUST(read(fds[0], &byte, 1));
  FD_ZERO(&in);
  FD_SET(fds[0], &in);
  limit = (struct timeval){0, 10000};
  CALL(select(fds[1] + 1, &in, NULL, NULL, &limit));
  say("in %d, limit left %ld", !!FD_ISSET(fds[0], &in), (long)limit.tv_usec);
  FD_SET(50, &in);
  CALL(select(51, &in, NULL, NULL, &limit));
  CALL(select(-1, NULL, NULL, NULL, NULL));
  CALL(pselect(0, NULL, NULL, NULL, &bad, NULL));
  close(fds[1]);
  set[0].events = POLLIN;
  CALL(poll(set, 1, -1));
  say("after hang-up: %#x", set[0].revents);
  CALL(poll((struct pollfd *)8, 1, 0));
  return 0;
}
