// Ends at once and leaves a child that waits for ever, as daemons do: only a signal from outside ends the rest.
// part
#include "../lib/observe.h"

int main(void) {
  if (MUST(fork()) == 0)
    for (;;) pause();
  show("parent", 0);
  return 0;
}
