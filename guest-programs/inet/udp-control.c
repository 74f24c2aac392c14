// Control messages of UDP: the address a datagram came to (IP_PKTINFO), hop limits, classes, and answers from a chosen address.
#include "../lib/observe.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#ifndef IPV6_RECVORIGDSTADDR
#define IPV6_RECVORIGDSTADDR 74
#endif

static struct sockaddr_storage at(int family, const char *ip, int port) {
  struct sockaddr_storage name = {.ss_family = family};
  ((struct sockaddr_in *)&name)->sin_port = htons(port);
  MUST(inet_pton(family, ip, family == AF_INET ? (void *)&((struct sockaddr_in *)&name)->sin_addr : (void *)&((struct sockaddr_in6 *)&name)->sin6_addr));
  return name;
}

static socklen_t size_of(int family) { return family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6); }

static const char *ip_text(int family, const void *address) {
  static char text[2][64];
  static int next;
  next = !next;
  return inet_ntop(family, address, text[next], sizeof text[0]);
}

static const char *ip_of(const struct sockaddr_storage *name) {
  return ip_text(name->ss_family, name->ss_family == AF_INET ? (void *)&((struct sockaddr_in *)name)->sin_addr
                                                             : (void *)&((struct sockaddr_in6 *)name)->sin6_addr);
}

static int own_port;
static int bound(int family, const char *ip) {
  struct sockaddr_storage name = at(family, ip, 0);
  socklen_t length = size_of(family);
  int fd = MUST(socket(family, SOCK_DGRAM, 0));
  MUST(bind(fd, (void *)&name, length));
  MUST(getsockname(fd, (void *)&name, &length));
  own_port = ntohs(((struct sockaddr_in *)&name)->sin_port);
  return fd;
}

static void set(int fd, int level, int option, int value) {
  char label[64];
  snprintf(label, sizeof label, "level %d option %d = %d", level, option, value);
  show(label, setsockopt(fd, level, option, &value, sizeof value));
  socklen_t length = sizeof value;
  if (getsockopt(fd, level, option, &value, &length) == 0) say("  reads %d", value);
  else say("  reading: %s", errno_name(errno));
}

// Receives one datagram and prints its control messages.
static void receive(const char *label, int fd, size_t room) {
  struct sockaddr_storage from = {0};
  union {
    char bytes[512];
    struct cmsghdr align;
  } control;
  char data[64];
  struct iovec piece = {data, sizeof data};
  struct msghdr message = {&from, sizeof from, &piece, 1, room ? control.bytes : NULL, room, 0};
  ssize_t count = recvmsg(fd, &message, MSG_DONTWAIT);
  if (count < 0) {
    show(label, count);
    return;
  }
  char text[1000];
  int end = snprintf(text, sizeof text, "%s: %zd bytes from %s, flags %x, control %zu", label, count, ip_of(&from), message.msg_flags,
                     (size_t)message.msg_controllen);
  for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
    void *value = CMSG_DATA(header);
    end += snprintf(text + end, sizeof text - end, "; %d/%d:", header->cmsg_level, header->cmsg_type);
    if (header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_PKTINFO) {
      struct in_pktinfo *info = value;
      end += snprintf(text + end, sizeof text - end, " %d %s %s", info->ipi_ifindex, ip_text(AF_INET, &info->ipi_spec_dst), ip_text(AF_INET, &info->ipi_addr));
    } else if (header->cmsg_level == IPPROTO_IPV6 && (header->cmsg_type == IPV6_PKTINFO || header->cmsg_type == IPV6_2292PKTINFO)) {
      struct in6_pktinfo *info = value;
      end += snprintf(text + end, sizeof text - end, " %d %s", info->ipi6_ifindex, ip_text(AF_INET6, &info->ipi6_addr));
    } else if (header->cmsg_len == CMSG_LEN(4)) end += snprintf(text + end, sizeof text - end, " %d", *(int *)value);
    else if (header->cmsg_len == CMSG_LEN(1)) end += snprintf(text + end, sizeof text - end, " %d (one byte)", *(unsigned char *)value);
    else end += snprintf(text + end, sizeof text - end, " %zu bytes, to %s", (size_t)header->cmsg_len, ip_of(value));
  }
  say("%s", text);
}

