// Source-specific multicast: filters of a group's senders, their modes and limits, and the tables that show who joined what.
// needs: root
#include "../lib/multicast.h"

enum { PORT = 5353 };

static int receiver, senders[3];

// Each of 127.0.0.1, .2 and .3 sends its last digit; what arrives is shown.
static void exchange(const char *group) {
  struct sockaddr_in name = at4(group, PORT);
  char got[16] = "";
  for (int i = 0; i < 3; i++) MUST(sendto(senders[i], &"123"[i], 1, 0, (void *)&name, sizeof name));
  for (int count = 0; recv(receiver, &got[count], 1, MSG_DONTWAIT) == 1; count++) continue;
  say("  to %s: %s", group, got);
}

static void block_and_unblock(void) {
  say("-- everything but some senders");
  CALL(source4(receiver, IP_BLOCK_SOURCE, "239.1.1.1", "127.0.0.1", "127.0.0.1"));
  CALL(member4(receiver, IP_ADD_MEMBERSHIP, "239.1.1.1", "127.0.0.1", 0));
  exchange("239.1.1.1");
  CALL(source4(receiver, IP_BLOCK_SOURCE, "239.1.1.1", "127.0.0.2", "127.0.0.1"));
  CALL(source4(receiver, IP_BLOCK_SOURCE, "239.1.1.1", "127.0.0.2", "127.0.0.1"));
  exchange("239.1.1.1");
  CALL(source4(receiver, IP_BLOCK_SOURCE, "239.1.1.1", "127.0.0.1", "127.0.0.1"));
  exchange("239.1.1.1");
  show_table("mcfilter");
  CALL(source4(receiver, IP_ADD_SOURCE_MEMBERSHIP, "239.1.1.1", "127.0.0.2", "127.0.0.1"));
  CALL(source4(receiver, IP_UNBLOCK_SOURCE, "239.1.1.1", "127.0.0.3", "127.0.0.1"));
  CALL(source4(receiver, IP_UNBLOCK_SOURCE, "239.1.1.1", "127.0.0.2", "127.0.0.1"));
  CALL(source4(receiver, IP_UNBLOCK_SOURCE, "239.1.1.1", "127.0.0.1", "127.0.0.1"));
  CALL(source4(receiver, IP_UNBLOCK_SOURCE, "239.1.1.1", "127.0.0.1", "127.0.0.1"));
  exchange("239.1.1.1");
  CALL(source4(receiver, IP_ADD_SOURCE_MEMBERSHIP, "239.1.1.1", "127.0.0.2", "127.0.0.1"));
  CALL(member4(receiver, IP_DROP_MEMBERSHIP, "239.1.1.1", "127.0.0.1", 0));
  exchange("239.1.1.1");
}

