// U16: closing with unread data gives the peer ECONNRESET once, then the end.
#include "../lib/unix-messages.h"

int main(void) {
  for (int i = 0; i < 3; i++) {
    const char *kind = type_name(ALL_TYPES[i]);
    int fds[2];
    pair_of(ALL_TYPES[i], fds);
    MUST(send(fds[0], "unread", 6, 0));
    MUST(send(fds[1], "mine", 4, 0));
    show(words("%s: outstanding", kind), queue_size(fds[0], SIOCOUTQ));
    close(fds[1]);
    show(words("%s: outstanding after close", kind), queue_size(fds[0], SIOCOUTQ));
    show_poll(words("%s: poll", kind), fds[0]);
    show_read(words("%s: read", kind), fds[0]);
    if (ALL_TYPES[i] != SOCK_DGRAM) {
      show_read(words("%s: read again", kind), fds[0]);
      show_read(words("%s: and again", kind), fds[0]);
    }
    show(words("%s: send", kind), send(fds[0], "x", 1, MSG_NOSIGNAL));
    show(words("%s: send again", kind), send(fds[0], "x", 1, MSG_NOSIGNAL));
    show_poll(words("%s: poll", kind), fds[0]);
    show_option(words("%s: SO_ERROR", kind), fds[0], SO_ERROR);
    close(fds[0]);
    pair_of(ALL_TYPES[i], fds);
    MUST(send(fds[0], "read", 4, 0));
    char data[10];
    MUST(recv(fds[1], data, 10, 0));
    close(fds[1]);
    show_poll(words("%s: everything was read: poll", kind), fds[0]);
    if (ALL_TYPES[i] != SOCK_DGRAM) show_read(words("%s: everything was read", kind), fds[0]);
    close(fds[0]);
    pair_of(ALL_TYPES[i], fds);
    MUST(send(fds[0], "", 0, 0));
    close(fds[1]);
    show_option(words("%s: only an empty message unread: SO_ERROR", kind), fds[0], SO_ERROR);
    close(fds[0]);
    pair_of(ALL_TYPES[i], fds);
    MUST(send(fds[0], "abc", 3, 0));
    close(fds[1]);
    show(words("%s: send reports first", kind), send(fds[0], "x", 1, MSG_NOSIGNAL));
    show_option(words("%s: left", kind), fds[0], SO_ERROR);
  }
  return 0;
}
