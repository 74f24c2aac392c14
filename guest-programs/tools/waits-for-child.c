// Waits for a child that waits for ever, as shells do: who ends the program means both.
// part
#include "../lib/observe.h"

int main(void) {
  pid_t child = MUST(fork());
  if (child == 0)
    for (;;) pause();
  say("ready");
  MUST(waitpid(child, NULL, 0));
  return 0;
}
