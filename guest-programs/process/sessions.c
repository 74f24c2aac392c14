// Sessions and process groups: setsid, setpgid, getpgid, getsid and their errors.
#include "../lib/observe.h"

int main(void) {
  int fds[2];
  MUST(pipe(fds));
  say("leader of a session: %d", getsid(0) == getpid());
  show("setsid as a group leader", setsid());
  pid_t child = MUST(fork());
  if (child == 0) {
    say("child: group is the parent's: %d, session too: %d", getpgrp() == getppid(), getsid(0) == getppid());
    show("child: setpgid(0, 0)", setpgid(0, 0));
    say("child: own group: %d", getpgrp() == getpid());
    show("child: setpgid to a stranger", setpgid(0, 1));
    show("child: negative", setpgid(0, -3));
    pid_t grandchild = MUST(fork());
    if (grandchild == 0) {
      say("grandchild: setsid gives its pid: %d", setsid() == getpid());
      say("grandchild: session and group: %d %d", getsid(0) == getpid(), getpgid(0) == getpid());
      _exit(0);
    }
    show_wait("grandchild", grandchild);
    hand_over(fds[1]);
    for (;;) pause();
  }
  await_turn(fds[0]);
  say("parent sees the child's group: %d", getpgid(child) == child);
  show("move it back", setpgid(child, getpgrp()));
  kill(child, SIGKILL);
  show_wait("child", child);
  show("getpgid of nobody", getpgid(0x3ffffff));
  show("getsid of nobody", getsid(0x3ffffff));
  show("setpgid of nobody", setpgid(0x3ffffff, 0));
  show("setpgid of myself, a session leader", setpgid(0, 0));
  return 0;
}
