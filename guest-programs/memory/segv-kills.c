// A fault without a handler ends the program by SIGSEGV: 128 + 11.
// exit: 139
#include "../lib/observe.h"

int main(void) {
  say("about to fault");
  *(volatile int *)0x10 = 1;
  return 0;
}
