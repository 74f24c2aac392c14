// Socket options of levels that a socket does not have, and options that a level does not have: set and read.
#include "../lib/observe.h"
#include <netinet/in.h>
#include <netinet/tcp.h>

static const int levels[] = {IPPROTO_IP, IPPROTO_TCP, IPPROTO_UDP, IPPROTO_IPV6, 132, 136, 255, 263, 270, 58};

static const char *error(int result) { return result == 0 ? "ok" : errno_name(errno); }

static void try(const char *name, int fd, int level, int option) {
  int value = 1;
  socklen_t size = sizeof value;
  const char *set = error(setsockopt(fd, level, option, &value, sizeof value));
  const char *get = error(getsockopt(fd, level, option, &value, &size));
  say("%s level %d option %d: set %s, get %s", name, level, option, set, get);
}

static void try_all(const char *name, int family, int type) {
  int fd = socket(family, type, 0);
  for (unsigned at = 0; at < COUNT(levels); at++) try(name, fd, levels[at], 250);
  try(name, fd, IPPROTO_TCP, TCP_NODELAY);
  if (family == AF_INET) try(name, fd, IPPROTO_IPV6, IPV6_V6ONLY);
  close(fd);
}

int main(void) {
  try_all("tcp", AF_INET, SOCK_STREAM);
  try_all("udp", AF_INET, SOCK_DGRAM);
  try_all("tcp6", AF_INET6, SOCK_STREAM);
  try_all("udp6", AF_INET6, SOCK_DGRAM);
  return 0;
}
