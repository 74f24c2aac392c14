// socketpair before fork: unnamed ends, messages both ways, end of file when the other side is gone.
// rows: U05
#include "../lib/unix.h"

int main(void) {
  int fds[2];
  CALL(socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
  show_sockname("one end", fds[0]);
  show_peername("its peer", fds[0]);
  pid_t child = MUST(fork());
  if (child == 0) {
    close(fds[0]);
    char text[64];
    ssize_t length;
    while ((length = read(fds[1], text, sizeof text)) > 0) MUST(write(fds[1], text, length));
    _exit(length == 0 ? 5 : 6);
  }
  close(fds[1]);
  for (int i = 1; i <= 3; i++) {
    char text[16];
    int length = sprintf(text, "round %d", i);
    MUST(write(fds[0], text, length));
    show_read("echo", fds[0]);
  }
  CALL(shutdown(fds[0], SHUT_WR));
  show_read("after shutdown", fds[0]);
  show_wait("child", child);
  show("domain inet", socketpair(AF_INET, SOCK_STREAM, 0, fds));
  show("type 77", socketpair(AF_UNIX, 77, 0, fds));
  show("protocol 9", socketpair(AF_UNIX, SOCK_STREAM, 9, fds));
  show("bad pointer", socketpair(AF_UNIX, SOCK_STREAM, 0, (int *)8));
  return 0;
}