static void only_some(void) {
  say("-- only some senders");
  CALL(source4(receiver, IP_ADD_SOURCE_MEMBERSHIP, "239.1.1.2", "127.0.0.2", "127.0.0.1"));
  CALL(source4(receiver, IP_ADD_SOURCE_MEMBERSHIP, "239.1.1.2", "127.0.0.2", "127.0.0.1"));
  exchange("239.1.1.2");
  CALL(source4(receiver, IP_ADD_SOURCE_MEMBERSHIP, "239.1.1.2", "127.0.0.3", "127.0.0.1"));
  exchange("239.1.1.2");
  show_table("mcfilter");
  CALL(source4(receiver, IP_BLOCK_SOURCE, "239.1.1.2", "127.0.0.2", "127.0.0.1"));
  CALL(member4(receiver, IP_ADD_MEMBERSHIP, "239.1.1.2", "127.0.0.1", 0));
  CALL(source4(receiver, IP_DROP_SOURCE_MEMBERSHIP, "239.1.1.2", "127.0.0.1", "127.0.0.1"));
  CALL(source4(receiver, IP_DROP_SOURCE_MEMBERSHIP, "239.1.1.2", "127.0.0.2", "127.0.0.1"));
  exchange("239.1.1.2");
  CALL(source4(receiver, IP_DROP_SOURCE_MEMBERSHIP, "239.1.1.2", "127.0.0.3", "127.0.0.1"));
  exchange("239.1.1.2");
  CALL(source4(receiver, IP_DROP_SOURCE_MEMBERSHIP, "239.1.1.2", "127.0.0.3", "127.0.0.1"));
  CALL(source4(receiver, IP_ADD_SOURCE_MEMBERSHIP, "239.1.1.2", "127.0.0.3", "0.0.0.0"));
  CALL(source4(receiver, IP_ADD_SOURCE_MEMBERSHIP, "10.1.1.2", "127.0.0.3", "127.0.0.1"));
  CALL(source4(receiver, IP_BLOCK_SOURCE, "10.1.1.2", "127.0.0.3", "0.0.0.0"));
  struct ip_mreq_source request = {0};
  CALL(setsockopt(receiver, IPPROTO_IP, IP_BLOCK_SOURCE, &request, 11));
  CALL(setsockopt(receiver, IPPROTO_IP, IP_BLOCK_SOURCE, &request, 13));
  CALL(setsockopt(receiver, IPPROTO_IP, IP_BLOCK_SOURCE, (void *)8, 12));
  say("as many as fit");
  char sender[32];
  int count = 0;
  do snprintf(sender, sizeof sender, "127.1.0.%d", ++count);
  while (source4(receiver, IP_ADD_SOURCE_MEMBERSHIP, "239.1.1.9", sender, "127.0.0.1") == 0);
  show("the next", -1);
  say("after %d", count - 1);
  CALL(member4(receiver, IP_DROP_MEMBERSHIP, "239.1.1.9", "127.0.0.1", 0));
}

static int set_filter(const char *group, const char *interface, unsigned mode, unsigned count, socklen_t length) {
  char bytes[200] = {0};
  struct ip_msfilter *filter = (void *)bytes;
  *filter = (struct ip_msfilter){ip4(group), ip4(interface), mode, count, {{0}}};
  struct in_addr all[] = {ip4("127.0.0.3"), ip4("127.0.0.1")};
  memcpy(bytes + 16, all, sizeof all);
  return setsockopt(receiver, IPPROTO_IP, IP_MSFILTER, bytes, length);
}

static void show_filter(const char *group, const char *interface, unsigned count, socklen_t room) {
  char bytes[200] = {0};
  struct ip_msfilter *filter = (void *)bytes;
  *filter = (struct ip_msfilter){ip4(group), ip4(interface), 9, count, {{0}}};
  if (getsockopt(receiver, IPPROTO_IP, IP_MSFILTER, bytes, &room) == -1) {
    show("filter", -1);
    return;
  }
  say("filter: %u bytes, mode %u, %u sources", room, filter->imsf_fmode, filter->imsf_numsrc);
  for (unsigned i = 0; 16 + 4 * (i + 1) <= room; i++) say("  %s", inet_ntoa(*(struct in_addr *)(bytes + 16 + 4 * i)));
}

