// Parent listens on a path, the forked child connects; both send and receive.
// rows: U01
#include "../lib/unix.h"

int main(void) {
  int listener = listener_at("fork.sock", 1);
  pid_t child = MUST(fork());
  if (child == 0) {
    close(listener);
    int fd = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
    MUST(connect_to(fd, "fork.sock"));
    MUST(write(fd, "ping", 4));
    char text[16];
    ssize_t length = MUST(read(fd, text, sizeof text));
    return length == 4 && memcmp(text, "pong", 4) == 0 ? 0 : 1;
  }
  int fd = MUST(accept(listener, NULL, NULL));
  show_read("server read", fd);
  show("server wrote", write(fd, "pong", 4));
  show_read("server read", fd);
  show_wait("client", child);
  CALL(unlink("fork.sock"));
  return 0;
}
