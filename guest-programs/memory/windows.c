// remap_file_pages and cachestat: windows of what is mapped shared, and pages in memory; swapon and swapoff refuse.
// needs: root
#include "../lib/observe.h"

struct range {
  uint64_t offset, length;
};
struct facts {
  uint64_t cached, dirty, writeback, evicted, recently;
};

static long remap(void *start, size_t size, int prot, size_t page, int flags) {
  return syscall(SYS_remap_file_pages, start, size, prot, page, flags);
}

static void windows(int fd) {
  char *shared = mmap(NULL, 4 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  CALL(remap(shared, 4096, 0, 2, 0));
  say("pages: %c %c %c %c", shared[0], shared[4096], shared[8192], shared[12288]);
  CALL(remap(shared + 4096, 8192, 0, 0, 0));
  say("pages: %c %c %c %c", shared[0], shared[4096], shared[8192], shared[12288]);
  shared[4096] = 'x';
  char byte = 0;
  MUST(pread(fd, &byte, 1, 0));
  say("in the file: %c", byte);
  CALL(remap(shared + 1, 4096 + 5, 0, 3, 0));
  say("pages: %c %c %c %c", shared[0], shared[4096], shared[8192], shared[12288]);
  CALL(remap(shared, 4096, PROT_READ, 1, 0));
  CALL(remap(shared, 0, 0, 1, 0));
  CALL(remap(shared, 100, 0, 1, 0));
  CALL(remap(shared, -4096ul, 0, 1, 0));
  CALL(remap(shared, 4096, 0, -1ul, 0));
  CALL(remap(shared, 4096, 0, 1000, 0));
  char *own = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CALL(remap(own, 4096, 0, 1, 0));
  CALL(remap((void *)0x1000, 4096, 0, 1, 0));
  char *nameless = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  nameless[0] = 'n', nameless[4096] = 'm';
  CALL(remap(nameless, 4096, 0, 1, 0));
  say("nameless: %c %c", nameless[0], nameless[4096]);
}

static void cached(int fd) {
  struct range range = {0, 0};
  struct facts facts = {9, 9, 9, 9, 9};
#define CACHESTAT 451
  CALL(syscall(CACHESTAT, fd, &range, &facts, 0));
  say("all: %d %d %d %d %d", (int)facts.cached, (int)facts.dirty, (int)facts.writeback, (int)facts.evicted, (int)facts.recently);
  range = (struct range){4096, 4097};
  CALL(syscall(CACHESTAT, fd, &range, &facts, 0));
  say("some: %d", (int)facts.cached);
  range = (struct range){8 * 4096, 4096};
  CALL(syscall(CACHESTAT, fd, &range, &facts, 0));
  say("a hole: %d", (int)facts.cached);
  CALL(syscall(CACHESTAT, fd, &range, &facts, 1));
  CALL(syscall(CACHESTAT, -1, &range, &facts, 0));
  CALL(syscall(CACHESTAT, fd, NULL, &facts, 0));
  CALL(syscall(CACHESTAT, fd, &range, NULL, 0));
  CALL(syscall(CACHESTAT, MUST(open(".", O_PATH)), &range, &facts, 0));
  CALL(syscall(CACHESTAT, MUST(open(".", O_RDONLY)), &range, &facts, 0));
  int ends[2];
  MUST(pipe(ends));
  CALL(syscall(CACHESTAT, ends[0], &range, &facts, 0));
  MUST(close(MUST(open("f", O_WRONLY | O_CREAT, 0644))));
  int other = MUST(open("f", O_RDONLY));
  pid_t child = MUST(fork());
  if (child == 0) {
    MUST(setresuid(1000, 1000, 1000));
    CALL(syscall(CACHESTAT, fd, &range, &facts, 0));
    CALL(syscall(CACHESTAT, other, &range, &facts, 1));
    _exit(0);
  }
  show_wait("child", child);
}

static void swaps(void) {
  CALL(syscall(SYS_swapon, "f", 0));
  CALL(syscall(SYS_swapoff, "f"));
  CALL(syscall(SYS_swapon, "nothing", 0));
  CALL(syscall(SYS_swapoff, "nothing"));
  CALL(syscall(SYS_swapon, ".", 0));
  CALL(syscall(SYS_swapoff, "."));
  CALL(syscall(SYS_swapon, "/dev/null", 0));
  CALL(syscall(SYS_swapon, NULL, 0));
  CALL(syscall(SYS_swapon, "f", 0x7000000));
  CALL(syscall(SYS_swapoff, NULL));
  pid_t child = MUST(fork());
  if (child == 0) {
    MUST(setresuid(1000, 1000, 1000));
    CALL(syscall(SYS_swapon, "nothing", 0));
    CALL(syscall(SYS_swapon, "nothing", -1));
    CALL(syscall(SYS_swapoff, "nothing"));
    _exit(0);
  }
  show_wait("child", child);
}

int main(void) {
  int fd = MUST(memfd_create("windows", 0));
  MUST(ftruncate(fd, 65536));
  for (int i = 0; i < 4; i++) MUST(pwrite(fd, (char[]){'a' + i}, 1, i * 4096));
  windows(fd);
  cached(fd);
  swaps();
}
