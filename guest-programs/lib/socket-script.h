// More calls of fuzz/call-script.c: several messages at once, vectors, splicing, signals, short waits, what shows outside.
// Included by it behind its own helpers: a[] are the numbers of the line, say() adds to the line's result.
#pragma once
#include <linux/netlink.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/time.h>
#include <sys/xattr.h>

enum { MESSAGES = 4, WAIT_US = 4000 };

// slot, flags, messages, size of the first, seed: the sizes grow by three.
static void send_several(void) {
  struct mmsghdr list[MESSAGES] = {0};
  struct iovec vectors[MESSAGES];
  fill(a[3] + 100, a[4]);
  int count = (int)(a[2] % (MESSAGES + 1));
  for (int i = 0; i < count; i++) {
    vectors[i] = (struct iovec){buffer + i, (size_t)a[3] + 3 * i};
    list[i].msg_hdr.msg_iov = &vectors[i];
    list[i].msg_hdr.msg_iovlen = 1;
  }
  long sent = result(sendmmsg(slot(a[0]), list, count, (int)a[1] | MSG_DONTWAIT));
  for (int i = 0; i < sent; i++) say(" %u", list[i].msg_len);
}

// slot, flags, messages, room for each
static void receive_several(void) {
  struct mmsghdr list[MESSAGES] = {0};
  struct iovec vectors[MESSAGES];
  struct sockaddr_un names[MESSAGES] = {0};
  long room = a[3] > 10000 ? 10000 : a[3];
  int count = (int)(a[2] % (MESSAGES + 1));
  for (int i = 0; i < count; i++) {
    vectors[i] = (struct iovec){buffer + i * room, (size_t)room};
    list[i].msg_hdr = (struct msghdr){.msg_name = &names[i], .msg_namelen = sizeof names[i], .msg_iov = &vectors[i], .msg_iovlen = 1};
  }
  struct timespec none = {0, 0};
  long got = result(recvmmsg(slot(a[0]), list, count, (int)a[1] | MSG_DONTWAIT, a[4] ? &none : NULL));
  for (int i = 0; i < got; i++) {
    say(" %u flags=%x", list[i].msg_len, list[i].msg_hdr.msg_flags);
    say_data(vectors[i].iov_base, list[i].msg_len < room ? list[i].msg_len : room);
    say_address(&names[i], list[i].msg_hdr.msg_namelen, sizeof names[i]);
  }
}

// slot, size, seed, how the bytes are cut
static void move_vector(int isWrite) {
  long first = a[3] % 7 < a[1] ? a[3] % 7 : a[1], rest = a[1] - first;
  struct iovec vectors[4] = {{buffer, first}, {buffer, 0}, {buffer + first, rest / 2}, {buffer + first + rest / 2, rest - rest / 2}};
  if (isWrite) fill(a[1], a[2]), result(writev(slot(a[0]), vectors, 4));
  else say_data(buffer, result(readv(slot(a[0]), vectors, 4)));
}

// A regular file of 9000 bytes.
static void open_file(void) {
  int fd = open("data", O_RDWR | O_CREAT | O_TRUNC, 0600);
  fill(9000, a[1]);
  if (fd >= 0 && write(fd, buffer, 9000) == 9000) lseek(fd, a[1], SEEK_SET);
  keep(fd, a[0]);
}

// to, from, whether at an offset, size
static void send_file(void) {
  off_t at = 5;
  long sent = result(sendfile(slot(a[0]), slot(a[1]), a[2] ? &at : NULL, a[3]));
  if (sent >= 0 && a[2]) say(" at %ld", (long)at);
}

// The signals that files send are blocked, and taken after each call: each comes once, or queued from SIGRTMIN on.
static void block_signals(sigset_t *signals) {
  sigemptyset(signals);
  sigaddset(signals, SIGIO);
  sigaddset(signals, SIGURG);
  sigaddset(signals, SIGRTMIN + 1);
  sigprocmask(SIG_BLOCK, signals, NULL);
}

static void say_signals(void) {
  struct timespec none = {0, 0};
  sigset_t signals;
  siginfo_t info;
  block_signals(&signals);
  for (int signo; (signo = sigtimedwait(&signals, &info, &none)) > 0;) {
    say(" <%s %d", signo == SIGIO ? "io" : signo == SIGURG ? "urg" : "rt", info.si_code);
    if (info.si_code > 0 && info.si_code < 7) say(" %lx %d", (long)info.si_band, info.si_fd - BASE);
    say(">");
  }
}

