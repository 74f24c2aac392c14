// A full backlog: non-blocking connects get EAGAIN, a blocking one waits for accept, SO_SNDTIMEO bounds the wait.
// rows: U14 U22
#include "../lib/unix.h"

int main(void) {
  int listener = listener_at("backlog", 0);
  int fds[4];
  for (int i = 0; i < 3; i++) {
    fds[i] = MUST(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));
    show("non-blocking connect", connect_to(fds[i], "backlog"));
  }
  fds[3] = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  struct timeval limit = {0, 50000};
  MUST(setsockopt(fds[3], SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit));
  int64_t before = now_ms(CLOCK_MONOTONIC);
  show("connect with a time limit", connect_to(fds[3], "backlog"));
  int64_t took = now_ms(CLOCK_MONOTONIC) - before;
  say("it waited: %d", took >= 40 && took < 5000);
  pid_t child = MUST(fork());
  if (child == 0) {
    int fd = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
    _exit(connect_to(fd, "backlog") == 0 ? 0 : errno);
  }
  say("child sleeps in connect: %d", await_state(child, "S"));
  show_ok("accept", accept(listener, NULL, NULL));
  show_wait("child's connect", child);
  show_ok("accept", accept(listener, NULL, NULL));
  MUST(fcntl(listener, F_SETFL, O_NONBLOCK));
  show("accept with nobody there", accept(listener, NULL, NULL));
  return 0;
}
