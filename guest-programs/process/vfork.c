// vfork and posix_spawn: the parent waits until the child has called exec or exited, and they share memory.
#include "../lib/observe.h"
#include <spawn.h>

extern char **environ;
static volatile int shared;

int main(int argc, char **argv) {
  if (argc > 1) return atoi(argv[1]);
  (void)argv;
  pid_t child = vfork();
  if (child == 0) {
    shared = 5;
    _exit(3);
  }
  say("shared: %d", shared);
  show_wait("vforked", child);
  char *args[] = {"spawned", "23", NULL};
  pid_t pid;
  int error = posix_spawn(&pid, "/proc/self/exe", NULL, NULL, args, environ);
  say("posix_spawn: %d", error);
  show_wait("spawned", pid);
  error = posix_spawn(&pid, "/no/such", NULL, NULL, args, environ);
  say("posix_spawn of nothing: %s", errno_name(error));
  return 0;
}