// Sends "hi" with one control message.
static void send_with(const char *label, int fd, struct sockaddr_storage to, int level, int type, const void *value, size_t length) {
  union {
    char bytes[128];
    struct cmsghdr align;
  } control = {0};
  struct iovec piece = {"hi", 2};
  struct msghdr message = {&to, size_of(to.ss_family), &piece, 1, control.bytes, CMSG_SPACE(length), 0};
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = level, header->cmsg_type = type, header->cmsg_len = CMSG_LEN(length);
  memcpy(CMSG_DATA(header), value, length);
  show(label, sendmsg(fd, &message, 0));
}

static void v4(void) {
  say("-- IPv4");
  int receiver = bound(AF_INET, "0.0.0.0"), port = own_port;
  int sender = bound(AF_INET, "0.0.0.0");
  struct sockaddr_storage to = at(AF_INET, "127.0.0.5", port);
  MUST(sendto(sender, "hello", 5, 0, (void *)&to, size_of(AF_INET)));
  receive("nothing asked for", receiver, 512);
  set(receiver, IPPROTO_IP, IP_PKTINFO, 5);
  MUST(sendto(sender, "hello", 5, 0, (void *)&to, size_of(AF_INET)));
  receive("address", receiver, 512);
  set(receiver, IPPROTO_IP, IP_RECVTTL, 1);
  set(receiver, IPPROTO_IP, IP_RECVTOS, 1);
  set(receiver, IPPROTO_IP, IP_RECVORIGDSTADDR, 1);
  set(sender, IPPROTO_IP, IP_TTL, 9);
  set(sender, IPPROTO_IP, IP_TOS, 0x10);
  for (int room = 512; room >= 0; room -= 128) {
    MUST(sendto(sender, "hello", 5, 0, (void *)&to, size_of(AF_INET)));
    receive("all", receiver, room == 256 ? 40 : room);
  }
  set(sender, IPPROTO_IP, IP_TTL, -1);
  set(sender, IPPROTO_IP, IP_TTL, 256);
  struct in_pktinfo info = {.ipi_spec_dst.s_addr = inet_addr("127.0.0.7")};
  send_with("source", sender, to, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
  receive("from the source", receiver, 512);
  info.ipi_ifindex = 1;
  send_with("interface", sender, to, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
  receive("by the interface", receiver, 512);
  info.ipi_ifindex = 77;
  send_with("no such interface", sender, to, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
  info.ipi_ifindex = 0;
  send_with("short info", sender, to, IPPROTO_IP, IP_PKTINFO, &info, 8);
  int value = 3, zero = 0, much = 300;
  unsigned char byte = 8;
  send_with("ttl", sender, to, IPPROTO_IP, IP_TTL, &value, sizeof value);
  receive("with ttl", receiver, 512);
  send_with("ttl 0", sender, to, IPPROTO_IP, IP_TTL, &zero, sizeof zero);
  send_with("ttl of a byte", sender, to, IPPROTO_IP, IP_TTL, &byte, 1);
  send_with("tos", sender, to, IPPROTO_IP, IP_TOS, &byte, 1);
  receive("with tos", receiver, 512);
  send_with("tos 300", sender, to, IPPROTO_IP, IP_TOS, &much, sizeof much);
  send_with("unknown type", sender, to, IPPROTO_IP, 99, &value, sizeof value);
  send_with("level of TCP", sender, to, IPPROTO_TCP, 1, &value, sizeof value);
  receive("what came of it", receiver, 512);
  struct iovec piece = {&value, sizeof value};
  struct msghdr message = {.msg_iov = &piece, .msg_iovlen = 1};
  CALL(recvmsg(receiver, &message, MSG_ERRQUEUE));
  close(receiver), close(sender);
}

static void v6(void) {
  say("-- IPv6");
  int receiver = bound(AF_INET6, "::"), port = own_port;
  int sender = bound(AF_INET6, "::");
  struct sockaddr_storage to = at(AF_INET6, "::1", port), mapped = at(AF_INET6, "::ffff:127.0.0.3", port), old = at(AF_INET, "127.0.0.4", port);
  set(receiver, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
  set(receiver, IPPROTO_IPV6, IPV6_RECVHOPLIMIT, 1);
  set(receiver, IPPROTO_IPV6, IPV6_RECVTCLASS, 1);
  set(receiver, IPPROTO_IPV6, IPV6_RECVORIGDSTADDR, 1);
  set(receiver, IPPROTO_IP, IP_RECVTTL, 1);
  MUST(sendto(sender, "hello", 5, 0, (void *)&to, size_of(AF_INET6)));
  receive("all", receiver, 512);
  set(sender, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 12);
  set(sender, IPPROTO_IPV6, IPV6_UNICAST_HOPS, 256);
  set(sender, IPPROTO_IPV6, IPV6_TCLASS, 4);
  MUST(sendto(sender, "hello", 5, 0, (void *)&to, size_of(AF_INET6)));
  receive("hops and class", receiver, 512);
  set(sender, IPPROTO_IPV6, IPV6_UNICAST_HOPS, -1);
  set(sender, IPPROTO_IPV6, IPV6_TCLASS, -1);
  MUST(sendto(sender, "hello", 5, 0, (void *)&mapped, size_of(AF_INET6)));
  receive("mapped", receiver, 512);
  int fourth = bound(AF_INET, "0.0.0.0");
  MUST(sendto(fourth, "hello", 5, 0, (void *)&old, size_of(AF_INET)));
  receive("from IPv4", receiver, 512);
  struct in6_pktinfo info = {.ipi6_addr = in6addr_loopback, .ipi6_ifindex = 1};
  send_with("source", sender, to, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
  receive("from the source", receiver, 512);
  info.ipi6_ifindex = 77;
  send_with("no such interface", sender, to, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
  info.ipi6_ifindex = 0, info.ipi6_addr.s6_addr[0] = 0x20;
  send_with("not ours", sender, to, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
  inet_pton(AF_INET6, "::ffff:127.0.0.9", &info.ipi6_addr);
  send_with("mapped source", sender, mapped, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
  receive("from the mapped source", receiver, 512);
  int value = 3, much = 300, minus = -1;
  send_with("hop limit", sender, to, IPPROTO_IPV6, IPV6_HOPLIMIT, &value, sizeof value);
  receive("with it", receiver, 512);
  send_with("hop limit -1", sender, to, IPPROTO_IPV6, IPV6_HOPLIMIT, &minus, sizeof minus);
  receive("with that", receiver, 512);
  send_with("hop limit 300", sender, to, IPPROTO_IPV6, IPV6_HOPLIMIT, &much, sizeof much);
  send_with("class", sender, to, IPPROTO_IPV6, IPV6_TCLASS, &value, sizeof value);
  receive("with class", receiver, 512);
  send_with("unknown type", sender, to, IPPROTO_IPV6, 99, &value, sizeof value);
  set(receiver, IPPROTO_IPV6, IPV6_2292PKTINFO, 1);
  set(receiver, IPPROTO_IPV6, IPV6_2292HOPLIMIT, 1);
  MUST(sendto(sender, "hello", 5, 0, (void *)&to, size_of(AF_INET6)));
  receive("of RFC 2292", receiver, 512);
  close(receiver), close(sender), close(fourth);
}

static void algorithms(void) {
  say("-- TCP_CONGESTION");
  int fd = MUST(socket(AF_INET, SOCK_STREAM, 0));
  char name[32];
  CALL(setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "reno", 4));
  for (socklen_t room = 0; room < 32; room += 3) {
    socklen_t length = room;
    memset(name, '#', sizeof name);
    int result = getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, &length);
    say("room %u: %d, length %u, %.5s", room, result, length, name);
  }
  CALL(setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "nonesuch", 9));
  CALL(setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "", 0));
  CALL(setsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, "cubic\0and more", 14));
  socklen_t length = sizeof name;
  CALL(getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, &length));
  say("%s", name);
  close(fd);
}

int main(void) {
  v4();
  v6();
  algorithms();
  return 0;
}
