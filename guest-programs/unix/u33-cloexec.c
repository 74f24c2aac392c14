// U33: MSG_CMSG_CLOEXEC marks received descriptors and is echoed in msg_flags.
#include "../lib/unix-messages.h"

int main(void) {
  int two[2] = {0, 1}, fds[2];
  for (int i = 0; i < 3; i++) {
    const char *kind = type_name(ALL_TYPES[i]);
    pair_of(ALL_TYPES[i], fds);
    MUST(send_rights(fds[0], "x", 1, two, 2, 0));
    show_recvmsg(words("%s: without", kind), fds[1], 10, 100, 0);
    MUST(send_rights(fds[0], "x", 1, two, 2, 0));
    show_recvmsg(words("%s: with", kind), fds[1], 10, 100, MSG_CMSG_CLOEXEC);
    MUST(send(fds[0], "x", 1, 0));
    show_recvmsg(words("%s: with, no rights", kind), fds[1], 10, 100, MSG_CMSG_CLOEXEC);
    int marked = MUST(fcntl(0, F_DUPFD_CLOEXEC, 3));
    MUST(send_rights(fds[0], "x", 1, &marked, 1, 0));
    show_recvmsg(words("%s: the sender's mark does not travel", kind), fds[1], 10, 100, 0);
    MUST(send_rights(fds[0], "x", 1, two, 2, MSG_CMSG_CLOEXEC));
    show_recvmsg(words("%s: on send it means nothing", kind), fds[1], 10, 100, 0);
    close(marked), close(fds[0]), close(fds[1]);
  }
  return 0;
}
