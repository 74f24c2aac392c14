// U32: a receiver without room gets as many descriptors as fit, the rest is closed, MSG_CTRUNC tells.
#include "../lib/unix-messages.h"

static int open_count(void) {
  int count = 0;
  for (int fd = 0; fd < 1024; fd++) count += fcntl(fd, F_GETFD) != -1;
  return count;
}

int main(void) {
  int many[253], fds[2];
  for (int fd = 3; fd < 1024; fd++) close(fd);
  for (int k = 0; k < 253; k++) many[k] = 0;
  for (int i = 0; i < 3; i++) {
    const char *kind = type_name(ALL_TYPES[i]);
    pair_of(ALL_TYPES[i], fds);
    int before = open_count();
    const long rooms[] = {-1, 0, 8, 15, 16, 19, 20, 23, 24, 27, 28, 31, 32, 36, 40, 1027, 1028, 1029, 1032};
    for (size_t k = 0; k < COUNT(rooms); k++) {
      MUST(send_rights(fds[0], "x", 1, many, 253, 0));
      show_recvmsg(words("%s: 253 into room for %ld", kind, rooms[k]), fds[1], 10, rooms[k], 0);
      say("open files as before: %d", open_count() == before);
    }
    MUST(send_rights(fds[0], "x", 1, many, 3, 0));
    show_recvmsg(words("%s: 3 into room for 24", kind), fds[1], 10, 24, 0);
    MUST(send_rights(fds[0], "x", 1, many, 3, 0));
    show_recvmsg(words("%s: 3 into room for 28", kind), fds[1], 10, 28, 0);
    close(fds[0]), close(fds[1]);
  }
  // RLIMIT_NOFILE counts as no room.
  pair_of(SOCK_DGRAM, fds);
  struct rlimit old, limit;
  MUST(getrlimit(RLIMIT_NOFILE, &old));
  limit = old;
  int next = MUST(dup(0));
  close(next);
  MUST(send_rights(fds[0], "x", 1, many, 5, 0));
  MUST(send_rights(fds[0], "y", 1, many, 5, 0));
  limit.rlim_cur = next + 2;
  MUST(setrlimit(RLIMIT_NOFILE, &limit));
  show_recvmsg("room for two numbers", fds[1], 10, 100, 0);
  limit.rlim_cur = next;
  MUST(setrlimit(RLIMIT_NOFILE, &limit));
  show_recvmsg("no number left", fds[1], 10, 100, 0);
  MUST(setrlimit(RLIMIT_NOFILE, &old));
  int before = open_count();

  // A fault in the control buffer.
  char *page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  MUST(munmap(page + 4096, 4096));
  const int offsets[] = {8, 16, 20, 24, 28};
  for (size_t k = 0; k < COUNT(offsets); k++) {
    MUST(send_rights(fds[0], "z", 1, many, 3, 0));
    char data[4];
    struct iovec into = {data, 4};
    struct msghdr message = {.msg_iov = &into, .msg_iovlen = 1, .msg_control = page + 4096 - offsets[k], .msg_controllen = 64};
    ssize_t result = recvmsg(fds[1], &message, 0);
    int now = open_count();
    say("fault after %d bytes: %s, flags %s, controllen %zu, more open %d", offsets[k], result == -1 ? errno_name(errno) : "ok",
        flag_names(message.msg_flags), (size_t)message.msg_controllen, now - before);
    for (int fd = next; fd < next + 20; fd++)
      if (fcntl(fd, F_GETFD) != -1) close(fd);
  }
  // A fault in the data.
  MUST(send_rights(fds[0], "data", 4, many, 3, 0));
  struct iovec into = {page + 4096 - 2, 4};
  char control[100];
  struct msghdr message = {.msg_iov = &into, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  show("fault in the data", recvmsg(fds[1], &message, 0));
  say("open files as before: %d", open_count() == before);
  show("the datagram is lost", recv(fds[1], control, 4, MSG_DONTWAIT));
  int pair[2];
  pair_of(SOCK_STREAM, pair);
  MUST(send_rights(pair[0], "data", 4, many, 3, 0));
  show("stream: fault in the data", recvmsg(pair[1], &message, 0));
  show_recvmsg("stream: nothing is lost", pair[1], 10, 100, MSG_DONTWAIT);
  return 0;
}
