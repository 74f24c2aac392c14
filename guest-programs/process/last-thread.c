// The first thread of a process ends before the others: the process goes on, and ends with the status of the last one.
#include "../lib/observe.h"
#include <pthread.h>
#include <stdlib.h>

enum how { EXIT, EXIT_GROUP, SIGNAL, EXEC, FIRST };
static enum how how;
static pthread_t first;

static void end(int status) { syscall(SYS_exit, status); }

static void *second(void *unused) {
  if (how == FIRST) end(5);
  char name[32];
  snprintf(name, sizeof name, "/proc/%d/stat", getpid());
  // until the first thread is a zombie
  for (char state = 0; state != 'Z'; sleep_ms(1)) {
    FILE *file = fopen(name, "r");
    MUST(fscanf(file, "%*d %*s %c", &state));
    fclose(file);
  }
  if (how == EXIT) end(5);
  if (how == EXIT_GROUP) _exit(6);
  if (how == SIGNAL) kill(getpid(), SIGTERM);
  if (how == EXEC) execl("/proc/thread-self/exe", "last-thread", "again", (char *)NULL);
  pause();
  return unused;
}

static void tell(const char *title, enum how chosen) {
  how = chosen;
  pid_t child = MUST(fork());
  if (child == 0) {
    pthread_create(&first, NULL, second, NULL);
    if (how == FIRST) pthread_join(first, NULL);
    end(3);
  }
  int status;
  MUST(waitpid(child, &status, 0));
  if (WIFSIGNALED(status)) say("%s: killed by signal %d", title, WTERMSIG(status));
  else say("%s: exited with %d", title, WEXITSTATUS(status));
}

int main(int argc, char **argv) {
  (void)argv;
  if (argc > 1) return getpid() == syscall(SYS_gettid) ? 7 : 8;
  tell("exit in the last thread", EXIT);
  tell("exit_group in the last thread", EXIT_GROUP);
  tell("a signal", SIGNAL);
  tell("execve", EXEC);
  tell("the first thread ends last", FIRST);
  return 0;
}
