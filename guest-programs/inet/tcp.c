// TCP over the loopback: bind, names, accept, data both ways, shutdown, refusal, reset, on IPv4 and IPv6.
#include "../lib/observe.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>

union address {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
};

static socklen_t loopback(union address *address, int family, int port) {
  memset(address, 0, sizeof *address);
  address->any.sa_family = family;
  if (family == AF_INET) {
    address->v4.sin_port = htons(port);
    address->v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return sizeof address->v4;
  }
  address->v6.sin6_port = htons(port);
  address->v6.sin6_addr = in6addr_loopback;
  return sizeof address->v6;
}

static int port_of(union address *address) {
  return ntohs(address->any.sa_family == AF_INET ? address->v4.sin_port : address->v6.sin6_port);
}

static void exchange(int family) {
  say("-- %s", family == AF_INET ? "IPv4" : "IPv6");
  union address name;
  socklen_t size = loopback(&name, family, 0);
  int listener = MUST(socket(family, SOCK_STREAM, 0));
  show("bind", bind(listener, &name.any, size));
  show("listen", listen(listener, 5));
  size = sizeof name;
  show("getsockname", getsockname(listener, &name.any, &size));
  int port = port_of(&name);
  say("size %u, a port was chosen: %d", size, port > 1023);
  int client = MUST(socket(family, SOCK_STREAM, 0));
  union address server;
  socklen_t server_size = loopback(&server, family, port);
  show("connect", connect(client, &server.any, server_size));
  size = sizeof name;
  int fd = accept(listener, &name.any, &size);
  show_ok("accept", fd);
  union address mine;
  socklen_t mine_size = sizeof mine;
  MUST(getsockname(client, &mine.any, &mine_size));
  say("accept's name is the client's: %d", size == mine_size && port_of(&mine) == port_of(&name));
  size = sizeof name;
  MUST(getpeername(client, &name.any, &size));
  say("client's peer is the server: %d", port_of(&name) == port);
  show("write", write(client, "request", 7));
  char text[32];
  ssize_t length = recv(fd, text, sizeof text, 0);
  say("server got %s", quoted(text, length));
  show("write", send(fd, "answer", 6, MSG_NOSIGNAL));
  length = recv(client, text, sizeof text, 0);
  say("client got %s", quoted(text, length));
  show("shutdown", shutdown(client, SHUT_WR));
  show("server reads the end", recv(fd, text, sizeof text, 0));
  show("and can still write", write(fd, "late", 4));
  length = recv(client, text, sizeof text, 0);
  say("client got %s", quoted(text, length));
  close(fd);
  show("client reads the end", recv(client, text, sizeof text, 0));
  close(client);
  close(listener);
  client = MUST(socket(family, SOCK_STREAM, 0));
  show("nobody listens", connect(client, &server.any, server_size));
}

int main(void) {
  exchange(AF_INET);
  exchange(AF_INET6);
  int fd = MUST(socket(AF_INET, SOCK_STREAM, 0)), value = 0;
  socklen_t size = sizeof value;
  int one = 1;
  show("SO_REUSEADDR", setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one));
  show("TCP_NODELAY", setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one));
  MUST(getsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &value, &size));
  say("TCP_NODELAY reads %d", value);
  MUST(getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &size));
  say("SO_TYPE reads %d", value);
  char byte;
  show("recv unconnected", recv(fd, &byte, 1, 0));
  show("send unconnected", send(fd, "x", 1, MSG_NOSIGNAL));
  show("getpeername unconnected", getpeername(fd, (struct sockaddr *)&byte, &(socklen_t){1}));
  union address first, second;
  size = loopback(&first, AF_INET, 0);
  int one_fd = MUST(socket(AF_INET, SOCK_STREAM, 0)), two_fd = MUST(socket(AF_INET, SOCK_STREAM, 0));
  MUST(bind(one_fd, &first.any, size));
  MUST(getsockname(one_fd, &first.any, &size));
  size = loopback(&second, AF_INET, port_of(&first));
  show("port taken", bind(two_fd, &second.any, size));
  show("bind twice", bind(one_fd, &second.any, size));
  second.v4.sin_addr.s_addr = inet_addr("203.0.113.9");
  show("not our address", bind(two_fd, &second.any, size));
  MUST(listen(one_fd, 3));
  int slow = MUST(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
  size = loopback(&second, AF_INET, port_of(&first));
  show("non-blocking connect", connect(slow, &second.any, size));
  struct pollfd entry = {slow, POLLOUT, 0};
  show("poll", poll(&entry, 1, 2000));
  size = sizeof value;
  MUST(getsockopt(slow, SOL_SOCKET, SO_ERROR, &value, &size));
  say("SO_ERROR: %d, events %#x", value, entry.revents);
  show("socket of an odd kind", socket(AF_INET, SOCK_SEQPACKET, 0));
  show("unknown family", socket(77, SOCK_STREAM, 0));
  return 0;
}
