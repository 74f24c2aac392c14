// Files stay readable through mappings and descriptors after unlink, rename over, and truncation by another process.
#include "../lib/observe.h"

int main(void) {
  int fd = MUST(open("f", O_CREAT | O_RDWR, 0600));
  MUST(write(fd, "old contents", 12));
  MUST(close(MUST(open("g", O_CREAT | O_RDWR, 0600))));
  int other = MUST(open("g", O_RDWR));
  MUST(write(other, "new", 3));
  MUST(rename("g", "f"));
  char text[16];
  say("descriptor keeps the old file: %zd", pread(fd, text, 16, 0));
  int again = MUST(open("f", O_RDONLY));
  say("the name gives the new one: %zd", pread(again, text, 16, 0));
  pid_t child = MUST(fork());
  if (child == 0) _exit(truncate("f", 1) == 0 ? 0 : 1);
  show_wait("child truncates", child);
  say("seen at once: %zd", pread(again, text, 16, 0));
  return 0;
}
