// kill to process groups: 0, negative, and signals that only threads get.
#include "../lib/observe.h"
#include <pthread.h>

static volatile int caught;
static void handler(int number) {
  (void)number;
  caught++;
}

static void *blocked_thread(void *argument) {
  (void)argument;
  sigset_t all;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, NULL);
  sleep_ms(60);
  sigset_t pending;
  sigpending(&pending);
  say("thread: sent to it alone and blocked: pending %d", sigismember(&pending, SIGUSR2));
  return NULL;
}

int main(void) {
  signal(SIGUSR1, handler);
  setpgid(0, 0);
  int fds[2];
  MUST(pipe(fds));
  pid_t children[3];
  for (int i = 0; i < 3; i++) {
    children[i] = MUST(fork());
    if (children[i] == 0) {
      if (i < 2) signal(SIGUSR1, SIG_DFL);
      if (i == 2) setpgid(0, 0);
      hand_over(fds[1]);
      for (;;) pause();
    }
  }
  for (int i = 0; i < 3; i++) await_turn(fds[0]);
  show("to the own group", kill(0, SIGUSR1));
  show_wait("first", children[0]);
  show_wait("second", children[1]);
  say("caught myself: %d", caught);
  show("other group", kill(-children[2], SIGTERM));
  show_wait("third", children[2]);
  show("group that is gone", kill(-children[2], 0));
  pthread_t thread;
  pthread_create(&thread, NULL, blocked_thread, NULL);
  sleep_ms(10);
  pthread_kill(thread, SIGUSR2);
  kill(getpid(), SIGUSR1);
  say("the process's signal went to the thread that takes it: %d", caught);
  pthread_join(thread, NULL);
  return 0;
}
