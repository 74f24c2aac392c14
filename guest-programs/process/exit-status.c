// The exit status as the outside sees it.
// exit: 43
#include "../lib/observe.h"

static void last(void) { say("atexit handlers run"); }

int main(void) {
  atexit(last);
  exit(256 + 43);
}
