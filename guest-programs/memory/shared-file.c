// MAP_SHARED of a file: two processes, read(2) and write(2), truncation and growth, MAP_PRIVATE beside it.
#include "../lib/faults.h"

enum { PAGE = 4096 };

static char byte_at(int fd, off_t offset) {
  char c = '?';
  return pread(fd, &c, 1, offset) == 1 ? c : '-';
}

int main(void) {
  catch_faults();
  const int rw = PROT_READ | PROT_WRITE;
  int fd = MUST(open("f", O_CREAT | O_RDWR, 0600));
  char block[3 * PAGE];
  memset(block, 'a', sizeof block);
  MUST(pwrite(fd, block, sizeof block, 0));
  volatile char *shared = MUST(mmap(NULL, 3 * PAGE, rw, MAP_SHARED, fd, 0));
  volatile char *own = MUST(mmap(NULL, 3 * PAGE, rw, MAP_PRIVATE, fd, 0));
  shared[5] = 'b';
  say("a store reaches read(2): %c", byte_at(fd, 5));
  MUST(pwrite(fd, "c", 1, 6));
  say("write(2) reaches a load: %c, keeps the store: %c", shared[6], shared[5]);
  say("an untouched private page follows: %c %c", own[5], own[6]);
  own[7] = 'p';
  shared[8] = 'd';
  say("a touched one does not: %c, and is its own: %c", own[8], byte_at(fd, 7));

  int up[2], down[2];
  MUST(pipe(up));
  MUST(pipe(down));
  pid_t child = MUST(fork());
  if (child == 0) {
    char token;
    for (int round = 0; round < 3; round++) {
      MUST(read(down[0], &token, 1));
      shared[PAGE] += 1;
      own[PAGE] += 1;
      MUST(write(up[1], "x", 1));
    }
    MUST(read(down[0], &token, 1));
    _exit(shared[2 * PAGE] == 'w' ? 5 : 6);
  }
  for (int round = 0; round < 3; round++) {
    char token;
    shared[PAGE] += 1;
    MUST(write(down[1], "x", 1));
    MUST(read(up[0], &token, 1));
    say("round %d: shared %c, file %c, private %c", round, shared[PAGE], byte_at(fd, PAGE), own[PAGE]);
  }
  shared[2 * PAGE] = 'w';
  MUST(write(down[1], "x", 1));
  show_wait("child", child);

  MUST(ftruncate(fd, PAGE + 100));
  try_read("cut: shared page beyond the end", (char *)shared + 2 * PAGE);
  try_read("cut: private page beyond the end", (char *)own + 2 * PAGE);
  try_read("cut: rest of the last page", (char *)shared + PAGE + 100);
  try_write("cut: writing there", (char *)shared + PAGE + 100);
  MUST(ftruncate(fd, 3 * PAGE));
  try_read("grown: rest of the old last page", (char *)shared + PAGE + 101);
  try_read("grown: new page", (char *)shared + 2 * PAGE);
  shared[2 * PAGE + 1] = 'n';
  say("grown: store reaches the file: %c", byte_at(fd, 2 * PAGE + 1));

  CALL(msync((void *)shared, 3 * PAGE, MS_SYNC));
  CALL(msync((void *)shared, 3 * PAGE, MS_SYNC | MS_ASYNC));
  CALL(msync((char *)shared + 1, PAGE, MS_SYNC));
  CALL(msync((void *)shared, PAGE, 64));
  MUST(munmap((char *)shared + PAGE, PAGE));
  CALL(msync((void *)shared, 3 * PAGE, MS_ASYNC));
  shared[0] = 'z';
  MUST(munmap((void *)shared, PAGE));
  say("after munmap: %c", byte_at(fd, 0));
  MUST(close(fd));
  MUST(unlink("f"));
  shared[2 * PAGE] = 'u';
  say("an unlinked file lives on in its mapping: %c %c", shared[2 * PAGE], shared[2 * PAGE + 1]);

  int zero = open("/dev/zero", O_RDWR);
  volatile char *zeroes = MUST(mmap(NULL, PAGE, rw, MAP_SHARED, zero, 0));
  child = MUST(fork());
  if (child == 0) {
    zeroes[0] = 'q';
    _exit(0);
  }
  show_wait("child", child);
  say("/dev/zero mapped shared is shared: %c", zeroes[0]);
  return 0;
}
