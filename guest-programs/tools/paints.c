// Writes for ever what would clear, reset and switch a terminal, for the debugger's panels to stand.
// part
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int main(void) {
  static const char line[] = "\033[2J\033c\033[?1049lpainted\n";
  for (volatile long turn = 0;; turn++) {
    if (turn % 1000000 == 0 && write(1, line, strlen(line)) < 0)
      return 1;
  }
}
