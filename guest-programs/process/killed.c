// A program that ends by its own signal: the status is 128 + 15.
// exit: 143
#include "../lib/observe.h"

int main(void) {
  say("before");
  raise(SIGTERM);
  say("never said");
  return 0;
}
