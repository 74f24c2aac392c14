// U52: what NETLINK_SOCK_DIAG says to wrong, short and odd requests; addresses and options of netlink sockets.
// needs: root
#include "../lib/unix-messages.h"
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>

enum { DUMP = NLM_F_REQUEST | NLM_F_DUMP, INODE = 0x70000000 };

static int netlink_fd;
static unsigned sequence;

static void show_reply(const char *label, struct nlmsghdr *header) {
  if (header->nlmsg_type == NLMSG_ERROR) {
    struct nlmsgerr *error = NLMSG_DATA(header);
    say("%s: error %d, flags %x, length %u, about type %u, sequence %u, length %u, %s", label, error->error, header->nlmsg_flags, header->nlmsg_len,
        error->msg.nlmsg_type, error->msg.nlmsg_seq, error->msg.nlmsg_len, quoted(error + 1, header->nlmsg_len - NLMSG_LENGTH(sizeof *error)));
  } else if (header->nlmsg_type == SOCK_DIAG_BY_FAMILY) {
    struct unix_diag_msg *entry = NLMSG_DATA(header);
    say("%s: a socket of type %d, state %d, flags %x, length %u", label, entry->udiag_type, entry->udiag_state, header->nlmsg_flags, header->nlmsg_len);
  } else {
    say("%s: type %u, flags %x, %s", label, header->nlmsg_type, header->nlmsg_flags, quoted(NLMSG_DATA(header), header->nlmsg_len - NLMSG_HDRLEN));
  }
}

static void show_replies(const char *label) {
  static char buffer[65536] __attribute__((aligned(8)));
  for (ssize_t length; (length = recv(netlink_fd, buffer, sizeof buffer, MSG_DONTWAIT)) > 0;)
    for (struct nlmsghdr *header = (void *)buffer; NLMSG_OK(header, (size_t)length); header = NLMSG_NEXT(header, length)) show_reply(label, header);
}

static void ask(const char *label, int type, int flags, const void *body, size_t length) {
  struct {
    struct nlmsghdr header;
    char body[200];
  } request = {{NLMSG_LENGTH(length), type, flags, ++sequence, 0}, ""};
  memcpy(request.body, body, length);
  if (send(netlink_fd, &request, NLMSG_LENGTH(length), 0) < 0) show(label, -1);
  show_replies(label);
  say("%s: that was all", label);
}

static void ask_about_sockets(void) {
  int listener = listener_at(words("@u52-%d", getpid()), 3);
  struct stat status;
  uint64_t cookie;
  socklen_t length = sizeof cookie;
  MUST(fstat(listener, &status));
  MUST(getsockopt(listener, SOL_SOCKET, SO_COOKIE, &cookie, &length));
  struct unix_diag_req good = {.sdiag_family = AF_UNIX, .udiag_states = -1, .udiag_ino = status.st_ino, .udiag_cookie = {-1, -1}}, ask_for = good;
  ask("one socket", SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, &good, sizeof good);
  ask("with acknowledgement", SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_ACK, &good, sizeof good);
  ask("not a request", SOCK_DIAG_BY_FAMILY, 0, &good, sizeof good);
  ask_for.udiag_cookie[0] = cookie, ask_for.udiag_cookie[1] = cookie >> 32;
  ask("its cookie", SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, &ask_for, sizeof ask_for);
  good.udiag_ino = INODE;
  ask("no such socket", SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, &good, sizeof good);
  ask_for = good, ask_for.udiag_ino = 0;
  ask("no inode number", SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, &ask_for, sizeof ask_for);
  for (size_t size = 0; size <= sizeof good; size += 5) ask(words("%zu bytes", size), SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, &good, size);
  static const int TYPES[] = {NLMSG_NOOP, NLMSG_ERROR, 15, 16, 18, SOCK_DESTROY, 99};
  for (size_t i = 0; i < COUNT(TYPES); i++) ask(words("type %d", TYPES[i]), TYPES[i], NLM_F_REQUEST | NLM_F_ACK, &good, sizeof good);
  static const int FAMILIES[] = {AF_UNSPEC, AF_BLUETOOTH, AF_MAX, 200};
  for (size_t i = 0; i < COUNT(FAMILIES); i++) {
    ask_for = good, ask_for.sdiag_family = FAMILIES[i];
    ask(words("family %d", FAMILIES[i]), SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, &ask_for, sizeof ask_for);
    ask(words("all of family %d", FAMILIES[i]), SOCK_DIAG_BY_FAMILY, DUMP, &ask_for, sizeof ask_for);
  }
  ask_for = good, ask_for.udiag_states = 0;
  ask("all in no state", SOCK_DIAG_BY_FAMILY, DUMP, &ask_for, sizeof ask_for);
  ask("all in no state, acknowledged", SOCK_DIAG_BY_FAMILY, DUMP | NLM_F_ACK, &ask_for, sizeof ask_for);
  ask("all, too short", SOCK_DIAG_BY_FAMILY, DUMP, &ask_for, 10);
  int one = 1;
  CALL(setsockopt(netlink_fd, SOL_NETLINK, NETLINK_CAP_ACK, &one, sizeof one));
  ask("errors without the request", SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, &good, sizeof good);
}