static void whole_filters(void) {
  say("-- whole filters");
  CALL(set_filter("239.1.1.3", "127.0.0.1", MCAST_INCLUDE, 2, 24));
  show_filter("239.1.1.3", "127.0.0.1", 8, 100);
  CALL(member4(receiver, IP_ADD_MEMBERSHIP, "239.1.1.3", "127.0.0.1", 0));
  show_filter("239.1.1.3", "127.0.0.1", 8, 100);
  CALL(set_filter("239.1.1.3", "127.0.0.1", MCAST_INCLUDE, 2, 24));
  exchange("239.1.1.3");
  show_filter("239.1.1.3", "127.0.0.1", 8, 100);
  show_filter("239.1.1.3", "127.0.0.1", 1, 100);
  show_filter("239.1.1.3", "127.0.0.1", 0, 16);
  show_filter("239.1.1.3", "127.0.0.1", 0, 15);
  show_filter("239.1.1.3", "0.0.0.0", 0, 16);
  show_filter("10.1.1.3", "0.0.0.0", 0, 16);
  show_table("mcfilter");
  CALL(set_filter("239.1.1.3", "127.0.0.1", MCAST_EXCLUDE, 2, 24));
  exchange("239.1.1.3");
  CALL(set_filter("239.1.1.3", "127.0.0.1", MCAST_EXCLUDE, 0, 16));
  exchange("239.1.1.3");
  CALL(set_filter("239.1.1.3", "127.0.0.1", MCAST_EXCLUDE, 0, 15));
  CALL(set_filter("239.1.1.3", "127.0.0.1", MCAST_EXCLUDE, 2, 23));
  CALL(set_filter("239.1.1.3", "127.0.0.1", MCAST_EXCLUDE, 11, 24));
  CALL(set_filter("239.1.1.3", "127.0.0.1", 7, 0, 16));
  CALL(set_filter("239.1.1.3", "0.0.0.0", MCAST_EXCLUDE, 0, 16));
  CALL(set_filter("239.1.1.3", "127.0.0.1", MCAST_EXCLUDE, 0, 200000));
  CALL(set_filter("239.1.1.3", "127.0.0.1", MCAST_INCLUDE, 0, 16));
  exchange("239.1.1.3");
}

static void by_addresses(int level, const char *group, const char *first, const char *second, const char *strange) {
  say("-- by addresses of level %d", level);
  int fd = level == IPPROTO_IP ? receiver : MUST(socket(AF_INET6, SOCK_DGRAM, 0));
  CALL(source(fd, level, MCAST_BLOCK_SOURCE, group, first, LO));
  CALL(source(fd, level, MCAST_JOIN_SOURCE_GROUP, group, first, LO));
  CALL(source(fd, level, MCAST_JOIN_SOURCE_GROUP, group, first, LO));
  CALL(source(fd, level, MCAST_JOIN_SOURCE_GROUP, group, second, LO));
  CALL(source(fd, level, MCAST_JOIN_SOURCE_GROUP, group, strange, LO));
  CALL(source(fd, level, MCAST_JOIN_SOURCE_GROUP, strange, first, LO));
  CALL(source(fd, level, MCAST_JOIN_SOURCE_GROUP, first, first, LO));
  CALL(source(fd, level, MCAST_JOIN_SOURCE_GROUP, group, first, 0));
  CALL(source(fd, level, MCAST_JOIN_SOURCE_GROUP, group, first, 77));
  show_table(level == IPPROTO_IP ? "mcfilter" : "mcfilter6");
  show_table(level == IPPROTO_IP ? "igmp" : "igmp6");
  struct group_filter filter = {.gf_interface = LO, .gf_fmode = 9, .gf_numsrc = 1};
  put_ip(&filter.gf_group, group);
  socklen_t length = sizeof filter;
  if (CALL(getsockopt(fd, level, MCAST_MSFILTER, &filter, &length)) == 0)
    say("%u bytes, mode %u, %u sources, family %d", length, filter.gf_fmode, filter.gf_numsrc, filter.gf_slist[0].ss_family);
  length = 143;
  CALL(getsockopt(fd, level, MCAST_MSFILTER, &filter, &length));
  CALL(setsockopt(fd, level, MCAST_MSFILTER, &filter, 143));
  filter.gf_fmode = MCAST_EXCLUDE, filter.gf_numsrc = 1;
  CALL(setsockopt(fd, level, MCAST_MSFILTER, &filter, sizeof filter));
  CALL(setsockopt(fd, level, MCAST_MSFILTER, &filter, 200));
  show_table(level == IPPROTO_IP ? "mcfilter" : "mcfilter6");
  filter.gf_interface = 0;
  CALL(setsockopt(fd, level, MCAST_MSFILTER, &filter, sizeof filter));
  filter.gf_interface = LO, filter.gf_numsrc = 65;
  CALL(setsockopt(fd, level, MCAST_MSFILTER, &filter, sizeof filter));
  filter.gf_numsrc = 0;
  put_ip(&filter.gf_group, strange);
  CALL(setsockopt(fd, level, MCAST_MSFILTER, &filter, sizeof filter));
  length = sizeof filter;
  CALL(getsockopt(fd, level, MCAST_MSFILTER, &filter, &length));
  CALL(source(fd, level, MCAST_LEAVE_SOURCE_GROUP, group, first, LO));
  CALL(source(fd, level, MCAST_UNBLOCK_SOURCE, group, second, LO));
  CALL(source(fd, level, MCAST_UNBLOCK_SOURCE, group, first, LO));
  CALL(source(fd, level, MCAST_UNBLOCK_SOURCE, group, first, LO));
  CALL(member(fd, level, MCAST_LEAVE_GROUP, group, LO));
  CALL(source(fd, level, MCAST_JOIN_SOURCE_GROUP, group, first, LO));
  CALL(source(fd, level, MCAST_LEAVE_SOURCE_GROUP, group, first, LO));
  CALL(source(fd, level, MCAST_LEAVE_SOURCE_GROUP, group, first, LO));
  if (fd != receiver) close(fd);
}

