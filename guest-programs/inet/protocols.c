// /proc/net/protocols: what it says of TCP, UDP and AF_UNIX, and which sockets count.
#include "../lib/observe.h"
#include <netinet/in.h>

static const char *names[] = {"UDPv6", "TCPv6", "UNIX-STREAM", "UNIX", "UDP", "TCP"};
static int counts[COUNT(names)];

// What changed since the last time; the whole rows the first time, but for how much memory is in use.
static void look(const char *when) {
  static bool is_known;
  char line[256];
  FILE *file = fopen("/proc/net/protocols", "r");
  MUST(fgets(line, sizeof line, file) == NULL ? -1 : 0);
  say("%s%s", when, is_known ? "" : quoted(line, strcspn(line, "\n")));
  while (fgets(line, sizeof line, file)) {
    char name[32], memory[16], pressure[8], rest[200];
    int size, sockets;
    sscanf(line, "%31s %d %d %15s %7s %199[^\n]", name, &size, &sockets, memory, pressure, rest);
    for (size_t i = 0; i < COUNT(names); i++) {
      if (strcmp(name, names[i]) != 0) continue;
      if (!is_known) say("%s: size %d, counts memory %d, %s, %s", name, size, atoi(memory) >= 0, pressure, rest);
      else if (sockets != counts[i]) say("  %s: %+d", name, sockets - counts[i]);
      counts[i] = sockets;
    }
  }
  fclose(file);
  is_known = true;
}

int main(void) {
  look("");
  int tcp = MUST(socket(AF_INET, SOCK_STREAM, 0)), udp = MUST(socket(AF_INET, SOCK_DGRAM, 0));
  look("new ones of IPv4");
  int tcp6 = MUST(socket(AF_INET6, SOCK_STREAM, 0)), udp6 = MUST(socket(AF_INET6, SOCK_DGRAM, 0));
  look("new ones of IPv6");
  struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  struct sockaddr_in6 any6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
  MUST(bind(tcp, (void *)&any, sizeof any));
  MUST(bind(udp, (void *)&any, sizeof any));
  look("bound ones of IPv4");
  MUST(bind(tcp6, (void *)&any6, sizeof any6));
  MUST(bind(udp6, (void *)&any6, sizeof any6));
  look("bound ones of IPv6");
  MUST(listen(tcp, 1));
  MUST(listen(tcp6, 1));
  look("listening");
  int pair[2], datagrams = MUST(socket(AF_UNIX, SOCK_DGRAM, 0)), packets = MUST(socket(AF_UNIX, SOCK_SEQPACKET, 0));
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  look("unix ones");
  close(pair[0]), close(pair[1]), close(datagrams), close(packets);
  look("those closed");
  close(tcp), close(udp), close(tcp6), close(udp6);
  look("all closed");
}
