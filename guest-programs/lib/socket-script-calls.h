// The socket calls of fuzz/call-script.c, included by it behind its own helpers: a[] are the numbers of the line.
// Descriptors are slots 0-9; what blocks gives up soon.
#pragma once
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <linux/sockios.h>

#ifndef SCM_PIDFD
#define SCM_PIDFD 4
#endif
#ifndef SO_PEERPIDFD
#define SO_PEERPIDFD 77
#endif

// Names 0-3 are paths, 4-6 abstract, 7 the family alone, 8 an empty abstract name, 9 too long, 10 none at all.
static socklen_t address(struct sockaddr_un *un, long n) {
  memset(un, 0, sizeof *un);
  un->sun_family = AF_UNIX;
  if (n < 4) return offsetof(struct sockaddr_un, sun_path) + sprintf(un->sun_path, "n%ld", n) + 1;
  if (n < 7) return offsetof(struct sockaddr_un, sun_path) + 1 + sprintf(un->sun_path + 1, "%s%d-%ld", prefix, script, n);
  if (n == 7) return sizeof(sa_family_t);
  if (n == 8) return sizeof(sa_family_t) + 1;
  if (n == 9) return sizeof *un + 1;
  if (n == 10) return 0;
  if (n == 11) return un->sun_family = AF_UNSPEC, sizeof *un;
  if (n == 12) return un->sun_family = AF_INET, sizeof *un;
  memset(un->sun_path, 'x', sizeof un->sun_path);
  return sizeof *un;
}

static void say_address(const struct sockaddr_un *un, socklen_t length, socklen_t room) {
  say(" len=%u", length);
  if (length <= sizeof(sa_family_t) || room < length) return;
  size_t bytes = length - sizeof(sa_family_t);
  if (un->sun_path[0] == 0 && bytes == 6) {
    say(" auto");
    return;
  }
  say(" f%d '", un->sun_family);
  for (size_t i = 0; i < bytes && i < sizeof un->sun_path; i++) {
    char c = un->sun_path[i];
    say("%c", c == 0 ? '@' : c);
  }
  say("'");
}

static void say_kind(int fd) {
  struct stat status;
  int type = 0;
  socklen_t length = sizeof type;
  if (fstat(fd, &status) < 0) say(" bad");
  else if (!S_ISSOCK(status.st_mode)) say(" fd:%o", status.st_mode & S_IFMT);
  else say(" sock:%d", getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) < 0 ? -1 : type);
  say("%s", fcntl(fd, F_GETFD) & FD_CLOEXEC ? "c" : "");
}

static void say_pidfd(int fd);

