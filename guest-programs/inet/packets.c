// Packets on the loopback: ping and raw sockets, ICMP's answers and errors, the error queue of UDP, packet sockets.
// needs: root
#include "../lib/observe.h"
#include <arpa/inet.h>
#include <linux/errqueue.h>
#include <linux/icmp.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>

static struct sockaddr_in at(const char *address, int port) {
  struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons(port)};
  inet_pton(AF_INET, address, &name.sin_addr);
  return name;
}

static unsigned short sum_of(const void *data, size_t length) {
  const unsigned char *bytes = data;
  unsigned total = 0;
  for (size_t i = 0; i < length; i += 2) total += bytes[i] << 8 | (i + 1 < length ? bytes[i + 1] : 0);
  while (total >> 16) total = (total & 0xffff) + (total >> 16);
  return htons(~total & 0xffff);
}

static size_t echo(unsigned char *to, int type, int id, int sequence) {
  struct icmphdr header = {.type = type};
  header.un.echo.id = htons(id), header.un.echo.sequence = htons(sequence);
  memcpy(to, &header, 8), memcpy(to + 8, "payload", 7);
  header.checksum = sum_of(to, 15);
  memcpy(to, &header, 8);
  return 15;
}

// What waits on a socket, one line each; `skip` bytes of headers are not shown.
static void drain(const char *label, int fd, int skip) {
  unsigned char bytes[2048];
  struct sockaddr_in from = {0};
  socklen_t length = sizeof from;
  for (;;) {
    ssize_t got = recvfrom(fd, bytes, sizeof bytes, MSG_DONTWAIT, (void *)&from, &length);
    if (got < 0) {
      show(label, -1);
      return;
    }
    unsigned char *icmp = bytes + skip;
    say("%s: %zd bytes from %s:%d, type %d code %d, checksum %s", label, got, inet_ntoa(from.sin_addr), ntohs(from.sin_port), icmp[0],
        icmp[1], sum_of(icmp, got - skip) == 0 ? "right" : "wrong");
    if (skip)
      say("  header: version %d, class %#x, length %d, hops %d, protocol %d, checksum %s", bytes[0] >> 4, bytes[1],
          bytes[2] << 8 | bytes[3], bytes[8], bytes[9], sum_of(bytes, 20) == 0 ? "right" : "wrong");
  }
}

static void loopback_up(void) {
  MUST(unshare(CLONE_NEWNET));
  int fd = MUST(socket(AF_INET, SOCK_DGRAM, 0));
  struct ifreq request = {.ifr_name = "lo", .ifr_flags = IFF_UP};
  MUST(ioctl(fd, SIOCSIFFLAGS, &request));
  close(fd);
}

static void set_groups(const char *text) {
  int fd = MUST(open("/proc/sys/net/ipv4/ping_group_range", O_RDWR));
  char old[64] = "";
  MUST(read(fd, old, sizeof old - 1));
  say("groups were %s", quoted(old, strlen(old)));
  MUST(lseek(fd, 0, SEEK_SET));
  show("write", write(fd, text, strlen(text)));
  close(fd);
}

