// abort(3) without a handler: SIGABRT, 128 + 6.
// exit: 134
#include "../lib/observe.h"

static void on_abort(int number) { say("caught %s, and returning does not help", signal_name(number)); }

int main(void) {
  signal(SIGABRT, on_abort);
  abort();
}
