// Orphans: reparenting to a subreaper, PR_SET_PDEATHSIG, PR_SET_NAME.
#include "../lib/observe.h"
#include <sys/prctl.h>

int main(void) {
  CALL(prctl(PR_SET_CHILD_SUBREAPER, 1));
  pid_t me = getpid();
  int fds[2];
  MUST(pipe(fds));
  pid_t child = MUST(fork());
  if (child == 0) {
    if (fork() == 0) {
      await_turn(fds[0]);
      say("grandchild: my parent is the subreaper: %d", getppid() == me);
      _exit(8);
    }
    _exit(0);
  }
  show_wait("child", child);
  hand_over(fds[1]);
  int status;
  MUST(wait(&status));
  show_status("orphan", status);
  child = MUST(fork());
  if (child == 0) {
    pid_t grandchild = fork();
    if (grandchild == 0) {
      prctl(PR_SET_PDEATHSIG, SIGTERM);
      hand_over(fds[1]);
      for (;;) pause();
    }
    await_turn(fds[0]);
    _exit(0);
  }
  show_wait("child", child);
  MUST(wait(&status));
  show_status("told of the parent's death", status);
  char name[16];
  CALL(prctl(PR_SET_NAME, "a-rather-long-name"));
  CALL(prctl(PR_GET_NAME, name));
  say("name: %s", name);
  CALL(prctl(PR_GET_DUMPABLE));
  CALL(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
  CALL(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  CALL(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
  CALL(prctl(9999));
  return 0;
}
