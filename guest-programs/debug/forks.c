// A parent that waits for its child: which of the two does a debugger follow?
// flags: -g -O0
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static int in_child(void) {
  int status = 7;
  return status;
}

static int in_parent(pid_t child) {
  int status;
  waitpid(child, &status, 0);
  return WEXITSTATUS(status);
}

int main(void) {
  pid_t child = fork();
  if (child == 0)
    _exit(in_child());
  int status = in_parent(child);
  printf("child ended with %d\n", status);
  return 0;
}