// slot, flags, length, seed, control (0 none, 1 rights, 2 own credentials, 3 no such pid, 4 short, 5 unknown type,
// 6 unknown level, 7 rights of a bad descriptor, 8 two rights, 9 rights and credentials, 10 too long, 11 another uid,
// 12 a uid of -1, 13 the first process's pid, 14 credentials twice, 15 rights without padding), address.
static void send_message(void) {
  _Alignas(8) char control[256] = {0};
  struct sockaddr_un un;
  struct iovec vector[2] = {{buffer, a[2] / 2}, {buffer + a[2] / 2, a[2] - a[2] / 2}};
  struct msghdr message = {.msg_iov = vector, .msg_iovlen = 2, .msg_control = control};
  struct cmsghdr *header = (struct cmsghdr *)control;
  fill(a[2], a[3]);
  if (a[5] >= 0) message.msg_name = &un, message.msg_namelen = address(&un, a[5]);
  long kind = a[4] % 16;
  int fds[3] = {slot(a[4] / 16 % SLOTS), slot((a[4] / 16 + 1) % SLOTS), slot((a[4] / 16 + 2) % SLOTS)};
  struct ucred cred = {getpid(), getuid(), getgid()};
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  if (kind == 1 || kind == 7 || kind == 15) {
    if (kind == 7) fds[0] = 999;
    header->cmsg_len = CMSG_LEN(4);
    memcpy(CMSG_DATA(header), fds, 4);
    message.msg_controllen = kind == 15 ? CMSG_LEN(4) : CMSG_SPACE(4);
  } else if (kind == 2 || kind == 3 || (kind > 10 && kind < 14)) {
    if (kind == 3) cred.pid = 0x3fffff;
    if (kind == 11) cred.uid = 12345;
    if (kind == 12) cred.uid = (uid_t)-1;
    if (kind == 13) cred.pid = pids[0];
    header->cmsg_type = SCM_CREDENTIALS;
    header->cmsg_len = CMSG_LEN(sizeof cred);
    memcpy(CMSG_DATA(header), &cred, sizeof cred);
    message.msg_controllen = CMSG_SPACE(sizeof cred);
  } else if (kind == 4) {
    header->cmsg_len = 4;
    message.msg_controllen = CMSG_SPACE(4);
  } else if (kind == 5 || kind == 6) {
    if (kind == 5) header->cmsg_type = 77;
    else header->cmsg_level = 41;
    header->cmsg_len = CMSG_LEN(4);
    message.msg_controllen = CMSG_SPACE(4);
  } else if (kind == 8 || kind == 9) {
    header->cmsg_len = CMSG_LEN(8);
    memcpy(CMSG_DATA(header), fds, 8);
    struct cmsghdr *second = (struct cmsghdr *)(control + CMSG_SPACE(8));
    *second = *header;
    if (kind == 8) memcpy(CMSG_DATA(second), fds + 2, 4), second->cmsg_len = CMSG_LEN(4);
    else second->cmsg_type = SCM_CREDENTIALS, second->cmsg_len = CMSG_LEN(sizeof cred), memcpy(CMSG_DATA(second), &cred, sizeof cred);
    message.msg_controllen = CMSG_SPACE(8) + (kind == 8 ? CMSG_SPACE(4) : CMSG_SPACE(sizeof cred));
  } else if (kind == 14) {
    header->cmsg_type = SCM_CREDENTIALS;
    header->cmsg_len = CMSG_LEN(sizeof cred);
    memcpy(CMSG_DATA(header), &cred, sizeof cred);
    struct cmsghdr *second = (struct cmsghdr *)(control + CMSG_SPACE(sizeof cred));
    *second = *header;
    cred.gid = 77;
    memcpy(CMSG_DATA(second), &cred, sizeof cred);
    message.msg_controllen = 2 * CMSG_SPACE(sizeof cred);
  } else if (kind == 10) {
    header->cmsg_len = CMSG_LEN(64);
    message.msg_controllen = CMSG_SPACE(4);
  }
  result(sendmsg(slot(a[0]), &message, (int)a[1] | MSG_DONTWAIT));
}

// slot, flags, length, bytes of control room, slot for the first received descriptor
static void receive_message(void) {
  _Alignas(8) char control[512] = {0};
  struct sockaddr_un un;
  memset(&un, 0, sizeof un);
  struct iovec vector = {buffer, a[2]};
  struct msghdr message = {.msg_name = &un, .msg_namelen = sizeof un, .msg_iov = &vector, .msg_iovlen = 1,
                           .msg_control = control, .msg_controllen = a[3]};
  long got = result(recvmsg(slot(a[0]), &message, (int)a[1] | MSG_DONTWAIT));
  if (got < 0) return;
  say_data(buffer, got < a[2] ? got : a[2]);
  say_address(&un, message.msg_namelen, sizeof un);
  say(" flags=%x control=%zu", message.msg_flags, (size_t)message.msg_controllen);
  int kept = 0;
  for (struct cmsghdr *h = CMSG_FIRSTHDR(&message); h; h = CMSG_NXTHDR(&message, h)) {
    say(" [%d/%d/%zu", h->cmsg_level, h->cmsg_type, (size_t)h->cmsg_len);
    if (h->cmsg_type == SCM_RIGHTS)
      for (size_t i = 0; i < (h->cmsg_len - CMSG_LEN(0)) / 4; i++) {
        int fd;
        memcpy(&fd, CMSG_DATA(h) + 4 * i, 4);
        say_kind(fd);
        if (!kept++) dup2(fd, slot(a[4]));
        close(fd);
      }
    if (h->cmsg_type == SCM_PIDFD && h->cmsg_len >= CMSG_LEN(4)) {
      int fd;
      memcpy(&fd, CMSG_DATA(h), 4);
      say(" %s", fd >= 0 ? "pidfd" : "none");
      if (fd >= 0) say_pidfd(fd);
      close(fd);
    }
    if (h->cmsg_type == SCM_CREDENTIALS && h->cmsg_len >= CMSG_LEN(sizeof(struct ucred))) {
      struct ucred cred;
      memcpy(&cred, CMSG_DATA(h), sizeof cred);
      say(" %s %d %d", who(cred.pid), cred.uid, cred.gid);
    }
    say("]");
  }
}

