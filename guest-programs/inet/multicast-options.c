// Multicast options of IPv4 and IPv6: what they read, what they are refused for and in which order.
// needs: root
#include "../lib/multicast.h"

static void try_lengths(int fd, int level, int option, const void *value, const int *lengths, int count) {
  char label[64];
  for (int i = 0; i < count; i++) {
    snprintf(label, sizeof label, "level %d option %d of %d bytes", level, option, lengths[i]);
    show(label, setsockopt(fd, level, option, value, lengths[i]));
  }
}

static void read_back(int fd, int level, int option, socklen_t room) {
  unsigned value[4] = {0x55555555, 0x55555555, 0x55555555, 0x55555555};
  socklen_t length = room;
  char label[64];
  snprintf(label, sizeof label, "level %d option %d read into %u bytes", level, option, room);
  if (getsockopt(fd, level, option, value, &length) == -1) show(label, -1);
  else say("%s: %#x, %u bytes", label, level == IPPROTO_IP && option == IP_MULTICAST_IF ? ntohl(value[0]) : value[0], length);
}

static void interfaces4(void) {
  say("-- IP_MULTICAST_IF");
  int fd = MUST(socket(AF_INET, SOCK_DGRAM, 0)), stream = MUST(socket(AF_INET, SOCK_STREAM, 0));
  struct ip_mreqn request = {ip4("10.1.1.1"), ip4("127.0.0.1"), 0};
  static const int LENGTHS[] = {0, 3, 4, 7, 8, 11, 12, 100};
  try_lengths(fd, IPPROTO_IP, IP_MULTICAST_IF, &request, LENGTHS, COUNT(LENGTHS));
  CALL(setsockopt(stream, IPPROTO_IP, IP_MULTICAST_IF, &request, sizeof request));
  CALL(setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, (void *)8, sizeof request));
  read_back(fd, IPPROTO_IP, IP_MULTICAST_IF, 4);
  read_back(fd, IPPROTO_IP, IP_MULTICAST_IF, 2);
  read_back(fd, IPPROTO_IP, IP_MULTICAST_IF, 0);
  read_back(fd, IPPROTO_IP, IP_MULTICAST_IF, 16);
  struct in_addr address = ip4("127.0.0.7");
  CALL(setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &address, sizeof address));
  read_back(fd, IPPROTO_IP, IP_MULTICAST_IF, 4);
  address = ip4("10.0.0.1");
  CALL(setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &address, sizeof address));
  CALL(member4(fd, IP_MULTICAST_IF, "0.0.0.0", "10.9.9.9", LO));
  read_back(fd, IPPROTO_IP, IP_MULTICAST_IF, 4);
  CALL(member4(fd, IP_MULTICAST_IF, "0.0.0.0", "0.0.0.0", 77));
  CALL(member4(fd, IP_MULTICAST_IF, "0.0.0.0", "0.0.0.0", -1));
  read_back(fd, IPPROTO_IP, IP_MULTICAST_IF, 4);
  CALL(member4(fd, IP_MULTICAST_IF, "0.0.0.0", "0.0.0.0", 0));
  read_back(fd, IPPROTO_IP, IP_MULTICAST_IF, 4);
  close(fd), close(stream);
}

static void flags4(void) {
  say("-- IP_MULTICAST_ALL, IP_MULTICAST_LOOP, IP_MULTICAST_TTL");
  int fd = MUST(socket(AF_INET, SOCK_DGRAM, 0)), stream = MUST(socket(AF_INET, SOCK_STREAM, 0)), sixth = MUST(socket(AF_INET6, SOCK_DGRAM, 0));
  read_back(fd, IPPROTO_IP, IP_MULTICAST_ALL, 4);
  read_back(stream, IPPROTO_IP, IP_MULTICAST_ALL, 4);
  read_back(sixth, IPPROTO_IP, IP_MULTICAST_ALL, 4);
  for (int value = -1; value <= 2; value++) {
    CALL(set_int(fd, IPPROTO_IP, IP_MULTICAST_ALL, value));
    read_back(fd, IPPROTO_IP, IP_MULTICAST_ALL, 4);
  }
  unsigned char bytes[4] = {0, 9, 9, 9};
  static const int LENGTHS[] = {0, 1, 3};
  try_lengths(fd, IPPROTO_IP, IP_MULTICAST_ALL, bytes, LENGTHS, COUNT(LENGTHS));
  read_back(fd, IPPROTO_IP, IP_MULTICAST_ALL, 1);
  CALL(set_int(stream, IPPROTO_IP, IP_MULTICAST_LOOP, 0));
  CALL(set_int(stream, IPPROTO_IP, IP_MULTICAST_ALL, 0));
  close(fd), close(stream), close(sixth);
}

