// What the programs about multicast share: a network namespace of their own, addresses, membership calls.
#pragma once
#include "observe.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <net/if.h>
#include <sched.h>
#include <sys/ioctl.h>

#ifndef IP_MULTICAST_ALL
#define IP_MULTICAST_ALL 49
#endif
#ifndef IPV6_MULTICAST_ALL
#define IPV6_MULTICAST_ALL 29
#endif

enum { LO = 1 };

MAYBE_UNUSED static void set_loopback(bool is_up) {
  int fd = MUST(socket(AF_INET, SOCK_DGRAM, 0));
  struct ifreq request = {.ifr_name = "lo", .ifr_flags = is_up ? IFF_UP : 0};
  MUST(ioctl(fd, SIOCSIFFLAGS, &request));
  close(fd);
}

MAYBE_UNUSED static void own_network(void) {
  MUST(unshare(CLONE_NEWNET));
  set_loopback(true);
}

MAYBE_UNUSED static struct in_addr ip4(const char *text) {
  struct in_addr address;
  MUST(inet_pton(AF_INET, text, &address));
  return address;
}

MAYBE_UNUSED static struct sockaddr_in at4(const char *ip, int port) {
  return (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons(port), .sin_addr = ip4(ip)};
}

MAYBE_UNUSED static struct sockaddr_in6 at6(const char *ip, int port, unsigned scope) {
  struct sockaddr_in6 name = {.sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_scope_id = scope};
  MUST(inet_pton(AF_INET6, ip, &name.sin6_addr));
  return name;
}

// A datagram socket at a port that others may have too.
MAYBE_UNUSED static int shared4(const char *ip, int port) {
  struct sockaddr_in name = at4(ip, port);
  int one = 1, fd = MUST(socket(AF_INET, SOCK_DGRAM, 0));
  MUST(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one));
  MUST(bind(fd, (void *)&name, sizeof name));
  return fd;
}

MAYBE_UNUSED static int shared6(const char *ip, int port) {
  struct sockaddr_in6 name = at6(ip, port, LO);
  int one = 1, fd = MUST(socket(AF_INET6, SOCK_DGRAM, 0));
  MUST(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one));
  MUST(bind(fd, (void *)&name, sizeof name));
  return fd;
}

MAYBE_UNUSED static int set_int(int fd, int level, int option, int value) {
  return setsockopt(fd, level, option, &value, sizeof value);
}

MAYBE_UNUSED static int member4(int fd, int option, const char *group, const char *interface, int index) {
  struct ip_mreqn request = {ip4(group), ip4(interface), index};
  return setsockopt(fd, IPPROTO_IP, option, &request, sizeof request);
}

MAYBE_UNUSED static int member6(int fd, int option, const char *group, int index) {
  struct ipv6_mreq request = {.ipv6mr_interface = index};
  MUST(inet_pton(AF_INET6, group, &request.ipv6mr_multiaddr));
  return setsockopt(fd, IPPROTO_IPV6, option, &request, sizeof request);
}

MAYBE_UNUSED static int source4(int fd, int option, const char *group, const char *source, const char *interface) {
  struct ip_mreq_source request = {.imr_multiaddr = ip4(group), .imr_interface = ip4(interface), .imr_sourceaddr = ip4(source)};
  return setsockopt(fd, IPPROTO_IP, option, &request, sizeof request);
}

// The address of a group_req and the like; either family.
MAYBE_UNUSED static void put_ip(struct sockaddr_storage *to, const char *ip) {
  if (strchr(ip, ':')) *(struct sockaddr_in6 *)to = at6(ip, 0, 0);
  else *(struct sockaddr_in *)to = at4(ip, 0);
}

MAYBE_UNUSED static int member(int fd, int level, int option, const char *group, int index) {
  struct group_req request = {.gr_interface = index};
  put_ip(&request.gr_group, group);
  return setsockopt(fd, level, option, &request, sizeof request);
}

MAYBE_UNUSED static int source(int fd, int level, int option, const char *group, const char *source, int index) {
  struct group_source_req request = {.gsr_interface = index};
  put_ip(&request.gsr_group, group);
  put_ip(&request.gsr_source, source);
  return setsockopt(fd, level, option, &request, sizeof request);
}

// A table of /proc/net, each line as it is.
MAYBE_UNUSED static void show_table(const char *name) {
  char path[64], line[300];
  snprintf(path, sizeof path, "/proc/net/%s", name);
  FILE *file = fopen(path, "r");
  say("%s:%s", name, file ? "" : " none");
  while (file && fgets(line, sizeof line, file)) {
    line[strcspn(line, "\n")] = 0;
    say("|%s", line);
  }
  if (file) fclose(file);
}
