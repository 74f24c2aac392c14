// U44: shutdown in each direction, seen from both ends; what was sent before still arrives.
// contrary: shutdown of a socket without peer returns 0, not ENOTCONN, and is remembered.
#include "../lib/unix-messages.h"

int main(void) {
  static const char *HOW[] = {"SHUT_RD", "SHUT_WR", "SHUT_RDWR"};
  for (int i = 0; i < 3; i++) {
    for (int how = 0; how < 3; how++) {
      const char *kind = words("%s %s", type_name(ALL_TYPES[i]), HOW[how]);
      char label[80];
      strcpy(label, kind);
      int fds[2];
      pair_of(ALL_TYPES[i], fds);
      MUST(send(fds[0], "to peer", 7, 0));
      MUST(send(fds[1], "to us", 5, 0));
      show(label, shutdown(fds[0], how));
      show_poll(words("%s: own poll", label), fds[0]);
      show_poll(words("%s: peer's poll", label), fds[1]);
      show(words("%s: own send", label), send(fds[0], "x", 1, MSG_NOSIGNAL));
      show(words("%s: peer's send", label), send(fds[1], "y", 1, MSG_NOSIGNAL));
      for (int k = 0; k < 3; k++) show_recvmsg(words("%s: own read", label), fds[0], 20, 0, MSG_DONTWAIT);
      for (int k = 0; k < 3; k++) show_recvmsg(words("%s: peer's read", label), fds[1], 20, 0, MSG_DONTWAIT);
      show_poll(words("%s: own poll, all read", label), fds[0]);
      show_poll(words("%s: peer's poll, all read", label), fds[1]);
      show(words("%s: again", label), shutdown(fds[0], how));
      show(words("%s: the other way too", label), shutdown(fds[0], how == 0 ? SHUT_WR : SHUT_RD));
      show_poll(words("%s: own poll, both ways", label), fds[0]);
      show_poll(words("%s: peer's poll, both ways", label), fds[1]);
      if (how == SHUT_RD || ALL_TYPES[i] != SOCK_DGRAM) show(words("%s: blocking read", label), recv(fds[0], label + 70, 1, 0));
      show_peername(words("%s: peer's name", label), fds[0]);
      close(fds[0]), close(fds[1]);
    }
    int fd = MUST(socket(AF_UNIX, ALL_TYPES[i], 0));
    const char *kind = type_name(ALL_TYPES[i]);
    show(words("%s: how 3", kind), shutdown(fd, 3));
    show(words("%s: how -1", kind), shutdown(fd, -1));
    for (int how = 0; how < 3; how++) {
      fd = MUST(socket(AF_UNIX, ALL_TYPES[i], 0));
      show(words("%s unconnected: %s", kind, HOW[how]), shutdown(fd, how));
      show_poll(words("%s unconnected: poll", kind), fd);
      show(words("%s unconnected: send", kind), send(fd, "x", 1, MSG_NOSIGNAL));
      show(words("%s unconnected: recv", kind), recv(fd, &kind, 1, MSG_DONTWAIT));
    }
  }
  show("no socket", shutdown(0, SHUT_RD));
  show("no descriptor", shutdown(99, 99));
  // A reader that waits sees the shutdown; the descriptor's copies too.
  int fds[2];
  for (int side = 0; side < 2; side++) {
    pair_of(SOCK_STREAM, fds);
    pid_t child = MUST(fork());
    if (child == 0) {
      char byte;
      show(side ? "woken by the peer's SHUT_WR" : "woken by the own end's SHUT_RD", read(fds[0], &byte, 1));
      _exit(0);
    }
    MUST(await_state(child, "S") - 1);
    MUST(shutdown(fds[side], side ? SHUT_WR : SHUT_RD));
    show_wait("reader", child);
  }
  return 0;
}
