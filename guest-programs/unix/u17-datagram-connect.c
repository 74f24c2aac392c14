// U17: connect gives a datagram socket a default peer; AF_UNSPEC dissolves it.
#include "../lib/unix-messages.h"

int main(void) {
  int a = bound_socket(SOCK_DGRAM, "a"), b = bound_socket(SOCK_DGRAM, "b");
  int s = MUST(socket(AF_UNIX, SOCK_DGRAM, 0));
  show("send", send(s, "x", 1, 0));
  CALL(connect_to(s, "a"));
  show_peername("peer", s);
  show("send", send(s, "to a", 4, 0));
  show("write", write(s, "to a too", 8));
  show("sendto another", send_to(s, "to b", "b", 0));
  CALL(connect_to(s, "b"));
  show_peername("peer", s);
  show("send", send(s, "to b now", 8, 0));
  for (int i = 0; i < 3; i++) show_recvmsg("a", a, 20, 0, MSG_DONTWAIT);
  for (int i = 0; i < 3; i++) show_recvmsg("b", b, 20, 0, MSG_DONTWAIT);
  struct sockaddr_un none = {.sun_family = AF_UNSPEC};
  show("AF_UNSPEC", connect(s, (struct sockaddr *)&none, sizeof none));
  show_peername("no peer", s);
  show("send", send(s, "x", 1, 0));
  show("AF_UNSPEC again", connect(s, (struct sockaddr *)&none, 2));
  show("sendto still works", send_to(s, "x", "a", 0));
  CALL(connect_to(s, "missing"));
  CALL(connect_to(s, "a"));
  show("failed connect keeps the peer", connect_to(s, "missing"));
  show_peername("peer", s);
  close(a);
  show_peername("peer closed", s);
  show_poll("poll", s);
  show("send to the closed", send(s, "x", 1, 0));
  show("again", send(s, "x", 1, 0));
  show_peername("peer forgotten", s);
  show("connect to the dead name", connect_to(s, "a"));
  show("sendto the dead name", send_to(s, "x", "a", 0));
  CALL(connect_to(s, "b"));
  CALL(unlink("b"));
  show("name removed, still connected", send(s, "y", 1, 0));
  show_recvmsg("b", b, 20, 0, MSG_DONTWAIT);
  int fds[2];
  pair_of(SOCK_DGRAM, fds);
  show("pair: AF_UNSPEC", connect(fds[0], (struct sockaddr *)&none, sizeof none));
  show("pair: send from the other", send(fds[1], "still", 5, 0));
  show_recvmsg("pair: arrives", fds[0], 20, 0, MSG_DONTWAIT);
  show("pair: sends no more", send(fds[0], "x", 1, 0));
  return 0;
}
