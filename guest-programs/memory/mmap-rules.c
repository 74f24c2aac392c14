// mmap's and munmap's rules: fixed and not, alignment, lengths, protections against the file's mode, errors.
#include "../lib/faults.h"

static void show_map(const char *label, void *result) {
  if (result == MAP_FAILED) show(label, -1);
  else say("%s: ok", label);
}

int main(void) {
  const int anonymous = MAP_PRIVATE | MAP_ANONYMOUS, rw = PROT_READ | PROT_WRITE;
  catch_faults();
  show_map("length 0", mmap(NULL, 0, rw, anonymous, -1, 0));
  show_map("no type", mmap(NULL, 4096, rw, MAP_ANONYMOUS, -1, 0));
  show_map("huge", mmap(NULL, 1ul << 62, rw, anonymous, -1, 0));
  show_map("bad descriptor", mmap(NULL, 4096, rw, MAP_PRIVATE, 99, 0));
  int fd = MUST(open("f", O_CREAT | O_RDWR, 0600)), reader = MUST(open("f", O_RDONLY)), writer = MUST(open("f", O_WRONLY));
  MUST(ftruncate(fd, 10000));
  show_map("odd offset", mmap(NULL, 4096, rw, MAP_PRIVATE, fd, 100));
  show_map("shared, writable, from a reader", mmap(NULL, 4096, rw, MAP_SHARED, reader, 0));
  show_map("shared, readable, from a reader", mmap(NULL, 4096, PROT_READ, MAP_SHARED, reader, 0));
  show_map("private, writable, from a reader", mmap(NULL, 4096, rw, MAP_PRIVATE, reader, 0));
  show_map("from a writer", mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, writer, 0));
  show_map("a directory", mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, open(".", O_RDONLY), 0));
  int fds[2];
  MUST(pipe(fds));
  show_map("a pipe", mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fds[0], 0));
  char *base = MUST(mmap(NULL, 8 * 4096, rw, anonymous, -1, 0));
  memset(base, 'b', 8 * 4096);
  show_map("fixed, odd address", mmap(base + 1, 4096, rw, anonymous | MAP_FIXED, -1, 0));
  char *middle = mmap(base + 2 * 4096, 4096, rw, anonymous | MAP_FIXED, -1, 0);
  say("fixed lies where asked: %d, fresh: %d, neighbours kept: %c %c", middle == base + 2 * 4096, middle[0], middle[-1],
      middle[4096]);
  show_map("MAP_FIXED_NOREPLACE", mmap(base, 4096, rw, anonymous | MAP_FIXED_NOREPLACE, -1, 0));
  char *hint = mmap(base + 123, 100, rw, anonymous, -1, 0);
  say("a taken hint goes elsewhere: %d, aligned: %d", hint < base || hint >= base + 8 * 4096, (uintptr_t)hint % 4096 == 0);
  MUST(munmap(base + 4096, 4096));
  hint = mmap(base + 4096, 4096, rw, anonymous, -1, 0);
  say("a free hint is honoured: %d", hint == base + 4096);
  show("munmap odd address", munmap(base + 1, 4096));
  show("munmap length 0", munmap(base, 0));
  show("munmap of nothing", munmap(base, 4096) | munmap(base, 4096));
  show("munmap across holes", munmap(base, 8 * 4096));
  try_read("afterwards", base + 5 * 4096);
  show("mprotect of nothing", mprotect(base, 4096, PROT_READ));
  show("mprotect odd address", mprotect(base + 1, 4096, PROT_READ));
  char *read_only = MUST(mmap(NULL, 4096, PROT_READ, MAP_SHARED, reader, 0));
  show("mprotect beyond the file's mode", mprotect(read_only, 4096, rw));
  char *bytes = MUST(mmap(NULL, 10000, PROT_READ, MAP_PRIVATE, fd, 0));
  MUST(pwrite(fd, "Z", 1, 5000));
  say("a private map sees later writes until it is touched for writing: %c", bytes[5000]);
  close(fd);
  say("a map outlives its descriptor: %c", bytes[5000]);
  return 0;
}
