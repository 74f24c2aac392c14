// vfork, and exec of the same program: what a debugger's catchpoints are for.
// flags: -g -O0
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int again(void) {
  puts("again");
  return 3;
}

int main(int argc, char **argv) {
  if (argc > 1)
    return again();
  pid_t child = vfork();
  if (child == 0) {
    execl("/proc/self/exe", argv[0], "again", (char *)NULL);
    _exit(127);
  }
  int status;
  waitpid(child, &status, 0);
  printf("the other one ended with %d\n", WEXITSTATUS(status));
  return 0;
}
