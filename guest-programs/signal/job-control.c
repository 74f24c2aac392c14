// Stopping and continuing: WUNTRACED, WCONTINUED, SIGCONT even when blocked, stop signals of all kinds, SIGCHLD flags.
#include "../lib/observe.h"

static volatile int child_signals;
static void on_child(int number) {
  (void)number;
  child_signals++;
}
static volatile int continues;
static void on_continue(int number) {
  (void)number;
  if (++continues == 4) say("child: caught SIGCONT four times");
}

int main(void) {
  signal(SIGCHLD, on_child);
  int fds[2], status;
  MUST(pipe(fds));
  pid_t child = MUST(fork());
  if (child == 0) {
    setpgid(0, 0);
    signal(SIGCONT, on_continue);
    hand_over(fds[1]);
    for (;;) pause();
  }
  setpgid(child, child);
  await_turn(fds[0]);
  int stops[] = {SIGSTOP, SIGTSTP, SIGTTIN, SIGTTOU};
  for (size_t i = 0; i < COUNT(stops); i++) {
    kill(child, stops[i]);
    while (waitpid(child, &status, WUNTRACED) == -1 && errno == EINTR) continue;
    show_status("child", status);
    kill(child, SIGCONT);
    while (waitpid(child, &status, WCONTINUED) == -1 && errno == EINTR) continue;
    if (i < 3) show_status("child", status);
    await_state(child, "S");
  }
  say("SIGCHLD came: %d", child_signals > 0);
  kill(child, SIGSTOP);
  while (waitpid(child, &status, WUNTRACED) == -1 && errno == EINTR) continue;
  kill(child, SIGTERM);
  sleep_ms(20);
  show("a stopped one does not die of SIGTERM yet", waitpid(child, &status, WNOHANG));
  kill(child, SIGKILL);
  show_wait("but of SIGKILL", child);
  struct sigaction quiet = {.sa_handler = on_child, .sa_flags = SA_NOCLDSTOP};
  sigaction(SIGCHLD, &quiet, NULL);
  child_signals = 0;
  child = MUST(fork());
  if (child == 0) {
    raise(SIGSTOP);
    _exit(0);
  }
  while (waitpid(child, &status, WUNTRACED) == -1 && errno == EINTR) continue;
  say("SA_NOCLDSTOP: %d", child_signals);
  kill(child, SIGCONT);
  show_wait("child", child);
  signal(SIGCHLD, SIG_IGN);
  child = MUST(fork());
  if (child == 0) _exit(1);
  show("ignored SIGCHLD leaves no zombies", waitpid(child, &status, 0));
  return 0;
}
