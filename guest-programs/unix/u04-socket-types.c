// U04: which types, protocols, families and flags socket(2) accepts, and in which order it complains.
#include "../lib/unix-messages.h"

static void try(int domain, int type, int protocol) {
  int fd = socket(domain, type, protocol);
  if (fd == -1) {
    say("socket(%d, %#x, %d): %s", domain, type, protocol, errno_name(errno));
    return;
  }
  say("socket(%d, %#x, %d): SO_TYPE %d SO_DOMAIN %d SO_PROTOCOL %d nonblock %d cloexec %d", domain, type, protocol,
      int_option(fd, SO_TYPE), int_option(fd, SO_DOMAIN), int_option(fd, SO_PROTOCOL),
      (fcntl(fd, F_GETFL) & O_NONBLOCK) != 0, fcntl(fd, F_GETFD) & FD_CLOEXEC);
  close(fd);
}

int main(void) {
  for (int type = 0; type < 17; type++) try(AF_UNIX, type, 0);
  for (int i = 0; i < 3; i++) {
    try(AF_UNIX, ALL_TYPES[i] | SOCK_NONBLOCK, 0);
    try(AF_UNIX, ALL_TYPES[i] | SOCK_CLOEXEC, 0);
    try(AF_UNIX, ALL_TYPES[i] | SOCK_NONBLOCK | SOCK_CLOEXEC, PF_UNIX);
  }
  try(AF_UNIX, SOCK_STREAM, 2);
  try(AF_UNIX, SOCK_STREAM, 6);
  try(AF_UNIX, SOCK_STREAM, -1);
  try(AF_UNIX, 7, 5);
  try(AF_UNIX, SOCK_STREAM | 0x100, 0);
  try(AF_UNIX, 0x10, 9);
  try(-1, SOCK_STREAM, 0);
  try(46, SOCK_STREAM, 0);
  try(1000, 20, 0);
  try(1000, 0x100 | SOCK_STREAM, 0);
  int fds[2];
  for (int type = 0; type < 12; type++) {
    int result = socketpair(AF_UNIX, type, 0, fds);
    say("socketpair type %d: %s", type, result == -1 ? errno_name(errno) : "ok");
  }
  show("socketpair protocol", socketpair(AF_UNIX, SOCK_STREAM, 6, fds));
  show("socketpair flags", socketpair(AF_UNIX, SOCK_STREAM | 0x400, 0, fds));
  show("socketpair AF_UNSPEC", socketpair(AF_UNSPEC, SOCK_STREAM, 0, fds));
  int *volatile nowhere = (int *)8;
  show("socketpair bad pointer", socketpair(AF_UNIX, SOCK_STREAM, 0, nowhere));
  show("socketpair bad pointer and type", socketpair(AF_UNIX, 9, 0, nowhere));
  struct rlimit limit;
  MUST(getrlimit(RLIMIT_NOFILE, &limit));
  int next = MUST(dup(0));
  limit.rlim_cur = next + 1;
  close(next);
  MUST(setrlimit(RLIMIT_NOFILE, &limit));
  show("socketpair with one descriptor left", socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
  show("the same and a bad type", socketpair(AF_UNIX, 9, 0, fds));
  show_ok("socket", socket(AF_UNIX, SOCK_STREAM, 0));
  show("socket with none left", socket(AF_UNIX, SOCK_STREAM, 0));
  show("and a bad type", socket(AF_UNIX, 9, 0));
  return 0;
}