static void memberships4(void) {
  say("-- memberships of IPv4");
  int fd = MUST(socket(AF_INET, SOCK_DGRAM, 0)), stream = MUST(socket(AF_INET, SOCK_STREAM, 0)), sixth = MUST(socket(AF_INET6, SOCK_DGRAM, 0));
  static const int OPTIONS[] = {IP_ADD_MEMBERSHIP, IP_DROP_MEMBERSHIP};
  for (size_t i = 0; i < COUNT(OPTIONS); i++) {
    int option = OPTIONS[i];
    say("option %d", option);
    struct ip_mreqn request = {ip4("239.1.1.1"), ip4("127.0.0.1"), 77};
    static const int LENGTHS[] = {0, 7, 8, 8, 11, 12, 12, 13};
    try_lengths(fd, IPPROTO_IP, option, &request, LENGTHS, COUNT(LENGTHS));
    CALL(setsockopt(fd, IPPROTO_IP, option, (void *)8, sizeof request));
    CALL(setsockopt(stream, IPPROTO_IP, option, (void *)8, 2));
    CALL(member4(fd, option, "127.0.0.1", "127.0.0.1", 0));
    CALL(member4(fd, option, "255.255.255.255", "127.0.0.1", 77));
    CALL(member4(fd, option, "239.1.1.2", "0.0.0.0", 0));
    CALL(member4(fd, option, "239.1.1.2", "10.0.0.1", 0));
    CALL(member4(fd, option, "239.1.1.2", "10.0.0.1", LO));
    CALL(member4(fd, option, "239.1.1.2", "10.0.0.2", LO));
    CALL(member4(fd, option, "239.1.1.3", "127.0.0.9", 0));
    CALL(member4(fd, option, "239.1.1.4", "127.0.0.9", 0));
    CALL(member4(sixth, option, "239.1.1.4", "127.0.0.9", 0));
    CALL(member4(fd, option, "239.1.1.5", "127.0.0.9", -1));
    CALL(member4(fd, option, "224.0.0.1", "127.0.0.1", 0));
  }
  read_back(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, 4);
  CALL(member4(fd, IP_ADD_MEMBERSHIP, "239.1.1.6", "127.0.0.1", 0));
  CALL(member4(fd, IP_DROP_MEMBERSHIP, "239.1.1.6", "127.0.0.2", 0));
  CALL(member4(fd, IP_ADD_MEMBERSHIP, "239.1.1.6", "127.0.0.1", 0));
  CALL(member4(fd, IP_DROP_MEMBERSHIP, "239.1.1.6", "0.0.0.0", 0));
  CALL(member4(fd, IP_DROP_MEMBERSHIP, "239.1.1.6", "10.0.0.2", 0));
  CALL(member4(fd, IP_DROP_MEMBERSHIP, "239.1.1.6", "0.0.0.0", LO));
  say("as many as fit");
  char group[32];
  int count = 0;
  do snprintf(group, sizeof group, "239.2.0.%d", ++count);
  while (member4(fd, IP_ADD_MEMBERSHIP, group, "127.0.0.1", 0) == 0);
  show("the next", -1);
  say("after %d", count - 1);
  CALL(member4(fd, IP_ADD_MEMBERSHIP, "239.2.0.1", "127.0.0.1", 0));
  close(fd), close(stream), close(sixth);
}

static void group_requests(void) {
  say("-- MCAST_JOIN_GROUP, MCAST_LEAVE_GROUP");
  int fd = MUST(socket(AF_INET, SOCK_DGRAM, 0)), stream = MUST(socket(AF_INET, SOCK_STREAM, 0)), sixth = MUST(socket(AF_INET6, SOCK_DGRAM, 0));
  static const int OPTIONS[] = {MCAST_JOIN_GROUP, MCAST_LEAVE_GROUP};
  for (size_t i = 0; i < COUNT(OPTIONS); i++) {
    int option = OPTIONS[i];
    say("option %d", option);
    struct group_req request = {.gr_interface = LO};
    put_ip(&request.gr_group, "239.3.1.1");
    static const int LENGTHS[] = {4, 135, 136, 200};
    try_lengths(fd, IPPROTO_IP, option, &request, LENGTHS, COUNT(LENGTHS));
    CALL(setsockopt(fd, IPPROTO_IP, option, (void *)8, sizeof request));
    CALL(member(fd, IPPROTO_IP, option, "239.3.1.2", 0));
    CALL(member(fd, IPPROTO_IP, option, "239.3.1.2", 77));
    CALL(member(fd, IPPROTO_IP, option, "ff02::123", LO));
    CALL(member(fd, IPPROTO_IP, option, "10.0.0.1", LO));
    CALL(member(sixth, IPPROTO_IP, option, "239.3.1.2", LO));
    CALL(member(stream, IPPROTO_IP, option, "239.3.1.2", LO));
    CALL(member(sixth, IPPROTO_IPV6, option, "239.3.1.2", LO));
    CALL(member(sixth, IPPROTO_IPV6, option, "ff02::123", LO));
    CALL(member(sixth, IPPROTO_IPV6, option, "ff02::123", 0));
    CALL(member(sixth, IPPROTO_IPV6, option, "fe80::123", LO));
    static const int LENGTHS6[] = {0, 4, 135, 136};
    put_ip(&request.gr_group, "ff02::124");
    try_lengths(sixth, IPPROTO_IPV6, option, &request, LENGTHS6, COUNT(LENGTHS6));
  }
  close(fd), close(stream), close(sixth);
}

