// RTM_GETNEIGH: a dump of neighbours ends as every dump does; the loopback has none.
#include "../lib/observe.h"
#include <linux/neighbour.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

int main(void) {
  struct {
    struct nlmsghdr header;
    struct ndmsg message;
  } ask = {{sizeof ask, RTM_GETNEIGH, NLM_F_REQUEST | NLM_F_DUMP, 7, 0}, {.ndm_family = AF_UNSPEC}};
  int fd = MUST(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE)), ours = 0;
  MUST(send(fd, &ask, sizeof ask, 0));
  for (;;) {
    static char buffer[65536] __attribute__((aligned(8)));
    ssize_t length = MUST(recv(fd, buffer, sizeof buffer, 0));
    for (struct nlmsghdr *header = (void *)buffer; NLMSG_OK(header, (size_t)length); header = NLMSG_NEXT(header, length)) {
      if (header->nlmsg_type == NLMSG_DONE || header->nlmsg_type == NLMSG_ERROR) {
        say("ends with %d, status %d, sequence %u", header->nlmsg_type, *(int *)NLMSG_DATA(header), header->nlmsg_seq);
        say("of the loopback: %d", ours);
        return 0;
      }
      struct ndmsg *entry = NLMSG_DATA(header);
      if (entry->ndm_ifindex == (int)if_nametoindex("lo") && !(entry->ndm_state & NUD_NOARP)) ours++;
    }
  }
}
