// Arguments, environment and standard input, as the command line gives them.
// args: one two=2 --three
// env: RIVULET_TEST=yes OTHER=
// stdin: first line\nsecond line\n
#include "../lib/observe.h"

int main(int argc, char **argv) {
  say("argc: %d", argc);
  for (int i = 1; i < argc; i++) say("argv[%d]: %s", i, argv[i]);
  say("RIVULET_TEST: %s", getenv("RIVULET_TEST"));
  say("OTHER: %s", getenv("OTHER"));
  say("HOME: %s", getenv("HOME"));
  char text[256];
  size_t total = 0;
  ssize_t length;
  while ((length = read(0, text + total, sizeof text - total)) > 0) total += length;
  say("stdin: %s", quoted(text, total));
  say("then: %zd", length);
  return 0;
}
