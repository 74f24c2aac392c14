// After fork every page is private to each side: stores by parent, child and grandchild never meet; large and sparse.
#include "../lib/observe.h"

enum { PAGES = 512 };

static unsigned sum(const unsigned char *pages) {
  unsigned total = 0;
  for (int i = 0; i < PAGES; i++) total = total * 31 + pages[i * 4096 + i % 4096];
  return total;
}

int main(void) {
  unsigned char *pages = MUST(mmap(NULL, PAGES * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  for (int i = 0; i < PAGES; i += 2) pages[i * 4096 + i % 4096] = i;
  unsigned before = sum(pages);
  int fds[2];
  MUST(pipe(fds));
  pid_t child = MUST(fork());
  if (child == 0) {
    await_turn(fds[0]);
    say("child does not see the parent's stores: %d", sum(pages) == before);
    for (int i = 0; i < PAGES; i += 3) pages[i * 4096 + i % 4096] = 1;
    unsigned own = sum(pages);
    pid_t grandchild = MUST(fork());
    if (grandchild == 0) {
      say("grandchild sees the child's: %d", sum(pages) == own);
      memset(pages, 0xff, PAGES * 4096);
      _exit(0);
    }
    show_wait("grandchild", grandchild);
    say("child keeps its own: %d", sum(pages) == own);
    _exit(0);
  }
  memset(pages + 4096 * 100, 9, 4096 * 50);
  unsigned after = sum(pages);
  hand_over(fds[1]);
  show_wait("child", child);
  say("parent keeps its own: %d", sum(pages) == after);
  // A system call that writes into a page still shared by both sides must copy it first.
  child = MUST(fork());
  if (child == 0) {
    int zero = MUST(open("/dev/zero", O_RDONLY));
    MUST(read(zero, pages, 4096 * 300));
    _exit(pages[4096 * 120] == 0 ? 0 : 1);
  }
  show_wait("reader", child);
  say("parent's page is untouched: %d", pages[4096 * 120]);
  return 0;
}