static void get_option(void) {
  char value[64] = {0};
  socklen_t length = (socklen_t)a[2];
  if (result(getsockopt(slot(a[0]), SOL_SOCKET, (int)a[1], value, &length)) < 0) return;
  say(" len=%u", length);
  int number = 0;
  memcpy(&number, value, 4);
  if (a[1] == SO_PEERCRED) {
    if (length >= 12) say(" %s", who(number));
  } else if (a[1] == SO_PEERPIDFD) {
    if (length == 4) close(number);
  } else for (socklen_t i = 0; i < length && i < 16; i++) say(" %02x", value[i] & 255);
}

static void name_of(int peer) {
  struct sockaddr_un un;
  memset(&un, 0, sizeof un);
  socklen_t length = (socklen_t)a[1];
  long status = peer ? getpeername(slot(a[0]), (void *)&un, &length) : getsockname(slot(a[0]), (void *)&un, &length);
  if (result(status) == 0) say_address(&un, length, (socklen_t)a[1]);
}

#include "socket-script.h"
#include "socket-script-more.h"
#include "socket-script-kinds.h"

// True when the call is one of these or of the files included here.
static int act_on_sockets(const char *call) {
  struct sockaddr_un un;
  int fds[2], number = 0, fd = slot(a[0]);
  char from[8], to[8];
  snprintf(from, sizeof from, "n%ld", a[0]);
  snprintf(to, sizeof to, "n%ld", a[1]);
  if (is(call, "socket")) keep(socket(AF_UNIX, (int)a[1] | SOCK_NONBLOCK, (int)a[2]), a[0]);
  else if (is(call, "pair")) {
    if (result(socketpair(AF_UNIX, (int)a[2] | SOCK_NONBLOCK, (int)a[3], fds)) < 0) return 1;
    dup2(fds[0], slot(a[0])), close(fds[0]);
    dup2(fds[1], slot(a[1])), close(fds[1]);
  } else if (is(call, "pipe")) {
    if (result(pipe2(fds, O_NONBLOCK)) < 0) return 1;
    dup2(fds[0], slot(a[0])), close(fds[0]);
    dup2(fds[1], slot(a[1])), close(fds[1]);
  } else if (is(call, "bind")) {
    socklen_t length = address(&un, a[1]);
    result(bind(fd, (void *)&un, length));
  } else if (is(call, "connect")) {
    socklen_t length = address(&un, a[1]);
    result(connect(fd, (void *)&un, length));
  } else if (is(call, "listen")) result(listen(fd, (int)a[1]));
  else if (is(call, "accept")) {
    socklen_t length = sizeof un;
    int got = accept4(fd, (void *)&un, &length, SOCK_NONBLOCK | (int)a[2]);
    keep(got, a[1]);
    if (got >= 0) say_address(&un, length, sizeof un);
  } else if (is(call, "sockname")) name_of(0);
  else if (is(call, "peername")) name_of(1);
  else if (is(call, "send")) {
    fill(a[2], a[3]);
    socklen_t length = a[4] < 0 ? 0 : address(&un, a[4]);
    result(sendto(fd, buffer, a[2], (int)a[1] | MSG_DONTWAIT, a[4] < 0 ? NULL : (void *)&un, length));
  } else if (is(call, "recv")) {
    long got = result(recv(fd, buffer, a[2], (int)a[1] | MSG_DONTWAIT));
    say_data(buffer, got < a[2] ? got : a[2]);
  } else if (is(call, "sendmsg")) send_message();
  else if (is(call, "recvmsg")) receive_message();
  else if (is(call, "write")) fill(a[1], a[2]), result(write(fd, buffer, a[1]));
  else if (is(call, "read")) say_data(buffer, result(read(fd, buffer, a[1])));
  else if (is(call, "pread")) result(pread(fd, buffer, 4, 0));
  else if (is(call, "splice")) result(splice(fd, NULL, slot(a[1]), NULL, a[2], SPLICE_F_NONBLOCK));
  else if (is(call, "setopt")) number = (int)a[2], result(setsockopt(fd, SOL_SOCKET, (int)a[1], &number, (socklen_t)a[3]));
  else if (is(call, "getopt")) get_option();
  else if (is(call, "ioctl")) {
    static const unsigned long requests[] = {SIOCINQ, SIOCOUTQ, SIOCATMARK, FIONBIO, 0x1234, 0x8907, 0x8906};
    number = 1;
    if (result(ioctl(fd, requests[a[1] % 7], &number)) == 0) say(" %d", number);
  } else if (is(call, "shutdown")) result(shutdown(fd, (int)a[1]));
  else if (is(call, "close")) result(close(fd));
  else if (is(call, "dup")) result(dup2(fd, slot(a[1])) < 0 ? -1 : 0);
  else if (is(call, "flags")) result(fcntl(fd, F_GETFL) & (O_ACCMODE | O_NONBLOCK | O_APPEND));
  else if (is(call, "poll")) {
    struct pollfd list[SLOTS];
    for (int i = 0; i < SLOTS; i++) list[i] = (struct pollfd){slot(i), (short)a[0], 0};
    result(poll(list, SLOTS, 0));
    for (int i = 0; i < SLOTS; i++) say(" %x", list[i].revents);
  } else if (is(call, "epoll")) keep(epoll_create1(0), a[0]);
  else if (is(call, "watch")) {
    struct epoll_event event = {.events = (unsigned)a[3], .data.u32 = (unsigned)a[2]};
    result(epoll_ctl(fd, (int)a[1], slot(a[2]), &event));
  } else if (is(call, "wait")) {
    struct epoll_event events[16];
    long got = result(epoll_wait(fd, events, 16, 0));
    for (unsigned n = 0; n < SLOTS; n++)
      for (long i = 0; i < got; i++)
        if (events[i].data.u32 == n) say(" %u:%x", n, events[i].events);
  } else if (is(call, "unlink")) result(unlink(from));
  else if (is(call, "rename")) result(rename(from, to));
  else if (is(call, "link")) result(link(from, to));
  else if (is(call, "chmod")) result(chmod(from, (mode_t)a[1]));
  else if (is(call, "stat")) {
    struct stat status;
    if (result(stat(from, &status)) == 0) say(" %o %d", status.st_mode, (int)status.st_nlink);
  } else if (is(call, "fstat")) say_kind(fd);
  else return act_more(call) || act_on_more(call) || act_on_kinds(call);
  return 1;
}