static void pings(void) {
  CALL(socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP));
  CALL(socket(AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6));
  CALL(socket(AF_INET6, SOCK_DGRAM, IPPROTO_ICMP));
  CALL(socket(AF_INET, SOCK_STREAM, IPPROTO_ICMP));
  set_groups("0 100000");
  set_groups("x");
  int fd = MUST(socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP));
  struct sockaddr_in name = at("127.0.0.1", 77), to = at("127.0.0.1", 0);
  CALL(listen(fd, 1));
  CALL(bind(fd, (void *)&name, sizeof name));
  CALL(bind(fd, (void *)&name, sizeof name));
  int other = MUST(socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP));
  CALL(bind(other, (void *)&name, sizeof name));
  socklen_t length = sizeof name;
  MUST(getsockname(fd, (void *)&name, &length));
  say("name: %s:%d", inet_ntoa(name.sin_addr), ntohs(name.sin_port));
  unsigned char bytes[64];
  CALL(send(fd, bytes, echo(bytes, ICMP_ECHO, 1, 1), 0));
  CALL(sendto(fd, bytes, 7, 0, (void *)&to, sizeof to));
  CALL(sendto(fd, bytes, echo(bytes, ICMP_ECHOREPLY, 1, 1), 0, (void *)&to, sizeof to));
  CALL(sendto(fd, bytes, 15, MSG_OOB, (void *)&to, sizeof to));
  CALL(sendto(fd, bytes, 15, 0, (void *)&to, 8));
  CALL(sendto(fd, bytes, echo(bytes, ICMP_ECHO, 1, 5), 0, (void *)&to, sizeof to));
  drain("ping", fd, 0);
  CALL(connect(fd, (void *)&to, sizeof to));
  CALL(send(fd, bytes, echo(bytes, ICMP_ECHO, 1, 6), 0));
  drain("connected", fd, 0);
  drain("another", other, 0);
  int sixth = MUST(socket(AF_INET6, SOCK_DGRAM, IPPROTO_ICMPV6));
  struct sockaddr_in6 to6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
  CALL(sendto(sixth, bytes, echo(bytes, 128, 1, 7), 0, (void *)&to6, sizeof to6));
  ssize_t got = recv(sixth, bytes, sizeof bytes, MSG_DONTWAIT);
  say("ICMPv6: %zd bytes, type %d", got, bytes[0]);
  close(fd), close(other), close(sixth);
}

static void raws(void) {
  CALL(socket(AF_INET, SOCK_RAW, 0));
  CALL(socket(AF_INET, SOCK_RAW, 300));
  MUST(seteuid(1000));
  CALL(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
  CALL(socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)));
  MUST(seteuid(0));
  int fd = MUST(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
  struct sockaddr_in to = at("127.0.0.1", 0), name;
  socklen_t length = sizeof name;
  MUST(getsockname(fd, (void *)&name, &length));
  say("name: %s:%d", inet_ntoa(name.sin_addr), ntohs(name.sin_port));
  CALL(getpeername(fd, (void *)&name, &length));
  CALL(accept(fd, NULL, NULL));
  CALL(shutdown(fd, SHUT_RD));
  unsigned char bytes[256];
  CALL(send(fd, bytes, 20, 0));
  CALL(sendto(fd, bytes, echo(bytes, ICMP_ECHO, 9, 1), 0, (void *)&to, sizeof to));
  drain("raw", fd, 20);
  struct icmp_filter filter = {.data = 1u << ICMP_ECHO};
  CALL(setsockopt(fd, SOL_RAW, ICMP_FILTER, &filter, sizeof filter));
  length = sizeof filter, filter.data = 0;
  CALL(getsockopt(fd, SOL_RAW, ICMP_FILTER, &filter, &length));
  say("filter %#x of %u bytes", filter.data, length);
  CALL(setsockopt(fd, SOL_RAW, 2, &filter, sizeof filter));
  CALL(sendto(fd, bytes, echo(bytes, ICMP_ECHO, 9, 2), 0, (void *)&to, sizeof to));
  drain("filtered", fd, 20);
  bytes[2] ^= 1;
  CALL(sendto(fd, bytes, 15, 0, (void *)&to, sizeof to));
  drain("a wrong checksum", fd, 20);

  int on = 1, udp = MUST(socket(AF_INET, SOCK_DGRAM, 0));
  struct sockaddr_in closed = at("127.0.0.1", 9);
  CALL(sendto(udp, "lost", 4, 0, (void *)&closed, sizeof closed));
  drain("port unreachable", fd, 20);
  CALL(send(udp, "x", 1, 0));
  CALL(setsockopt(udp, SOL_IP, IP_RECVERR, &on, sizeof on));
  CALL(sendto(udp, "lost", 4, 0, (void *)&closed, sizeof closed));
  struct pollfd ready = {.fd = udp, .events = POLLIN};
  CALL(poll(&ready, 1, 0));
  say("revents %#x", ready.revents);
  char control[256], data[16];
  struct iovec part = {data, sizeof data};
  struct msghdr message = {.msg_name = &name, .msg_namelen = sizeof name, .msg_iov = &part, .msg_iovlen = 1, .msg_control = control,
                           .msg_controllen = sizeof control};
  CALL(recvmsg(udp, &message, MSG_ERRQUEUE));
  say("to %s:%d, flags %#x, %s", inet_ntoa(name.sin_addr), ntohs(name.sin_port), message.msg_flags, quoted(data, 4));
  for (struct cmsghdr *one = CMSG_FIRSTHDR(&message); one; one = CMSG_NXTHDR(&message, one)) {
    struct sock_extended_err *error = (void *)CMSG_DATA(one);
    struct sockaddr_in *offender = (void *)SO_EE_OFFENDER(error);
    say("control %d %d: %s, origin %d, type %d, code %d, from %s", one->cmsg_level, one->cmsg_type, errno_name(error->ee_errno),
        error->ee_origin, error->ee_type, error->ee_code, inet_ntoa(offender->sin_addr));
  }
  CALL(recvmsg(udp, &message, MSG_ERRQUEUE));
  CALL(sendto(udp, "lost", 4, 0, (void *)&closed, sizeof closed));
  CALL(sendto(udp, "lost", 4, 0, (void *)&closed, sizeof closed));
  drain("unreachable", fd, 20);
  close(udp);

  int made = MUST(socket(AF_INET, SOCK_RAW, IPPROTO_RAW));
  int headers = 0;
  length = sizeof headers;
  MUST(getsockopt(made, SOL_IP, IP_HDRINCL, &headers, &length));
  say("IP_HDRINCL %d", headers);
  unsigned char packet[64] = {0x45, 0, 0, 0, 0, 7, 0, 0, 33, IPPROTO_ICMP, 0, 0, 0, 0, 0, 0, 127, 0, 0, 1};
  size_t size = 20 + echo(packet + 20, ICMP_ECHO, 3, 3);
  CALL(sendto(made, packet, 10, 0, (void *)&to, sizeof to));
  CALL(sendto(made, packet, size, 0, (void *)&to, sizeof to));
  drain("a header of its own", fd, 20);
  CALL(recv(made, packet, sizeof packet, MSG_DONTWAIT));
  int strange = MUST(socket(AF_INET, SOCK_RAW, 250));
  close(made);
  CALL(sendto(strange, "?", 1, 0, (void *)&to, sizeof to));
  drain("a protocol that a raw socket has", fd, 20);
  close(strange), close(fd);
}

