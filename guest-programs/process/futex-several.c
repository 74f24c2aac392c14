// futex_waitv and futex_requeue: all entries are read before the first word is; the last one that was woken is the answer; both words of a requeue have the same flags.
#include "../lib/observe.h"

struct entry { uint64_t value, address; uint32_t flags, reserved; };
enum { U32 = 2, MPOL = 8, PRIVATE = 128 };
enum { WAKE = 454, REQUEUE = 456, WAITV = 449 };

static uint32_t *word;

static struct entry at(const void *address, uint32_t flags, uint32_t reserved) {
  return (struct entry){0, (uintptr_t)address, flags, reserved};
}

static void waits(const char *label, struct entry *entries, int count) {
  struct timespec moment;
  MUST(clock_gettime(CLOCK_MONOTONIC, &moment));
  moment.tv_nsec = moment.tv_nsec / 2; // it is over
  moment.tv_sec = 0;
  show(label, syscall(WAITV, entries, count, 0, &moment, CLOCK_MONOTONIC));
}

static void wake_several(int how_many) {
  pid_t child = MUST(fork());
  if (child == 0) {
    struct entry entries[] = {at(word, U32, 0), at(word + 1, U32, 0), at(word, U32, 0), at(word, U32, 0), at(word + 2, U32, 0)};
    show("woken", syscall(WAITV, entries, COUNT(entries), 0, NULL, 0));
    _exit(0);
  }
  char path[40], state[200] = "";
  snprintf(path, sizeof path, "/proc/%d/stat", child);
  for (;;) {
    int fd = MUST(open(path, O_RDONLY));
    MUST(read(fd, state, sizeof state - 1));
    close(fd);
    if (strstr(state, ") S") != NULL) break;
    sleep_ms(5);
  }
  long woken = syscall(WAKE, word, 0xfffffffful, how_many, U32);
  if (woken < 1) MUST(kill(child, SIGKILL));
  show_wait("child", child);
  show("wake", woken);
}

int main(void) {
  word = MUST(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  void *nowhere = (void *)16;
  waits("one", (struct entry[]){at(word, U32, 0)}, 1);
  waits("nowhere", (struct entry[]){at(nowhere, U32, 0)}, 1);
  waits("nowhere, then a reserved field", (struct entry[]){at(nowhere, U32, 0), at(word, U32, 1)}, 2);
  waits("nowhere, then flags", (struct entry[]){at(nowhere, U32, 0), at(word, 1, 0)}, 2);
  waits("a reserved field, then nowhere", (struct entry[]){at(word, U32, 1), at(nowhere, U32, 0)}, 2);
  waits("not aligned", (struct entry[]){at((char *)word + 1, U32, 0), at(nowhere, U32, 0)}, 2);
  waits("entries nowhere", nowhere, 2);
  struct entry other = at(word, U32, 0);
  other.value = 5;
  waits("another value, then nowhere", (struct entry[]){other, at(nowhere, U32, 0)}, 2);
  waits("another value", (struct entry[]){at(word, U32, 0), other}, 2);
  other.value = 1ull << 32;
  waits("a wide value", (struct entry[]){at(nowhere, U32, 0), other}, 2);

  struct entry pair[] = {at(nowhere, U32, 0), at(word, U32, 0)};
  CALL(syscall(REQUEUE, pair, 0, 1, 1));
  pair[1].flags = U32 | PRIVATE;
  CALL(syscall(REQUEUE, pair, 0, 1, 1));
  pair[1].flags = U32 | MPOL;
  CALL(syscall(REQUEUE, pair, 0, 1, 1));
  pair[0] = at(word, U32 | MPOL, 0);
  CALL(syscall(REQUEUE, pair, 0, 1, 1));
  wake_several(1);
  wake_several(2);
  wake_several(9);
  return 0;
}
