// Requests and options that few sockets know: ioctls of devices' own, unknown ones of sockets, SO_TXREHASH.
#include "../lib/observe.h"
#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>

#ifndef SO_TXREHASH
#define SO_TXREHASH 74
#endif

static void requests(int fd) {
  static const unsigned numbers[] = {0x8900, 0x8950, 0x8999, 0x89e5, 0x89ef, 0x89f0, 0x89ff, 0x8800, 0x8a00};
  static const char *names[] = {"", "lo", "absent"};
  for (size_t i = 0; i < COUNT(numbers); i++) {
    char label[64];
    for (size_t name = 0; name < COUNT(names); name++) {
      struct ifreq about = {0};
      strcpy(about.ifr_name, names[name]);
      snprintf(label, sizeof label, "ioctl %#x of \"%s\"", numbers[i], names[name]);
      show(label, ioctl(fd, numbers[i], &about));
    }
    snprintf(label, sizeof label, "ioctl %#x of a bad address", numbers[i]);
    show(label, ioctl(fd, numbers[i], 8));
  }
}

static void rehash(int fd) {
  for (int value = -2; value < 3; value++) {
    int got = 77;
    socklen_t length = sizeof got;
    char label[32];
    snprintf(label, sizeof label, "SO_TXREHASH to %d", value);
    show(label, setsockopt(fd, SOL_SOCKET, SO_TXREHASH, &value, sizeof value));
    show("  read", getsockopt(fd, SOL_SOCKET, SO_TXREHASH, &got, &length));
    say("  is %d", got);
  }
}

int main(void) {
  static const struct { const char *name; int family, type; } kinds[] = {
      {"AF_UNIX, stream", AF_UNIX, SOCK_STREAM}, {"AF_UNIX, datagrams", AF_UNIX, SOCK_DGRAM}, {"TCP", AF_INET, SOCK_STREAM},
      {"TCP over IPv6", AF_INET6, SOCK_STREAM},  {"UDP", AF_INET, SOCK_DGRAM},                {"netlink", AF_NETLINK, SOCK_RAW},
  };
  for (size_t i = 0; i < COUNT(kinds); i++) {
    say("# %s", kinds[i].name);
    int fd = MUST(socket(kinds[i].family, kinds[i].type, 0));
    requests(fd);
    rehash(fd);
    close(fd);
  }
}
