// CLONE_PIDFD: the parent gets the descriptor, close-on-exec; the child's table parted before and does not have it.
#include "../lib/observe.h"
#include <poll.h>
#include <sched.h>

int main(void) {
  for (int shared = 0; shared < 2; shared++) {
    int pidfd = -1, ready[2];
    MUST(pipe(ready));
    unsigned long flags = CLONE_PIDFD | SIGCHLD | (shared ? CLONE_FILES : 0);
    pid_t child = MUST(syscall(SYS_clone, flags, NULL, &pidfd, NULL, NULL));
    if (child == 0) {
      char byte;
      MUST(read(ready[0], &byte, 1));
      show(shared ? "shared table: the child's F_GETFD" : "own table: the child's F_GETFD", fcntl(pidfd == -1 ? ready[1] + 1 : pidfd, F_GETFD));
      _exit(3);
    }
    say("descriptor after the pipe's: %d", pidfd == ready[1] + 1);
    CALL(fcntl(pidfd, F_GETFD));
    hand_over(ready[1]);
    struct pollfd end = {pidfd, POLLIN, 0};
    CALL(poll(&end, 1, 5000));
    show_wait("child", child);
    close(pidfd), close(ready[0]), close(ready[1]);
  }
  // Without a free number nothing is made.
  CALL(close(0));
  int fd;
  while ((fd = dup(1)) >= 0) continue;
  int pidfd = -1;
  show("no free descriptor", syscall(SYS_clone, CLONE_PIDFD | SIGCHLD, NULL, &pidfd, NULL, NULL));
  show("no child", waitpid(-1, NULL, WNOHANG));
  return 0;
}
