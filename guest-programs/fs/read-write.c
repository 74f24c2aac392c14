// lseek with holes, pread, pwrite, readv, preadv2, SEEK_DATA and SEEK_HOLE, truncate, fallocate, copy_file_range.
#include "../lib/observe.h"
#ifndef FALLOC_FL_PUNCH_HOLE
#include <linux/falloc.h>
#endif

int main(void) {
  int fd = MUST(open("f", O_CREAT | O_RDWR, 0600));
  CALL(lseek(fd, -1, SEEK_SET));
  CALL(lseek(fd, 5, SEEK_END));
  CALL(lseek(fd, 0, 77));
  CALL(write(fd, "hello", 5));
  CALL(pwrite(fd, "x", 1, -1));
  CALL(lseek(fd, 100000, SEEK_SET));
  CALL(write(fd, "end", 3));
  CALL(lseek(fd, 0, SEEK_DATA));
  CALL(lseek(fd, 0, SEEK_HOLE));
  CALL(lseek(fd, 50000, SEEK_DATA));
  CALL(lseek(fd, 200000, SEEK_DATA));
  char data[16];
  CALL(pread(fd, data, 16, 99999));
  say("%s", quoted(data, 4));
  CALL(pread(fd, data, 16, 100003));
  struct iovec parts[2] = {{data, 2}, {data + 4, 3}};
  CALL(preadv(fd, parts, 2, 5));
  say("%s %s", quoted(data, 2), quoted(data + 4, 3));
  CALL(preadv2(fd, parts, 2, 5, 0));
  CALL(preadv2(fd, parts, 2, 5, 0x8000));
  CALL(ftruncate(fd, 7));
  CALL(ftruncate(fd, -1));
  CALL(truncate("nothing", 1));
  CALL(truncate(".", 1));
  CALL(pread(fd, data, 16, 0));
  struct stat status;
  CALL(fallocate(fd, 0, 0, 8192));
  MUST(fstat(fd, &status));
  say("size %ld, blocks at least 16: %d", (long)status.st_size, status.st_blocks >= 16);
  CALL(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 20000));
  MUST(fstat(fd, &status));
  say("size %ld", (long)status.st_size);
  MUST(pwrite(fd, "data", 4, 5000));
  CALL(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4096, 4096));
  CALL(pread(fd, data, 4, 5000));
  say("%s", quoted(data, 4));
  CALL(fallocate(fd, FALLOC_FL_PUNCH_HOLE, 0, 4096));
  CALL(fallocate(fd, 0, 0, 0));
  CALL(posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL));
  int copy = MUST(open("g", O_CREAT | O_RDWR, 0600));
  off_t from = 5, to = 100;
  CALL(copy_file_range(fd, &from, copy, &to, 50, 0));
  say("offsets %ld %ld", (long)from, (long)to);
  CALL(copy_file_range(fd, NULL, fd, NULL, 10, 1));
  CALL(fsync(fd));
  CALL(fdatasync(fd));
  CALL(read(fd, data, 0));
  CALL(read(99, data, 1));
  CALL(read(MUST(open(".", O_RDONLY)), data, 1));
  return 0;
}
