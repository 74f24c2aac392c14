// Internet sockets from outside: /proc/net/tcp, tcp6, udp, udp6, and NETLINK_SOCK_DIAG as ss(8) asks.
#include "../lib/observe.h"
#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

static unsigned known_ports[16];
static int known_count;

// Ports are the kernel's choice: each gets a number when it first shows.
static int port_number(unsigned port) {
  if (port == 0) return 0;
  for (int i = 0; i < known_count; i++)
    if (known_ports[i] == port) return i + 1;
  known_ports[known_count++] = port;
  return known_count;
}

static unsigned long inode_of(int fd) {
  struct stat status;
  MUST(fstat(fd, &status));
  return status.st_ino;
}

static void show_line(const char *label, const char *table, int fd) {
  char line[400], path[40];
  snprintf(path, sizeof path, "/proc/net/%s", table);
  FILE *file = fopen(path, "r");
  bool is_there = false;
  while (file && fgets(line, sizeof line, file)) {
    char local[40], remote[40], rest[200];
    unsigned local_port, remote_port, state, out, in, uid;
    unsigned long inode;
    if (sscanf(line, " %*d: %39[^:]:%x %39[^:]:%x %x %x:%x %*[^ ] %*x %u %*d %lu %199[^\n]", local, &local_port, remote, &remote_port, &state, &out, &in,
               &uid, &inode, rest) < 9 || inode != inode_of(fd)) continue;
    is_there = true;
    say("%s, %s: %s:%d %s:%d state %x, queued %u %u, uid %u, line of %zu", label, table, local, port_number(local_port), remote, port_number(remote_port),
        state, out, in, uid, strlen(line) > 100 ? (size_t)100 : strlen(line));
  }
  if (file) fclose(file);
  if (!is_there) say("%s, %s: not there", label, table);
}

static void show_header(const char *table) {
  char line[400], path[40];
  snprintf(path, sizeof path, "/proc/net/%s", table);
  FILE *file = fopen(path, "r");
  if (file && fgets(line, sizeof line, file)) say("%s: %zu bytes, %s", table, strlen(line), quoted(line, strcspn(line, "\n")));
  else say("%s: nothing", table);
  if (file) fclose(file);
}

static void show_attribute(const struct rtattr *attribute) {
  const unsigned *value = RTA_DATA(attribute);
  switch (attribute->rta_type) {
    case INET_DIAG_SHUTDOWN:
    case INET_DIAG_TOS:
    case INET_DIAG_SKV6ONLY: say("  attribute %d: %u", attribute->rta_type, *(const unsigned char *)value); break;
    case INET_DIAG_MEMINFO: say("  attribute %d: %zu bytes", attribute->rta_type, (size_t)RTA_PAYLOAD(attribute)); break;
    case INET_DIAG_CONG: say("  attribute %d: %zu bytes", attribute->rta_type, (size_t)RTA_PAYLOAD(attribute) > 1 ? (size_t)1 : (size_t)0); break;
    default: break;
  }
}

static void show_diagnosis(const char *label, int family, int protocol, int fd, unsigned states) {
  static char reply[1 << 16] __attribute__((aligned(8)));
  struct {
    struct nlmsghdr header;
    struct inet_diag_req_v2 request;
  } ask = {{sizeof ask, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_DUMP, 1, 0}, {0}};
  ask.request.sdiag_family = family;
  ask.request.sdiag_protocol = protocol;
  ask.request.idiag_states = states;
  ask.request.idiag_ext = 1 << (INET_DIAG_MEMINFO - 1) | 1 << (INET_DIAG_TOS - 1) | 1 << (INET_DIAG_CONG - 1);
  int diag = MUST(socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG));
  MUST(send(diag, &ask, sizeof ask, 0));
  bool is_there = false;
  for (bool is_over = false; !is_over;) {
    long left = MUST(recv(diag, reply, sizeof reply, 0));
    for (struct nlmsghdr *header = (void *)reply; NLMSG_OK(header, left); header = NLMSG_NEXT(header, left)) {
      if (header->nlmsg_type == NLMSG_ERROR) say("%s: error %d", label, ((struct nlmsgerr *)NLMSG_DATA(header))->error);
      if (header->nlmsg_type == NLMSG_DONE || header->nlmsg_type == NLMSG_ERROR) is_over = true;
      if (is_over) break;
      struct inet_diag_msg *entry = NLMSG_DATA(header);
      if (entry->idiag_inode != inode_of(fd)) continue;
      char from[60], to[60];
      is_there = true;
      inet_ntop(entry->idiag_family, entry->id.idiag_src, from, sizeof from);
      inet_ntop(entry->idiag_family, entry->id.idiag_dst, to, sizeof to);
      say("%s: family %d state %d timer %d, %s:%d %s:%d, queued %u %u, uid %u", label, entry->idiag_family, entry->idiag_state, entry->idiag_timer, from,
          port_number(ntohs(entry->id.idiag_sport)), to, port_number(ntohs(entry->id.idiag_dport)), entry->idiag_rqueue, entry->idiag_wqueue,
          entry->idiag_uid);
      struct rtattr *attribute = (void *)(entry + 1);
      for (int room = header->nlmsg_len - NLMSG_LENGTH(sizeof *entry); RTA_OK(attribute, room); attribute = RTA_NEXT(attribute, room)) show_attribute(attribute);
    }
  }
  if (!is_there) say("%s: not there", label);
  close(diag);
}

