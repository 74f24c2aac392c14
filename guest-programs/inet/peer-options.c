// What sockets that are not AF_UNIX say of their peer and pass along: SO_PEERCRED, SO_PEERNAME and others, SO_PASSCRED of netlink.
// needs: root
#include "../lib/observe.h"
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <sys/socket.h>

static const struct { const char *name; int option; } OPTIONS[] = {
    {"PASSCRED", 16}, {"PEERCRED", 17}, {"PEERNAME", 28}, {"PASSSEC", 34}, {"PEEK_OFF", 42},
    {"PEERGROUPS", 59}, {"PASSPIDFD", 76}, {"PEERPIDFD", 77}, {"PASSRIGHTS", 83}, {"INQ", 84}};

static void show_options(const char *kind, int fd) {
  for (size_t i = 0; i < sizeof OPTIONS / sizeof *OPTIONS; i++) {
    unsigned char value[64] = {0};
    socklen_t length = 12;
    int one = 1, got = getsockopt(fd, SOL_SOCKET, OPTIONS[i].option, value, &length);
    if (got < 0) say("%s: %s: %s, length %u", kind, OPTIONS[i].name, errno_name(errno), length);
    else say("%s: %s: %s, length %u", kind, OPTIONS[i].name, OPTIONS[i].option == 28 ? "a name" : quoted((char *)value, length), length);
    show("set", setsockopt(fd, SOL_SOCKET, OPTIONS[i].option, &one, sizeof one));
  }
}

static void receive(const char *label, int fd, char *control, size_t room) {
  static char data[9000];
  struct iovec vector = {data, sizeof data};
  struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = room};
  show(label, recvmsg(fd, &message, 0) > 0);
  say("flags %#x, control %zu", message.msg_flags, (size_t)message.msg_controllen);
  for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); control && header; header = CMSG_NXTHDR(&message, header)) {
    struct ucred sender;
    memcpy(&sender, CMSG_DATA(header), sizeof sender);
    say("type %d: own process %d, nobody %d, uid %u, gid %u", header->cmsg_type, sender.pid == getpid(), sender.pid == 0, sender.uid, sender.gid);
  }
}

static void ask_kernel(int fd) {
  struct { struct nlmsghdr header; struct ifinfomsg body; } ask = {{sizeof ask, RTM_GETLINK, NLM_F_REQUEST, 1, 0}, {.ifi_index = 1}};
  MUST(send(fd, &ask, sizeof ask, 0));
}

int main(void) {
  struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
  struct sockaddr_nl name = {.nl_family = AF_NETLINK};
  socklen_t length = sizeof here;
  int one = 1, tcp = MUST(socket(AF_INET, SOCK_STREAM, 0)), listener = MUST(socket(AF_INET, SOCK_STREAM, 0));
  show_options("tcp", tcp);
  MUST(bind(listener, (void *)&here, sizeof here));
  MUST(listen(listener, 1));
  MUST(getsockname(listener, (void *)&here, &length));
  MUST(connect(tcp, (void *)&here, sizeof here));
  show_options("tcp, connected", tcp);
  show_options("tcp, listening", listener);
  show_options("udp", MUST(socket(AF_INET6, SOCK_DGRAM, 0)));
  show_options("packet", MUST(socket(AF_PACKET, SOCK_RAW, 0)));
  show_options("netlink", MUST(socket(AF_NETLINK, SOCK_RAW, 0)));

  char control[200];
  int fd = MUST(socket(AF_NETLINK, SOCK_RAW, 0)), other = MUST(socket(AF_NETLINK, SOCK_RAW, 0));
  ask_kernel(fd);
  receive("from the kernel, not asked", fd, control, sizeof control);
  MUST(setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &one, sizeof one));
  ask_kernel(fd);
  receive("asked", fd, control, sizeof control);
  ask_kernel(fd);
  receive("no room", fd, NULL, 0);
  ask_kernel(fd);
  receive("little room", fd, control, 20);
  MUST(bind(other, (void *)&name, sizeof name));
  MUST(setsockopt(other, SOL_SOCKET, SO_PASSCRED, &one, sizeof one));
  length = sizeof name;
  MUST(getsockname(other, (void *)&name, &length));
  MUST(sendto(fd, "hello", 5, 0, (void *)&name, sizeof name));
  receive("from a process", other, control, sizeof control);
  return 0;
}