static void show_frames(const char *label, int fd) {
  unsigned char bytes[2048];
  struct sockaddr_ll from;
  socklen_t length = sizeof from;
  for (;;) {
    ssize_t got = recvfrom(fd, bytes, sizeof bytes, MSG_DONTWAIT, (void *)&from, &length);
    if (got < 0) {
      show(label, -1);
      return;
    }
    say("%s: %zd bytes, protocol %#x, device %d, hardware %d, kind %d, address of %d bytes, %u", label, got, ntohs(from.sll_protocol),
        from.sll_ifindex, from.sll_hatype, from.sll_pkttype, from.sll_halen, length);
  }
}

static void frames(void) {
  CALL(socket(AF_PACKET, SOCK_STREAM, 0));
  int raw = MUST(socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL))), cooked = MUST(socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_IP)));
  int none = MUST(socket(AF_PACKET, SOCK_DGRAM, 0));
  struct sockaddr_ll name = {.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_ALL), .sll_ifindex = 1};
  socklen_t length = sizeof name;
  CALL(bind(raw, (void *)&name, 8));
  CALL(bind(raw, (void *)&name, sizeof name));
  CALL(getsockname(raw, (void *)&name, &length));
  say("bound to %d, protocol %#x, hardware %d, length %u", name.sll_ifindex, ntohs(name.sll_protocol), name.sll_hatype, length);
  name.sll_ifindex = 99;
  CALL(bind(cooked, (void *)&name, sizeof name));
  CALL(listen(raw, 1));
  CALL(connect(raw, (void *)&name, sizeof name));
  int ping = MUST(socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
  struct sockaddr_in to = at("127.0.0.1", 0);
  unsigned char bytes[64];
  CALL(sendto(ping, bytes, echo(bytes, ICMP_ECHO, 1, 1), 0, (void *)&to, sizeof to));
  show_frames("with headers", raw);
  show_frames("without", cooked);
  show_frames("none", none);
  struct tpacket_stats counts;
  length = sizeof counts;
  CALL(getsockopt(raw, SOL_PACKET, PACKET_STATISTICS, &counts, &length));
  say("%u packets, %u lost", counts.tp_packets, counts.tp_drops);
  CALL(getsockopt(raw, SOL_PACKET, PACKET_STATISTICS, &counts, &length));
  say("%u packets, %u lost", counts.tp_packets, counts.tp_drops);
  unsigned char frame[64] = {[12] = 8, 0, 0x45, 0, 0, 35, 0, 7, 0, 0, 33, IPPROTO_ICMP, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1};
  echo(frame + 34, ICMP_ECHO, 3, 3);
  unsigned short sum = sum_of(frame + 14, 20);
  memcpy(frame + 24, &sum, 2);
  CALL(send(raw, frame, 10, 0));
  CALL(send(raw, frame, 49, 0));
  show_frames("a frame and its answer", cooked);
  CALL(send(cooked, frame, 49, 0));

  int version = TPACKET_V2, length_of = TPACKET_V2;
  length = sizeof length_of;
  CALL(getsockopt(none, SOL_PACKET, PACKET_HDRLEN, &length_of, &length));
  say("header of %d", length_of);
  struct tpacket_req ring = {.tp_block_size = 4096, .tp_block_nr = 2, .tp_frame_size = 2048, .tp_frame_nr = 4};
  CALL(setsockopt(none, SOL_PACKET, PACKET_VERSION, &version, sizeof version));
  ring.tp_frame_nr = 5;
  CALL(setsockopt(none, SOL_PACKET, PACKET_RX_RING, &ring, sizeof ring));
  ring.tp_frame_nr = 4;
  CALL(setsockopt(none, SOL_PACKET, PACKET_RX_RING, &ring, sizeof ring));
  CALL(setsockopt(none, SOL_PACKET, PACKET_RX_RING, &ring, sizeof ring));
  CALL_OK((long)mmap(NULL, 4096, PROT_READ, MAP_SHARED, none, 0));
  char *mapped = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED, none, 0);
  say("mapped: %d", mapped != MAP_FAILED);
  name = (struct sockaddr_ll){.sll_family = AF_PACKET, .sll_protocol = htons(ETH_P_IP), .sll_ifindex = 1};
  CALL(bind(none, (void *)&name, sizeof name));
  struct pollfd ready = {.fd = none, .events = POLLIN};
  CALL(poll(&ready, 1, 0));
  for (int i = 0; i < 3; i++) MUST(sendto(ping, bytes, echo(bytes, ICMP_ECHO, 1, i), 0, (void *)&to, sizeof to));
  CALL(poll(&ready, 1, 0));
  for (int i = 0; i < 4; i++) {
    struct tpacket2_hdr *header = (void *)(mapped + i * 2048);
    struct sockaddr_ll *from = (void *)((char *)header + TPACKET_ALIGN(sizeof *header));
    unsigned char *ip = (unsigned char *)header + header->tp_net;
    say("frame %d: %s, %u of %u bytes at %u and %u, kind %d, protocol %d, type %d", i, header->tp_status & TP_STATUS_USER ? "ours" : "kernel's",
        header->tp_snaplen, header->tp_len, header->tp_mac, header->tp_net, from->sll_pkttype, ip[9], ip[20]);
  }
  length = sizeof counts;
  MUST(getsockopt(none, SOL_PACKET, PACKET_STATISTICS, &counts, &length));
  say("%u packets, %u lost", counts.tp_packets, counts.tp_drops);
  close(raw), close(cooked), close(none), close(ping);
}

int main(void) {
  loopback_up();
  say("# ping sockets"), pings();
  say("# raw sockets"), raws();
  say("# packet sockets"), frames();
}
