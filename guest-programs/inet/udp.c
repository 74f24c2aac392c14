// UDP over the loopback: sendto, recvfrom, connect, truncation, refusal reported to a connected socket, IPv4 and IPv6.
#include "../lib/observe.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>

static void exchange(int family) {
  say("-- %s", family == AF_INET ? "IPv4" : "IPv6");
  union {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
  } name = {.any.sa_family = family}, from;
  socklen_t size = family == AF_INET ? sizeof name.v4 : sizeof name.v6, from_size = sizeof from;
  if (family == AF_INET) name.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  else name.v6.sin6_addr = in6addr_loopback;
  int receiver = MUST(socket(family, SOCK_DGRAM, 0)), sender = MUST(socket(family, SOCK_DGRAM, 0));
  show("bind", bind(receiver, &name.any, size));
  MUST(getsockname(receiver, &name.any, &size));
  show("sendto", sendto(sender, "first", 5, 0, &name.any, size));
  show("empty datagram", sendto(sender, "", 0, 0, &name.any, size));
  show("third", sendto(sender, "third", 5, 0, &name.any, size));
  char text[64];
  ssize_t length = recvfrom(receiver, text, sizeof text, 0, &from.any, &from_size);
  say("received %s, family %d, name size %u", quoted(text, length), from.any.sa_family, from_size);
  show("received the empty one", recv(receiver, text, sizeof text, 0));
  show("cut to 2", recv(receiver, text, 2, MSG_TRUNC));
  show("nothing left", recv(receiver, text, 2, MSG_DONTWAIT));
  show("answer", sendto(receiver, "answer", 6, 0, &from.any, from_size));
  length = recv(sender, text, sizeof text, 0);
  say("sender got %s", quoted(text, length));
  show("connect", connect(sender, &name.any, size));
  show("send", send(sender, "connected", 9, 0));
  length = recv(receiver, text, sizeof text, 0);
  say("received %s", quoted(text, length));
  close(receiver);
  show("send to nobody", send(sender, "x", 1, 0));
  sleep_ms(5);
  show("send after the refusal", send(sender, "x", 1, 0));
  show("too large", send(sender, text, 70000, 0));
  close(sender);
}

int main(void) {
  exchange(AF_INET);
  exchange(AF_INET6);
  int fd = MUST(socket(AF_INET, SOCK_DGRAM, 0));
  show("send unconnected", send(fd, "x", 1, 0));
  show("listen", listen(fd, 1));
  show("getpeername", getpeername(fd, (struct sockaddr *)&(struct sockaddr_in){0}, &(socklen_t){16}));
  return 0;
}