// What a slot of a process refers to, as /proc tells; 0 when there is nothing or no socket.
static long socket_in(int process, long n) {
  char path[48], target[48];
  snprintf(path, sizeof path, "/proc/%d/fd/%d", (int)pids[process], slot(n));
  ssize_t length = pids[process] ? readlink(path, target, sizeof target - 1) : -1;
  if (length < 0) return 0;
  target[length] = 0;
  return strncmp(target, "socket:[", 8) == 0 ? atol(target + 8) : 0;
}

static long passed[64];
static int passed_count;

// Remembers the sockets that a message is about to carry.
static void note_passed(int process, const char *call, const long numbers[7]) {
  long kind = numbers[4] % 16, first = numbers[4] / 16;
  int is_many = is(call, "rights") || is(call, "sys_sendmsg") || is(call, "sys_sendmmsg");
  if (!is_many && (!is(call, "sendmsg") || (kind != 1 && kind != 8 && kind != 9 && kind != 15))) return;
  int is_any = is_many && (call[0] == 's' || numbers[2] < 0);
  if (is_many) first = is_any ? 0 : numbers[2];
  for (int i = 0; i < (is_any ? SLOTS : is_many ? 1 : 3); i++) {
    long inode = socket_in(process, (first + i) % SLOTS);
    if (inode && passed_count < 64) passed[passed_count++] = inode;
  }
}

// Linux looks for sockets that only messages in flight refer to when any AF_UNIX socket goes, and closes them in the
// background, a few clock ticks later: when nobody holds a passed socket any more, one goes, and the script waits.
static void let_collect(void) {
  int lost = 0;
  for (int i = 0; i < passed_count; i++) {
    int held = passed[i] == 0;
    for (int process = 0; process < PROCESSES && !held; process++)
      for (long n = 0; n < SLOTS && !held; n++) held = socket_in(process, n) == passed[i];
    if (held) continue;
    passed[i] = 0;
    lost = 1;
  }
  if (lost) close(socket(AF_UNIX, SOCK_DGRAM, 0)), usleep(30000);
}

