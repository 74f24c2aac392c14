// write, pwrite and writev of bytes that lie in a mapping of the file itself: file and mappings stay the same.
#include "../lib/observe.h"

#define SIZE 20000
static int file;
static char *mapped, *another, *private;

static void compare(const char *label) {
  static char bytes[SIZE];
  MUST(pread(file, bytes, SIZE, 0));
  unsigned sum = 0;
  for (int i = 0; i < SIZE; i++) sum = sum * 31 + (unsigned char)bytes[i];
  say("%s: sum %08x, mapped %s, mapped again %s, private %s", label, sum, memcmp(bytes, mapped, SIZE) == 0 ? "same" : "OTHER",
      memcmp(bytes, another, SIZE) == 0 ? "same" : "OTHER", memcmp(bytes, private, SIZE) == 0 ? "same" : "OTHER");
}

static void copy(char *from, size_t length, off_t to) {
  char label[60];
  snprintf(label, sizeof label, "%zu bytes from %td to %ld", length, from - mapped, (long)to);
  show(label, pwrite(file, from, length, to));
  compare(label);
}

int main(void) {
  file = MUST(open("file", O_CREAT | O_RDWR, 0600));
  static char bytes[SIZE];
  for (int i = 0; i < SIZE; i++) bytes[i] = 'a' + i * 7 % 26 + i / 4096;
  MUST(write(file, bytes, SIZE));
  mapped = MUST(mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0));
  another = MUST(mmap(NULL, SIZE, PROT_READ, MAP_SHARED, file, 0));
  private = MUST(mmap(NULL, SIZE, PROT_READ, MAP_PRIVATE, file, 0));
  compare("at first");
  copy(mapped + 4095, 10, 0);
  copy(mapped + 4000, 3, 0);
  copy(mapped + 10, 10, 4092);
  copy(mapped + 100, 50, 200);
  mapped[300] = '!';
  copy(mapped + 300, 1, 301);
  mapped[302] = '?';
  copy(mapped + 4096, 8192, 12000);
  copy(mapped + 8192, 4096, 4096);
  mapped[4100] = '#';
  copy(mapped, 4096, 4096);
  copy(mapped + 4090, 4096, 0);
  struct iovec parts[] = {{mapped + 5, 5}, {mapped + 12288, 5000}, {mapped + 4100, 1}};
  show("pwritev", pwritev(file, parts, 3, 2000));
  compare("pwritev");
  pid_t child = MUST(fork());
  if (child == 0) {
    mapped[8192] = '+';
    copy(mapped + 8192, 20, 60);
    _exit(0);
  }
  show_wait("child", child);
  compare("after it");
  MUST(lseek(file, 0, SEEK_END));
  show("at the end", write(file, mapped + 19000, 1000));
  struct stat status;
  MUST(fstat(file, &status));
  say("size %ld", (long)status.st_size);
  compare("at the end");
  show("mlock of everything", mlock(mapped, -1));
  show("from within a page", mlock(mapped + 1, -1));
  show("munlock", munlock(mapped, -1));
  return 0;
}
