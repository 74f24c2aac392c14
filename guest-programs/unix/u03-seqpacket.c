// U03: seqpacket sockets are connected and keep records; MSG_EOR is accepted and not reported; empty records are valid.
#include "../lib/unix-messages.h"

int main(void) {
  int fds[3];
  pair_of(SOCK_SEQPACKET, fds);
  CALL(send(fds[0], "first", 5, MSG_EOR));
  CALL(send(fds[0], "second record", 13, 0));
  CALL(send(fds[0], "", 0, 0));
  CALL(send(fds[0], "fourth", 6, 0));
  show("FIONREAD counts all", queue_size(fds[1], FIONREAD));
  show_recvmsg("first", fds[1], 100, 0, 0);
  show_recvmsg("second, cut", fds[1], 6, 0, 0);
  show_recvmsg("empty", fds[1], 100, 0, 0);
  show_recvmsg("fourth", fds[1], 100, 0, 0);
  show_recvmsg("nothing", fds[1], 100, 0, MSG_DONTWAIT);
  close(fds[0]);
  show_recvmsg("end", fds[1], 100, 0, 0);
  show_recvmsg("end, not waiting", fds[1], 100, 0, MSG_DONTWAIT);
  count_signals(SIGPIPE);
  show("send after the end", send(fds[1], "x", 1, 0));
  show_caught("seqpacket", SIGPIPE);
  close(fds[1]);

  connected_through(SOCK_SEQPACKET, "records", fds);
  show_sockname("client", fds[0]);
  show_peername("client's peer", fds[0]);
  show_sockname("accepted", fds[1]);
  show_peername("accepted's peer", fds[1]);
  CALL(send(fds[0], "hello", 5, 0));
  show_recvmsg("accepted", fds[1], 100, 0, 0);
  CALL(send(fds[1], "answer", 6, 0));
  show_recvmsg("client", fds[0], 100, 0, 0);
  show("an address is ignored", send_to(fds[0], "addressed", "nowhere", 0));
  show_recvmsg("accepted", fds[1], 100, 0, 0);
  show("MSG_OOB", send(fds[0], "x", 1, MSG_OOB));
  show("recv MSG_OOB", recv(fds[0], fds, 1, MSG_OOB | MSG_DONTWAIT));
  int lone = MUST(socket(AF_UNIX, SOCK_SEQPACKET, 0));
  show("send unconnected", send(lone, "x", 1, MSG_NOSIGNAL));
  show("sendto unconnected", send_to(lone, "x", "records", MSG_NOSIGNAL));
  show("recv unconnected", recv(lone, fds, 1, MSG_DONTWAIT));
  show("shutdown unconnected", shutdown(lone, SHUT_WR));
  show("stream to seqpacket", connect_to(MUST(socket(AF_UNIX, SOCK_STREAM, 0)), "records"));
  show("dgram to seqpacket", connect_to(MUST(socket(AF_UNIX, SOCK_DGRAM, 0)), "records"));
  return 0;
}
