// madvise: DONTNEED gives zero pages or the file's again; WIPEONFORK, DONTFORK; errors; mincore; mlock.
#include "../lib/faults.h"

int main(void) {
  catch_faults();
  const int rw = PROT_READ | PROT_WRITE, anonymous = MAP_PRIVATE | MAP_ANONYMOUS;
  char *pages = MUST(mmap(NULL, 4 * 4096, rw, anonymous, -1, 0));
  memset(pages, 'a', 4 * 4096);
  CALL(madvise(pages + 4096, 4096, MADV_DONTNEED));
  say("after DONTNEED: %d %d %d", pages[0], pages[4096], pages[8192]);
  int fd = MUST(open("f", O_CREAT | O_RDWR, 0600));
  MUST(write(fd, "file", 4));
  char *file = MUST(mmap(NULL, 4096, rw, MAP_PRIVATE, fd, 0));
  file[0] = 'F';
  CALL(madvise(file, 4096, MADV_DONTNEED));
  say("the file's own byte is back: %c", file[0]);
  CALL(madvise(pages, 4096, MADV_WIPEONFORK));
  CALL(madvise(pages + 8192, 4096, MADV_DONTFORK));
  pid_t child = MUST(fork());
  if (child == 0) {
    say("child: wiped %d, kept %d", pages[0], pages[3 * 4096]);
    try_read("child: not forked", pages + 8192);
    _exit(0);
  }
  show_wait("child", child);
  say("parent keeps both: %c %c", pages[0], pages[8192]);
  CALL(madvise(pages + 1, 4096, MADV_DONTNEED));
  CALL(madvise(pages, 4096, 9999));
  CALL(madvise(pages, 0, MADV_DONTNEED));
  CALL(madvise(pages, 4096, MADV_SEQUENTIAL));
  CALL(madvise(pages, 4096, MADV_WILLNEED));
  CALL(madvise(pages, 4096, MADV_FREE));
  MUST(munmap(pages + 8192, 4096));
  CALL(madvise(pages, 4 * 4096, MADV_DONTNEED));
  unsigned char residence[4];
  pages[0] = 1;
  CALL(mincore(pages, 4096, residence));
  say("resident: %d", residence[0] & 1);
  CALL(mincore(pages, 4 * 4096, residence));
  CALL(mlock(pages, 4096));
  CALL(munlock(pages, 4096));
  return 0;
}
