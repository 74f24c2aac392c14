// Options of IPPROTO_IP are ints that may be given and read as one byte; what an int is refused for.
#include "../lib/observe.h"
#include <netinet/in.h>

static const struct {
  const char *name;
  int number;
} OPTIONS[] = {{"IP_TOS", IP_TOS},
               {"IP_TTL", IP_TTL},
               {"IP_PKTINFO", IP_PKTINFO},
               {"IP_MTU_DISCOVER", IP_MTU_DISCOVER},
               {"IP_RECVTTL", IP_RECVTTL},
               {"IP_FREEBIND", IP_FREEBIND},
               {"IP_MULTICAST_TTL", IP_MULTICAST_TTL},
               {"IP_MULTICAST_LOOP", IP_MULTICAST_LOOP}};

static void sizes(int fd, int option) {
  for (int length = 0; length <= 5; length++) {
    unsigned char given[8] = {3, 1, 0, 0, 9};
    CALL(setsockopt(fd, IPPROTO_IP, option, given, length));
    unsigned int read = 0x77777777;
    socklen_t room = length;
    CALL(getsockopt(fd, IPPROTO_IP, option, &read, &room));
    say("  length %d: %#x, %u bytes", length, read, room);
  }
}

static void values(int fd, int option) {
  static const int VALUES[] = {-2, -1, 0, 1, 2, 255, 256};
  for (unsigned i = 0; i < sizeof VALUES / sizeof *VALUES; i++) {
    CALL(setsockopt(fd, IPPROTO_IP, option, &VALUES[i], sizeof VALUES[i]));
    int read = 0;
    socklen_t room = sizeof read;
    MUST(getsockopt(fd, IPPROTO_IP, option, &read, &room));
    say("  %d: %d", VALUES[i], read);
  }
}

int main(void) {
  int fd = MUST(socket(AF_INET, SOCK_DGRAM, 0));
  for (unsigned i = 0; i < sizeof OPTIONS / sizeof *OPTIONS; i++) {
    say("%s", OPTIONS[i].name);
    sizes(fd, OPTIONS[i].number);
    values(fd, OPTIONS[i].number);
  }
  int stream = MUST(socket(AF_INET, SOCK_STREAM, 0)), one = 1;
  CALL(setsockopt(stream, IPPROTO_IP, IP_MULTICAST_TTL, &one, sizeof one));
  CALL(setsockopt(fd, IPPROTO_IP, IP_MULTICAST_TTL, NULL, 0));
  CALL(setsockopt(fd, IPPROTO_IP, IP_MULTICAST_TTL, NULL, 1));
  return 0;
}
