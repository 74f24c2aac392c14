// U19: a datagram queue takes max_dgram_qlen + 1 = 11 unread messages; then senders wait, fail, and see no POLLOUT.
// contrary: The limit does not hold between two datagram sockets that are connected to each other: there the send buffer alone limits.
#include "../lib/unix-messages.h"

int main(void) {
  int receiver = bound_socket(SOCK_DGRAM, "r");
  int connected = MUST(socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0)), loose = MUST(socket(AF_UNIX, SOCK_DGRAM, 0));
  MUST(connect_to(connected, "r"));
  int count = 0;
  while (send(connected, "x", 1, 0) == 1) {
    count++;
    if (count >= 9) show_poll(words("poll after %d", count), connected);
  }
  say("%d fit, then %s", count, errno_name(errno));
  show("from another socket", send_to(loose, "y", "r", MSG_DONTWAIT));
  show_poll("the other, not connected", loose);
  show("connect to a full one", connect_to(loose, "r"));
  show_poll("the other, connected", loose);
  struct timeval limit = {0, 50000};
  MUST(setsockopt(loose, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit));
  show("with a timeout", send(loose, "z", 1, 0));
  int watch = MUST(epoll_create1(0));
  struct epoll_event event = {.events = EPOLLOUT | EPOLLET};
  MUST(epoll_ctl(watch, EPOLL_CTL_ADD, connected, &event));
  show("edge before", epoll_wait(watch, &event, 1, 0));
  show_recvmsg("read one", receiver, 10, 0, 0);
  show("edge after", epoll_wait(watch, &event, 1, 0));
  show("edge again", epoll_wait(watch, &event, 1, 0));
  show_poll("room again", connected);
  show("one more fits", send(connected, "x", 1, 0));
  show("but no other", send(connected, "x", 1, 0));
  show("sending to itself is free of the limit", ({
         int self = bound_socket(SOCK_DGRAM, "self");
         int sent = 0;
         while (sent < 50 && send_to(self, "x", "self", MSG_DONTWAIT) == 1) sent++;
         sent;
       }));
  // Connected to each other: no limit but the buffer.
  int fds[2];
  pair_of(SOCK_DGRAM, fds);
  count = 0;
  while (send(fds[0], "x", 1, MSG_DONTWAIT) == 1) count++;
  say("a pair: %d fit, then %s", count, errno_name(errno));
  show_poll("poll", fds[0]);
  pair_of(SOCK_SEQPACKET, fds);
  count = 0;
  while (send(fds[0], "x", 1, MSG_DONTWAIT) == 1) count++;
  say("a seqpacket pair: %d fit, then %s", count, errno_name(errno));

  // A blocked sender goes on when there is room.
  pid_t child = MUST(fork());
  if (child == 0) {
    int mine = MUST(socket(AF_UNIX, SOCK_DGRAM, 0));
    _exit(send_to(mine, "late", "r", 0));
  }
  MUST(await_state(child, "S") - 1);
  show_recvmsg("read one", receiver, 10, 0, 0);
  show_wait("child", child);
  char data[10];
  count = 0;
  while (recv(receiver, data, sizeof data, MSG_DONTWAIT) > 0) count++;
  say("left: %d, the last %s", count, quoted(data, 4));

  // Two sockets that are connected to each other fill the send buffer instead.
  int pair[2], one = bound_socket(SOCK_DGRAM, "one"), two = bound_socket(SOCK_DGRAM, "two");
  pair_of(SOCK_DGRAM, pair);
  MUST(connect_to(one, "two"));
  for (count = 0; send(one, "x", 1, MSG_DONTWAIT) == 1;) count++;
  say("connected one way: %d, then %s", count, errno_name(errno));
  MUST(connect_to(two, "one"));
  for (; send(one, "x", 1, MSG_DONTWAIT) == 1;) count++;
  say("connected both ways: %d in all, then %s", count, errno_name(errno));
  show_poll("the full sender", one);
  for (count = 0; send(pair[0], "x", 1, MSG_DONTWAIT) == 1;) count++;
  say("a pair: %d, then %s", count, errno_name(errno));

  // And fails when the receiver goes away.
  while (send(connected, "x", 1, 0) == 1) continue;
  child = MUST(fork());
  if (child == 0) {
    close(receiver);
    int mine = MUST(socket(AF_UNIX, SOCK_DGRAM, 0));
    MUST(connect_to(mine, "r"));
    show("blocked send to a socket that closes", send(mine, "late", 4, 0));
    _exit(0);
  }
  MUST(await_state(child, "S") - 1);
  sleep_ms(10);
  close(receiver);
  show_wait("child", child);
  return 0;
}
