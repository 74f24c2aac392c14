// File sizes and offsets: RLIMIT_FSIZE with SIGXFSZ, fallocate, holes, SEEK_DATA, positions of preadv2, bad buffers.
#include "../lib/observe.h"
#include <sys/resource.h>

static int signals, last_code, last_pid;

// Says nothing: standard output may be a file past the limit.
static void on_signal(int number, siginfo_t *info, void *context) {
  (void)number, (void)context;
  signals++;
  last_code = info->si_code;
  last_pid = info->si_pid;
}

static void limits(void) {
  struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};
  MUST(sigaction(SIGXFSZ, &action, NULL));
  struct rlimit old, limit = {10, 0};
  MUST(getrlimit(RLIMIT_FSIZE, &old));
  limit.rlim_max = old.rlim_max;
  int fd = MUST(open("limited", O_RDWR | O_CREAT | O_TRUNC, 0644));
  MUST(setrlimit(RLIMIT_FSIZE, &limit));
  ssize_t first = write(fd, "0123456789abc", 13);
  ssize_t second = write(fd, "x", 1);
  int second_errno = errno;
  int longer = ftruncate(fd, 11), longer_errno = errno;
  int same = ftruncate(fd, 10);
  ssize_t nothing = write(fd, "x", 0);
  ssize_t cut = pwrite(fd, "xyz", 3, 9);
  int allocated = fallocate(fd, 0, 0, 20), allocated_errno = errno;
  ssize_t empty = pwrite(fd, "x", 0, 10);
  MUST(setrlimit(RLIMIT_FSIZE, &old));
  say("SIGXFSZ: %d times, code %d, from this process: %d", signals, last_code, last_pid == getpid());
  say("write: %zd", first);
  errno = second_errno;
  show("past the limit", second);
  errno = longer_errno;
  show("ftruncate past it", longer);
  say("ftruncate to it: %d, empty write: %zd, cut write: %zd, empty past it: %zd", same, nothing, cut, empty);
  errno = allocated_errno;
  show("fallocate past it", allocated);
}

static void holes(void) {
  int fd = MUST(open("sparse", O_RDWR | O_CREAT | O_TRUNC, 0644));
  struct stat status;
  MUST(pwrite(fd, "data", 4, 1 << 20));
  CALL(lseek(fd, 0, SEEK_DATA));
  CALL(lseek(fd, 0, SEEK_HOLE));
  CALL(lseek(fd, 1 << 20, SEEK_HOLE));
  CALL(lseek(fd, (1 << 20) + 4, SEEK_DATA));
  CALL(lseek(fd, (1 << 20) + 4, SEEK_HOLE));
  CALL(lseek(fd, -1, SEEK_DATA));
  MUST(fstat(fd, &status));
  say("size %ld, blocks %ld", (long)status.st_size, (long)status.st_blocks);
  CALL(fallocate(fd, 0, 0, 8192));
  CALL(lseek(fd, 0, SEEK_DATA));
  CALL(lseek(fd, 0, SEEK_HOLE));
  MUST(pwrite(fd, "abcdefgh", 8, 4092));
  CALL(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 4096));
  char bytes[8];
  MUST(pread(fd, bytes, 8, 4092));
  say("after punching: %s", quoted(bytes, 8));
  CALL(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 4096, 2));
  MUST(pread(fd, bytes, 8, 4092));
  say("after punching two bytes: %s", quoted(bytes, 8));
  CALL(fallocate(fd, FALLOC_FL_KEEP_SIZE, 2 << 20, 4096));
  MUST(fstat(fd, &status));
  say("size %ld, blocks %ld", (long)status.st_size, (long)status.st_blocks);
  CALL(fallocate(fd, FALLOC_FL_PUNCH_HOLE, 0, 1));
  CALL(fallocate(fd, 99, 0, 1));
  CALL(fallocate(fd, 0, -1, 1));
  CALL(fallocate(fd, 0, 0, 0));
  CALL(fallocate(fd, 0, 1L << 62, 1L << 62));
  CALL(ftruncate(fd, 5000));
  CALL(ftruncate(fd, 0));
  MUST(fstat(fd, &status));
  say("size %ld, blocks %ld", (long)status.st_size, (long)status.st_blocks);
}

