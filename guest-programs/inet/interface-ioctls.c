// netdevice(7): what ioctl tells of the loopback interface.
#include "../lib/observe.h"
#include <arpa/inet.h>
#include <net/if.h>
#include <sys/ioctl.h>

static struct ifreq request;

static void ask(const char *label, int fd, unsigned long number, const char *name) {
  memset(&request, 0, sizeof request);
  strcpy(request.ifr_name, name);
  show(label, ioctl(fd, number, &request));
}

static void show_address(void) {
  say("  %s", inet_ntoa(((struct sockaddr_in *)&request.ifr_addr)->sin_addr));
}

int main(void) {
  int inet = MUST(socket(AF_INET, SOCK_DGRAM, 0)), local = MUST(socket(AF_UNIX, SOCK_DGRAM, 0));
  ask("index", inet, SIOCGIFINDEX, "lo");
  say("  %d", request.ifr_ifindex);
  ask("index by a unix socket", local, SIOCGIFINDEX, "lo");
  ask("index of none", inet, SIOCGIFINDEX, "none");
  ask("flags", inet, SIOCGIFFLAGS, "lo");
  say("  %#x", request.ifr_flags);
  ask("mtu", inet, SIOCGIFMTU, "lo");
  say("  %d", request.ifr_mtu);
  ask("hardware", inet, SIOCGIFHWADDR, "lo");
  say("  %d", request.ifr_hwaddr.sa_family);
  ask("address", inet, SIOCGIFADDR, "lo");
  show_address();
  ask("mask", inet, SIOCGIFNETMASK, "lo");
  show_address();
  CALL(if_nametoindex("lo"));
  CALL(if_nametoindex("none"));
  char name[IF_NAMESIZE] = "";
  if_indextoname(1, name);
  say("interface 1 is %s", name);
  CALL(if_indextoname(999, name) == NULL);
  struct sockaddr_in zero = {.sin_family = AF_INET};
  CALL(sendto(inet, "x", 1, 0, (struct sockaddr *)&zero, sizeof zero));
  return 0;
}
