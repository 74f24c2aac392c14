// mprotect and limits: every access against every protection, holes, RLIMIT_AS, RLIMIT_DATA, RLIMIT_MEMLOCK, mremap's oddities.
// needs: root
#include "../lib/faults.h"
#include <sys/resource.h>

enum { PAGE = 4096 };

static const int rw = PROT_READ | PROT_WRITE, anonymous = MAP_PRIVATE | MAP_ANONYMOUS;

static void *map(size_t length) { return mmap(NULL, length, rw, anonymous, -1, 0); }

static void show_map(const char *label, void *result) { show_ok(label, result == MAP_FAILED ? -1 : 0); }

int main(void) {
  catch_faults();
  char *pages = MUST(map(8 * PAGE));
  memset(pages, 'a', 8 * PAGE);
  MUST(mprotect(pages, PAGE, PROT_NONE));
  MUST(mprotect(pages + PAGE, PAGE, PROT_READ));
  try_read("none", pages);
  try_write("none", pages);
  try_read("read", pages + PAGE);
  try_write("read", pages + PAGE);
  MUST(mprotect(pages, 2 * PAGE, rw));
  say("the bytes are still there: %c %c", pages[0], pages[PAGE]);
  MUST(munmap(pages + 4 * PAGE, PAGE));
  CALL(mprotect(pages + 3 * PAGE, 3 * PAGE, PROT_READ));
  try_write("before the hole", pages + 3 * PAGE);
  try_write("behind the hole", pages + 5 * PAGE);
  CALL(mprotect(pages, 0, PROT_READ));
  CALL(mprotect(pages, PAGE, 0x40));
  CALL(mprotect(pages, PAGE, PROT_READ | PROT_GROWSDOWN));
  CALL(mprotect(pages, PAGE, PROT_READ | PROT_GROWSDOWN | PROT_GROWSUP));
  say("system calls obey: read into read-only memory: %s",
      read(MUST(open("/dev/zero", O_RDONLY)), pages + 3 * PAGE, 1) == -1 ? errno_name(errno) : "done");
  int fds[2];
  MUST(pipe(fds));
  MUST(mprotect(pages, PAGE, PROT_NONE));
  CALL(write(fds[1], pages, 1));
  CALL(write(fds[1], pages + PAGE, 10));

  CALL(mlock(pages + PAGE, 2 * PAGE));
  CALL(mlock(pages + 3 * PAGE, 2 * PAGE));
  CALL(munlock(pages + 3 * PAGE, 2 * PAGE));
  CALL(mlockall(0));
  CALL(mlockall(MCL_ONFAULT));
  CALL(madvise(pages + PAGE, PAGE, MADV_DONTNEED));
  CALL(munlockall());
  CALL(syscall(SYS_mlock2, pages + PAGE, PAGE, 8));

  pid_t child = MUST(fork());
  if (child == 0) {
    struct rlimit limit = {64 * PAGE, 64 * PAGE};
    MUST(setrlimit(RLIMIT_MEMLOCK, &limit));
    MUST(setresuid(1000, 1000, 1000));
    char *locked = MUST(map(128 * PAGE));
    CALL(mlock(locked, 64 * PAGE));
    CALL(mlock(locked, 65 * PAGE));
    CALL(mlock(locked, 32 * PAGE));
    show_map("MAP_LOCKED beyond the limit", mmap(NULL, PAGE, rw, anonymous | MAP_LOCKED, -1, 0));
    limit.rlim_cur = limit.rlim_max = 0;
    MUST(setrlimit(RLIMIT_MEMLOCK, &limit));
    CALL(mlock(locked, PAGE));
    CALL(mlockall(MCL_CURRENT));
    _exit(0);
  }
  show_wait("locker", child);

  child = MUST(fork());
  if (child == 0) {
    struct rlimit limit = {0, RLIM_INFINITY};
    MUST(setrlimit(RLIMIT_AS, &limit));
    show_map("RLIMIT_AS", map(PAGE));
    void *old = sbrk(0);
    say("brk under RLIMIT_AS: %s", syscall(SYS_brk, (char *)old + 64 * PAGE) == (long)old ? "stays" : "moves");
    CALL(munmap(pages + 7 * PAGE, PAGE));
    _exit(0);
  }
  show_wait("address space", child);

  child = MUST(fork());
  if (child == 0) {
    struct rlimit limit = {0, RLIM_INFINITY};
    MUST(setrlimit(RLIMIT_DATA, &limit));
    show_map("a soft RLIMIT_DATA of 0 is none", map(PAGE));
    limit.rlim_cur = PAGE;
    MUST(setrlimit(RLIMIT_DATA, &limit));
    show_map("RLIMIT_DATA, writable", map(PAGE));
    show_map("RLIMIT_DATA, read-only", mmap(NULL, PAGE, PROT_READ, anonymous, -1, 0));
    show_map("RLIMIT_DATA, shared", mmap(NULL, PAGE, rw, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
    _exit(0);
  }
  show_wait("data", child);

  char *area = MUST(map(4 * PAGE));
  MUST(munmap(area + 2 * PAGE, PAGE));
  show_map("mremap across a hole", mremap(area, 4 * PAGE, 8 * PAGE, MREMAP_MAYMOVE));
  show_map("mremap of private memory with old size 0", mremap(area, 0, PAGE, MREMAP_MAYMOVE));
  show_map("mremap to a huge size", mremap(area, PAGE, 1ul << 62, MREMAP_MAYMOVE));
  strcpy(area, "left behind");
  char *moved = mremap(area, PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP);
  say("MREMAP_DONTUNMAP: %s, and zeroes stay: %d", moved == MAP_FAILED ? errno_name(errno) : moved, area[0]);
  show_map("MREMAP_DONTUNMAP cannot resize", mremap(area, PAGE, 2 * PAGE, MREMAP_MAYMOVE | MREMAP_DONTUNMAP));
  return 0;
}
