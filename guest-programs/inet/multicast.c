// Multicast of IPv4 on the loopback: who gets a datagram to a group, where it comes from, what cannot be sent.
// needs: root
#include "../lib/multicast.h"

enum { PORT = 5353 };

static const char *text4(struct in_addr address) {
  static char text[4][INET_ADDRSTRLEN];
  static int turn;
  turn = (turn + 1) % 4;
  return inet_ntop(AF_INET, &address, text[turn], sizeof text[turn]);
}

// All that waits on a socket, one line each, with the control messages that are known.
static void drain(const char *label, int fd) {
  for (int count = 0;; count++) {
    char data[64], text[300];
    union {
      char bytes[256];
      struct cmsghdr align;
    } control;
    struct sockaddr_storage from = {0};
    struct iovec piece = {data, sizeof data};
    struct msghdr message = {&from, sizeof from, &piece, 1, control.bytes, sizeof control, 0};
    ssize_t length = recvmsg(fd, &message, MSG_DONTWAIT);
    if (length == -1) {
      if (count == 0 || errno != EAGAIN) show(label, -1);
      return;
    }
    char source[INET6_ADDRSTRLEN] = "";
    if (from.ss_family == AF_INET) inet_ntop(AF_INET, &((struct sockaddr_in *)&from)->sin_addr, source, sizeof source);
    else inet_ntop(AF_INET6, &((struct sockaddr_in6 *)&from)->sin6_addr, source, sizeof source);
    int end = snprintf(text, sizeof text, "%s: %s from %s", label, quoted(data, length), source);
    for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
      if (header->cmsg_type == IP_PKTINFO) {
        struct in_pktinfo *info = (void *)CMSG_DATA(header);
        end += snprintf(text + end, sizeof text - end, ", interface %d, specific %s, to %s", info->ipi_ifindex, text4(info->ipi_spec_dst), text4(info->ipi_addr));
      } else end += snprintf(text + end, sizeof text - end, ", %d: %d", header->cmsg_type, *(int *)CMSG_DATA(header));
    }
    say("%s", text);
  }
}

static long send_to(int fd, const char *text, const char *ip) {
  struct sockaddr_in name = at4(ip, PORT);
  char label[64];
  snprintf(label, sizeof label, "%s to %s", text, ip);
  return show(label, sendto(fd, text, strlen(text), 0, (void *)&name, sizeof name));
}

static void send_by(int fd, const char *text, const char *ip, int index, const char *source) {
  struct sockaddr_in name = at4(ip, PORT);
  union {
    char bytes[CMSG_SPACE(sizeof(struct in_pktinfo))];
    struct cmsghdr align;
  } control = {0};
  struct iovec piece = {(void *)text, strlen(text)};
  struct msghdr message = {&name, sizeof name, &piece, 1, control.bytes, sizeof control, 0};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  *header = (struct cmsghdr){CMSG_LEN(sizeof(struct in_pktinfo)), IPPROTO_IP, IP_PKTINFO};
  *(struct in_pktinfo *)CMSG_DATA(header) = (struct in_pktinfo){index, ip4(source), {0}};
  char label[80];
  snprintf(label, sizeof label, "%s to %s by interface %d as %s", text, ip, index, source);
  show(label, sendmsg(fd, &message, 0));
}

static void show_name(const char *label, int fd, bool of_peer) {
  struct sockaddr_in name = {0};
  socklen_t length = sizeof name;
  if ((of_peer ? getpeername : getsockname)(fd, (void *)&name, &length) == -1) show(label, -1);
  else say("%s: %s:%s", label, text4(name.sin_addr), ntohs(name.sin_port) == PORT ? "the port" : "another port");
}

