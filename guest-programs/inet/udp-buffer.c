// How many datagrams of each size a UDP socket keeps: its receive buffer is charged by true size, empty ones too.
#include "../lib/observe.h"
#include <arpa/inet.h>
#include <netinet/in.h>

static char data[65536];

static int kept(int family, int size, int buffer) {
  struct sockaddr_storage name = {.ss_family = family};
  if (family == AF_INET) ((struct sockaddr_in *)&name)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  else ((struct sockaddr_in6 *)&name)->sin6_addr = in6addr_loopback;
  socklen_t length = sizeof name;
  int receiver = MUST(socket(family, SOCK_DGRAM, 0)), sender = MUST(socket(family, SOCK_DGRAM, 0)), count = 0;
  MUST(bind(receiver, (void *)&name, family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6)));
  MUST(getsockname(receiver, (void *)&name, &length));
  if (buffer > 0) MUST(setsockopt(receiver, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof buffer));
  for (int i = 0; i < 400; i++) MUST(sendto(sender, data, size, 0, (void *)&name, length));
  while (recv(receiver, data, sizeof data, MSG_DONTWAIT) >= 0) count++;
  close(receiver), close(sender);
  return count;
}

int main(void) {
  const int sizes[] = {0, 1, 150, 177, 184, 185, 197, 198, 500, 645, 646, 1000, 1500, 1669, 1670, 2000, 3000, 3717, 3718,
                       4000, 7000, 7813, 7814, 8000, 10000, 15991, 15992, 16004, 16005, 20000, 40000, 60000, 65000};
  for (size_t i = 0; i < COUNT(sizes); i++) {
    say("%d bytes: IPv4 %d, IPv6 %d", sizes[i], kept(AF_INET, sizes[i], 0), kept(AF_INET6, sizes[i], 0));
  }
  say("a small buffer: %d", kept(AF_INET, 100, 1));
  say("one that is larger than the buffer: %d", kept(AF_INET, 20000, 1));
  say("a large buffer: %d", kept(AF_INET, 1000, 400000));
  return 0;
}
