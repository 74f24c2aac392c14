// Helpers for the AF_UNIX programs: addresses by path and by abstract name, and how a returned name is shown.
#pragma once
#include "observe.h"
#include <poll.h>
#include <sys/ioctl.h>

#define NAME_OFFSET offsetof(struct sockaddr_un, sun_path)

struct unix_address {
  struct sockaddr_un name;
  socklen_t size;
};

// "path" is a path, "@name" an abstract name.
MAYBE_UNUSED static struct unix_address unix_address(const char *text) {
  struct unix_address address = {.name.sun_family = AF_UNIX};
  size_t length = strlen(text);
  memcpy(address.name.sun_path, text, length);
  if (text[0] == '@') address.name.sun_path[0] = 0;
  address.size = NAME_OFFSET + length + (text[0] == '@' ? 0 : 1);
  return address;
}

MAYBE_UNUSED static int bind_to(int fd, const char *text) {
  struct unix_address address = unix_address(text);
  return bind(fd, (struct sockaddr *)&address.name, address.size);
}

MAYBE_UNUSED static int connect_to(int fd, const char *text) {
  struct unix_address address = unix_address(text);
  return connect(fd, (struct sockaddr *)&address.name, address.size);
}

// Tries until a listener is there; at most ten seconds.
MAYBE_UNUSED static int connect_when_there(int fd, const char *text) {
  for (int tries = 0; tries < 1000; tries++) {
    if (connect_to(fd, text) == 0) return 0;
    if (errno != ENOENT && errno != ECONNREFUSED) return -1;
    sleep_ms(10);
  }
  return -1;
}

MAYBE_UNUSED static int listener_at(const char *text, int backlog) {
  int fd = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  MUST(bind_to(fd, text));
  MUST(listen(fd, backlog));
  return fd;
}

MAYBE_UNUSED static void say_name(const char *label, const struct sockaddr_un *name, socklen_t size) {
  if (size <= NAME_OFFSET) say("%s: size %u, family %d, unnamed", label, size, size >= 2 ? name->sun_family : -1);
  else say("%s: size %u, family %d, %s", label, size, name->sun_family, quoted(name->sun_path, size - NAME_OFFSET));
}

MAYBE_UNUSED static void show_sockname(const char *label, int fd) {
  struct sockaddr_un name;
  socklen_t size = sizeof name;
  memset(&name, 0x55, sizeof name);
  if (getsockname(fd, (struct sockaddr *)&name, &size) == -1) show(label, -1);
  else say_name(label, &name, size);
}

MAYBE_UNUSED static void show_peername(const char *label, int fd) {
  struct sockaddr_un name;
  socklen_t size = sizeof name;
  memset(&name, 0x55, sizeof name);
  if (getpeername(fd, (struct sockaddr *)&name, &size) == -1) show(label, -1);
  else say_name(label, &name, size);
}

MAYBE_UNUSED static void show_poll(const char *label, int fd) {
  struct pollfd entry = {fd, POLLIN | POLLOUT | POLLPRI | POLLRDHUP, 0};
  int ready = poll(&entry, 1, 0);
  if (ready == -1) show(label, -1);
  else say("%s: %d, %#x", label, ready, entry.revents);
}

MAYBE_UNUSED static void show_read(const char *label, int fd) {
  char data[256];
  ssize_t length = read(fd, data, sizeof data);
  if (length == -1) show(label, -1);
  else say("%s: %zd %s", label, length, quoted(data, length));
}

// Sends one byte with descriptors attached.
MAYBE_UNUSED static ssize_t send_fds(int over, const int *fds, int count) {
  char room[CMSG_SPACE(sizeof(int) * 256)] __attribute__((aligned(8))) = {0};
  struct iovec data = {"F", 1};
  struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = room};
  message.msg_controllen = CMSG_SPACE(sizeof(int) * count);
  struct cmsghdr *header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int) * count);
  memcpy(CMSG_DATA(header), fds, sizeof(int) * count);
  return sendmsg(over, &message, 0);
}

// Receives one byte; returns how many descriptors came and stores them; -1 on error.
MAYBE_UNUSED static int receive_fds(int over, int *fds, int room_for, int flags, int *flags_out) {
  char room[CMSG_SPACE(sizeof(int) * 256)] __attribute__((aligned(8))) = {0};
  char byte;
  struct iovec data = {&byte, 1};
  struct msghdr message = {.msg_iov = &data, .msg_iovlen = 1, .msg_control = room};
  message.msg_controllen = room_for ? CMSG_LEN(sizeof(int) * room_for) : 0;
  ssize_t got = recvmsg(over, &message, flags);
  if (flags_out) *flags_out = message.msg_flags;
  if (got == -1) return -1;
  int count = 0;
  for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    int here = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    memcpy(fds + count, CMSG_DATA(header), here * sizeof(int));
    count += here;
  }
  return count;
}
