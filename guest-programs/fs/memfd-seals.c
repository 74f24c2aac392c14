// memfd_create(2) and F_ADD_SEALS: what each seal forbids, and when a seal is refused.
#include "../lib/observe.h"
#include <sys/sendfile.h>
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8U
#endif

// A program that is run while it is open for writing: a memfd does not count as such.
static void run_copy(void) {
  int copy = MUST(memfd_create("program", MFD_CLOEXEC | MFD_ALLOW_SEALING)), self = MUST(open("/proc/self/exe", O_RDONLY));
  struct stat status;
  MUST(fstat(self, &status));
  MUST(sendfile(copy, self, NULL, status.st_size));
  CALL(fcntl(copy, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE));
  pid_t pid = MUST(fork());
  if (pid == 0) {
    char *arguments[] = {"copy", "again", NULL}, *environment[] = {NULL};
    show("execveat", syscall(SYS_execveat, copy, "", arguments, environment, AT_EMPTY_PATH));
    _exit(1);
  }
  show_wait("the copy", pid);
}

int main(int count, char **arguments) {
  if (count > 1) {
    say("%s runs from memory", arguments[0]);
    return 7;
  }
  char name[300], bytes[16];
  int plain = memfd_create("x", 0);
  CALL(fcntl(plain, F_GET_SEALS));
  CALL(fcntl(plain, F_ADD_SEALS, F_SEAL_WRITE));
  show("F_GETFL", fcntl(plain, F_GETFL) & O_ACCMODE);
  CALL(memfd_create("x", 99));
  CALL(memfd_create(NULL, 0));
  memset(name, 'a', sizeof name);
  name[249] = 0;
  CALL_OK(memfd_create(name, 0));
  name[249] = 'a', name[250] = 0;
  CALL(memfd_create(name, 0));

  int fd = MUST(memfd_create("sealed", MFD_ALLOW_SEALING | MFD_CLOEXEC));
  CALL(fcntl(fd, F_GETFD));
  CALL(fcntl(fd, F_GET_SEALS));
  CALL(ftruncate(fd, 4096));
  CALL(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK));
  CALL(ftruncate(fd, 10));
  CALL(fcntl(fd, F_ADD_SEALS, F_SEAL_GROW));
  CALL(ftruncate(fd, 5000));
  CALL(pwrite(fd, "abc", 3, 4094));
  CALL(pwrite(fd, "abc", 3, 4096));
  CALL(fallocate(fd, 0, 0, 8192));
  char *mapped = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  CALL(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
  CALL(fcntl(fd, F_ADD_SEALS, F_SEAL_FUTURE_WRITE));
  CALL(pwrite(fd, "abc", 3, 0));
  mapped[0] = 'm';
  MUST(pread(fd, bytes, 1, 0));
  say("the old mapping still writes: %c", bytes[0]);
  MUST(munmap(mapped, 4096));
  CALL(fcntl(fd, F_ADD_SEALS, F_SEAL_WRITE));
  CALL(pwrite(fd, "abc", 3, 0));
  CALL(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 10));
  show("a writable mapping", mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0) == MAP_FAILED ? -1 : 0);
  mapped = mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0);
  show("made writable later", mprotect(mapped, 4096, PROT_READ | PROT_WRITE));
  CALL(fcntl(fd, F_ADD_SEALS, 64));
  CALL(fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL));
  CALL(fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK));
  CALL(fcntl(fd, F_GET_SEALS));

  int quiet = MUST(memfd_create("quiet", MFD_NOEXEC_SEAL));
  struct stat status;
  MUST(fstat(quiet, &status));
  say("mode %o, links %ld", status.st_mode, (long)status.st_nlink);
  CALL(fcntl(quiet, F_GET_SEALS));
  CALL(fchmod(quiet, 0777));
  CALL(fchmod(quiet, 0600));
  close(MUST(creat("/dev/shm/rivulet-seals", 0644)));
  CALL(fcntl(open("/dev/shm/rivulet-seals", O_RDWR), F_GET_SEALS));
  char path[64];
  sprintf(path, "/proc/self/fd/%d", quiet);
  ssize_t length = readlink(path, name, sizeof name);
  say("link: %s", length < 0 ? errno_name(errno) : quoted(name, length));
  run_copy();
  return 0;
}
