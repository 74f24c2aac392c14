// Costs of processes: fork, exit and wait with 8 MiB of touched memory; vfork and exec of itself; threads.
// args: --check
#include "../lib/bench.h"
#include <pthread.h>

static char touched[8 << 20];

static void forks(int count) {
  for (int i = 0; i < count; i++) {
    pid_t child = MUST(fork());
    if (child == 0) _exit(0);
    waitpid(child, NULL, 0);
  }
}

// In a function of its own: vfork may clobber the caller's loop counter.
static __attribute__((noinline)) void exec_once(void) {
  pid_t child = vfork();
  if (child == 0) {
    execl("/proc/self/exe", "processes", "--leave", NULL);
    _exit(1);
  }
  waitpid(child, NULL, 0);
}

static void execs(int count) {
  for (int i = 0; i < count; i++) exec_once();
}

static void *nothing(void *argument) { return argument; }

static void threads(int count) {
  for (int i = 0; i < count; i++) {
    pthread_t thread;
    pthread_create(&thread, NULL, nothing, NULL);
    pthread_join(thread, NULL);
  }
}

int main(int argc, char **argv) {
  if (argc > 1 && strcmp(argv[1], "--leave") == 0) return 0;
  begin(argc, argv);
  memset(touched, 1, sizeof touched);
  report_each("fork-exit-wait", 200, forks);
  report_each("vfork-exec-wait", 200, execs);
  report_each("thread-create-join", 2000, threads);
  return 0;
}
