// U28: SO_PASSRIGHTS off refuses rights with EPERM; SO_INQ reports what is still queued on streams.
// contrary: SO_INQ can be set and not be read (ENOPROTOOPT), and is ENOPROTOOPT on datagram and seqpacket sockets.
#include "../lib/unix-messages.h"

int main(void) {
  int fds[2];
  for (int i = 0; i < 3; i++) {
    const char *kind = type_name(ALL_TYPES[i]);
    pair_of(ALL_TYPES[i], fds);
    show_option(words("%s: SO_PASSRIGHTS", kind), fds[1], SO_PASSRIGHTS);
    show(words("%s: off", kind), set_option(fds[1], SO_PASSRIGHTS, 0));
    show_option(words("%s: SO_PASSRIGHTS", kind), fds[1], SO_PASSRIGHTS);
    int fd = 0;
    show(words("%s: rights", kind), send_rights(fds[0], "x", 1, &fd, 1, MSG_NOSIGNAL));
    show(words("%s: empty rights", kind), send_rights(fds[0], "e", 1, &fd, 0, 0));
    show(words("%s: without rights", kind), send(fds[0], "y", 1, 0));
    show(words("%s: the sender's own option", kind), set_option(fds[0], SO_PASSRIGHTS, 0));
    show(words("%s: on", kind), set_option(fds[1], SO_PASSRIGHTS, 5));
    show_option(words("%s: SO_PASSRIGHTS", kind), fds[1], SO_PASSRIGHTS);
    show(words("%s: rights", kind), send_rights(fds[0], "z", 1, &fd, 1, 0));
    show(words("%s: off with rights queued", kind), set_option(fds[1], SO_PASSRIGHTS, 0));
    for (int k = 0; k < 4; k++) show_recvmsg(words("%s: received", kind), fds[1], 1, 100, MSG_DONTWAIT);
    show(words("%s: SO_INQ", kind), set_option(fds[1], SO_INQ, 1));
    show(words("%s: SO_INQ 2", kind), set_option(fds[1], SO_INQ, 2));
    show_option(words("%s: SO_INQ reads", kind), fds[1], SO_INQ);
    MUST(send(fds[0], "0123456789", 10, 0));
    MUST(send(fds[0], "abcdef", 6, 0));
    show_recvmsg(words("%s: read 4", kind), fds[1], 4, 100, MSG_DONTWAIT);
    show_recvmsg(words("%s: peek 9", kind), fds[1], 9, 100, MSG_DONTWAIT | MSG_PEEK);
    show_recvmsg(words("%s: read 9", kind), fds[1], 9, 100, MSG_DONTWAIT);
    show_recvmsg(words("%s: the rest", kind), fds[1], 100, 100, MSG_DONTWAIT);
    MUST(send(fds[0], "q", 1, 0));
    show_recvmsg(words("%s: no control buffer", kind), fds[1], 100, -1, MSG_DONTWAIT);
    MUST(send(fds[0], "q", 1, 0));
    show_recvmsg(words("%s: room for 18", kind), fds[1], 100, 18, MSG_DONTWAIT);
    close(fds[0]);
    if (i != 1) show_recvmsg(words("%s: at the end", kind), fds[1], 100, 100, MSG_DONTWAIT);
  }
  int listener = listener_at("@u28", 5);
  MUST(set_option(listener, SO_PASSRIGHTS, 0));
  MUST(set_option(listener, SO_INQ, 1));
  int client = MUST(socket(AF_UNIX, SOCK_STREAM, 0)), fd = 0;
  MUST(connect_to(client, "@u28"));
  show("rights to a connection not yet accepted", send_rights(client, "x", 1, &fd, 1, MSG_NOSIGNAL));
  int server = MUST(accept(listener, NULL, NULL));
  show_option("accepted: SO_PASSRIGHTS", server, SO_PASSRIGHTS);
  MUST(write(client, "abc", 3));
  show_recvmsg("accepted: SO_INQ is not inherited", server, 2, 100, 0);
  return 0;
}
