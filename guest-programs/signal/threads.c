// Signals and threads: each thread's own mask, pthread_kill, sigwait in one thread, a fault goes to who made it.
#include "../lib/faults.h"
#include <pthread.h>

static __thread int mine;
static volatile int handled_by;

static void handler(int number) {
  (void)number;
  handled_by = mine;
}

static void *waiter(void *argument) {
  mine = 1;
  sigset_t *set = argument;
  int number;
  sigwait(set, &number);
  say("sigwait: %s", signal_name(number));
  return NULL;
}

static void *taker(void *argument) {
  mine = 2;
  sigset_t all;
  sigemptyset(&all);
  pthread_sigmask(SIG_SETMASK, &all, NULL);
  while (!*(volatile int *)argument) sleep_ms(1);
  return NULL;
}

static void *faulter(void *argument) {
  (void)argument;
  mine = 3;
  try_read("the thread's own fault", (void *)64);
  return NULL;
}

int main(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigaddset(&set, SIGUSR2);
  pthread_sigmask(SIG_BLOCK, &set, NULL);
  signal(SIGUSR1, handler);
  pthread_t thread;
  sigset_t only_two;
  sigemptyset(&only_two);
  sigaddset(&only_two, SIGUSR2);
  pthread_create(&thread, NULL, waiter, &only_two);
  kill(getpid(), SIGUSR2);
  pthread_join(thread, NULL);
  int done = 0;
  pthread_create(&thread, NULL, taker, &done);
  sleep_ms(10);
  kill(getpid(), SIGUSR1);
  for (int i = 0; i < 1000 && !handled_by; i++) sleep_ms(1);
  say("handled by the one that takes it: %d", handled_by);
  handled_by = 0;
  pthread_kill(thread, SIGUSR1);
  for (int i = 0; i < 1000 && !handled_by; i++) sleep_ms(1);
  say("sent to it: %d", handled_by);
  done = 1;
  pthread_join(thread, NULL);
  say("pthread_kill of number 0: %d", pthread_kill(pthread_self(), 0));
  say("tgkill to nobody: %s", syscall(SYS_tgkill, getpid(), 0x3ffffff, 0) == -1 ? errno_name(errno) : "sent");
  catch_faults();
  pthread_create(&thread, NULL, faulter, NULL);
  pthread_join(thread, NULL);
  sigset_t pending;
  raise(SIGUSR1);
  sigpending(&pending);
  say("raise is for the thread alone: pending %d", sigismember(&pending, SIGUSR1));
  return 0;
}
