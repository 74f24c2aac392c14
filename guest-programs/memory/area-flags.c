// What advice, locks, seals and MAP_STACK leave in an area's VmFlags (/proc/self/smaps), and how they cut it and join it again.
#include "../lib/observe.h"

enum { PAGE = 4096, PAGES = 24 };

static char *base;

// The areas of our mapping: pages [from, to) and their flags.
static void show_areas(const char *label) {
  FILE *smaps = fopen("/proc/self/smaps", "r");
  char line[512];
  unsigned long from = 0, to = 0, start = (unsigned long)base;
  bool is_ours = false;
  say("%s:", label);
  while (fgets(line, sizeof line, smaps)) {
    unsigned long a, b;
    if (sscanf(line, "%lx-%lx ", &a, &b) == 2) is_ours = (from = a) >= start && (to = b) <= start + PAGES * PAGE;
    if (!is_ours || strncmp(line, "VmFlags: ", 9) != 0) continue;
    line[strcspn(line, "\n")] = 0;
    say("  %lu-%lu %s", (from - start) / PAGE, (to - start) / PAGE, line + 9);
  }
  fclose(smaps);
}

static char *place(int page) { return base + page * PAGE; }

int main(void) {
  const int rw = PROT_READ | PROT_WRITE, private = MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED;
  // a page on each side that nothing joins
  char *room = MUST(mmap(NULL, (PAGES + 2) * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  base = room + PAGE;
  MUST(mmap(base, PAGES * PAGE, rw, private, -1, 0));
  show_areas("one area");
  MUST(madvise(place(0), PAGE, MADV_RANDOM));
  MUST(madvise(place(2), PAGE, MADV_SEQUENTIAL));
  MUST(madvise(place(4), PAGE, MADV_DONTFORK));
  MUST(syscall(SYS_mlock2, place(6), PAGE, 1));
  MUST(mlock(place(7), PAGE));
  MUST(madvise(place(9), PAGE, MADV_WIPEONFORK));
  MUST(madvise(place(11), PAGE, MADV_DONTDUMP));
  MUST(madvise(place(13), PAGE, MADV_HUGEPAGE));
  MUST(madvise(place(15), PAGE, MADV_NOHUGEPAGE));
  MUST(madvise(place(17), PAGE, MADV_MERGEABLE));
  MUST(mmap(place(19), PAGE, rw, private | MAP_NORESERVE, -1, 0));
  MUST(mmap(place(21), PAGE, rw, private | MAP_STACK, -1, 0));
  MUST(mmap(place(22), PAGE, rw, MAP_SHARED | MAP_ANONYMOUS | MAP_FIXED, -1, 0));
  CALL(madvise(place(22), PAGE, MADV_MERGEABLE));
  show_areas("each with its own");

  CALL(mremap(place(20), 2 * PAGE, 2 * PAGE, 0) == place(20));
  CALL(mremap(place(20), 2 * PAGE, 3 * PAGE, MREMAP_MAYMOVE));
  MUST(madvise(place(0), PAGE, MADV_SEQUENTIAL));
  MUST(madvise(place(2), PAGE, MADV_NORMAL));
  MUST(madvise(place(4), PAGE, MADV_DOFORK));
  MUST(munlock(place(6), 2 * PAGE));
  MUST(madvise(place(9), PAGE, MADV_KEEPONFORK));
  MUST(madvise(place(11), PAGE, MADV_DODUMP));
  MUST(madvise(place(13), 3 * PAGE, MADV_NOHUGEPAGE));
  MUST(madvise(place(17), PAGE, MADV_UNMERGEABLE));
  show_areas("joined again");
  if (syscall(462, place(3), PAGE, 0) == 0) show_areas("sealed"); // mseal
  MUST(mmap(place(60), 4 * PAGE, rw, private, -1, 0));
  MUST(seteuid(1000)); // or address 0 could be had
  CALL(mremap(place(60), 4 * PAGE, PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, 0));
  show_areas("cut, though it could not be moved");
  return 0;
}
