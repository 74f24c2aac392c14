// mremap(2): grow in place and by moving, shrink, fixed target, errors.
#include "../lib/faults.h"

int main(void) {
  catch_faults();
  const int rw = PROT_READ | PROT_WRITE, anonymous = MAP_PRIVATE | MAP_ANONYMOUS;
  char *base = MUST(mmap(NULL, 16 * 4096, rw, anonymous, -1, 0));
  MUST(munmap(base + 2 * 4096, 14 * 4096));
  strcpy(base + 4096, "moves along");
  say("grow in place: %d", mremap(base, 2 * 4096, 4 * 4096, 0) == base);
  try_read("new page", base + 3 * 4096);
  char *wall = MUST(mmap(base + 4 * 4096, 4096, rw, anonymous | MAP_FIXED, -1, 0));
  wall[0] = 'w';
  say("no room: %s", mremap(base, 4 * 4096, 6 * 4096, 0) == MAP_FAILED ? errno_name(errno) : "grew");
  char *moved = mremap(base, 4 * 4096, 6 * 4096, MREMAP_MAYMOVE);
  say("moved: %d, %s", moved != base && moved != MAP_FAILED, moved + 4096);
  try_read("old place", base + 4096);
  try_read("neighbour", wall);
  say("shrink: %d", mremap(moved, 6 * 4096, 2 * 4096, 0) == moved);
  try_read("cut off", moved + 2 * 4096);
  char *target = MUST(mmap(NULL, 4 * 4096, rw, anonymous, -1, 0));
  char *fixed = mremap(moved, 2 * 4096, 2 * 4096, MREMAP_MAYMOVE | MREMAP_FIXED, target);
  say("fixed: %d, %s", fixed == target, fixed + 4096);
  try_read("rest of the target's mapping", target + 2 * 4096);
  show("odd address", (long)mremap(target + 1, 4096, 8192, MREMAP_MAYMOVE));
  show("length 0", (long)mremap(target, 4096, 0, MREMAP_MAYMOVE));
  show("fixed without maymove", (long)mremap(target, 4096, 4096, MREMAP_FIXED, wall));
  char *gone = MUST(mmap(NULL, 4096, rw, anonymous, -1, 0));
  MUST(munmap(gone, 4096));
  show("unmapped", (long)mremap(gone, 4096, 8192, MREMAP_MAYMOVE));
  show("overlapping", (long)mremap(target, 8192, 8192, MREMAP_MAYMOVE | MREMAP_FIXED, target + 4096));
  // lengths so long that the end wraps around
  char *wide = MUST(mmap(NULL, 4 * 4096, rw, anonymous, -1, 0));
  show("fixed, from an old length that wraps", (long)mremap(wide + 8192, -4096UL, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, wide + 4096));
  try_read("its target is gone", wide + 4096);
  show("from nothing", (long)mremap(wide + 4096, -4096UL, 4096, MREMAP_MAYMOVE | MREMAP_FIXED, wide + 4096));
  show("in place, from an old length that wraps", (long)mremap(wide, -4096UL, 4096, 0));
  CALL(mlock(wide + 100, -4096UL));
  CALL(mlock(wide + 1, -1UL));
  CALL(mlock(wide, -4096UL));
  CALL(munlock(wide + 100, -4096UL));
  show("unknown flag", (long)mremap(target, 4096, 4096, 64));
  int fd = MUST(open("f", O_CREAT | O_RDWR, 0600));
  MUST(ftruncate(fd, 4 * 4096));
  MUST(pwrite(fd, "third page", 10, 2 * 4096));
  char *file = MUST(mmap(NULL, 4096, rw, MAP_SHARED, fd, 0));
  file = mremap(file, 4096, 3 * 4096, MREMAP_MAYMOVE);
  say("a file's mapping grows over its file: %s", file + 2 * 4096);
  char *twin = mremap(file, 0, 4096, MREMAP_MAYMOVE);
  say("old size 0 makes a second view: %d", twin != MAP_FAILED && (twin[5] = 'q', file[5] == 'q'));
  return 0;
}
