// RWF_NOSIGNAL keeps SIGPIPE from this one write alone, to pipes and to sockets.
#include "../lib/observe.h"
#include <netinet/in.h>

#define NO_SIGNAL 0x100 // RWF_NOSIGNAL, Linux 6.18

static volatile int broken;
static void on_pipe(int number) {
  (void)number;
  broken++;
}

static void both_ways(const char *label, int fd) {
  struct iovec part = {"data", 4};
  broken = 0;
  show(label, syscall(SYS_pwritev2, fd, &part, 1, -1L, -1L, NO_SIGNAL));
  say("  signals: %d", broken);
  CALL(write(fd, "x", 1));
  say("  signals: %d", broken);
  CALL(syscall(SYS_pwritev2, fd, &part, 1, -1L, -1L, 0));
  say("  signals: %d", broken);
}

static int connected_to_nobody(void) {
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t length = sizeof address;
  int listener = MUST(socket(AF_INET, SOCK_STREAM, 0)), fd = MUST(socket(AF_INET, SOCK_STREAM, 0));
  MUST(bind(listener, (struct sockaddr *)&address, length));
  MUST(listen(listener, 1));
  MUST(getsockname(listener, (struct sockaddr *)&address, &length));
  MUST(connect(fd, (struct sockaddr *)&address, length));
  MUST(shutdown(fd, SHUT_WR));
  return fd;
}

int main(void) {
  int fds[2];
  signal(SIGPIPE, on_pipe);
  MUST(pipe(fds));
  struct iovec part = {"data", 4};
  CALL(syscall(SYS_pwritev2, fds[1], &part, 1, -1L, -1L, NO_SIGNAL));
  close(fds[0]);
  both_ways("pipe", fds[1]);
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
  close(fds[0]);
  both_ways("socket pair", fds[1]);
  MUST(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds));
  MUST(shutdown(fds[1], SHUT_WR));
  both_ways("records", fds[1]);
  both_ways("TCP", connected_to_nobody());
  return 0;
}
