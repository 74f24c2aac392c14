// U35: on streams rights come with the first byte of their send; a read stops behind bytes that carried rights.
// contrary: A read does run on from bytes without rights into bytes that carry some; it stops behind them, not before them.
#include "../lib/unix-messages.h"

int main(void) {
  int four[4] = {0, 1, 2, 0}, fds[2];
  pair_of(SOCK_STREAM, fds);
  MUST(send(fds[0], "plain ", 6, 0));
  MUST(send_rights(fds[0], "one ", 4, four, 1, 0));
  MUST(send(fds[0], "between ", 8, 0));
  MUST(send_rights(fds[0], "two ", 4, four, 2, 0));
  MUST(send_rights(fds[0], "three ", 6, four, 3, 0));
  MUST(send(fds[0], "end", 3, 0));
  for (int i = 0; i < 6; i++) show_recvmsg("read 100", fds[1], 100, 100, MSG_DONTWAIT);

  MUST(send(fds[0], "ab", 2, 0));
  MUST(send_rights(fds[0], "cdef", 4, four, 1, 0));
  MUST(send(fds[0], "gh", 2, 0));
  for (int i = 0; i < 4; i++) show_recvmsg("read 3", fds[1], 3, 100, MSG_DONTWAIT);

  MUST(send_rights(fds[0], "whole", 5, four, 1, 0));
  show_recvmsg("first byte", fds[1], 1, 100, MSG_DONTWAIT);
  show_recvmsg("others", fds[1], 100, 100, MSG_DONTWAIT);
  show("rights with no bytes", send_rights(fds[0], "", 0, four, 2, 0));
  show_recvmsg("nothing", fds[1], 100, 100, MSG_DONTWAIT);
  MUST(send(fds[0], "next", 4, 0));
  show_recvmsg("next carries none", fds[1], 100, 100, MSG_DONTWAIT);

  MUST(send_rights(fds[0], "1234", 4, four, 1, 0));
  MUST(send_rights(fds[0], "5678", 4, four, 2, 0));
  show_recvmsg("MSG_WAITALL stops too", fds[1], 8, 100, MSG_WAITALL);
  show_recvmsg("the second", fds[1], 4, 100, MSG_WAITALL);

  // A plain read drops rights it passes.
  MUST(send_rights(fds[0], "ab", 2, four, 1, 0));
  MUST(send(fds[0], "cd", 2, 0));
  char data[70000];
  show("plain read", read(fds[1], data, 100));
  show_recvmsg("rest", fds[1], 100, 100, MSG_DONTWAIT);

  // Only the first piece of a long send has them.
  static char large[70000];
  show("a long send", send_rights(fds[0], large, sizeof large, four, 3, MSG_DONTWAIT));
  show_recvmsg("first piece", fds[1], sizeof large, 100, MSG_DONTWAIT);
  show_recvmsg("second piece", fds[1], sizeof large, 100, MSG_DONTWAIT);

  // Datagrams and records may carry rights without bytes.
  for (int i = 1; i < 3; i++) {
    pair_of(ALL_TYPES[i], fds);
    show(type_name(ALL_TYPES[i]), send_rights(fds[0], "", 0, four, 2, 0));
    show_recvmsg(type_name(ALL_TYPES[i]), fds[1], 100, 100, MSG_DONTWAIT);
  }
  return 0;
}
