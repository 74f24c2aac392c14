// /proc/net/tcp, tcp6, udp and udp6 and NETLINK_SOCK_DIAG show the sockets that are there: addresses, states, queues, owner.
#include "../lib/observe.h"
#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

static int ports[4];

// A port by the order in which this program took it.
static const char *port_name(int port) {
  for (int i = 0; i < (int)COUNT(ports); i++)
    if (port != 0 && port == ports[i]) return (const char *[]){"P0", "P1", "P2", "P3"}[i];
  return port == 0 ? "0" : "other";
}

static unsigned long inode_of(int fd) {
  struct stat info;
  MUST(fstat(fd, &info));
  return info.st_ino;
}

static void show_line(const char *file, const char *label, int fd) {
  char path[64], line[512];
  snprintf(path, sizeof path, "/proc/net/%s", file);
  FILE *table = fopen(path, "r");
  if (!table) {
    show(path, -1);
    return;
  }
  bool found = false;
  int width = 0;
  while (fgets(line, sizeof line, table)) {
    char local[40], remote[40];
    unsigned local_port, remote_port, state, sent, waiting, timer, uid, timeout;
    unsigned long when, resent, inode;
    int fields = sscanf(line, "%*d: %32[0-9A-F]:%x %32[0-9A-F]:%x %x %x:%x %x:%lx %lx %u %u %lu", local, &local_port, remote,
                        &remote_port, &state, &sent, &waiting, &timer, &when, &resent, &uid, &timeout, &inode);
    if (fields != 13 || inode != inode_of(fd)) continue;
    found = true;
    width = strlen(line);
    say("%s: %s %s:%s %s:%s state %02X queues %x:%x uid %u", file, label, local, port_name(local_port), remote,
        port_name(remote_port), state, sent, waiting, uid);
  }
  fclose(table);
  if (!found) say("%s: %s is not there", file, label);
  else if (strchr(file, '6') == NULL) say("%s: lines of %d", file, width);
}

static int diag;
static void show_diag(const char *label, int fd, int family, int protocol, unsigned states) {
  struct {
    struct nlmsghdr header;
    struct inet_diag_req_v2 request;
  } ask = {{sizeof ask, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_DUMP, 7, 0}, {0}};
  ask.request.sdiag_family = family;
  ask.request.sdiag_protocol = protocol;
  ask.request.idiag_states = states;
  ask.request.idiag_ext = 1 << (INET_DIAG_INFO - 1) | 1 << (INET_DIAG_MEMINFO - 1);
  MUST(send(diag, &ask, sizeof ask, 0));
  bool found = false;
  for (bool done = false; !done;) {
    static char buffer[65536] __attribute__((aligned(8)));
    ssize_t length = MUST(recv(diag, buffer, sizeof buffer, 0));
    for (struct nlmsghdr *header = (void *)buffer; NLMSG_OK(header, (size_t)length); header = NLMSG_NEXT(header, length)) {
      if (header->nlmsg_type == NLMSG_DONE) {
        done = true;
        break;
      }
      struct inet_diag_msg *entry = NLMSG_DATA(header);
      if (header->nlmsg_type != SOCK_DIAG_BY_FAMILY || entry->idiag_inode != inode_of(fd)) continue;
      found = true;
      char text[600], local[64], remote[64];
      inet_ntop(family, entry->id.idiag_src, local, sizeof local);
      inet_ntop(family, entry->id.idiag_dst, remote, sizeof remote);
      int at = snprintf(text, sizeof text, "diag: %s %s %s - %s %s, family %d state %d queues %u %u uid %u", label, local,
                        port_name(ntohs(entry->id.idiag_sport)), remote, port_name(ntohs(entry->id.idiag_dport)), entry->idiag_family,
                        entry->idiag_state, entry->idiag_rqueue, entry->idiag_wqueue, entry->idiag_uid);
      struct nlattr *attribute = (void *)(entry + 1);
      char *end = (char *)header + header->nlmsg_len;
      for (; (char *)attribute + sizeof *attribute <= end; attribute = (void *)((char *)attribute + NLA_ALIGN(attribute->nla_len))) {
        char *value = (char *)(attribute + 1);
        if (attribute->nla_type == INET_DIAG_SHUTDOWN) at += snprintf(text + at, sizeof text - at, ", shutdown %d", *value);
        if (attribute->nla_type == INET_DIAG_SKV6ONLY) at += snprintf(text + at, sizeof text - at, ", v6only %d", *value);
        if (attribute->nla_type == INET_DIAG_INFO && protocol == IPPROTO_TCP)
          at += snprintf(text + at, sizeof text - at, ", tcp_info state %d", *value);
      }
      say("%s", text);
    }
  }
  if (!found) say("diag: %s is not there", label);
}

