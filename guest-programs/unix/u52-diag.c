// U52: NETLINK_SOCK_DIAG lists unix sockets as ss(8) asks for them; the sysctl net.unix.max_dgram_qlen.
// needs: root
#include "../lib/unix-messages.h"
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>

static int netlink_fd;
static long inode_of(int fd) {
  struct stat info;
  MUST(fstat(fd, &info));
  return info.st_ino;
}

static void show_diag(const char *label, int fd, unsigned states) {
  struct {
    struct nlmsghdr header;
    struct unix_diag_req request;
  } ask = {{sizeof ask, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST | NLM_F_DUMP, 7, 0}, {0}};
  ask.request.sdiag_family = AF_UNIX;
  ask.request.udiag_states = states;
  ask.request.udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_VFS | UDIAG_SHOW_PEER | UDIAG_SHOW_ICONS | UDIAG_SHOW_RQLEN | UDIAG_SHOW_MEMINFO;
  MUST(send(netlink_fd, &ask, sizeof ask, 0));
  long wanted = inode_of(fd);
  bool found = false;
  for (bool done = false; !done;) {
    static char buffer[65536] __attribute__((aligned(8)));
    ssize_t length = MUST(recv(netlink_fd, buffer, sizeof buffer, 0));
    for (struct nlmsghdr *header = (void *)buffer; NLMSG_OK(header, (size_t)length); header = NLMSG_NEXT(header, length)) {
      if (header->nlmsg_type == NLMSG_DONE) {
        done = true;
        break;
      }
      if (header->nlmsg_type == NLMSG_ERROR) {
        say("%s: netlink error %d", label, ((struct nlmsgerr *)NLMSG_DATA(header))->error);
        return;
      }
      struct unix_diag_msg *entry = NLMSG_DATA(header);
      if (entry->udiag_ino == 0) say("%s: one without an inode number", label);
      if (entry->udiag_ino != wanted) continue;
      found = true;
      char text[600];
      int at = snprintf(text, sizeof text, "%s: family %d type %d state %d", label, entry->udiag_family, entry->udiag_type, entry->udiag_state);
      struct nlattr *attribute = (void *)(entry + 1);
      char *end = (char *)header + header->nlmsg_len;
      for (; (char *)attribute + sizeof *attribute <= end; attribute = (void *)((char *)attribute + NLA_ALIGN(attribute->nla_len))) {
        char *value = (char *)(attribute + 1);
        int size = attribute->nla_len - sizeof *attribute;
        switch (attribute->nla_type) {
          case UNIX_DIAG_NAME: at += snprintf(text + at, sizeof text - at, ", name %s", quoted(value, size)); break;
          case UNIX_DIAG_VFS: at += snprintf(text + at, sizeof text - at, ", vfs %d bytes", size); break;
          case UNIX_DIAG_PEER: at += snprintf(text + at, sizeof text - at, ", peer %d bytes", size); break;
          case UNIX_DIAG_ICONS: at += snprintf(text + at, sizeof text - at, ", %d waiting", size / 4); break;
          case UNIX_DIAG_RQLEN: at += snprintf(text + at, sizeof text - at, ", queues %u %u", ((unsigned *)value)[0], ((unsigned *)value)[1]); break;
          case UNIX_DIAG_MEMINFO: at += snprintf(text + at, sizeof text - at, ", memory %d bytes, out %u", size, ((unsigned *)value)[2]); break;
          case UNIX_DIAG_SHUTDOWN: at += snprintf(text + at, sizeof text - at, ", shutdown %d", value[0]); break;
          default: at += snprintf(text + at, sizeof text - at, ", attribute %d", attribute->nla_type);
        }
      }
      say("%s", text);
    }
  }
  if (!found) say("%s: not listed", label);
}

static void show_sysctl(const char *label) {
  char text[32] = {0};
  int fd = open("/proc/sys/net/unix/max_dgram_qlen", O_RDONLY);
  if (fd == -1) {
    show(label, -1);
    return;
  }
  MUST(read(fd, text, sizeof text - 1));
  close(fd);
  say("%s: %s", label, quoted(text, strlen(text)));
}

int main(void) {
  netlink_fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  show_ok("socket", netlink_fd);
  if (netlink_fd == -1) return 0;
  for (int i = 0; i < 3; i++) {
    const char *kind = type_name(ALL_TYPES[i]);
    int fds[3], fd = MUST(socket(AF_UNIX, ALL_TYPES[i], 0));
    show_diag(words("%s: new", kind), fd, -1);
    MUST(bind_to(fd, words("@u52-%d", i)));
    show_diag(words("%s: abstract", kind), fd, -1);
    pair_of(ALL_TYPES[i], fds);
    show_diag(words("%s: pair", kind), fds[0], -1);
    MUST(send(fds[0], "12345", 5, 0));
    show_diag(words("%s: data sent", kind), fds[0], -1);
    show_diag(words("%s: data to read", kind), fds[1], -1);
    MUST(shutdown(fds[0], SHUT_WR));
    show_diag(words("%s: shut down", kind), fds[0], -1);
    show_diag(words("%s: only listeners", kind), fds[0], 1 << 10);
    if (i != 1) {
      int listener = bound_socket(ALL_TYPES[i], words("path-%d", i));
      MUST(listen(listener, 7));
      show_diag(words("%s: listener", kind), listener, -1);
      int client = MUST(socket(AF_UNIX, ALL_TYPES[i], 0));
      MUST(connect_to(client, words("path-%d", i)));
      show_diag(words("%s: one waits", kind), listener, -1);
      show_diag(words("%s: only listeners", kind), listener, 1 << 10);
      show_diag(words("%s: client", kind), client, -1);
    }
  }
  show_sysctl("max_dgram_qlen");
  int fd = open("/proc/sys/net/unix/max_dgram_qlen", O_WRONLY);
  show_ok("open for writing", fd);
  show("write", write(fd, "3\n", 2));
  show_sysctl("now");
  int receiver = bound_socket(SOCK_DGRAM, "few"), sender = MUST(socket(AF_UNIX, SOCK_DGRAM, 0)), count = 0;
  while (send_to(sender, "x", "few", MSG_DONTWAIT) == 1) count++;
  say("a new socket takes %d", count);
  MUST(pwrite(fd, "10\n", 3, 0));
  show_sysctl("back");
  count = 0;
  while (send_to(sender, "x", "few", MSG_DONTWAIT) == 1) count++;
  say("the old one takes %d more", count);
  (void)receiver;
  return 0;
}