// slot, 0 off 1 on, whether with F_SETSIG
static void ask_for_signals(void) {
  int fd = slot(a[0]), flags = fcntl(fd, F_GETFL);
  fcntl(fd, F_SETOWN, getpid());
  fcntl(fd, F_SETSIG, a[2] ? SIGRTMIN + 1 : 0);
  result(fcntl(fd, F_SETFL, a[1] ? flags | O_ASYNC : flags & ~O_ASYNC));
}

// A blocking call that gives up after a few milliseconds: kind, slot, size, flags, seed or other slot
static void wait_shortly(void) {
  int fd = slot(a[1]), flags = fcntl(fd, F_GETFL), receives = a[0] % 4 < 2;
  int option = receives ? SO_RCVTIMEO : SO_SNDTIMEO;
  struct timeval limit = {0, WAIT_US}, none = {0, 0};
  struct sockaddr_un un;
  if (setsockopt(fd, SOL_SOCKET, option, &limit, sizeof limit) < 0 || fcntl(fd, F_SETFL, flags & ~O_NONBLOCK) < 0) {
    result(-1);
    return;
  }
  if (a[0] % 4 == 0) {
    long got = result(recv(fd, buffer, a[2], (int)a[3]));
    say_data(buffer, got < a[2] ? got : a[2]);
  } else if (a[0] % 4 == 1) {
    int got = accept4(fd, NULL, NULL, SOCK_NONBLOCK);
    keep(got, a[4] % SLOTS);
  } else if (a[0] % 4 == 2) {
    fill(a[2], a[4]);
    result(send(fd, buffer, a[2], (int)a[3]));
  } else {
    socklen_t length = address(&un, a[4] % 14);
    result(connect(fd, (void *)&un, length));
  }
  fcntl(fd, F_SETFL, flags);
  setsockopt(fd, SOL_SOCKET, option, &none, sizeof none);
}

static long inode_of(int fd) {
  struct stat status;
  return fstat(fd, &status) == 0 ? (long)status.st_ino : -1;
}

// The socket's line of /proc/net/unix (by the process's link, which the jail shows) without address and inode, and what fdinfo says of descriptors in flight.
static void say_proc(void) {
  char text[256], path[48];
  long inode = inode_of(slot(a[0]));
  FILE *table = fopen("/proc/self/net/unix", "r");
  while (table && fgets(text, sizeof text, table)) {
    unsigned references, flags, type, state;
    long found;
    int at = 0;
    if (sscanf(text, "%*x: %x %*x %x %x %x %ld%n", &references, &flags, &type, &state, &found, &at) < 5 || found != inode) continue;
    text[strcspn(text, "\n")] = 0;
    if (text[at] == ' ' && text[at + 1] == '@' && strlen(text + at) == 7) strcpy(text + at, " auto");
    say(" %x %x %x%s", flags, type, state, text + at);
  }
  if (table) fclose(table);
  snprintf(path, sizeof path, "/proc/self/fdinfo/%d", slot(a[0]));
  FILE *information = fopen(path, "r");
  while (information && fgets(text, sizeof text, information))
    if (strncmp(text, "scm_fds:", 8) == 0) say(" scm=%d", atoi(text + 8));
  if (information) fclose(information);
}

static void say_inode(unsigned inode) {
  for (long n = 0; n < SLOTS; n++)
    if (inode && (unsigned)inode_of(slot(n)) == inode) {
      say(" s%ld", n);
      return;
    }
  say(inode ? " other" : " 0");
}

static void say_attribute(const struct nlattr *attribute) {
  const unsigned *value = (const unsigned *)(attribute + 1);
  int size = attribute->nla_len - (int)sizeof *attribute;
  const char *name = (const char *)value;
  say(" %d:%d", attribute->nla_type, size);
  if (attribute->nla_type == UNIX_DIAG_PEER) say_inode(value[0]);
  else if (attribute->nla_type == UNIX_DIAG_ICONS) for (int i = 0; i < size / 4; i++) say_inode(value[i]);
  else if (attribute->nla_type == UNIX_DIAG_RQLEN) say(" %u/%u", value[0], value[1]);
  else if (attribute->nla_type == UNIX_DIAG_SHUTDOWN) say(" %d", name[0]);
  else if (attribute->nla_type == UNIX_DIAG_UID) say(" %u", value[0]);
  else if (attribute->nla_type == UNIX_DIAG_MEMINFO) say(" %u %u %u", value[1], value[2], value[3]);
  else if (attribute->nla_type == UNIX_DIAG_NAME && !(size == 6 && !name[0]))
    for (int i = 0; i < size; i++) say("%c", name[i] ? name[i] : '@');
}