static void tables(void) {
  say("-- tables");
  int one = MUST(socket(AF_INET, SOCK_DGRAM, 0)), two = MUST(socket(AF_INET6, SOCK_DGRAM, 0));
  MUST(member4(one, IP_ADD_MEMBERSHIP, "239.1.1.4", "127.0.0.1", 0));
  MUST(member4(two, IP_ADD_MEMBERSHIP, "239.1.1.4", "127.0.0.1", 0));
  MUST(member4(two, IP_ADD_MEMBERSHIP, "239.1.1.5", "127.0.0.1", 0));
  MUST(source4(one, IP_ADD_SOURCE_MEMBERSHIP, "239.1.1.5", "127.0.0.2", "127.0.0.1"));
  MUST(source4(two, IP_BLOCK_SOURCE, "239.1.1.5", "127.0.0.2", "127.0.0.1"));
  MUST(source4(two, IP_BLOCK_SOURCE, "239.1.1.5", "127.0.0.3", "127.0.0.1"));
  MUST(member6(two, IPV6_ADD_MEMBERSHIP, "ff02::fb", LO));
  MUST(member6(two, IPV6_ADD_MEMBERSHIP, "ff01::fb", LO));
  MUST(member6(two, IPV6_ADD_MEMBERSHIP, "ff05::fb", LO));
  MUST(source(two, IPPROTO_IPV6, MCAST_BLOCK_SOURCE, "ff05::fb", "::1", LO));
  static const char *const TABLES[] = {"igmp", "mcfilter", "igmp6", "mcfilter6", "dev_mcast"};
  for (size_t i = 0; i < COUNT(TABLES); i++) show_table(TABLES[i]);
  close(one);
  say("one left");
  show_table("igmp");
  show_table("mcfilter");
  set_loopback(false);
  say("down");
  MUST(member6(two, IPV6_ADD_MEMBERSHIP, "ff02::fc", LO));
  show_table("igmp");
  show_table("igmp6");
  set_loopback(true);
  say("up");
  show_table("igmp");
  show_table("igmp6");
  close(two);
  show_table("igmp");
}

int main(void) {
  MUST(unshare(CLONE_NEWNET));
  show_table("igmp");
  show_table("igmp6");
  set_loopback(true);
  show_table("igmp");
  show_table("igmp6");
  receiver = shared4("0.0.0.0", PORT);
  for (int i = 0; i < 3; i++) {
    char ip[16];
    snprintf(ip, sizeof ip, "127.0.0.%d", i + 1);
    struct sockaddr_in name = at4(ip, 0);
    senders[i] = MUST(socket(AF_INET, SOCK_DGRAM, 0));
    MUST(bind(senders[i], (void *)&name, sizeof name));
  }
  block_and_unblock();
  only_some();
  whole_filters();
  by_addresses(IPPROTO_IP, "239.6.6.6", "127.0.0.1", "127.0.0.2", "ff02::6");
  by_addresses(IPPROTO_IPV6, "ff02::6", "::1", "::2", "239.6.6.6");
  tables();
  return 0;
}
