// Waits for SIGINT or SIGTERM, says which came, and ends with 3; ends by itself after twenty seconds.
// part
#include "../lib/observe.h"

static void handler(int number) {
  say("caught %s", signal_name(number));
  _exit(3);
}

int main(void) {
  signal(SIGINT, handler);
  signal(SIGTERM, handler);
  alarm(20);
  say("ready");
  for (;;) pause();
}
