// RTM_GETLINK, RTM_GETADDR and RTM_GETRULE: what ip(8) shows of the loopback and of the rules that every machine has.
#include "../lib/observe.h"
#include <linux/fib_rules.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

static void show_attribute(const char *name, const struct rtattr *attribute, size_t most) {
  const unsigned char *bytes = RTA_DATA(attribute);
  size_t length = RTA_PAYLOAD(attribute);
  char text[256] = "";
  for (size_t i = 0; i < length && i < most; i++) snprintf(text + 3 * i, 4, " %02x", bytes[i]);
  say("  %s %d, %zu bytes:%s", name, attribute->rta_type, length, text);
}

static void show_message(const struct nlmsghdr *header) {
  static const int links[] = {IFLA_IFNAME, IFLA_TXQLEN,        IFLA_OPERSTATE, IFLA_LINKMODE,  IFLA_MTU,
                              IFLA_GROUP,  IFLA_PROMISCUITY,   IFLA_CARRIER,   IFLA_ADDRESS,   IFLA_BROADCAST,
                              IFLA_QDISC,  IFLA_NUM_TX_QUEUES, IFLA_MIN_MTU,   IFLA_MAX_MTU};
  int left, own = (int)if_nametoindex("lo");
  struct rtattr *at;
  if (header->nlmsg_type == RTM_NEWLINK) {
    struct ifinfomsg *link = NLMSG_DATA(header);
    if (link->ifi_index != own) return;
    say("link of type %d, flags %#x", link->ifi_type, link->ifi_flags);
    at = IFLA_RTA(link), left = (int)IFLA_PAYLOAD(header);
    for (; RTA_OK(at, left); at = RTA_NEXT(at, left)) {
      for (size_t i = 0; i < COUNT(links); i++)
        if (at->rta_type == links[i]) show_attribute("IFLA", at, 32);
      if (at->rta_type == IFLA_STATS) show_attribute("IFLA", at, 0);
    }
  } else if (header->nlmsg_type == RTM_NEWADDR) {
    struct ifaddrmsg *address = NLMSG_DATA(header);
    if ((int)address->ifa_index != own) return;
    say("address of family %d, prefix %d, flags %#x, scope %d", address->ifa_family, address->ifa_prefixlen,
        address->ifa_flags, address->ifa_scope);
    at = IFA_RTA(address), left = (int)IFA_PAYLOAD(header);
    for (; RTA_OK(at, left); at = RTA_NEXT(at, left)) show_attribute("IFA", at, at->rta_type == IFA_CACHEINFO ? 8 : 16);
  } else if (header->nlmsg_type == RTM_NEWRULE) {
    struct fib_rule_hdr *rule = NLMSG_DATA(header);
    if (rule->family != AF_INET && rule->family != AF_INET6) return;
    say("rule of family %d, table %d, action %d", rule->family, rule->table, rule->action);
    at = (struct rtattr *)(rule + 1), left = (int)NLMSG_PAYLOAD(header, sizeof *rule);
    for (; RTA_OK(at, left); at = RTA_NEXT(at, left)) show_attribute("FRA", at, 4);
  }
}

static void dump(int type, int family) {
  struct {
    struct nlmsghdr header;
    struct ifinfomsg message;
  } ask = {{sizeof ask, type, NLM_F_REQUEST | NLM_F_DUMP, 7, 0}, {.ifi_family = family}};
  if (type == RTM_GETADDR) ask.header.nlmsg_len = NLMSG_LENGTH(sizeof(struct ifaddrmsg));
  if (type == RTM_GETRULE) ask.header.nlmsg_len = NLMSG_LENGTH(sizeof(struct fib_rule_hdr));
  int fd = MUST(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
  MUST(send(fd, &ask, ask.header.nlmsg_len, 0));
  for (;;) {
    static char buffer[65536] __attribute__((aligned(8)));
    ssize_t length = MUST(recv(fd, buffer, sizeof buffer, 0));
    for (struct nlmsghdr *header = (void *)buffer; NLMSG_OK(header, (size_t)length); header = NLMSG_NEXT(header, length)) {
      if (header->nlmsg_type == NLMSG_DONE || header->nlmsg_type == NLMSG_ERROR) {
        say("ends with %d, status %d", header->nlmsg_type, *(int *)NLMSG_DATA(header));
        close(fd);
        return;
      }
      show_message(header);
    }
  }
}

int main(void) {
  dump(RTM_GETLINK, AF_UNSPEC);
  dump(RTM_GETADDR, AF_UNSPEC);
  dump(RTM_GETADDR, AF_INET6);
  dump(RTM_GETRULE, AF_UNSPEC);
  dump(RTM_GETRULE, AF_INET);
  return 0;
}
