// Writes files without end: ENOSPC at the limit of the memory file system, or ENOMEM; never the host's end.
// skip-native: it would fill the host's memory
#include "../lib/observe.h"

int main(void) {
  static char block[1 << 20];
  memset(block, 'x', sizeof block);
  for (int i = 0;; i++) {
    char name[16];
    sprintf(name, "eat%d", i);
    int fd = open(name, O_CREAT | O_WRONLY, 0600);
    for (int j = 0; fd != -1 && j < 64; j++) {
      if (write(fd, block, sizeof block) > 0) continue; // the last one that fits is short
      say("write ended: %s", errno == ENOSPC || errno == ENOMEM || errno == EFBIG ? "limit" : errno_name(errno));
      return 0;
    }
    if (fd == -1) {
      say("open ended: %s", errno_name(errno));
      return 0;
    }
    close(fd);
  }
}
