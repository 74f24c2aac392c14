// Jumps to an unmapped address: SIGSEGV, 128 + 11.
// exit: 139
#include "../lib/observe.h"

int main(void) {
  say("jumping");
  void (*volatile nowhere)(void) = (void (*)(void))0x40;
  nowhere();
  return 0;
}
