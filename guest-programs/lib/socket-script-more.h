// Still more calls of fuzz/call-script.c: filters, what is no socket call, select, limits, odd vectors and pointers.
// Included by it behind its own helpers: a[] are the numbers of the line, say() adds to the line's result.
#pragma once
#include <linux/filter.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <termios.h>

// slot, kind, number: attaches a program, or reads, locks and detaches it
static void filter(void) {
  int fd = slot(a[0]), on = (int)a[2];
  unsigned k = (unsigned)a[2];
  struct sock_filter keep[] = {BPF_STMT(BPF_RET | BPF_K, k)};
  struct sock_filter by_first[] = {BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0), BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 'a' + k % 26, 0, 1),
                                   BPF_STMT(BPF_RET | BPF_K, 3), BPF_STMT(BPF_RET | BPF_K, 0)};
  struct sock_filter by_length[] = {BPF_STMT(BPF_LD | BPF_W | BPF_LEN, 0), BPF_STMT(BPF_ALU | BPF_SUB | BPF_K, k),
                                    BPF_STMT(BPF_RET | BPF_A, 0)};
  struct sock_filter at[] = {BPF_STMT(BPF_LD | BPF_H | BPF_ABS, k), BPF_STMT(BPF_ALU | BPF_AND | BPF_K, 0xff), BPF_STMT(BPF_RET | BPF_A, 0)};
  struct sock_fprog program = {1, keep};
  socklen_t length = (socklen_t)a[2];
  switch (a[1]) {
    case 1: program = (struct sock_fprog){4, by_first}; break;
    case 2: program = (struct sock_fprog){3, by_length}; break;
    case 3: program = (struct sock_fprog){3, at}; break;
    case 4: program = (struct sock_fprog){2, at}; break;
    case 5: result(setsockopt(fd, SOL_SOCKET, SO_DETACH_FILTER, &on, sizeof on)); return;
    case 6: result(setsockopt(fd, SOL_SOCKET, SO_LOCK_FILTER, &on, sizeof on)); return;
    case 7: if (result(getsockopt(fd, SOL_SOCKET, SO_GET_FILTER, by_first, &length)) == 0) say(" len=%u %x", length, by_first[0].code); return;
    default: break;
  }
  result(setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program));
}

// slot, which: calls for files, on a socket
static void file_call(void) {
  int fd = slot(a[0]), number = (int)getpid();
  struct flock lock = {.l_type = F_RDLCK};
  struct statfs file_system;
  struct termios terminal;
  struct stat status;
  struct timespec times[2] = {{5, 0}, {6, 0}};
  switch (a[1]) {
    case 0: result(lseek(fd, 0, SEEK_CUR)); break;
    case 1: result(ftruncate(fd, 5)); break;
    case 2: result(fallocate(fd, 0, 0, 10)); break;
    case 3: result(fsync(fd)); break;
    case 4: result(mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED ? -1 : 0); break;
    case 5: result(pwrite(fd, "x", 1, 0)); break;
    case 6: result(pwrite(fd, "x", 1, 5)); break;
    case 7: result(posix_fadvise(fd, 0, 0, POSIX_FADV_NORMAL)); break;
    case 8: result(flock(fd, LOCK_SH | LOCK_NB)); break;
    case 9: result(fcntl(fd, F_SETLK, &lock)); break;
    case 10: result(fcntl(fd, F_GETPIPE_SZ) < 0 ? -1 : 0); break;
    case 11: result(fcntl(fd, F_GETLEASE)); break;
    case 12: if (fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode)) result(fcntl(fd, 1034)); break; // F_GET_SEALS depends on the file system
    case 13: result(fchown(fd, 7, 8)); if (fstat(fd, &status) == 0) say(" %d %d", (int)status.st_uid, (int)status.st_gid); break;
    case 14: result(futimens(fd, times)); break;
    case 15: if (result(fstatfs(fd, &file_system)) == 0 && file_system.f_type == 0x534f434b) say(" sockfs"); break;
    case 16: result(tcgetattr(fd, &terminal)); break;
    case 17: result(syscall(SYS_getdents64, fd, buffer, 100)); break;
    case 18: result(fchdir(fd)); break;
    case 19: result(copy_file_range(fd, NULL, slot(a[0] + 1), NULL, 10, 0)); break;
    case 20: result(ioctl(fd, FIOASYNC, &number)); break;
    case 21: result(ioctl(fd, 0x8902, &number)); say(" %d", fcntl(fd, F_GETOWN) == getpid()); break; // SIOCSPGRP
    case 22: result(fcntl(fd, F_GETSIG)); break;
    case 23: result(ioctl(fd, FIONREAD, (void *)16)); break;
    case 24: result(syscall(SYS_sync_file_range, fd, 0L, 0L, 0)); break;
    case 25: result(fcntl(fd, F_SETFL, O_NONBLOCK | O_APPEND)); break;
    case 26: result(syncfs(fd)); break;
    default: result(readahead(fd, 0, 10)); break;
  }
}

