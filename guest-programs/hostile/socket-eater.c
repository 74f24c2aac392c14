// Fills sockets without end: descriptors, or room for what is queued, end with an errno, and the host is well.
// skip-native: it would take the host's memory
#include "../lib/observe.h"
#include <sys/resource.h>

int main(void) {
  static char block[1 << 16];
  struct rlimit limit;
  MUST(getrlimit(RLIMIT_NOFILE, &limit));
  limit.rlim_cur = limit.rlim_max;
  MUST(setrlimit(RLIMIT_NOFILE, &limit));
  long queued = 0;
  for (;;) {
    int fds[2], large = 4 << 20;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds) == -1) {
      say("socketpair ended: %s", errno_name(errno));
      break;
    }
    setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &large, sizeof large);
    ssize_t sent;
    while ((sent = send(fds[0], block, sizeof block, MSG_NOSIGNAL)) > 0) queued += sent;
    if (errno != EAGAIN) {
      say("send ended: %s", errno_name(errno));
      break;
    }
  }
  say("queued at least 64 MiB: %d", queued >= 64 << 20);
  return 0;
}
