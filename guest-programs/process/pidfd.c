// pidfd_open, pidfd_send_signal, poll and waitid on a pidfd.
#include "../lib/observe.h"
#include <poll.h>
#ifndef P_PIDFD
#define P_PIDFD 3
#endif

int main(void) {
  pid_t child = MUST(fork());
  if (child == 0) {
    for (;;) pause();
  }
  int fd = syscall(SYS_pidfd_open, child, 0);
  show_ok("pidfd_open", fd);
  say("close-on-exec: %d", fcntl(fd, F_GETFD));
  struct pollfd entry = {fd, POLLIN, 0};
  show("poll while it lives", poll(&entry, 1, 0));
  show("signal 0", syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0));
  show("SIGTERM", syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0));
  show("poll after its death", poll(&entry, 1, 5000));
  say("events: %#x", entry.revents);
  siginfo_t info;
  show("waitid", waitid(P_PIDFD, fd, &info, WEXITED));
  say("code %d, status %d", info.si_code, info.si_status);
  show("signal a reaped one", syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0));
  show("pidfd_open of nobody", syscall(SYS_pidfd_open, 0x3ffffff, 0));
  show("pidfd_open bad flags", syscall(SYS_pidfd_open, getpid(), 1));
  return 0;
}
