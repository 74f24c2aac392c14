// /dev/null, zero, full, random, urandom: read, write, seek, map.
#include "../lib/observe.h"

static void probe(const char *path) {
  say("-- %s", path);
  int fd = open(path, O_RDWR);
  show_ok("open", fd);
  if (fd == -1) return;
  unsigned char data[16];
  memset(data, 0xaa, sizeof data);
  ssize_t length = show("read", read(fd, data, 16));
  int zeros = 0, untouched = 0;
  for (int i = 0; i < 16; i++) zeros += data[i] == 0, untouched += data[i] == 0xaa;
  if (length == 16) say("all zero: %d, all untouched: %d", zeros == 16, untouched == 16);
  show("write", write(fd, "text", 4));
  show("seek", lseek(fd, 100, SEEK_SET));
  struct stat status;
  MUST(fstat(fd, &status));
  say("mode %o", status.st_mode);
  show("ftruncate", ftruncate(fd, 0));
}

int main(void) {
  probe("/dev/null");
  probe("/dev/zero");
  probe("/dev/full");
  probe("/dev/urandom");
  probe("/dev/random");
  show("tty without a terminal", open("/dev/tty", O_RDWR));
  int zero = MUST(open("/dev/zero", O_RDWR));
  char *map = MUST(mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE, zero, 0));
  say("mapped zero: %d", map[5000]);
  map[5000] = 1;
  show("open with O_TRUNC", open("/dev/null", O_WRONLY | O_TRUNC) >= 0 ? 0 : -1);
  char path[64];
  ssize_t length = readlink("/dev/fd", path, sizeof path);
  say("/dev/fd: %.*s", (int)length, path);
  length = readlink("/dev/stdin", path, sizeof path);
  say("/dev/stdin: %.*s", (int)length, path);
  return 0;
}
