// Calls of fuzz/call-script.c about what else is passed and asked: descriptors of all kinds, many at once, options of all
// levels and lengths, names for which there is little room. Included by it behind its own helpers: a[] are the numbers of the line.
#pragma once
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

enum { MOST_RIGHTS = 260 };

// slot, kind: a descriptor that is no socket
static void open_kind(void) {
  char ring[120] = {0};
  sigset_t none;
  sigemptyset(&none);
  switch (a[1]) {
    case 0: keep(eventfd(3, EFD_NONBLOCK), a[0]); break;
    case 1: keep(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK), a[0]); break;
    case 2: keep(signalfd(-1, &none, SFD_NONBLOCK), a[0]); break;
    case 3: keep(memfd_create("memory", MFD_ALLOW_SEALING), a[0]); break;
    case 4: keep(open(".", O_PATH | O_DIRECTORY), a[0]); break;
    case 5: keep((int)syscall(434, getpid(), 0), a[0]); break; // pidfd_open
    case 6: keep(open("/dev/null", O_RDWR), a[0]); break;
    case 7: keep(inotify_init1(IN_NONBLOCK), a[0]); break;
    case 8: keep(open("n0", O_PATH), a[0]); break;
    case 9: keep(open(".", O_RDONLY | O_DIRECTORY), a[0]); break;
    case 10: keep((int)syscall(425, 2, ring), a[0]); break; // io_uring_setup
    default: keep(open("/proc/self/status", O_RDONLY), a[0]); break;
  }
}

// What may be done with a slot of any kind, in one line.
static void use_kind(void) {
  int fd = slot(a[0]), flags = fcntl(fd, F_GETFL);
  struct pollfd entry = {fd, POLLIN | POLLOUT | POLLPRI | POLLRDHUP, 0};
  unsigned long long number = 1;
  result(flags < 0 ? -1 : flags & (O_ACCMODE | O_NONBLOCK | O_PATH | O_DIRECTORY));
  if (flags < 0) return;
  poll(&entry, 1, 0);
  say(" %x", entry.revents);
  if (flags & O_PATH) result(read(fd, &number, 0));
  else if (a[1] == 0) result(write(fd, &number, 0));
  else if (a[1] == 1) result(lseek(fd, 0, SEEK_CUR));
}

// slot, how many, first slot, flags, size: the same descriptor again and again, or with slot -1 all slots in turn
static void send_rights(void) {
  static _Alignas(8) char control[CMSG_SPACE(MOST_RIGHTS * 4)];
  struct iovec vector = {buffer, a[4]};
  int count = (int)(a[1] > MOST_RIGHTS ? MOST_RIGHTS : a[1]);
  struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = CMSG_SPACE(count * 4)};
  struct cmsghdr *header = (struct cmsghdr *)control;
  *header = (struct cmsghdr){.cmsg_len = CMSG_LEN(count * 4), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS};
  for (int i = 0; i < count; i++) ((int *)CMSG_DATA(header))[i] = slot(a[2] < 0 ? i % SLOTS : a[2]);
  fill(a[4], 3);
  result(sendmsg(slot(a[0]), &message, (int)a[3] | MSG_DONTWAIT));
}

// slot, room for how many, flags, size: received descriptors are counted and closed
static void receive_rights(void) {
  static _Alignas(8) char control[CMSG_SPACE(MOST_RIGHTS * 4)];
  struct iovec vector = {buffer, a[3]};
  struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1, .msg_control = control, .msg_controllen = CMSG_LEN(a[1] * 4)};
  if (result(recvmsg(slot(a[0]), &message, (int)a[2] | MSG_DONTWAIT)) < 0) return;
  say(" flags=%x control=%zu", message.msg_flags, (size_t)message.msg_controllen);
  for (struct cmsghdr *h = CMSG_FIRSTHDR(&message); h; h = CMSG_NXTHDR(&message, h)) {
    int count = (int)((h->cmsg_len - CMSG_LEN(0)) / 4), open = 0;
    say(" [%d/%zu", h->cmsg_type, (size_t)h->cmsg_len);
    if (h->cmsg_type == SCM_RIGHTS || h->cmsg_type == SCM_PIDFD)
      for (int i = 0; i < count; i++) open += close(((int *)CMSG_DATA(h))[i]) == 0;
    say(" %d]", open);
  }
}

// Bytes of a value that tells of the machine's addresses or processes are not shown.
static int is_private(int level, int option) {
  return level == SOL_SOCKET && (option == SO_PEERCRED || option == SO_PEERPIDFD || option == SO_COOKIE || option == SO_INCOMING_CPU || option == 71);
}

// slot, level, option, length, where (0 as it should be, 1 bad value, 2 bad length)
static void get_any_option(void) {
  char value[80];
  socklen_t length = (socklen_t)a[3];
  memset(value, 0x7e, sizeof value);
  void *to = a[4] == 1 ? (void *)16 : value, *size = a[4] == 2 ? (void *)16 : &length;
  long got = result(getsockopt(slot(a[0]), (int)a[1], (int)a[2], to, size));
  say(" len=%u", length);
  if (got == 0 && a[2] == SO_PEERPIDFD && a[4] == 0 && length == 4) close(*(int *)value);
  if (is_private((int)a[1], (int)a[2])) return;
  for (socklen_t i = 0; i < length + 1 && i < 24; i++) say(" %02x", value[i] & 255);
}

// slot, level, option, value, length, where (0 as it should be, 1 bad value)
static void set_any_option(void) {
  int value[16] = {(int)a[3]};
  result(setsockopt(slot(a[0]), (int)a[1], (int)a[2], a[5] == 1 ? (void *)16 : (void *)value, (socklen_t)a[4]));
  setsockopt(slot(a[0]), SOL_SOCKET, SO_RCVTIMEO, (long[2]){0, 0}, 16);
  setsockopt(slot(a[0]), SOL_SOCKET, SO_SNDTIMEO, (long[2]){0, 0}, 16);
}

// slot, which (0 own name, 1 the peer's, 2 of accept4), room, where (0 as it should be, 1 bad name, 2 bad length, 3 none)
static void ask_name(void) {
  struct sockaddr_un un;
  socklen_t room = (socklen_t)a[2];
  memset(&un, 0x7e, sizeof un);
  void *to = a[3] == 1 ? (void *)16 : a[3] == 3 ? NULL : &un, *size = a[3] == 2 ? (void *)16 : a[3] == 3 ? NULL : &room;
  int fd = slot(a[0]);
  long got = a[1] == 0 ? getsockname(fd, to, size) : a[1] == 1 ? getpeername(fd, to, size) : accept4(fd, to, size, SOCK_CLOEXEC);
  if (a[1] == 2 && got >= 0) close((int)got), got = 0;
  result(got);
  say(" len=%u %x", room, un.sun_family);
  if (got == 0 && room != 8)
    for (socklen_t i = 0; i < room && i < 12; i++) say(" %02x", un.sun_path[i] & 255);
}

// True when the call is one of these.
static int act_on_kinds(const char *call) {
  if (is(call, "kind")) open_kind();
  else if (is(call, "use")) use_kind();
  else if (is(call, "rights")) send_rights();
  else if (is(call, "rightsin")) receive_rights();
  else if (is(call, "getany")) get_any_option();
  else if (is(call, "setany")) set_any_option();
  else if (is(call, "askname")) ask_name();
  else return 0;
  return 1;
}
