// Multicast of IPv6 on the loopback: there is no route to groups until one is made; who gets what then.
// needs: root
#include "../lib/multicast.h"
#include <linux/netlink.h>
#include <linux/rtnetlink.h>

enum { PORT = 5353 };

static void drain(const char *label, int fd) {
  for (int count = 0;; count++) {
    char data[64], text[300], source[INET6_ADDRSTRLEN];
    union {
      char bytes[256];
      struct cmsghdr align;
    } control;
    struct sockaddr_in6 from = {0};
    struct iovec piece = {data, sizeof data};
    struct msghdr message = {&from, sizeof from, &piece, 1, control.bytes, sizeof control, 0};
    ssize_t length = recvmsg(fd, &message, MSG_DONTWAIT);
    if (length == -1) {
      if (count == 0 || errno != EAGAIN) show(label, -1);
      return;
    }
    inet_ntop(AF_INET6, &from.sin6_addr, source, sizeof source);
    int end = snprintf(text, sizeof text, "%s: %s from %s, scope %u", label, quoted(data, length), source, from.sin6_scope_id);
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
      if (header->cmsg_type == IPV6_PKTINFO) {
        struct in6_pktinfo *info = (void *)CMSG_DATA(header);
        inet_ntop(AF_INET6, &info->ipi6_addr, source, sizeof source);
        end += snprintf(text + end, sizeof text - end, ", interface %d, to %s", info->ipi6_ifindex, source);
      } else end += snprintf(text + end, sizeof text - end, ", %d: %d", header->cmsg_type, *(int *)CMSG_DATA(header));
    }
    say("%s", text);
  }
}

static void send_to(int fd, const char *text, const char *ip, unsigned scope) {
  struct sockaddr_in6 name = at6(ip, PORT, scope);
  char label[100];
  snprintf(label, sizeof label, "%s to %s%%%u", text, ip, scope);
  show(label, sendto(fd, text, strlen(text), 0, (void *)&name, sizeof name));
}

static void send_by(int fd, const char *text, const char *ip, int index, const char *source) {
  struct sockaddr_in6 name = at6(ip, PORT, 0);
  union {
    char bytes[CMSG_SPACE(sizeof(struct in6_pktinfo))];
    struct cmsghdr align;
  } control = {0};
  struct iovec piece = {(void *)text, strlen(text)};
  struct msghdr message = {&name, sizeof name, &piece, 1, control.bytes, sizeof control, 0};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  *header = (struct cmsghdr){CMSG_LEN(sizeof(struct in6_pktinfo)), IPPROTO_IPV6, IPV6_PKTINFO};
  struct in6_pktinfo info = {.ipi6_ifindex = index};
  MUST(inet_pton(AF_INET6, source, &info.ipi6_addr));
  memcpy(CMSG_DATA(header), &info, sizeof info);
  char label[100];
  snprintf(label, sizeof label, "%s to %s by interface %d as %s", text, ip, index, source);
  show(label, sendmsg(fd, &message, 0));
}

