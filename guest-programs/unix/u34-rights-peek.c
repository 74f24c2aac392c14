// U34: MSG_PEEK duplicates descriptors and leaves them queued.
// contrary: A peek with a full buffer still goes on to the messages behind, and reports the rights of the first that carries some.
#include "../lib/unix-messages.h"

int main(void) {
  int ends[2], fds[2];
  for (int i = 0; i < 3; i++) {
    const char *kind = type_name(ALL_TYPES[i]);
    pair_of(ALL_TYPES[i], fds);
    MUST(pipe2(ends, O_NONBLOCK));
    MUST(send_rights(fds[0], "abc", 3, &ends[1], 1, 0));
    close(ends[1]);
    for (int k = 0; k < 3; k++) show_recvmsg(words("%s: peek", kind), fds[1], 2, 100, MSG_PEEK);
    char data[4];
    show(words("%s: still in flight", kind), read(ends[0], data, 1));
    show_recvmsg(words("%s: peek without control buffer", kind), fds[1], 10, -1, MSG_PEEK);
    show(words("%s: plain peek", kind), recv(fds[1], data, 4, MSG_PEEK));
    show_recvmsg(words("%s: read", kind), fds[1], 2, 100, 0);
    show(words("%s: gone", kind), read(ends[0], data, 1));
    show_recvmsg(words("%s: the rest", kind), fds[1], 10, 100, MSG_DONTWAIT);
    int two[2] = {0, 1};
    MUST(send(fds[0], "plain", 5, 0));
    MUST(send_rights(fds[0], "first", 5, two, 1, 0));
    MUST(send_rights(fds[0], "second", 6, two, 2, 0));
    show_recvmsg(words("%s: peek over several", kind), fds[1], 100, 100, MSG_PEEK);
    show_recvmsg(words("%s: peek 5", kind), fds[1], 5, 100, MSG_PEEK);
    show_recvmsg(words("%s: peek 3", kind), fds[1], 3, 100, MSG_PEEK);
    for (int k = 0; k < 4; k++) show_recvmsg(words("%s: read", kind), fds[1], 100, 100, MSG_DONTWAIT);
    close(ends[0]), close(fds[0]), close(fds[1]);
  }
  return 0;
}
