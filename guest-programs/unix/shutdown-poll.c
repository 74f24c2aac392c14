// shutdown(2) as both ends and poll(2) see it.
// rows: U44 U45
#include "../lib/unix.h"

static void both(const char *label, int fds[2]) {
  say("-- %s", label);
  show_poll("mine", fds[0]);
  show_poll("theirs", fds[1]);
}

int main(void) {
  int fds[2];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
  both("fresh", fds);
  MUST(write(fds[1], "abc", 3));
  both("they wrote", fds);
  CALL(shutdown(fds[0], SHUT_WR));
  both("my SHUT_WR", fds);
  show("my send", send(fds[0], "x", 1, MSG_NOSIGNAL));
  show_read("they read", fds[1]);
  CALL(shutdown(fds[0], SHUT_RD));
  both("my SHUT_RD too", fds);
  show_read("I drain", fds[0]);
  show_read("then", fds[0]);
  show("they send", send(fds[1], "x", 1, MSG_NOSIGNAL));
  close(fds[1]);
  show_poll("peer closed", fds[0]);
  int alone = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  show_poll("unconnected", alone);
  int listener = listener_at("polled", 3);
  show_poll("idle listener", listener);
  MUST(connect_to(alone, "polled"));
  show_poll("listener with a client", listener);
  return 0;
}
