// Closing with unread data gives the peer ECONNRESET once; closing without gives end of file; then EPIPE and SIGPIPE.
// rows: U16 U43
#include "../lib/unix.h"

static void on_pipe(int number) { say("caught %s", signal_name(number)); }

int main(void) {
  signal(SIGPIPE, on_pipe);
  int fds[2];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
  MUST(write(fds[0], "for you", 7));
  MUST(write(fds[1], "never read", 10));
  close(fds[0]);
  show_poll("poll", fds[1]);
  show_read("first", fds[1]);
  show_read("second", fds[1]);
  show_read("third", fds[1]);
  show("write", write(fds[1], "x", 1));
  show("send MSG_NOSIGNAL", send(fds[1], "x", 1, MSG_NOSIGNAL));
  close(fds[1]);

  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
  MUST(write(fds[0], "last words", 10));
  close(fds[0]);
  show_read("last words", fds[1]);
  show_read("end", fds[1]);
  show("write", write(fds[1], "x", 1));
  return 0;
}