static void show_address(const char *label, int fd) {
  struct sockaddr_nl name;
  socklen_t length = sizeof name;
  MUST(getsockname(fd, (struct sockaddr *)&name, &length));
  say("%s: family %d, groups %x, %s", label, name.nl_family, name.nl_groups,
      name.nl_pid == 0 ? "no port" : name.nl_pid == (unsigned)getpid() ? "the process's port" : "another port");
}

static int bind_port(int fd, unsigned port, socklen_t length) {
  struct sockaddr_nl name = {.nl_family = AF_NETLINK, .nl_pid = port};
  return bind(fd, (struct sockaddr *)&name, length);
}

static ssize_t send_to_port(int family, unsigned port, socklen_t length) {
  struct sockaddr_nl name = {.nl_family = family, .nl_pid = port};
  return sendto(netlink_fd, "0123456789abcdef", 16, 0, (struct sockaddr *)&name, length);
}

static void try_addresses(void) {
  int second = MUST(socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG));
  show_address("the first", netlink_fd);
  show_address("the second", second);
  CALL(bind_port(second, getpid(), sizeof(struct sockaddr_nl)));
  CALL(bind_port(second, 0, 4));
  CALL(bind_port(second, 0, sizeof(struct sockaddr_nl)));
  show_address("the second", second);
  CALL(bind_port(second, 4242, sizeof(struct sockaddr_nl)));
  CALL(send_to_port(AF_NETLINK, 0, sizeof(struct sockaddr_nl)));
  CALL(send_to_port(AF_NETLINK, 0x12345678, sizeof(struct sockaddr_nl)));
  CALL(send_to_port(AF_UNIX, 0, sizeof(struct sockaddr_nl)));
  CALL(send_to_port(AF_NETLINK, 0, 4));
  CALL(send(netlink_fd, "", 0, 0));
  CALL(send(netlink_fd, "abc", 3, 0));
  CALL(send(netlink_fd, "abc", 3, MSG_OOB));
  CALL(recv(netlink_fd, NULL, 0, MSG_OOB));
  CALL(recv(netlink_fd, NULL, 0, MSG_DONTWAIT));
  CALL(listen(second, 1));
  CALL(accept(second, NULL, NULL));
  CALL(shutdown(second, SHUT_RDWR));
  close(second);
  second = MUST(socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG));
  MUST(bind_port(second, 4242, sizeof(struct sockaddr_nl)));
  CALL(send_to_port(AF_NETLINK, 4242, sizeof(struct sockaddr_nl)));
  struct sockaddr_nl from;
  socklen_t length = sizeof from;
  char data[32];
  ssize_t got = recvfrom(second, data, sizeof data, 0, (struct sockaddr *)&from, &length);
  say("from another process's socket: %s, its port %d", quoted(data, got < 0 ? 0 : got), from.nl_pid == (unsigned)getpid());
  CALL(socket(AF_NETLINK, SOCK_STREAM, NETLINK_SOCK_DIAG));
  CALL(socket(AF_NETLINK, SOCK_RAW, 99));
}

static void try_options(void) {
  static const int OPTIONS[] = {1, 2, 3, 4, 5, 8, 9, 10, 11, 12, 99};
  int fd = MUST(socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG)), one = 1;
  for (size_t i = 0; i < COUNT(OPTIONS); i++)
    for (int size = 4; size >= 3; size--) {
      int value = -1;
      socklen_t length = size;
      show(words("option %d, set %d bytes", OPTIONS[i], size), setsockopt(fd, SOL_NETLINK, OPTIONS[i], &one, size));
      int result = getsockopt(fd, SOL_NETLINK, OPTIONS[i], &value, &length);
      say("option %d, get %d bytes: %s, value %d, length %u", OPTIONS[i], size, result == 0 ? "ok" : errno_name(errno), value, length);
    }
}

int main(void) {
  netlink_fd = MUST(socket(AF_NETLINK, SOCK_RAW, NETLINK_SOCK_DIAG));
  ask_about_sockets();
  try_addresses();
  try_options();
  return 0;
}
