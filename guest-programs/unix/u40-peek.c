// U40: MSG_PEEK across messages, and SO_PEEK_OFF, which moves with peeks and reads.
#include "../lib/unix-messages.h"

static void look(const char *kind, int fd, size_t size, int flags) {
  char data[100];
  ssize_t got = recv(fd, data, size, flags | MSG_DONTWAIT);
  int offset = int_option(fd, SO_PEEK_OFF);
  if (got == -1) say("%s: %s %zu: %s, offset %d", kind, flags & MSG_PEEK ? "peek" : "read", size, errno_name(errno), offset);
  else say("%s: %s %zu: %zd %s, offset %d", kind, flags & MSG_PEEK ? "peek" : "read", size, got, quoted(data, got), offset);
}

int main(void) {
  for (int i = 0; i < 3; i++) {
    const char *kind = type_name(ALL_TYPES[i]);
    int fds[2];
    pair_of(ALL_TYPES[i], fds);
    MUST(send(fds[0], "first", 5, 0));
    MUST(send(fds[0], "second", 6, 0));
    MUST(send(fds[0], "third", 5, 0));
    look(kind, fds[1], 3, MSG_PEEK);
    look(kind, fds[1], 8, MSG_PEEK);
    look(kind, fds[1], 100, MSG_PEEK);
    show(words("%s: offset 0", kind), set_option(fds[1], SO_PEEK_OFF, 0));
    look(kind, fds[1], 2, MSG_PEEK);
    look(kind, fds[1], 2, MSG_PEEK);
    look(kind, fds[1], 2, MSG_PEEK);
    look(kind, fds[1], 3, MSG_PEEK);
    look(kind, fds[1], 4, 0);
    look(kind, fds[1], 4, MSG_PEEK);
    look(kind, fds[1], 100, MSG_PEEK);
    look(kind, fds[1], 100, MSG_PEEK);
    look(kind, fds[1], 3, 0);
    show(words("%s: offset 5", kind), set_option(fds[1], SO_PEEK_OFF, 5));
    look(kind, fds[1], 100, MSG_PEEK);
    look(kind, fds[1], 100, 0);
    look(kind, fds[1], 100, MSG_PEEK);
    look(kind, fds[1], 100, 0);
    look(kind, fds[1], 100, 0);
    look(kind, fds[1], 100, MSG_PEEK);
    show(words("%s: offset -1", kind), set_option(fds[1], SO_PEEK_OFF, -1));
    MUST(send(fds[0], "fourth", 6, 0));
    look(kind, fds[1], 3, MSG_PEEK);
    look(kind, fds[1], 3, MSG_PEEK);
    show(words("%s: offset -7", kind), set_option(fds[1], SO_PEEK_OFF, -7));
    look(kind, fds[1], 3, MSG_PEEK);
    show(words("%s: offset 1000", kind), set_option(fds[1], SO_PEEK_OFF, 1000));
    look(kind, fds[1], 3, MSG_PEEK);
    look(kind, fds[1], 100, 0);
    if (i) {
      MUST(set_option(fds[1], SO_PEEK_OFF, 0));
      MUST(send(fds[0], "", 0, 0));
      MUST(send(fds[0], "after an empty one", 18, 0));
      look(kind, fds[1], 100, MSG_PEEK);
      look(kind, fds[1], 100, MSG_PEEK);
      look(kind, fds[1], 100, MSG_PEEK);
      look(kind, fds[1], 100, 0);
      look(kind, fds[1], 100, 0);
      MUST(send(fds[0], "truncated", 9, 0));
      MUST(set_option(fds[1], SO_PEEK_OFF, 2));
      look(kind, fds[1], 3, MSG_PEEK);
      ssize_t got = recv(fds[1], (char[20]){0}, 3, MSG_PEEK | MSG_TRUNC);
      say("%s: peek with MSG_TRUNC: %zd", kind, got);
    }
    // A peek beyond what is queued waits for more.
    pair_of(SOCK_STREAM, fds);
    MUST(set_option(fds[1], SO_PEEK_OFF, 0));
    MUST(write(fds[0], "abc", 3));
    look("waiting", fds[1], 100, MSG_PEEK);
    pid_t child = MUST(fork());
    if (child == 0) {
      char data[10];
      ssize_t got = recv(fds[1], data, 10, MSG_PEEK);
      say("waited: %zd %s", got, quoted(data, got));
      _exit(0);
    }
    MUST(await_state(child, "S") - 1);
    MUST(write(fds[0], "de", 2));
    show_wait("child", child);
    look("waiting", fds[1], 100, 0);
  }
  return 0;
}