static int made(int family, int type, const char *ip, int which) {
  struct sockaddr_storage name = {.ss_family = family};
  socklen_t length = family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
  int fd = MUST(socket(family, type, 0));
  MUST(inet_pton(family, ip, family == AF_INET ? (void *)&((struct sockaddr_in *)&name)->sin_addr : (void *)&((struct sockaddr_in6 *)&name)->sin6_addr));
  MUST(bind(fd, (void *)&name, length));
  MUST(getsockname(fd, (void *)&name, &length));
  ports[which] = ntohs(((struct sockaddr_in *)&name)->sin_port);
  return fd;
}

// A connected socket of `family`; its own port becomes ports[which].
static int connected(int family, int type, int port, int which) {
  struct sockaddr_storage name = {.ss_family = family};
  socklen_t length = family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
  int fd = MUST(socket(family, type, 0));
  ((struct sockaddr_in *)&name)->sin_port = htons(port);
  if (family == AF_INET) ((struct sockaddr_in *)&name)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  else ((struct sockaddr_in6 *)&name)->sin6_addr = in6addr_loopback;
  MUST(connect(fd, (void *)&name, length));
  MUST(getsockname(fd, (void *)&name, &length));
  ports[which] = ntohs(((struct sockaddr_in *)&name)->sin_port);
  return fd;
}

static void tcp(int family, const char *file, const char *any) {
  unsigned all = ~0u;
  int listener = made(family, SOCK_STREAM, any, 0);
  show_line(file, "bound", listener);
  MUST(listen(listener, 7));
  show_line(file, "listener", listener);
  show_diag("listener", listener, family, IPPROTO_TCP, all);
  int client = connected(family, SOCK_STREAM, ports[0], 1);
  show_line(file, "listener with one waiting", listener);
  show_diag("listener with one waiting", listener, family, IPPROTO_TCP, all);
  int server = MUST(accept(listener, NULL, NULL));
  MUST(write(client, "hello", 5));
  usleep(100000);
  show_line(file, "client", client);
  show_line(file, "server", server);
  show_diag("server", server, family, IPPROTO_TCP, all);
  show_diag("server among listeners", server, family, IPPROTO_TCP, 1 << TCP_LISTEN);
  MUST(shutdown(server, SHUT_RD));
  show_diag("server that does not read", server, family, IPPROTO_TCP, all);
  MUST(shutdown(client, SHUT_WR));
  usleep(100000);
  show_line(file, "client that has ended", client);
  show_line(file, "server of it", server);
  struct tcp_info info;
  socklen_t length = sizeof info;
  MUST(getsockopt(client, IPPROTO_TCP, TCP_INFO, &info, &length));
  say("tcp_info: state %d", info.tcpi_state);
  show_diag("client that has ended", client, family, IPPROTO_TCP, all);
  close(server);
  usleep(100000);
  show_line(file, "client after both", client);
  close(client), close(listener);
}

static void udp(int family, const char *file, const char *any) {
  unsigned all = ~0u;
  int fresh = MUST(socket(family, SOCK_DGRAM, 0));
  show_line(file, "unbound", fresh);
  int receiver = made(family, SOCK_DGRAM, any, 2);
  int sender = connected(family, SOCK_DGRAM, ports[2], 3);
  MUST(write(sender, "hello", 5));
  show_line(file, "receiver", receiver);
  show_line(file, "sender", sender);
  show_diag("receiver", receiver, family, IPPROTO_UDP, all);
  show_diag("sender", sender, family, IPPROTO_UDP, 1 << TCP_ESTABLISHED);
  close(fresh), close(receiver), close(sender);
}

int main(void) {
  diag = MUST(socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG));
  tcp(AF_INET, "tcp", "0.0.0.0");
  tcp(AF_INET6, "tcp6", "::1");
  udp(AF_INET, "udp", "127.0.0.1");
  udp(AF_INET6, "udp6", "::");
  return 0;
}
