// U29: SO_PEERSEC is ENOPROTOOPT without a security module; SO_PASSSEC is accepted and adds nothing.
#include "../lib/unix-messages.h"
#ifndef SO_PEERSEC
#define SO_PEERSEC 31
#endif
#ifndef SO_PASSSEC
#define SO_PASSSEC 34
#endif

int main(void) {
  for (int i = 0; i < 3; i++) {
    int fds[2];
    char text[100];
    socklen_t length = sizeof text;
    const char *kind = type_name(ALL_TYPES[i]);
    pair_of(ALL_TYPES[i], fds);
    show(words("%s: SO_PEERSEC", kind), getsockopt(fds[0], SOL_SOCKET, SO_PEERSEC, text, &length));
    say("%s: length %u", kind, length);
    show_option(words("%s: SO_PASSSEC", kind), fds[1], SO_PASSSEC);
    show(words("%s: set", kind), set_option(fds[1], SO_PASSSEC, 1));
    show_option(words("%s: SO_PASSSEC", kind), fds[1], SO_PASSSEC);
    MUST(send(fds[0], "x", 1, 0));
    show_recvmsg(words("%s: received", kind), fds[1], 10, 100, 0);
    MUST(send(fds[0], "x", 1, 0));
    show_recvmsg(words("%s: without control buffer", kind), fds[1], 10, -1, 0);
  }
  return 0;
}
