// Many children of a large process that nobody waits for at once: each gives its memory back when it ends.
#include "../lib/observe.h"
#include <stdlib.h>
#include <string.h>

enum { SIZE = 16 << 20, CHILDREN = 200 };

int main(void) {
  char *block = malloc(SIZE);
  MUST(block == NULL ? -1 : 0);
  memset(block, 1, SIZE);
  int started = 0;
  while (started < CHILDREN) {
    pid_t child = fork();
    if (child == 0) _exit(block[SIZE - 1] - 1);
    if (child < 0) break;
    started++;
  }
  show("children", started);
  int well = 0;
  for (int status; wait(&status) > 0;) well += WIFEXITED(status) && WEXITSTATUS(status) == 0;
  show("ended well", well);
  free(block);
  return 0;
}
