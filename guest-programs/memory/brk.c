// brk(2) grows and shrinks the heap; fresh pages are zero; bad values leave it as it was.
#include "../lib/faults.h"

int main(void) {
  catch_faults();
  char *start = (char *)syscall(SYS_brk, 0);
  char *page = (char *)(((uintptr_t)start + 4095) & ~4095ul);
  say("brk(0) repeats: %d", (char *)syscall(SYS_brk, 0) == start);
  say("grow: %d", (char *)syscall(SYS_brk, page + 3 * 4096) == page + 3 * 4096);
  say("fresh: %d", page[4096]);
  page[4096] = 'x';
  page[2 * 4096 + 7] = 'y';
  say("shrink: %d", (char *)syscall(SYS_brk, page + 2 * 4096) == page + 2 * 4096);
  try_read("given back", page + 2 * 4096 + 7);
  say("kept: %c", page[4096]);
  say("grow again: %d", (char *)syscall(SYS_brk, page + 3 * 4096) == page + 3 * 4096);
  try_read("fresh again", page + 2 * 4096 + 7);
  say("too low is refused: %d", (char *)syscall(SYS_brk, 4096) == page + 3 * 4096);
  say("unaligned ends are kept: %d", (char *)syscall(SYS_brk, page + 5) == page + 5);
  try_read("the rest of the page is there", page + 4000);
  pid_t child = MUST(fork());
  if (child == 0) {
    say("child: same break: %d", (char *)syscall(SYS_brk, 0) == page + 5);
    syscall(SYS_brk, page + 4096);
    _exit(0);
  }
  show_wait("child", child);
  say("ours did not move: %d", (char *)syscall(SYS_brk, 0) == page + 5);
  return 0;
}