// Adds or removes the route to a prefix over the loopback.
static void change_route(const char *label, int type, int family, const char *prefix, int bits, int kind, int table) {
  struct {
    struct nlmsghdr header;
    struct rtmsg message;
    char attributes[64];
  } request = {.header = {.nlmsg_type = type, .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | (type == RTM_NEWROUTE ? NLM_F_CREATE | NLM_F_EXCL : 0), .nlmsg_seq = 1},
               .message = {.rtm_family = family, .rtm_dst_len = bits, .rtm_table = table, .rtm_protocol = RTPROT_STATIC, .rtm_scope = family == AF_INET ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE, .rtm_type = kind}};
  int size = family == AF_INET ? 4 : 16, index = LO, fd = MUST(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
  struct rtattr *destination = (void *)request.attributes, *device = (void *)(request.attributes + RTA_SPACE(size));
  *destination = (struct rtattr){RTA_LENGTH(size), RTA_DST};
  MUST(inet_pton(family, prefix, RTA_DATA(destination)));
  *device = (struct rtattr){RTA_LENGTH(4), RTA_OIF};
  memcpy(RTA_DATA(device), &index, 4);
  request.header.nlmsg_len = NLMSG_LENGTH(sizeof request.message) + RTA_SPACE(size) + RTA_SPACE(4);
  MUST(send(fd, &request, request.header.nlmsg_len, 0));
  struct {
    struct nlmsghdr header;
    struct nlmsgerr error;
    char rest[500];
  } reply;
  MUST(recv(fd, &reply, sizeof reply, 0));
  if (reply.header.nlmsg_type != NLMSG_ERROR) say("%s: answered with %d", label, reply.header.nlmsg_type);
  else say("%s: %s", label, reply.error.error ? errno_name(-reply.error.error) : "done");
  close(fd);
}

static void without_route(void) {
  say("-- without a route");
  int fd = MUST(socket(AF_INET6, SOCK_DGRAM, 0)), receiver = shared6("::", PORT);
  CALL(member6(receiver, IPV6_ADD_MEMBERSHIP, "ff02::fb", LO));
  send_to(fd, "no scope", "ff02::fb", 0);
  send_to(fd, "scope", "ff02::fb", LO);
  CALL(set_int(fd, IPPROTO_IPV6, IPV6_MULTICAST_IF, LO));
  send_to(fd, "interface", "ff02::fb", 0);
  send_to(fd, "of a site", "ff05::fb", 0);
  send_by(fd, "by message", "ff02::fb", LO, "::");
  send_by(fd, "by message", "ff02::fb", LO, "::1");
  send_by(fd, "by message", "ff02::fb", 77, "::");
  struct sockaddr_in6 own = at6("::1", 0, 0), group = at6("ff02::fb", PORT, LO);
  CALL(bind(fd, (void *)&own, sizeof own)); // what could not be sent has given it a port
  close(fd);
  fd = MUST(socket(AF_INET6, SOCK_DGRAM, 0));
  MUST(bind(fd, (void *)&own, sizeof own));
  send_to(fd, "bound", "ff02::fb", LO);
  CALL(connect(fd, (void *)&group, sizeof group));
  drain("receiver", receiver);
  close(fd), close(receiver);
}

static void binds(void) {
  say("-- bind");
  static const struct {
    const char *ip;
    unsigned scope;
  } NAMES[] = {{"ff02::fb", 0}, {"ff02::fb", LO}, {"ff02::fb", 77}, {"ff05::fb", 0}, {"ff05::fb", 77}, {"ff01::1", 0}, {"fe80::1", LO}, {"::ffff:239.1.1.1", 0}};
  static const int TYPES[] = {SOCK_DGRAM, SOCK_STREAM};
  for (size_t t = 0; t < COUNT(TYPES); t++)
    for (size_t i = 0; i < COUNT(NAMES); i++) {
      struct sockaddr_in6 name = at6(NAMES[i].ip, PORT, NAMES[i].scope);
      socklen_t length = sizeof name;
      int fd = MUST(socket(AF_INET6, TYPES[t], 0));
      char label[80];
      snprintf(label, sizeof label, "%s %s%%%u", t ? "stream" : "datagram", NAMES[i].ip, NAMES[i].scope);
      if (show(label, bind(fd, (void *)&name, sizeof name)) == 0) {
        char text[INET6_ADDRSTRLEN];
        MUST(getsockname(fd, (void *)&name, &length));
        inet_ntop(AF_INET6, &name.sin6_addr, text, sizeof text);
        say("  is %s, scope %u", text, name.sin6_scope_id);
      }
      close(fd);
    }
}

static void with_route(void) {
  say("-- with a route");
  int fd = MUST(socket(AF_INET6, SOCK_DGRAM, 0)), member = shared6("::", PORT), bystander = shared6("::", PORT), strict = shared6("::", PORT);
  int at_group = shared6("ff02::fb", PORT), at_other = shared6("ff02::fc", PORT), at_own = shared6("::1", PORT), raw = MUST(socket(AF_INET6, SOCK_RAW, IPPROTO_UDP));
  const struct {
    const char *name;
    int fd;
  } ALL[] = {{"member", member}, {"bystander", bystander}, {"strict", strict}, {"at the group", at_group}, {"at another group", at_other}, {"at ::1", at_own}};
  MUST(set_int(member, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1));
  MUST(set_int(member, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1));
  CALL(set_int(strict, IPPROTO_IPV6, IPV6_MULTICAST_ALL, 0));
  change_route("new", RTM_NEWROUTE, AF_INET6, "ff00::", 8, RTN_LOCAL, RT_TABLE_LOCAL);
  change_route("again", RTM_NEWROUTE, AF_INET6, "ff00::", 8, RTN_LOCAL, RT_TABLE_LOCAL);
  send_to(fd, "nobody's", "ff02::fb", LO);
  for (size_t i = 0; i < COUNT(ALL); i++) drain(ALL[i].name, ALL[i].fd);
  CALL(member6(member, IPV6_ADD_MEMBERSHIP, "ff02::fb", LO));
  CALL(member6(member, IPV6_ADD_MEMBERSHIP, "ff05::fb", 0));
  CALL(member6(member, IPV6_DROP_MEMBERSHIP, "ff05::fb", 0));
  send_to(fd, "scope", "ff02::fb", LO);
  for (size_t i = 0; i < COUNT(ALL); i++) drain(ALL[i].name, ALL[i].fd);
  send_to(fd, "no scope", "ff02::fb", 0);
  send_to(fd, "other scope", "ff02::fb", 77);
  CALL(set_int(fd, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, 9));
  CALL(set_int(fd, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 99));
  CALL(set_int(fd, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, 0));
  send_to(fd, "no loop", "ff02::fb", LO);
  send_to(fd, "unicast", "::1", 0);
  drain("member", member);
  send_to(fd, "all nodes", "ff02::1", LO);
  send_to(fd, "own interface", "ff01::1", LO);
  drain("bystander", bystander);
  drain("strict", strict);
  struct sockaddr_in6 group = at6("ff02::fb", PORT, LO), name;
  CALL(connect(fd, (void *)&group, sizeof group));
  socklen_t length = sizeof name;
  char text[INET6_ADDRSTRLEN];
  CALL(getsockname(fd, (void *)&name, &length));
  say("its name is %s, scope %u", inet_ntop(AF_INET6, &name.sin6_addr, text, sizeof text), name.sin6_scope_id);
  CALL(getpeername(fd, (void *)&name, &length));
  say("its peer is %s, scope %u", inet_ntop(AF_INET6, &name.sin6_addr, text, sizeof text), name.sin6_scope_id);
  CALL(send(fd, "connected", 9, 0));
  drain("member", member);
  int count = 0;
  char data[100];
  while (recv(raw, data, sizeof data, MSG_DONTWAIT) > 0) count++;
  say("the raw socket has seen %d", count);
  change_route("gone", RTM_DELROUTE, AF_INET6, "ff00::", 8, RTN_LOCAL, RT_TABLE_LOCAL);
  change_route("gone again", RTM_DELROUTE, AF_INET6, "ff00::", 8, RTN_LOCAL, RT_TABLE_LOCAL);
  CALL(send(fd, "connected", 9, 0));
  send_to(fd, "scope", "ff02::fb", LO);
}

static void route4(void) {
  say("-- a route of IPv4");
  int fd = MUST(socket(AF_INET, SOCK_DGRAM, 0)), receiver = shared4("0.0.0.0", PORT);
  struct sockaddr_in group = at4("239.1.1.1", PORT), from = {0};
  char data[16];
  socklen_t length = sizeof from;
  CALL(sendto(fd, "before", 6, 0, (void *)&group, sizeof group));
  change_route("new", RTM_NEWROUTE, AF_INET, "224.0.0.0", 4, RTN_UNICAST, RT_TABLE_MAIN);
  change_route("again", RTM_NEWROUTE, AF_INET, "224.0.0.0", 4, RTN_UNICAST, RT_TABLE_MAIN);
  CALL(member4(receiver, IP_ADD_MEMBERSHIP, "239.1.1.1", "0.0.0.0", 0));
  CALL(sendto(fd, "after", 5, 0, (void *)&group, sizeof group));
  CALL(recvfrom(receiver, data, sizeof data, MSG_DONTWAIT, (void *)&from, &length));
  say("from %s", inet_ntoa(from.sin_addr));
  change_route("gone", RTM_DELROUTE, AF_INET, "224.0.0.0", 4, RTN_UNICAST, RT_TABLE_MAIN);
  CALL(sendto(fd, "later", 5, 0, (void *)&group, sizeof group));
}

int main(void) {
  own_network();
  without_route();
  binds();
  with_route();
  route4();
  return 0;
}
