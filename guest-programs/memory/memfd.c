// memfd_create and seals.
#include "../lib/observe.h"

int main(void) {
  int fd = memfd_create("rivulet", MFD_ALLOW_SEALING | MFD_CLOEXEC);
  show_ok("memfd_create", fd);
  char path[64], target[64];
  sprintf(path, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(path, target, sizeof target);
  say("its name: %.*s", (int)length, target);
  CALL(fcntl(fd, F_GET_SEALS));
  CALL(ftruncate(fd, 100));
  CALL(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK));
  CALL(ftruncate(fd, 50));
  CALL(ftruncate(fd, 200));
  CALL(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW));
  CALL(ftruncate(fd, 300));
  CALL(pwrite(fd, "abc", 3, 199));
  CALL(pwrite(fd, "abc", 3, 200));
  CALL(fallocate(fd, 0, 100, 101));
  CALL(fallocate(fd, FALLOC_FL_KEEP_SIZE, 100, 101));
  CALL(fallocate(fd, FALLOC_FL_KEEP_SIZE, 100, 100));
  CALL(fallocate(fd, FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE, 100, 101));
  void *map = MUST(mmap(NULL, 200, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
  CALL(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
  MUST(munmap(map, 200));
  CALL(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
  CALL(pwrite(fd, "abc", 3, 0));
  show("map writable", (long)mmap(NULL, 200, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0));
  CALL(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL));
  CALL(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
  CALL(fcntl(fd, F_GET_SEALS));
  int plain = MUST(memfd_create("plain", 0));
  CALL(fcntl(plain, F_GET_SEALS));
  CALL(fcntl(plain, F_ADD_SEALS, F_SEAL_GROW));
  CALL(memfd_create("x", 0x8000));
  struct stat status;
  MUST(fstat(fd, &status));
  say("mode %o, links %lu, size %ld", status.st_mode, (long)status.st_nlink, (long)status.st_size);
  return 0;
}