// slot, what to show: what sock_diag tells of one socket
static void say_diagnosis(void) {
  struct {
    struct nlmsghdr header;
    struct unix_diag_req request;
  } ask = {{sizeof ask, SOCK_DIAG_BY_FAMILY, NLM_F_REQUEST, 1, 0}, {0}};
  static _Alignas(8) char reply[8192];
  int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_SOCK_DIAG);
  ask.request.sdiag_family = AF_UNIX;
  ask.request.udiag_ino = (unsigned)inode_of(slot(a[0]));
  ask.request.udiag_cookie[0] = ask.request.udiag_cookie[1] = -1;
  ask.request.udiag_show = (unsigned)a[1];
  if (send(fd, &ask, sizeof ask, 0) < 0) result(-1);
  long got = recv(fd, reply, sizeof reply, 0);
  close(fd);
  struct nlmsghdr *header = (void *)reply;
  if (got < (long)sizeof *header) return;
  if (header->nlmsg_type == NLMSG_ERROR) {
    say(" error %d", ((struct nlmsgerr *)NLMSG_DATA(header))->error);
    return;
  }
  struct unix_diag_msg *entry = NLMSG_DATA(header);
  say(" %d %d", entry->udiag_type, entry->udiag_state);
  char *end = reply + header->nlmsg_len;
  for (char *at = (char *)(entry + 1); at + sizeof(struct nlattr) <= end;) {
    struct nlattr *attribute = (void *)at;
    say_attribute(attribute);
    at += NLA_ALIGN(attribute->nla_len);
  }
}

// True when the call is one of these.
static int act_more(const char *call) {
  int fd = slot(a[0]), bytes = 0;
  struct sockaddr_un un = {.sun_family = AF_UNIX};
  if (is(call, "sendmmsg")) send_several();
  else if (is(call, "recvmmsg")) receive_several();
  else if (is(call, "writev")) move_vector(1);
  else if (is(call, "readv")) move_vector(0);
  else if (is(call, "file")) open_file();
  else if (is(call, "sendfile")) send_file();
  else if (is(call, "tee")) result(tee(fd, slot(a[1]), a[2], SPLICE_F_NONBLOCK));
  else if (is(call, "vmsplice")) {
    // Linux does not copy: the bytes are in pages of their own, which nobody writes to again
    size_t size = a[1] > 0 ? a[1] : 1;
    fill(size, a[2]);
    char *pages = mmap(NULL, size + 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct iovec vector = {memcpy(pages + a[2] * 100, buffer, size), a[1]};
    result(vmsplice(fd, &vector, 1, SPLICE_F_NONBLOCK));
  } else if (is(call, "pipesize")) result(fcntl(fd, F_SETPIPE_SZ, (int)a[1]));
  else if (is(call, "pipebytes")) result(ioctl(fd, FIONREAD, &bytes)), say(" %d", bytes);
  else if (is(call, "sigio")) ask_for_signals();
  else if (is(call, "timed")) wait_shortly();
  else if (is(call, "proc")) say_proc();
  else if (is(call, "diag")) say_diagnosis();
  else if (is(call, "unixfile")) keep(ioctl(fd, 0x89E0, 0), a[1]);
  else if (is(call, "drop")) result(setresuid(1000, 1000, a[0] ? 0 : 1000));
  else if (is(call, "fchmod")) result(fchmod(fd, (mode_t)a[1]));
  else if (is(call, "protoname")) {
    char name[32] = "";
    if (result(fgetxattr(fd, "system.sockprotoname", name, a[1] & 31)) > 0) say(" %s", name);
  } else if (is(call, "through")) {
    // slot, slot whose descriptor is named by its link in /proc
    snprintf(un.sun_path, sizeof un.sun_path, "/proc/self/fd/%d", slot(a[1]));
    result(connect(fd, (void *)&un, sizeof un));
  } else return 0;
  return 1;
}