// which sets, over all slots that are open
static void select_all(void) {
  fd_set sets[3];
  struct timeval none = {0, 0};
  for (int s = 0; s < 3; s++) FD_ZERO(&sets[s]);
  for (int i = 0; i < SLOTS; i++)
    if (fcntl(slot(i), F_GETFD) >= 0)
      for (int s = 0; s < 3; s++)
        if (a[0] >> s & 1) FD_SET(slot(i), &sets[s]);
  result(select(BASE + SLOTS, &sets[0], &sets[1], &sets[2], &none));
  for (int s = 0; s < 3; s++)
    for (int i = 0; i < SLOTS; i++)
      if (FD_ISSET(slot(i), &sets[s])) say(" %c%d", "iox"[s], i);
}

// slot, option, two numbers, length
static void set_pair(void) {
  int small[2] = {(int)a[2], (int)a[3]};
  long large[2] = {a[2], a[3]};
  void *value = a[1] == SO_LINGER ? (void *)small : (void *)large;
  result(setsockopt(slot(a[0]), SOL_SOCKET, (int)a[1], value, (socklen_t)a[4]));
  setsockopt(slot(a[0]), SOL_SOCKET, SO_RCVTIMEO, (long[2]){0, 0}, 16);
  setsockopt(slot(a[0]), SOL_SOCKET, SO_SNDTIMEO, (long[2]){0, 0}, 16);
}

// slot, flags, size, room for the name
static void receive_from(void) {
  struct sockaddr_un un;
  socklen_t length = (socklen_t)a[3];
  memset(&un, 0x7f, sizeof un);
  long got = result(recvfrom(slot(a[0]), buffer, a[2], (int)a[1] | MSG_DONTWAIT, (void *)&un, &length));
  if (got < 0) return;
  say_data(buffer, got < a[2] ? got : a[2]);
  say(" len=%u f%x %x", length, un.sun_family, un.sun_path[0]);
}

// slot, case, flags: vectors and pointers that are not as they should be
static void odd_vector(void) {
  static struct iovec many[1025];
  int fd = slot(a[0]), flags = (int)a[2] | MSG_DONTWAIT;
  fill(3000, a[1]);
  for (int i = 0; i < 1025; i++) many[i] = (struct iovec){buffer + i, 1};
  struct iovec one[3] = {{buffer, 3}, {(void *)16, 5}, {buffer, 3}};
  struct msghdr message = {.msg_iov = many, .msg_iovlen = 1};
  switch (a[1]) {
    case 0: message.msg_iovlen = 0; break;
    case 1: message.msg_iovlen = 1024; break;
    case 2: message.msg_iovlen = 1025; break;
    case 3: message.msg_iov = one, message.msg_iovlen = 3; break;
    case 4: one[0].iov_len = -1L, message.msg_iov = one; break;
    case 5: one[1].iov_len = 0, message.msg_iov = one, message.msg_iovlen = 3; break;
    case 6: message.msg_iov = NULL; break;
    case 7: message.msg_iov = one + 1; break;
    case 8: message.msg_name = (void *)16, message.msg_namelen = 10; break;
    case 9: message.msg_name = buffer, message.msg_namelen = -1; break;
    case 10: message.msg_control = (void *)16, message.msg_controllen = 32; break;
    default: message.msg_control = buffer, message.msg_controllen = 8; break;
  }
  long moved = result(a[3] ? recvmsg(fd, &message, flags) : sendmsg(fd, &message, flags));
  if (a[3] && moved >= 0) say(" flags=%x name=%u control=%zu", message.msg_flags, message.msg_namelen, (size_t)message.msg_controllen);
}

// The process that a pidfd is of, and whether it is over.
static void say_pidfd(int fd) {
  char path[48], text[100];
  struct pollfd entry = {fd, POLLIN, 0};
  snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
  FILE *information = fopen(path, "r");
  while (information && fgets(text, sizeof text, information))
    if (strncmp(text, "Pid:", 4) == 0) say(" %s", atoi(text + 4) < 0 ? "gone" : who(atoi(text + 4)));
  if (information) fclose(information);
  int ready = poll(&entry, 1, 0);
  say(" poll=%d:%x", ready, entry.revents);
  say(" signal=%ld", syscall(424, fd, 0, NULL, 0)); // pidfd_send_signal
}

static void peer_pidfd(void) {
  int fd = -1;
  socklen_t length = sizeof fd;
  if (result(getsockopt(slot(a[0]), SOL_SOCKET, SO_PEERPIDFD, &fd, &length)) < 0) return;
  say_pidfd(fd);
  close(fd);
}

// True when the call is one of these.
static int act_on_more(const char *call) {
  char from[8], to[8];
  snprintf(from, sizeof from, "n%ld", a[0]);
  snprintf(to, sizeof to, "n%ld", a[1]);
  if (is(call, "filter")) filter();
  else if (is(call, "filecall")) file_call();
  else if (is(call, "select")) select_all();
  else if (is(call, "setpair")) set_pair();
  else if (is(call, "recvfrom")) receive_from();
  else if (is(call, "odd")) odd_vector();
  else if (is(call, "peerpidfd")) peer_pidfd();
  else if (is(call, "symlink")) result(symlink(from, to));
  else if (is(call, "mkdir")) result(mkdir(from, 0755));
  else if (is(call, "rmdir")) result(rmdir(from));
  else if (is(call, "nofile")) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = (rlim_t)a[0];
    result(setrlimit(RLIMIT_NOFILE, &limit));
  } else return 0;
  return 1;
}
