// U05: socketpair of each type: both ends connected and unnamed, the caller's credentials on both.
#include "../lib/unix-messages.h"

int main(void) {
  for (int i = 0; i < 4; i++) {
    int type = i < 3 ? ALL_TYPES[i] : SOCK_RAW, fds[2];
    const char *kind = type_name(type);
    pair_of(type | SOCK_CLOEXEC, fds);
    for (int end = 0; end < 2; end++) {
      show_sockname(words("%s %d: name", kind, end), fds[end]);
      show_peername(words("%s %d: peer", kind, end), fds[end]);
      struct ucred who;
      socklen_t length = sizeof who;
      MUST(getsockopt(fds[end], SOL_SOCKET, SO_PEERCRED, &who, &length));
      say("%s %d: peer is %s, uid own %d, gid own %d", kind, end, pid_name(who.pid), who.uid == geteuid(), who.gid == getegid());
      show_poll(words("%s %d: poll", kind, end), fds[end]);
      show_option(words("%s %d: SO_TYPE", kind, end), fds[end], SO_TYPE);
      say("%s %d: cloexec %d", kind, end, fcntl(fds[end], F_GETFD));
    }
    show(words("%s: listen", kind), listen(fds[0], 1));
    show(words("%s: accept", kind), accept(fds[0], NULL, NULL));
    show(words("%s: connect", kind), connect_to(fds[0], "nowhere"));
    show(words("%s: bind a connected end", kind), bind_to(fds[0], words("bound-%d", i)));
    show_sockname(words("%s: now", kind), fds[0]);
    show_peername(words("%s: seen from the other end", kind), fds[1]);
    MUST(send(fds[0], "x", 1, 0));
    show_recvmsg(words("%s: received", kind), fds[1], 10, 0, 0);
  }
  return 0;
}
