// U18: a connected datagram socket refuses others' datagrams; changing the peer loses what the old one had sent.
#include "../lib/unix-messages.h"

int main(void) {
  int a = bound_socket(SOCK_DGRAM, "a"), b = bound_socket(SOCK_DGRAM, "b"), c = bound_socket(SOCK_DGRAM, "c");
  CALL(connect_to(a, "b"));
  show("b to a, b not connected", send_to(b, "from b", "a", 0));
  show("c to a", send_to(c, "from c", "a", 0));
  show("c connects to a", connect_to(c, "a"));
  show("c to b", send_to(c, "from c", "b", 0));
  show("a to itself", send_to(a, "from a", "a", 0));
  show_recvmsg("a", a, 20, 0, MSG_DONTWAIT);
  show_recvmsg("b", b, 20, 0, MSG_DONTWAIT);

  CALL(connect_to(b, "a"));
  show("b sends", send(b, "lost 1", 6, 0));
  show("b sends", send(b, "lost 2", 6, 0));
  show("b's buffer", queue_size(b, SIOCOUTQ));
  CALL(connect_to(a, "c"));
  show("b's buffer", queue_size(b, SIOCOUTQ));
  show_recvmsg("a has nothing", a, 20, 0, MSG_DONTWAIT);
  show_poll("b", b);
  show_option("b: SO_ERROR", b, SO_ERROR);
  show_option("b: SO_ERROR again", b, SO_ERROR);
  show("b sends to a", send(b, "x", 1, 0));
  show("c sends to a", send_to(c, "from c", "a", 0));
  CALL(connect_to(c, "a"));
  show("c sends", send(c, "kept?", 5, 0));
  CALL(connect_to(a, "c"));
  show_recvmsg("same peer again keeps the queue", a, 20, 0, MSG_DONTWAIT);
  show_recvmsg("same peer again keeps the queue", a, 20, 0, MSG_DONTWAIT);
  show("c sends", send(c, "lost 3", 6, 0));
  struct sockaddr_un none = {.sun_family = AF_UNSPEC};
  show("a leaves", connect(a, (struct sockaddr *)&none, sizeof none));
  show_recvmsg("c's pending error", c, 20, 0, MSG_DONTWAIT);
  show_recvmsg("then nothing", c, 20, 0, MSG_DONTWAIT);
  show("c sends still", send(c, "arrives", 7, 0));
  show_recvmsg("a", a, 20, 0, MSG_DONTWAIT);
  CALL(connect_to(a, "b"));
  show("nothing was queued: no error", int_option(c, SO_ERROR));
  show("c sends", send(c, "x", 1, 0));
  return 0;
}