static void routes(void) {
  say("-- where groups can be sent to");
  int sender = MUST(socket(AF_INET, SOCK_DGRAM, 0)), receiver = shared4("0.0.0.0", PORT);
  MUST(set_int(receiver, IPPROTO_IP, IP_PKTINFO, 1));
  MUST(set_int(receiver, IPPROTO_IP, IP_RECVTTL, 1));
  send_to(sender, "unrouted", "224.0.0.251");
  CALL(member4(receiver, IP_ADD_MEMBERSHIP, "224.0.0.251", "127.0.0.1", 0));
  CALL(member4(receiver, IP_ADD_MEMBERSHIP, "239.1.2.3", "127.0.0.1", 0));
  send_to(sender, "unrouted", "224.0.0.251");
  drain("receiver", receiver);
  CALL(member4(sender, IP_MULTICAST_IF, "0.0.0.0", "0.0.0.0", LO));
  send_to(sender, "by number", "224.0.0.251");
  drain("receiver", receiver);
  send_to(sender, "by number", "239.1.2.3");
  drain("receiver", receiver);
  CALL(member4(sender, IP_MULTICAST_IF, "0.0.0.0", "127.0.0.9", 0));
  send_to(sender, "by address", "224.0.0.251");
  drain("receiver", receiver);
  CALL(member4(sender, IP_MULTICAST_IF, "0.0.0.0", "10.0.0.9", LO));
  send_to(sender, "by both", "224.0.0.251");
  drain("receiver", receiver);
  CALL(member4(sender, IP_MULTICAST_IF, "0.0.0.0", "0.0.0.0", 0));
  send_by(sender, "by message", "224.0.0.251", LO, "0.0.0.0");
  drain("receiver", receiver);
  send_by(sender, "by message", "224.0.0.251", LO, "127.0.0.1");
  drain("receiver", receiver);
  send_by(sender, "by message", "239.1.2.3", 0, "127.0.0.2");
  drain("receiver", receiver);
  send_by(sender, "by message", "239.1.2.3", 77, "127.0.0.2");
  send_by(sender, "by message", "239.1.2.3", LO, "10.0.0.2");
  send_by(sender, "by message", "239.1.2.3", LO, "239.1.2.3");
  CALL(setsockopt(sender, SOL_SOCKET, SO_BINDTODEVICE, "lo", 2));
  send_to(sender, "by device", "224.0.0.251");
  drain("receiver", receiver);
  close(sender);
  sender = MUST(socket(AF_INET, SOCK_DGRAM, 0));
  struct sockaddr_in own = at4("127.0.0.3", 0);
  MUST(bind(sender, (void *)&own, sizeof own));
  send_to(sender, "bound", "224.0.0.251");
  drain("receiver", receiver);
  CALL(set_int(sender, IPPROTO_IP, IP_MULTICAST_TTL, 7));
  CALL(set_int(sender, IPPROTO_IP, IP_TTL, 99));
  send_to(sender, "with hops", "224.0.0.251");
  CALL(set_int(sender, IPPROTO_IP, IP_MULTICAST_TTL, 0));
  send_to(sender, "without hops", "224.0.0.251");
  send_to(sender, "unicast", "127.0.0.1");
  drain("receiver", receiver);
  CALL(set_int(sender, IPPROTO_IP, IP_MULTICAST_LOOP, 0));
  send_to(sender, "no loop", "224.0.0.251");
  drain("receiver", receiver);
  send_to(sender, "nobody's", "239.77.77.77");
  drain("receiver", receiver);
  drain("sender", sender);
  close(sender), close(receiver);
}

