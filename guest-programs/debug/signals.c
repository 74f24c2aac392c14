// A signal with a handler, and one that kills.
// flags: -g -O0
// exit: 139
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

static volatile sig_atomic_t count;

static void on_signal(int signal) {
  count += signal;
}

static void crash(int *nowhere) {
  *nowhere = 1;
}

int main(void) {
  signal(SIGUSR1, on_signal);
  raise(SIGUSR1);
  printf("handled %d\n", (int)count);
  fflush(stdout);
  crash(NULL);
  return 0;
}
