// Messages with everything attached: sending with flags, names and control data, and showing all that arrives.
#pragma once
#include "unix.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/resource.h>

#ifndef SCM_SECURITY
#define SCM_SECURITY 3
#endif
#ifndef SCM_PIDFD
#define SCM_PIDFD 4
#endif
#ifndef SO_PASSPIDFD
#define SO_PASSPIDFD 76
#endif
#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif
#ifndef SO_PASSRIGHTS
#define SO_PASSRIGHTS 83
#endif
#ifndef SO_INQ
#define SO_INQ 84
#endif
#ifndef SIOCUNIXFILE
#define SIOCUNIXFILE 0x89E0
#endif
#ifndef SIOCOUTQ
#define SIOCOUTQ 0x5411
#endif

static const int ALL_TYPES[] MAYBE_UNUSED = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};

MAYBE_UNUSED static const char *type_name(int type) {
  switch (type & 0xf) {
    case SOCK_STREAM: return "stream";
    case SOCK_DGRAM: return "dgram";
    case SOCK_RAW: return "raw";
    case SOCK_SEQPACKET: return "seqpacket";
    default: return "?";
  }
}

// label with words before it, in one of a few buffers.
MAYBE_UNUSED __attribute__((format(printf, 1, 2))) static const char *words(const char *format, ...) {
  static char text[8][200];
  static int turn;
  char *here = text[turn = (turn + 1) % 8];
  va_list arguments;
  va_start(arguments, format);
  vsnprintf(here, sizeof text[0], format, arguments);
  va_end(arguments);
  return here;
}

MAYBE_UNUSED static void pair_of(int type, int fds[2]) {
  MUST(socketpair(AF_UNIX, type, 0, fds));
}

MAYBE_UNUSED static int int_option(int fd, int option) {
  int value = -12345;
  socklen_t length = sizeof value;
  if (getsockopt(fd, SOL_SOCKET, option, &value, &length) == -1) return -errno;
  return value;
}

MAYBE_UNUSED static void show_option(const char *label, int fd, int option) {
  int value = -12345;
  socklen_t length = sizeof value;
  if (getsockopt(fd, SOL_SOCKET, option, &value, &length) == -1) show(label, -1);
  else say("%s: %d", label, value);
}

MAYBE_UNUSED static int set_option(int fd, int option, int value) {
  return setsockopt(fd, SOL_SOCKET, option, &value, sizeof value);
}

MAYBE_UNUSED static long queue_size(int fd, unsigned long request) {
  int value = -1;
  if (ioctl(fd, request, &value) == -1) return -1;
  return value;
}

MAYBE_UNUSED static const char *pid_name(pid_t pid) {
  if (pid == 0) return "0";
  if (pid == getpid()) return "self";
  if (pid == 1) return "init";
  if (pid == getppid()) return "parent";
  return "other";
}

MAYBE_UNUSED static const char *flag_names(int flags) {
  static char text[200];
  text[0] = 0;
  static const struct { int bit; const char *name; } NAMES[] = {
      {MSG_OOB, "OOB"}, {MSG_CTRUNC, "CTRUNC"}, {MSG_TRUNC, "TRUNC"}, {MSG_EOR, "EOR"}, {MSG_CMSG_CLOEXEC, "CLOEXEC"}};
  for (size_t i = 0; i < COUNT(NAMES); i++) {
    if (flags & NAMES[i].bit) {
      strcat(text, text[0] ? "|" : "");
      strcat(text, NAMES[i].name);
      flags &= ~NAMES[i].bit;
    }
  }
  if (flags) sprintf(text + strlen(text), "%s%#x", text[0] ? "|" : "", flags);
  return text[0] ? text : "0";
}

// NUL and five hex digits, as autobind gives them.
MAYBE_UNUSED static bool is_autobound(const struct sockaddr_un *name, socklen_t size) {
  if (size != NAME_OFFSET + 6 || name->sun_path[0]) return false;
  for (int i = 1; i < 6; i++)
    if (!name->sun_path[i] || !strchr("0123456789abcdef", name->sun_path[i])) return false;
  return true;
}

