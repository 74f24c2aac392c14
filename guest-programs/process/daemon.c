// A daemon the classic way: fork, setsid, fork, new directory, descriptors to /dev/null; its parent sees only a file.
#include "../lib/observe.h"
#include <sys/prctl.h>

int main(void) {
  int fds[2], life[2];
  MUST(pipe(fds));
  MUST(pipe(life)); // the daemon ends when nobody holds its write end any more
  char home[512];
  MUST(getcwd(home, sizeof home) ? 0 : -1);
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  pid_t child = MUST(fork());
  if (child == 0) {
    MUST(setsid());
    if (fork() != 0) _exit(0);
    int log = MUST(open("daemon.log", O_CREAT | O_WRONLY | O_APPEND, 0600));
    MUST(chdir("/"));
    umask(0);
    int null = MUST(open("/dev/null", O_RDWR));
    for (int fd = 0; fd < 3; fd++) dup2(null, fd);
    dprintf(log, "leader of nothing: %d %d\n", getsid(0) != getpid(), getpgrp() != getpid());
    dprintf(log, "no terminal: %d\n", open("/dev/tty", O_RDWR) == -1);
    hand_over(fds[1]);
    char nothing;
    close(life[1]);
    while (read(life[0], &nothing, 1) > 0) continue;
    _exit(0);
  }
  show_wait("first child", child);
  await_turn(fds[0]);
  char text[128];
  int log = MUST(open("daemon.log", O_RDONLY));
  ssize_t length = MUST(read(log, text, sizeof text));
  say("log: %s", quoted(text, length));
  char path[64];
  snprintf(path, sizeof path, "/proc/self/task/%d/children", getpid());
  int list = open(path, O_RDONLY);
  if (list != -1) close(list);
  // The daemon was adopted by us, the subreaper.
  show("adopted", waitpid(-1, NULL, WNOHANG));
  kill(0, 0);
  return 0;
}
