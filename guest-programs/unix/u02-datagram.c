// U02: datagrams keep boundaries and order, may be empty, and come with their sender's name.
#include "../lib/unix-messages.h"

int main(void) {
  int fds[2];
  pair_of(SOCK_DGRAM, fds);
  CALL(send(fds[0], "first", 5, 0));
  CALL(send(fds[0], "", 0, 0));
  CALL(write(fds[0], "third", 5));
  show("FIONREAD", queue_size(fds[1], FIONREAD));
  show_recvmsg("first", fds[1], 100, 0, 0);
  show("FIONREAD of an empty one", queue_size(fds[1], FIONREAD));
  show_poll("empty datagram", fds[1]);
  show_recvmsg("empty", fds[1], 100, 0, 0);
  show_recvmsg("third, cut", fds[1], 2, 0, 0);
  show_recvmsg("nothing", fds[1], 100, 0, MSG_DONTWAIT);
  CALL(write(fds[0], "", 0));
  show_recvmsg("zero-length write", fds[1], 100, 0, MSG_DONTWAIT);

  int receiver = bound_socket(SOCK_DGRAM, "receiver");
  int named = bound_socket(SOCK_DGRAM, "named");
  int abstract = bound_socket(SOCK_DGRAM, "@u02");
  int unnamed = MUST(socket(AF_UNIX, SOCK_DGRAM, 0));
  show("from a path", send_to(named, "a", "receiver", 0));
  show("from an abstract name", send_to(abstract, "b", "receiver", 0));
  show("from nobody", send_to(unnamed, "c", "receiver", 0));
  show("to itself", send_to(receiver, "d", "receiver", 0));
  for (int i = 0; i < 4; i++) show_recvmsg("got", receiver, 100, 0, MSG_DONTWAIT);
  show("no peer", send(unnamed, "x", 1, 0));
  show("read without peer", recv(unnamed, fds, 1, MSG_DONTWAIT));

  // The sender's name is looked up when the message is read.
  show("sent while unnamed", send_to(unnamed, "e", "receiver", 0));
  CALL(bind_to(unnamed, "late"));
  show_recvmsg("named meanwhile", receiver, 100, 0, 0);
  show("sent, then closed", send_to(named, "f", "receiver", 0));
  close(named);
  show_recvmsg("sender closed meanwhile", receiver, 100, 0, 0);

  pid_t child = MUST(fork());
  if (child == 0) {
    for (int i = 0; i < 200; i++) {
      char text[20];
      int length = sprintf(text, "%d", i);
      struct unix_address address = unix_address("receiver");
      MUST(sendto(abstract, text, length, 0, (struct sockaddr *)&address.name, address.size));
    }
    _exit(0);
  }
  int wrong = 0;
  for (int i = 0; i < 200; i++) {
    char text[20] = {0};
    MUST(recv(receiver, text, sizeof text, 0));
    wrong += atoi(text) != i;
  }
  say("200 datagrams from another process, out of order: %d", wrong);
  show_wait("sender", child);
  return 0;
}