// Receives with room for `size` bytes and `room` bytes of control data (-1: none at all) and shows everything.
MAYBE_UNUSED static ssize_t show_recvmsg(const char *label, int fd, size_t size, long room, int flags) {
  static char data[70000], control[4096] __attribute__((aligned(8)));
  struct sockaddr_un name;
  memset(&name, 0x55, sizeof name);
  memset(data, 0x2e, sizeof data);
  struct iovec into = {data, size};
  struct msghdr message = {.msg_name = &name, .msg_namelen = sizeof name, .msg_iov = &into, .msg_iovlen = 1};
  if (room >= 0) {
    message.msg_control = control;
    message.msg_controllen = room;
  }
  ssize_t got = recvmsg(fd, &message, flags);
  if (got == -1) {
    show(label, -1);
    return -1;
  }
  char line[3000];
  size_t shown = (size_t)got < size ? (size_t)got : size;
  int at = snprintf(line, sizeof line, "%s: %zd %s flags %s", label, got, quoted(data, shown > 60 ? 60 : shown),
                    flag_names(message.msg_flags));
  if (message.msg_namelen) {
    at += snprintf(line + at, sizeof line - at, ", from %u %s", message.msg_namelen,
                   is_autobound(&name, message.msg_namelen) ? "autobound"
                   : message.msg_namelen > 2                ? quoted(name.sun_path, message.msg_namelen - 2)
                                                            : "");
  }
  if (room >= 0) at += snprintf(line + at, sizeof line - at, ", control %zu", (size_t)message.msg_controllen);
  for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
    size_t length = header->cmsg_len - CMSG_LEN(0);
    if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS) {
      int count = length / sizeof(int), cloexec = 0;
      for (int i = 0; i < count; i++) {
        int got_fd;
        memcpy(&got_fd, CMSG_DATA(header) + i * sizeof(int), sizeof(int));
        cloexec += (fcntl(got_fd, F_GETFD) & FD_CLOEXEC) != 0;
        close(got_fd);
      }
      at += snprintf(line + at, sizeof line - at, " RIGHTS %d%s", count, cloexec ? words(" cloexec %d", cloexec) : "");
    } else if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_CREDENTIALS && length >= sizeof(struct ucred)) {
      struct ucred who;
      memcpy(&who, CMSG_DATA(header), sizeof who);
      at += snprintf(line + at, sizeof line - at, " CREDENTIALS %s %d %d", pid_name(who.pid), (int)who.uid, (int)who.gid);
    } else if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_PIDFD && length >= sizeof(int)) {
      int pidfd;
      memcpy(&pidfd, CMSG_DATA(header), sizeof pidfd);
      at += snprintf(line + at, sizeof line - at, " PIDFD %s", pidfd >= 0 ? "ok" : "bad");
      close(pidfd);
    } else if (header->cmsg_level == SOL_SOCKET && header->cmsg_type == SO_INQ && length >= sizeof(int)) {
      int queued;
      memcpy(&queued, CMSG_DATA(header), sizeof queued);
      at += snprintf(line + at, sizeof line - at, " INQ %d", queued);
    } else {
      at += snprintf(line + at, sizeof line - at, " level %d type %d length %zu", header->cmsg_level, header->cmsg_type,
                     (size_t)header->cmsg_len);
    }
  }
  say("%s", line);
  return got;
}

// A message under construction.
struct outgoing {
  struct msghdr header;
  struct iovec data;
  struct sockaddr_un name;
  char control[4096] __attribute__((aligned(8)));
};

MAYBE_UNUSED static void outgoing_init(struct outgoing *out, const void *data, size_t length) {
  memset(out, 0, sizeof *out);
  out->data = (struct iovec){(void *)data, length};
  out->header.msg_iov = &out->data;
  out->header.msg_iovlen = 1;
}

MAYBE_UNUSED static void outgoing_to(struct outgoing *out, const char *text) {
  struct unix_address address = unix_address(text);
  out->name = address.name;
  out->header.msg_name = &out->name;
  out->header.msg_namelen = address.size;
}

// Adds one control message.
MAYBE_UNUSED static struct cmsghdr *outgoing_add(struct outgoing *out, int type, const void *data, size_t length) {
  struct cmsghdr *header = (struct cmsghdr *)(out->control + out->header.msg_controllen);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = type;
  header->cmsg_len = CMSG_LEN(length);
  memcpy(CMSG_DATA(header), data, length);
  out->header.msg_control = out->control;
  out->header.msg_controllen += CMSG_SPACE(length);
  return header;
}

MAYBE_UNUSED static ssize_t send_rights(int fd, const char *data, size_t length, const int *fds, int count, int flags) {
  static struct outgoing out;
  outgoing_init(&out, data, length);
  if (count > 0) outgoing_add(&out, SCM_RIGHTS, fds, sizeof(int) * count);
  return sendmsg(fd, &out.header, flags);
}

MAYBE_UNUSED static ssize_t send_credentials(int fd, const char *data, pid_t pid, uid_t uid, gid_t gid) {
  static struct outgoing out;
  struct ucred who = {pid, uid, gid};
  outgoing_init(&out, data, strlen(data));
  outgoing_add(&out, SCM_CREDENTIALS, &who, sizeof who);
  return sendmsg(fd, &out.header, MSG_NOSIGNAL);
}

MAYBE_UNUSED static ssize_t send_to(int fd, const char *data, const char *text, int flags) {
  struct unix_address address = unix_address(text);
  return sendto(fd, data, strlen(data), flags, (struct sockaddr *)&address.name, address.size);
}

MAYBE_UNUSED static int bound_socket(int type, const char *text) {
  int fd = MUST(socket(AF_UNIX, type, 0));
  MUST(bind_to(fd, text));
  return fd;
}

// A connected pair through a listener at `text`: fds[0] the client, fds[1] the accepted one, fds[2] the listener.
MAYBE_UNUSED static void connected_through(int type, const char *text, int fds[3]) {
  fds[2] = bound_socket(type, text);
  MUST(listen(fds[2], 5));
  fds[0] = MUST(socket(AF_UNIX, type, 0));
  MUST(connect_to(fds[0], text));
  fds[1] = MUST(accept(fds[2], NULL, NULL));
}

MAYBE_UNUSED static int caught_count[65];
MAYBE_UNUSED static void count_signal(int signo) { caught_count[signo]++; }
MAYBE_UNUSED static void count_signals(int signo) {
  struct sigaction action = {.sa_handler = count_signal, .sa_flags = SA_RESTART};
  MUST(sigaction(signo, &action, NULL));
}
MAYBE_UNUSED static void show_caught(const char *label, int signo) {
  say("%s: %s came %d times", label, signal_name(signo), caught_count[signo]);
  caught_count[signo] = 0;
}
