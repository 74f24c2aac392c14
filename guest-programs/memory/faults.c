// SIGSEGV with si_code and si_addr: unmapped, no permission, null, a hole between mappings; SIGBUS past a file's end.
#include "../lib/faults.h"

int main(void) {
  catch_faults();
  char *pages = MUST(mmap(NULL, 4 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  try_read("null", NULL);
  try_write("low address", (void *)0x123);
  MUST(munmap(pages + 4096, 4096));
  try_read("hole", pages + 4096 + 17);
  try_write("hole's last byte", pages + 2 * 4096 - 1);
  try_write("after the hole", pages + 2 * 4096);
  MUST(mprotect(pages, 4096, PROT_READ));
  try_read("read-only, reading", pages);
  try_write("read-only, writing", pages + 100);
  MUST(mprotect(pages, 4096, PROT_NONE));
  try_read("none, reading", pages + 8);
  MUST(mprotect(pages, 4096, PROT_READ | PROT_WRITE));
  try_write("writable again", pages + 8);
  int fd = MUST(open("f", O_CREAT | O_RDWR, 0600));
  MUST(write(fd, "abc", 3));
  char *file = MUST(mmap(NULL, 3 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
  try_read("first byte", file);
  try_read("rest of the last page", file + 4000);
  try_read("past the file's last page", file + 4096 + 5);
  try_write("writing there", file + 8192);
  MUST(ftruncate(fd, 8000));
  try_read("after growing", file + 4096 + 5);
  MUST(ftruncate(fd, 0));
  try_read("after truncating", file);
  const char *text = "constant";
  try_write("a string constant", (void *)text);
  try_write("this program's code", (void *)&main);
  // A misaligned access that begins on a good page and ends on a bad one faults at the bad one or at its start.
  MUST(mprotect(pages + 3 * 4096, 4096, PROT_NONE));
  char *edge = pages + 3 * 4096 - 3;
  if (sigsetjmp(fault_return, 1)) {
    char *at = fault_address;
    say("across the edge: %s, within the access: %d", signal_name(fault_signal), at >= edge && at < edge + 8);
  } else {
    say("across the edge: %lld", *(volatile long long *)edge);
  }
  return 0;
}