static void receivers(void) {
  say("-- who gets what");
  struct sockaddr_in own = at4("127.0.0.1", 0), mine = at4("127.0.0.1", 4000);
  int sender = MUST(socket(AF_INET, SOCK_DGRAM, 0)), stranger = MUST(socket(AF_INET, SOCK_DGRAM, 0));
  MUST(bind(sender, (void *)&mine, sizeof mine));
  MUST(bind(stranger, (void *)&own, sizeof own));
  int member = shared4("0.0.0.0", PORT), bystander = shared4("0.0.0.0", PORT), strict = shared4("0.0.0.0", PORT);
  int at_group = shared4("239.1.1.1", PORT), at_other = shared4("239.1.1.2", PORT), at_own = shared4("127.0.0.1", PORT);
  int connected = shared4("0.0.0.0", PORT), at_six = shared6("::", PORT), six_only = MUST(socket(AF_INET6, SOCK_DGRAM, 0));
  int raw = MUST(socket(AF_INET, SOCK_RAW, IPPROTO_UDP));
  struct sockaddr_in6 any6 = at6("::", PORT, 0);
  MUST(set_int(six_only, SOL_SOCKET, SO_REUSEADDR, 1));
  MUST(set_int(six_only, IPPROTO_IPV6, IPV6_V6ONLY, 1));
  MUST(bind(six_only, (void *)&any6, sizeof any6));
  const struct {
    const char *name;
    int fd;
  } ALL[] = {{"member", member},     {"bystander", bystander}, {"strict", strict}, {"at the group", at_group}, {"at another group", at_other},
             {"at 127.0.0.1", at_own}, {"connected", connected}, {"six", at_six},    {"six only", six_only}};
  MUST(connect(connected, (void *)&mine, sizeof mine));
  CALL(set_int(strict, IPPROTO_IP, IP_MULTICAST_ALL, 0));
  send_to(sender, "before anybody joined", "239.1.1.1");
  for (size_t i = 0; i < COUNT(ALL); i++) drain(ALL[i].name, ALL[i].fd);
  CALL(member4(member, IP_ADD_MEMBERSHIP, "239.1.1.1", "127.0.0.1", 0));
  send_to(sender, "first", "239.1.1.1");
  send_to(stranger, "of a stranger", "239.1.1.1");
  for (size_t i = 0; i < COUNT(ALL); i++) drain(ALL[i].name, ALL[i].fd);
  CALL(member4(strict, IP_ADD_MEMBERSHIP, "239.1.1.1", "127.0.0.1", 0));
  CALL(member4(raw, IP_ADD_MEMBERSHIP, "239.1.1.2", "127.0.0.1", 0));
  send_to(sender, "strict too", "239.1.1.1");
  drain("strict", strict);
  CALL(member4(member, IP_DROP_MEMBERSHIP, "239.1.1.1", "127.0.0.1", 0));
  send_to(sender, "member left", "239.1.1.1");
  drain("member", member);
  close(strict);
  send_to(sender, "all left", "239.1.1.1");
  send_to(sender, "other", "239.1.1.2");
  for (size_t i = 0; i < COUNT(ALL); i++)
    if (ALL[i].fd != strict) drain(ALL[i].name, ALL[i].fd);
  int count = 0;
  char data[100];
  while (recv(raw, data, sizeof data, MSG_DONTWAIT) > 0) count++;
  say("the raw socket has seen %d", count);
}

static void names(void) {
  say("-- bound and connected to groups");
  struct sockaddr_in group = at4("239.4.4.4", PORT), own = at4("127.0.0.1", 0);
  int fd = shared4("239.4.4.4", PORT), stream = MUST(socket(AF_INET, SOCK_STREAM, 0));
  show_name("bound", fd, false);
  send_to(fd, "from a group", "239.4.4.4");
  send_to(fd, "from a group", "127.0.0.1");
  CALL(member4(fd, IP_ADD_MEMBERSHIP, "239.4.4.4", "127.0.0.1", 0));
  CALL(member4(fd, IP_MULTICAST_IF, "0.0.0.0", "127.0.0.1", 0));
  send_to(fd, "to itself", "239.4.4.4");
  drain("itself", fd);
  CALL(connect(fd, (void *)&group, sizeof group));
  show_name("bound", fd, false);
  show_name("connected", fd, true);
  CALL(send(fd, "connected", 9, 0));
  drain("itself", fd);
  close(fd);
  fd = MUST(socket(AF_INET, SOCK_DGRAM, 0));
  CALL(connect(fd, (void *)&group, sizeof group));
  CALL(member4(fd, IP_MULTICAST_IF, "0.0.0.0", "0.0.0.0", LO));
  CALL(connect(fd, (void *)&group, sizeof group));
  show_name("by the number", fd, false);
  CALL(member4(fd, IP_MULTICAST_IF, "0.0.0.0", "127.0.0.8", 0));
  CALL(connect(fd, (void *)&group, sizeof group));
  show_name("by the address", fd, false);
  show_name("connected", fd, true);
  CALL(send(fd, "nobody", 6, 0));
  CALL(send(fd, "nobody", 6, 0));
  close(fd);
  CALL(bind(stream, (void *)&group, sizeof group));
  CALL(listen(stream, 1));
  int client = MUST(socket(AF_INET, SOCK_STREAM, 0));
  CALL(connect(client, (void *)&group, sizeof group));
  MUST(bind(client, (void *)&own, sizeof own));
  CALL(connect(client, (void *)&group, sizeof group));
}

int main(void) {
  own_network();
  routes();
  receivers();
  names();
  set_loopback(false);
  say("-- down");
  int fd = MUST(socket(AF_INET, SOCK_DGRAM, 0));
  CALL(member4(fd, IP_ADD_MEMBERSHIP, "239.5.5.5", "127.0.0.1", 0));
  CALL(member4(fd, IP_ADD_MEMBERSHIP, "239.5.5.6", "0.0.0.0", LO));
  CALL(member4(fd, IP_MULTICAST_IF, "0.0.0.0", "127.0.0.1", 0));
  send_to(fd, "down", "239.5.5.5");
  return 0;
}