static void show_socket(const char *label, int family, int protocol, int fd) {
  const char *name = protocol == IPPROTO_TCP ? "tcp" : "udp";
  char table[8];
  snprintf(table, sizeof table, "%s%s", name, family == AF_INET6 ? "6" : "");
  show_line(label, table, fd);
  show_diagnosis(label, family, protocol, fd, -1);
}

static void tcp(int family) {
  union {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
  } name = {.any.sa_family = family};
  socklen_t size = family == AF_INET ? sizeof name.v4 : sizeof name.v6;
  if (family == AF_INET) name.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  else name.v6.sin6_addr = in6addr_loopback;
  say("-- TCP, IPv%d", family == AF_INET ? 4 : 6);
  int listener = MUST(socket(family, SOCK_STREAM, 0)), client = MUST(socket(family, SOCK_STREAM, 0));
  show_socket("new", family, IPPROTO_TCP, client);
  MUST(bind(listener, &name.any, size));
  show_socket("bound", family, IPPROTO_TCP, listener);
  MUST(listen(listener, 7));
  show_socket("listening", family, IPPROTO_TCP, listener);
  MUST(getsockname(listener, &name.any, &size));
  MUST(connect(client, &name.any, size));
  show_socket("connection waits", family, IPPROTO_TCP, listener);
  int server = MUST(accept(listener, NULL, NULL));
  show_socket("listening", family, IPPROTO_TCP, listener);
  MUST(write(client, "hello", 5));
  sleep_ms(60);
  show_socket("client", family, IPPROTO_TCP, client);
  show_socket("server", family, IPPROTO_TCP, server);
  show_diagnosis("server, listeners only", family, IPPROTO_TCP, server, 1 << 10);
  show_diagnosis("listener, listeners only", family, IPPROTO_TCP, listener, 1 << 10);
  MUST(shutdown(client, SHUT_WR));
  sleep_ms(60);
  show_socket("client, SHUT_WR", family, IPPROTO_TCP, client);
  show_socket("server, the client's SHUT_WR", family, IPPROTO_TCP, server);
  close(server), close(client), close(listener);
}

static void udp(int family) {
  union {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
  } name = {.any.sa_family = family};
  socklen_t size = family == AF_INET ? sizeof name.v4 : sizeof name.v6;
  say("-- UDP, IPv%d", family == AF_INET ? 4 : 6);
  int server = MUST(socket(family, SOCK_DGRAM, 0)), client = MUST(socket(family, SOCK_DGRAM, 0));
  show_socket("new", family, IPPROTO_UDP, client);
  MUST(bind(server, &name.any, size));
  show_socket("bound", family, IPPROTO_UDP, server);
  MUST(getsockname(server, &name.any, &size));
  if (family == AF_INET) name.v4.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  else name.v6.sin6_addr = in6addr_loopback;
  MUST(connect(client, &name.any, size));
  show_socket("connected", family, IPPROTO_UDP, client);
  MUST(send(client, "hello", 5, 0));
  show_socket("a datagram waits", family, IPPROTO_UDP, server);
  close(server), close(client);
}

int main(void) {
  static const char *TABLES[] = {"tcp", "tcp6", "udp", "udp6", "raw", "raw6", "unix", "netlink", "route", "packet"};
  for (size_t i = 0; i < COUNT(TABLES); i++) show_header(TABLES[i]);
  tcp(AF_INET);
  tcp(AF_INET6);
  udp(AF_INET);
  udp(AF_INET6);
  int fd = MUST(socket(AF_INET, SOCK_STREAM, 0));
  show_diagnosis("another protocol", AF_INET, 77, fd, -1);
  return 0;
}
