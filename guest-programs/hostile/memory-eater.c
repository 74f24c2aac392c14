// Takes and touches memory without end: mmap must fail with ENOMEM, or the program be killed, at the limit.
// skip-native: it would take the host's memory
#include "../lib/observe.h"

int main(void) {
  long taken = 0;
  for (;;) {
    char *block = mmap(NULL, 16 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (block == MAP_FAILED) break;
    for (long i = 0; i < 16 << 20; i += 4096) block[i] = 1;
    taken += 16;
  }
  say("refused: %s, after at least 64 MiB: %d", errno_name(errno), taken >= 64);
  return 0;
}
