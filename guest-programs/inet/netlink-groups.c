// Netlink groups: what a program sends to one reaches all who joined it, as udevd tells of devices; events the kernel passes on.
// needs: root
#include "../lib/observe.h"
#include <linux/netlink.h>
#include <sys/socket.h>

enum { UDEV = 2, OTHER = 8, MANY = 0x80000000 };

static int new_socket(int groups) {
  struct sockaddr_nl name = {.nl_family = AF_NETLINK, .nl_groups = groups};
  int one = 1, fd = MUST(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_KOBJECT_UEVENT));
  MUST(bind(fd, (struct sockaddr *)&name, sizeof name));
  MUST(setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &one, sizeof one));
  return fd;
}

static unsigned port_of(int fd) {
  struct sockaddr_nl name;
  socklen_t length = sizeof name;
  MUST(getsockname(fd, (struct sockaddr *)&name, &length));
  return name.nl_pid;
}

// The machine's own events come between; those that are awaited begin with "test".
static void show_received(const char *who, int fd, unsigned sender) {
  char text[200], control[100];
  for (int count = 0;;) {
    struct sockaddr_nl from = {0};
    struct iovec part = {text, sizeof text};
    struct msghdr message = {&from, sizeof from, &part, 1, control, sizeof control, 0};
    ssize_t length = recvmsg(fd, &message, 0);
    if (length == -1) {
      if (count == 0) show(who, -1);
      return;
    }
    if (strncmp(text, "test", 4) != 0) continue;
    char *number = memmem(text, length, "SEQNUM=", 7);
    if (number != NULL) length = number + 7 - text;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    struct ucred *sent_by = header != NULL ? (struct ucred *)CMSG_DATA(header) : NULL;
    say("%s: %s from %s, group %#x, uid %d, pid %s", who, quoted(text, length), from.nl_pid == 0 ? "the kernel" : from.nl_pid == sender ? "the sender" : "somebody",
        from.nl_groups, sent_by ? (int)sent_by->uid : -1, sent_by == NULL ? "none" : sent_by->pid == 0 ? "0" : sent_by->pid == getpid() ? "ours" : "another");
    count++;
  }
}

static void send_to_groups(int fd, const char *text, unsigned groups, unsigned port) {
  struct sockaddr_nl name = {.nl_family = AF_NETLINK, .nl_groups = groups, .nl_pid = port};
  show(text, sendto(fd, text, strlen(text) + 1, 0, (struct sockaddr *)&name, sizeof name));
}

static void pass_on(int fd, const char *label, const char *text, size_t length) {
  static struct {
    struct nlmsghdr header;
    char text[3000];
  } request;
  request.header = (struct nlmsghdr){NLMSG_LENGTH(length), 16, NLM_F_REQUEST | NLM_F_ACK, 1, 0};
  memcpy(request.text, text, length);
  show(label, send(fd, &request, NLMSG_LENGTH(length), 0));
  struct {
    struct nlmsghdr header;
    struct nlmsgerr error;
    char rest[3000];
  } reply;
  while (recv(fd, &reply, sizeof reply, 0) >= (ssize_t)sizeof reply.header)
    if (memcmp(&reply, "test", 4) == 0) say("%s: the sender hears it too", label);
    else if (reply.header.nlmsg_type == NLMSG_ERROR) say("%s: error %d", label, reply.error.error);
}

int main(void) {
  int sender = new_socket(0), udev = new_socket(UDEV), both = new_socket(UDEV | OTHER), kernel = new_socket(1);
  unsigned port = port_of(sender);
  send_to_groups(sender, "test udev", UDEV, 0);
  show_received("udev", udev, port);
  show_received("both", both, port);
  show_received("kernel", kernel, port);
  send_to_groups(sender, "test two groups", UDEV | OTHER, 0);
  show_received("udev", udev, port);
  show_received("both", both, port);
  send_to_groups(sender, "test group and port", OTHER, port_of(udev));
  show_received("udev", udev, port);
  show_received("both", both, port);
  send_to_groups(sender, "test nobody", MANY, 0);
  send_to_groups(udev, "test my own group", UDEV, 0);
  show_received("udev", udev, port_of(udev));
  show_received("both", both, port_of(udev));
  int group = 2;
  CALL(setsockopt(udev, SOL_NETLINK, NETLINK_DROP_MEMBERSHIP, &group, sizeof group));
  send_to_groups(sender, "test after leaving", UDEV, 0);
  show_received("udev", udev, port);
  show_received("both", both, port);
  struct sockaddr_nl name = {.nl_family = AF_NETLINK, .nl_groups = OTHER};
  CALL(connect(sender, (struct sockaddr *)&name, sizeof name));
  CALL(send(sender, "test connected", 15, 0));
  show_received("both", both, port);
  CALL(connect(sender, &(struct sockaddr){.sa_family = AF_UNSPEC}, sizeof name));
  group = 1;
  CALL(setsockopt(sender, SOL_NETLINK, NETLINK_ADD_MEMBERSHIP, &group, sizeof group));
  pass_on(sender, "passed on", "test=passed", 12);
  show_received("kernel", kernel, port);
  show_received("both", both, port);
  static char large[2100] = "test";
  pass_on(sender, "too long", large, sizeof large);
  MUST(setresuid(65534, 65534, 65534));
  CALL(new_socket(1) >= 0);
  send_to_groups(sender, "test not allowed", UDEV, 0);
  pass_on(sender, "not allowed", "test=passed", 12);
  show_received("kernel", kernel, port);
  return 0;
}
