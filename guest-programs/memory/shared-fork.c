// MAP_SHARED across fork, anonymous and of a file: both see each other's stores; MAP_PRIVATE does not.
#include "../lib/observe.h"
#include <stdatomic.h>

int main(void) {
  const int rw = PROT_READ | PROT_WRITE;
  int fd = MUST(open("f", O_CREAT | O_RDWR, 0600));
  MUST(ftruncate(fd, 8192));
  _Atomic int *anonymous = MUST(mmap(NULL, 8192, rw, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  _Atomic int *file = MUST(mmap(NULL, 8192, rw, MAP_SHARED, fd, 0));
  int *private = MUST(mmap(NULL, 8192, rw, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  int *private_file = MUST(mmap(NULL, 8192, rw, MAP_PRIVATE, fd, 0));
  private[0] = private_file[0] = 1;
  pid_t children[2];
  for (int i = 0; i < 2; i++) {
    children[i] = MUST(fork());
    if (children[i] != 0) continue;
    for (int round = 0; round < 5000; round++) {
      atomic_fetch_add(&anonymous[0], 1);
      int seen = atomic_load(&file[1024]);
      while (!atomic_compare_exchange_weak(&file[1024], &seen, seen + 2)) continue;
    }
    private[0] = private_file[0] = 99;
    _exit(0);
  }
  show_wait("one", children[0]);
  show_wait("two", children[1]);
  say("anonymous: %d, file: %d", anonymous[0], file[1024]);
  say("private: %d %d", private[0], private_file[0]);
  int value = 0;
  show("pread", pread(fd, &value, 4, 4096));
  say("through read: %d", value);
  value = 123456;
  MUST(pwrite(fd, &value, 4, 4));
  say("a write shows in the map: %d", file[1]);
  value = 0;
  MUST(pread(fd, &value, 4, 0));
  say("private stores stay out of the file: %d", value);
  show("msync", msync((void *)file, 8192, MS_SYNC));
  show("msync bad flags", msync((void *)file, 8192, MS_SYNC | MS_ASYNC));
  MUST(munmap((void *)file, 8192));
  show("msync of nothing", msync((void *)file, 8192, MS_SYNC));
  return 0;
}
