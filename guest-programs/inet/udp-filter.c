// SO_ATTACH_FILTER on UDP sockets: what of the headers a program sees, drops and cuts; on netlink and TCP sockets.
#include "../lib/observe.h"
#include <arpa/inet.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>

#define S BPF_STMT
static int sender, receiver;
static char data[70000];

static int attach(int fd, struct sock_filter *filter, int length) {
  struct sock_fprog program = {length, filter};
  return setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program);
}

// What one load gives of a datagram of 300 bytes, or -1 when the datagram was dropped.
static long load(unsigned code, unsigned k) {
  unsigned half[2];
  for (int i = 0; i < 2; i++) {
    struct sock_filter filter[] = {S(BPF_LD | BPF_IMM, 5), S(code, k), S(BPF_ALU | BPF_RSH | BPF_K, 8 * i),
                                   S(BPF_ALU | BPF_AND | BPF_K, 255), S(BPF_ALU | BPF_ADD | BPF_K, 9), S(BPF_RET | BPF_A, 0)};
    MUST(attach(receiver, filter, COUNT(filter)));
    MUST(send(sender, data, 300, 0));
    long got = recv(receiver, data + 1000, 1000, MSG_DONTWAIT);
    if (got == -1) return -1;
    half[i] = (unsigned)got - 1;
  }
  return half[1] << 8 | half[0];
}

static void headers(int family) {
  const char *kind = family == AF_INET ? "IPv4" : "IPv6";
  int header = family == AF_INET ? 20 : 40;
  for (int at = 0; at < 14; at++) say("%s: link header %d: %#lx", kind, at, load(BPF_LD | BPF_B | BPF_ABS, SKF_LL_OFF + at));
  for (int at = 0; at < header; at++) {
    int is_changing = family == AF_INET ? (at == 4 || at == 5 || at == 10 || at == 11) : at > 0 && at < 4;
    if (!is_changing) say("%s: network header %d: %#lx", kind, at, load(BPF_LD | BPF_B | BPF_ABS, SKF_NET_OFF + at));
  }
  struct sockaddr_in6 name;
  socklen_t size = sizeof name;
  MUST(getsockname(sender, (struct sockaddr *)&name, &size));
  unsigned from = ntohs(name.sin6_port);
  size = sizeof name;
  MUST(getsockname(receiver, (struct sockaddr *)&name, &size));
  unsigned to = ntohs(name.sin6_port);
  say("%s: ports: %d %d", kind, load(BPF_LD | BPF_H | BPF_ABS, 0) == from, load(BPF_LD | BPF_H | BPF_ABS, 2) == to);
  for (int at = 4; at < 12; at++) say("%s: datagram %d: %#lx", kind, at, load(BPF_LD | BPF_B | BPF_ABS, at));
  say("%s: last byte: %#lx", kind, load(BPF_LD | BPF_B | BPF_ABS, 307));
  say("%s: behind it: %ld", kind, load(BPF_LD | BPF_B | BPF_ABS, 308));
  say("%s: length: %ld", kind, load(BPF_LD | BPF_W | BPF_LEN, 0));
  for (int number = 0; number < 64; number += 4)
    if (number != SKF_AD_RXHASH && number != SKF_AD_CPU && number != SKF_AD_RANDOM)
      say("%s: extension %d: %#lx", kind, number, load(BPF_LD | BPF_W | BPF_ABS, (unsigned)SKF_AD_OFF + number));
}

static void cut(const char *kind) {
  static const unsigned KEPT[] = {0, 1, 7, 8, 9, 12, 17, 18, 100, 0xffffffff};
  char label[60], text[100];
  for (size_t i = 0; i < COUNT(KEPT); i++) {
    struct sock_filter filter[] = {S(BPF_RET | BPF_K, KEPT[i])};
    MUST(attach(receiver, filter, 1));
    snprintf(label, sizeof label, "%s: keeping %u: send", kind, KEPT[i]);
    show(label, send(sender, "0123456789", 10, 0));
    snprintf(label, sizeof label, "%s: keeping %u", kind, KEPT[i]);
    long got = recv(receiver, text, sizeof text, MSG_DONTWAIT);
    if (got == -1) show(label, -1);
    else say("%s: %ld %s", label, got, quoted(text, got));
  }
  struct sock_filter drop[] = {S(BPF_RET | BPF_K, 0)};
  MUST(attach(receiver, drop, 1));
  show("empty", send(sender, "", 0, 0));
  show("next send: no refusal", send(sender, "x", 1, 0));
  show("nothing came", recv(receiver, text, sizeof text, MSG_DONTWAIT));
  MUST(setsockopt(receiver, SOL_SOCKET, SO_DETACH_FILTER, &(int){0}, 4));
  show("detached: send", send(sender, "now", 3, 0));
  show("detached: receive", recv(receiver, text, sizeof text, MSG_DONTWAIT));
}

static void datagrams(int family) {
  union {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
  } name = {.any.sa_family = family};
  socklen_t size = family == AF_INET ? sizeof name.v4 : sizeof name.v6;
  if (family == AF_INET) name.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  else name.v6.sin6_addr = in6addr_loopback;
  receiver = MUST(socket(family, SOCK_DGRAM, 0)), sender = MUST(socket(family, SOCK_DGRAM, 0));
  MUST(bind(receiver, &name.any, size));
  MUST(getsockname(receiver, &name.any, &size));
  MUST(connect(sender, &name.any, size));
  headers(family);
  cut(family == AF_INET ? "IPv4" : "IPv6");
  close(sender);
  close(receiver);
}

static void netlink(void) {
  struct {
    struct nlmsghdr header;
    struct rtgenmsg body;
  } ask = {{sizeof ask, RTM_GETLINK, NLM_F_REQUEST | NLM_F_DUMP, 1, 0}, {AF_UNSPEC}};
  struct sock_filter drop[] = {S(BPF_RET | BPF_K, 0)}, twenty[] = {S(BPF_RET | BPF_K, 20)};
  struct sock_filter by_type[] = {S(BPF_LD | BPF_H | BPF_ABS, 4), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, RTM_NEWLINK << 8, 0, 1),
                                  S(BPF_RET | BPF_K, 16), S(BPF_RET | BPF_K, 0)};
  int fd = MUST(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
  MUST(attach(fd, drop, 1));
  show("netlink: ask", send(fd, &ask, sizeof ask, 0));
  show("netlink: answers dropped", recv(fd, data, sizeof data, MSG_DONTWAIT));
  close(fd);
  fd = MUST(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
  MUST(attach(fd, twenty, 1));
  show("netlink: ask", send(fd, &ask, sizeof ask, 0));
  show("netlink: answers cut", recv(fd, data, sizeof data, MSG_DONTWAIT));
  close(fd);
  fd = MUST(socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE));
  MUST(attach(fd, by_type, 4));
  show("netlink: ask", send(fd, &ask, sizeof ask, 0));
  show("netlink: answers by type", recv(fd, data, sizeof data, MSG_DONTWAIT));
  close(fd);
}

static void tcp(void) {
  struct sock_filter all[] = {S(BPF_RET | BPF_K, 0xffffffff)};
  int fd = MUST(socket(AF_INET, SOCK_STREAM, 0));
  show("TCP: attach", attach(fd, all, 1));
  show("TCP: detach", setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &(int){0}, 4));
  show("TCP: detach again", setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &(int){0}, 4));
  close(fd);
}

int main(void) {
  for (size_t i = 0; i < sizeof data; i++) data[i] = (char)(i + 7);
  datagrams(AF_INET);
  datagrams(AF_INET6);
  netlink();
  tcp();
  return 0;
}
