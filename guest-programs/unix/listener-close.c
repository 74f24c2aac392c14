// Closing a listener resets the clients it has not accepted and wakes those that still wait to connect.
// rows: U15
#include "../lib/unix.h"

int main(void) {
  int listener = listener_at("closing", 0);
  int queued = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  MUST(connect_to(queued, "closing"));
  MUST(write(queued, "unread", 6));
  pid_t child = MUST(fork());
  if (child == 0) {
    close(listener);
    close(queued);
    int fd = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
    show("child: connect", connect_to(fd, "closing"));
    _exit(0);
  }
  await_state(child, "S");
  close(listener);
  show_wait("child", child);
  show_poll("queued client", queued);
  show_read("read", queued);
  show_read("read again", queued);
  show("send", send(queued, "x", 1, MSG_NOSIGNAL));
  return 0;
}
