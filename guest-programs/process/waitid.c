// waitid(2): siginfo of exits, kills, stops and continues; WNOWAIT; P_PGID; errors.
#include "../lib/observe.h"

static void show_info(const char *label, int result, siginfo_t *info, pid_t child) {
  if (result == -1) {
    show(label, -1);
    return;
  }
  say("%s: signo %d, code %d, status %d, pid right %d, uid right %d", label, info->si_signo, info->si_code,
      info->si_status, info->si_pid == child, info->si_uid == getuid());
}

int main(void) {
  siginfo_t info = {0};
  pid_t child = MUST(fork());
  if (child == 0) _exit(42);
  show_info("look", waitid(P_PID, child, &info, WEXITED | WNOWAIT), &info, child);
  show_info("reap", waitid(P_PID, child, &info, WEXITED), &info, child);
  show_info("again", waitid(P_PID, child, &info, WEXITED), &info, child);

  child = MUST(fork());
  if (child == 0) {
    setpgid(0, 0);
    for (;;) pause();
  }
  setpgid(child, child);
  memset(&info, 0x55, sizeof info);
  int result = waitid(P_PID, child, &info, WEXITED | WNOHANG);
  say("nothing yet: %d, pid %d, signo %d", result, info.si_pid, info.si_signo);
  kill(child, SIGSTOP);
  show_info("stopped", waitid(P_PGID, child, &info, WSTOPPED), &info, child);
  kill(child, SIGCONT);
  show_info("continued", waitid(P_PID, child, &info, WCONTINUED), &info, child);
  kill(child, SIGTERM);
  show_info("killed", waitid(P_ALL, 0, &info, WEXITED), &info, child);
  show("no options", waitid(P_ALL, 0, &info, 0));
  show("bad type", waitid(77, 0, &info, WEXITED));
  show("no children", waitid(P_ALL, 0, &info, WEXITED));

  child = MUST(fork());
  if (child == 0) abort();
  show_info("aborted", waitid(P_PID, child, &info, WEXITED), &info, child);
  return 0;
}
