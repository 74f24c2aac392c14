// futex(2): WAIT and WAKE, the value check, time limits, bitsets, REQUEUE, between processes over shared memory.
#include "../lib/observe.h"
#include <linux/futex.h>

static long futex(uint32_t *word, int op, uint32_t value, const struct timespec *limit, uint32_t *other, uint32_t extra) {
  return syscall(SYS_futex, word, op, value, limit, other, extra);
}

int main(void) {
  uint32_t *words = MUST(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  struct timespec brief = {0, 20000000}, bad = {0, 2000000000};
  words[0] = 5;
  show("value differs", futex(words, FUTEX_WAIT, 4, NULL, NULL, 0));
  show("time limit", futex(words, FUTEX_WAIT, 5, &brief, NULL, 0));
  show("bad time", futex(words, FUTEX_WAIT, 5, &bad, NULL, 0));
  show("unaligned", futex((uint32_t *)((char *)words + 1), FUTEX_WAIT, 0, NULL, NULL, 0));
  show("unmapped", futex((uint32_t *)16, FUTEX_WAIT, 0, NULL, NULL, 0));
  show("wake nobody", futex(words, FUTEX_WAKE, 1, NULL, NULL, 0));
  show("bitset 0", futex(words, FUTEX_WAIT_BITSET, 5, NULL, NULL, 0));
  show("unknown operation", futex(words, 99, 0, NULL, NULL, 0));
  struct timespec deadline;
  clock_gettime(CLOCK_MONOTONIC, &deadline);
  deadline.tv_nsec += 10000000;
  if (deadline.tv_nsec >= 1000000000) deadline.tv_sec++, deadline.tv_nsec -= 1000000000;
  show("absolute limit", futex(words, FUTEX_WAIT_BITSET, 5, &deadline, NULL, FUTEX_BITSET_MATCH_ANY));
  pid_t children[3];
  for (int i = 0; i < 3; i++) {
    children[i] = MUST(fork());
    if (children[i] == 0) {
      long result = futex(words, FUTEX_WAIT, 5, NULL, NULL, 0);
      _exit(result == 0 ? 10 + i : 99);
    }
    await_state(children[i], "S");
  }
  show("wake one", futex(words, FUTEX_WAKE, 1, NULL, NULL, 0));
  show_wait("first", children[0]);
  show("requeue, value differs", futex(words, FUTEX_CMP_REQUEUE, 0, (void *)10, words + 1, 1));
  show("requeue", futex(words, FUTEX_CMP_REQUEUE, 0, (void *)10, words + 1, 5));
  show("old word", futex(words, FUTEX_WAKE, 10, NULL, NULL, 0));
  show("new word", futex(words + 1, FUTEX_WAKE, 10, NULL, NULL, 0));
  show_wait("second", children[1]);
  show_wait("third", children[2]);
  show("private misses shared", futex(words, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, NULL, NULL, 0));
  return 0;
}