static void transfers(void) {
  int fd = MUST(open("data", O_RDWR | O_CREAT | O_TRUNC, 0644));
  int directory = MUST(open(".", O_RDONLY));
  int writer = MUST(open("data", O_WRONLY));
  int pipe_fds[2];
  char b[8] = "1234567";
  MUST(write(fd, "0123456789", 10));
  CALL(read(fd, NULL, 0));
  CALL(read(fd, (void *)1, 4));
  CALL(pread(fd, (void *)1, 4, 0));
  CALL(pwrite(fd, (void *)1, 4, 0));
  CALL(pwrite(fd, (void *)1, 0, 0));
  CALL(pread(fd, b, 1, -1));
  CALL(pread(writer, b, 1, -1));
  CALL(pread(writer, b, 1, 0));
  CALL(read(writer, b, 0));
  CALL(read(directory, b, 0));
  CALL(read(directory, (void *)1, 4));
  CALL(write(directory, b, 1));
  MUST(pipe(pipe_fds));
  CALL(pread(pipe_fds[0], b, 1, 0));
  CALL(pwrite(pipe_fds[1], b, 1, 0));
  CALL(pread(pipe_fds[1], b, 1, 0));
  CALL(lseek(pipe_fds[0], 0, SEEK_SET));
  CALL(lseek(fd, -1, SEEK_SET));
  CALL(lseek(fd, 0, 99));
  struct iovec parts[3] = {{b, 1}, {b + 1, 2}, {b + 3, 1}};
  struct iovec bad[3] = {{b, 1}, {b, -1L}, {b, 1}};
  MUST(lseek(fd, 0, SEEK_SET));
  CALL(readv(fd, parts, 3));
  say("scattered: %s", quoted(b, 7));
  CALL(readv(fd, bad, 3));
  CALL(readv(fd, parts, 1025));
  CALL(readv(fd, NULL, 0));
  CALL(readv(fd, NULL, 1));
  CALL(readv(fd, parts, -1));
  CALL(preadv2(fd, parts, 1, -1, 0));
  CALL(lseek(fd, 0, SEEK_CUR));
  CALL(preadv2(fd, parts, 1, 2, 0));
  CALL(lseek(fd, 0, SEEK_CUR));
  CALL(preadv2(fd, parts, 1, 0, 0x1000));
  CALL(pwritev2(fd, parts, 2, 0, RWF_APPEND));
  CALL(lseek(fd, 0, SEEK_END));
  struct iovec half[2] = {{b, 4}, {(void *)1, 4}};
  CALL(pwritev(fd, half, 2, 0));
  CALL(preadv(fd, half, 2, 0));
}

static void wrong_kinds(void) {
  int fd = MUST(open("data", O_RDWR));
  int reader = MUST(open("data", O_RDONLY));
  int directory = MUST(open(".", O_RDONLY));
  int path = MUST(open("data", O_PATH));
  int pipe_fds[2];
  struct stat status;
  MUST(pipe(pipe_fds));
  CALL(ftruncate(directory, 0));
  CALL(ftruncate(pipe_fds[1], 0));
  CALL(ftruncate(reader, 0));
  CALL(fallocate(directory, 0, 0, 1));
  CALL(fallocate(pipe_fds[1], 0, 0, 1));
  CALL(fallocate(reader, 0, 0, 1));
  CALL(fsync(pipe_fds[0]));
  CALL(fdatasync(fd));
  CALL(fsync(directory));
  say("posix_fadvise: %s %s", errno_name(posix_fadvise(pipe_fds[0], 0, 0, 0)), errno_name(posix_fadvise(fd, 0, 0, 9)));
  CALL(readahead(fd, 0, 1));
  CALL(readahead(pipe_fds[0], 0, 1));
  CALL(readahead(directory, 0, 1));
  CALL(read(path, &status, 1));
  CALL(lseek(path, 0, SEEK_SET));
  CALL(fchmod(path, 0644));
  CALL(fchown(path, 0, 0));
  CALL(ftruncate(path, 0));
  CALL(fsync(path));
  CALL(fcntl(path, F_SETFL, 0));
  CALL(fcntl(path, F_GETFD));
  CALL(fstat(path, &status));
  CALL(fallocate(path, 0, 0, 1));
  CALL(fchdir(path));
}

int main(void) {
  limits();
  holes();
  transfers();
  wrong_kinds();
  return 0;
}