static void options6(void) {
  say("-- IPv6");
  int fd = MUST(socket(AF_INET6, SOCK_DGRAM, 0)), stream = MUST(socket(AF_INET6, SOCK_STREAM, 0));
  static const struct {
    int option;
    int values[6];
  } CASES[] = {{IPV6_MULTICAST_IF, {LO, 77, -1, 0, LO, LO}},
               {IPV6_MULTICAST_HOPS, {-2, -1, 0, 9, 255, 256}},
               {IPV6_MULTICAST_LOOP, {0, 1, 2, -1, 0, 0}},
               {IPV6_MULTICAST_ALL, {0, 1, 2, -1, 0, 0}}};
  for (size_t i = 0; i < COUNT(CASES); i++) {
    int option = CASES[i].option, one = 1;
    read_back(fd, IPPROTO_IPV6, option, 4);
    read_back(stream, IPPROTO_IPV6, option, 4);
    for (size_t v = 0; v < COUNT(CASES[i].values); v++) {
      char label[64];
      snprintf(label, sizeof label, "option %d = %d", option, CASES[i].values[v]);
      show(label, set_int(fd, IPPROTO_IPV6, option, CASES[i].values[v]));
      read_back(fd, IPPROTO_IPV6, option, v == 4 ? 2 : 4);
    }
    show("of a stream", set_int(stream, IPPROTO_IPV6, option, 1));
    static const int LENGTHS[] = {0, 3, 4, 8};
    try_lengths(fd, IPPROTO_IPV6, option, &one, LENGTHS, COUNT(LENGTHS));
  }
  static const int OPTIONS[] = {IPV6_ADD_MEMBERSHIP, IPV6_DROP_MEMBERSHIP};
  for (size_t i = 0; i < COUNT(OPTIONS); i++) {
    int option = OPTIONS[i];
    say("option %d", option);
    struct ipv6_mreq request = {.ipv6mr_interface = LO};
    MUST(inet_pton(AF_INET6, "ff02::99", &request.ipv6mr_multiaddr));
    static const int LENGTHS[] = {4, 19, 20, 20, 40};
    try_lengths(fd, IPPROTO_IPV6, option, &request, LENGTHS, COUNT(LENGTHS));
    CALL(setsockopt(fd, IPPROTO_IPV6, option, (void *)8, sizeof request));
    CALL(setsockopt(stream, IPPROTO_IPV6, option, (void *)8, sizeof request));
    CALL(setsockopt(stream, IPPROTO_IPV6, option, (void *)8, 4));
    CALL(member6(fd, option, "ff02::99", 0));
    CALL(member6(fd, option, "ff05::99", 0));
    CALL(member6(fd, option, "ff05::99", 77));
    CALL(member6(fd, option, "ff01::99", LO));
    CALL(member6(fd, option, "fe02::99", LO));
    CALL(member6(fd, option, "ff02::1", LO));
    CALL(member6(fd, option, "::ffff:239.1.1.1", LO));
  }
  CALL(member6(fd, IPV6_ADD_MEMBERSHIP, "ff02::98", LO));
  CALL(member6(fd, IPV6_DROP_MEMBERSHIP, "ff02::98", 0));
  say("as many as fit");
  char group[32];
  int count = 0;
  do snprintf(group, sizeof group, "ff05::%x", ++count);
  while (member6(fd, IPV6_ADD_MEMBERSHIP, group, LO) == 0);
  show("the next", -1);
  say("after %d", count - 1);
  close(fd), close(stream);
}

int main(void) {
  own_network();
  interfaces4();
  flags4();
  memberships4();
  group_requests();
  options6();
  return 0;
}
