// Two processes that send each other signals as fast as they can, and a handler that recurses: all must end.
#include "../lib/observe.h"

static volatile int caught;
static void handler(int number) {
  (void)number;
  caught++;
}

int main(void) {
  signal(SIGUSR1, handler);
  pid_t parent = getpid(), child = MUST(fork());
  if (child == 0) {
    for (int i = 0; i < 5000; i++) kill(parent, SIGUSR1);
    for (;;) pause();
  }
  for (int i = 0; i < 5000; i++) kill(child, SIGUSR1);
  while (!caught) pause();
  kill(child, SIGKILL);
  show_wait("child", child);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGRTMIN);
  sigprocmask(SIG_BLOCK, &set, NULL);
  int queued = 0;
  while (queued < 200000 && sigqueue(getpid(), SIGRTMIN, (union sigval){0}) == 0) queued++;
  say("queueing is bounded: %d", queued == 200000 || errno == EAGAIN);
  return 0;
}
