// exit_group from a second thread ends the process; a first thread that has left keeps the process as it is.
#include "../lib/observe.h"
#include <pthread.h>

static void *ender(void *argument) {
  (void)argument;
  sleep_ms(20);
  say("the second thread ends the process");
  exit(6);
}

static void *forker(void *argument) {
  (void)argument;
  say("in the child only the forking thread lives");
  return NULL;
}

int main(void) {
  pid_t child = MUST(fork());
  if (child == 0) {
    pthread_t thread;
    pthread_create(&thread, NULL, ender, NULL);
    for (;;) pause();
  }
  show_wait("group exit", child);
  child = MUST(fork());
  if (child == 0) {
    pthread_t thread;
    pthread_create(&thread, NULL, ender, NULL);
    syscall(SYS_exit, 1);
  }
  show_wait("first thread left before", child);
  pthread_t thread;
  pthread_create(&thread, NULL, forker, NULL);
  pthread_join(thread, NULL);
  return 0;
}
