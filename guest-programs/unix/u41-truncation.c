// U41: MSG_TRUNC: asked for, it returns the real length; reported, it tells of a cut.
#include "../lib/unix-messages.h"

int main(void) {
  for (int i = 0; i < 3; i++) {
    const char *kind = type_name(ALL_TYPES[i]);
    int fds[2];
    pair_of(ALL_TYPES[i], fds);
    const size_t rooms[] = {0, 1, 9, 10, 11};
    for (size_t k = 0; k < COUNT(rooms); k++) {
      for (int ask = 0; ask < 4; ask++) {
        int flags = MSG_DONTWAIT | (ask & 1 ? MSG_TRUNC : 0) | (ask & 2 ? MSG_PEEK : 0);
        char drop[20];
        MUST(send(fds[0], "0123456789", 10, 0));
        show_recvmsg(words("%s: room %zu%s%s", kind, rooms[k], ask & 1 ? " MSG_TRUNC" : "", ask & 2 ? " MSG_PEEK" : ""), fds[1], rooms[k], 0, flags);
        while (recv(fds[1], drop, 20, MSG_DONTWAIT) > 0) continue;
      }
    }
    MUST(send(fds[0], "0123456789", 10, 0));
    show(words("%s: no buffers at all", kind), ({
           struct msghdr message = {0};
           recvmsg(fds[1], &message, MSG_DONTWAIT);
         }));
    char a[3], b[4];
    struct iovec parts[2] = {{a, 3}, {b, 4}};
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
    MUST(send(fds[0], "abcdefghij", 10, 0));
    ssize_t got = recvmsg(fds[1], &message, MSG_DONTWAIT);
    say("%s: two buffers: %zd %s %s flags %s", kind, got, quoted(a, 3), quoted(b, 4), flag_names(message.msg_flags));
    message.msg_iovlen = 1025;
    show(words("%s: 1025 buffers", kind), recvmsg(fds[1], &message, MSG_DONTWAIT));
    show(words("%s: send 1025 buffers", kind), sendmsg(fds[0], &message, MSG_DONTWAIT));
    parts[0].iov_len = (size_t)-1;
    message.msg_iovlen = 1;
    show(words("%s: a negative length", kind), recvmsg(fds[1], &message, MSG_DONTWAIT));
    message = (struct msghdr){.msg_name = a, .msg_namelen = -1};
    show(words("%s: a negative name length", kind), recvmsg(fds[1], &message, MSG_DONTWAIT));
    message = (struct msghdr){.msg_iov = (void *)8, .msg_iovlen = 1};
    show(words("%s: bad iovec address", kind), recvmsg(fds[1], &message, MSG_DONTWAIT));
    show(words("%s: bad header address", kind), recvmsg(fds[1], (void *)8, MSG_DONTWAIT));
    show(words("%s: bad descriptor and header", kind), recvmsg(99, (void *)8, MSG_DONTWAIT));
    close(fds[0]), close(fds[1]);
  }
  return 0;
}
