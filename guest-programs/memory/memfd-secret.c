// memfd_secret: memory that only those who map it see; what is refused of it, and how it counts as locked.
// needs: root
#include "../lib/observe.h"
#include <linux/fs.h>
#include <linux/futex.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/vfs.h>
#include <sys/xattr.h>

#ifndef SYS_memfd_secret
#define SYS_memfd_secret 447
#endif
enum { PAGE = 4096 };

static int secret(unsigned flags) { return syscall(SYS_memfd_secret, flags); }

static void *map(int fd, size_t length) {
  void *start = mmap(NULL, length, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  return start == MAP_FAILED ? NULL : start;
}

static void died(int number) { _exit(100 + number); }

// 0, or 100 and the signal that reading a byte brings.
static int touch(const volatile char *byte) {
  pid_t child = MUST(fork());
  if (child == 0) {
    signal(SIGSEGV, died);
    signal(SIGBUS, died);
    (void)*byte;
    _exit(0);
  }
  int status;
  MUST(waitpid(child, &status, 0));
  return WEXITSTATUS(status);
}

// What smaps says of the area that begins at `start`, and VmLck.
static void show_area(const char *label, const void *start) {
  char line[512], begin[32];
  snprintf(begin, sizeof begin, "%08lx-", (unsigned long)start);
  FILE *file = fopen("/proc/self/smaps", "r");
  bool is_inside = false;
  while (fgets(line, sizeof line, file)) {
    line[strcspn(line, "\n")] = 0;
    if (!is_inside && strncmp(line, begin, strlen(begin)) == 0) {
      char permissions[8], name[64];
      sscanf(line, "%*s %7s %*s %*s %*s %63[^\n]", permissions, name);
      say("%s: %s %s", label, permissions, name);
      is_inside = true;
    } else if (is_inside) {
      if (strncmp(line, "Rss", 3) == 0 || strncmp(line, "Locked", 6) == 0 || strncmp(line, "VmFlags", 7) == 0) say("  %s", line);
      if (strncmp(line, "VmFlags", 7) == 0) break;
    }
  }
  fclose(file);
  file = fopen("/proc/self/status", "r");
  while (fgets(line, sizeof line, file))
    if (strncmp(line, "VmLck", 5) == 0) say("  VmLck: %d kB", atoi(line + 6));
  fclose(file);
}

static void descriptor(int fd) {
  char buffer[64] = "", path[64], target[64] = "";
  struct iovec piece = {buffer, 10};
  struct stat status;
  struct statfs system;
  say("flags %#x, %#x", fcntl(fd, F_GETFD), fcntl(fd, F_GETFL) & ~0100000);
  MUST(fstat(fd, &status));
  say("mode %o, links %d, size %d, block size %d", status.st_mode, (int)status.st_nlink, (int)status.st_size, (int)status.st_blksize);
  MUST(fstatfs(fd, &system));
  say("file system %lx, block size %ld, blocks %ld", (long)system.f_type, (long)system.f_bsize, (long)system.f_blocks);
  snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  MUST(readlink(path, target, sizeof target - 1));
  say("link %s", target);
  CALL(open(path, O_RDWR));
  CALL_OK(open(path, O_PATH));
  CALL(lseek(fd, 0, SEEK_SET));
  CALL(lseek(fd, 0, SEEK_HOLE));
  CALL(read(fd, buffer, 10));
  CALL(read(fd, buffer, 0));
  CALL(write(fd, buffer, 10));
  CALL(pread(fd, buffer, 10, 0));
  CALL(pwrite(fd, buffer, 10, 0));
  CALL(readv(fd, &piece, 1));
  CALL(writev(fd, &piece, 1));
  CALL(fsync(fd));
  CALL(syncfs(fd));
  CALL(sync_file_range(fd, 0, 10, 0));
  CALL(readahead(fd, 0, 10));
  CALL(posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED));
  CALL(fallocate(fd, 0, 0, PAGE));
  CALL(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, PAGE));
  CALL(fcntl(fd, F_GET_SEALS));
  CALL(fcntl(fd, F_ADD_SEALS, 1));
  CALL(fcntl(fd, F_SETFL, O_DIRECT));
  CALL(fcntl(fd, F_SETFL, O_NONBLOCK));
  CALL(fgetxattr(fd, "user.x", buffer, 10));
  CALL(fchmod(fd, 0640));
  int number = 0;
  CALL(ioctl(fd, FIONREAD, &number));
  CALL(ioctl(fd, FS_IOC_GETFLAGS, &number));
  struct pollfd poll_of = {fd, POLLIN | POLLOUT, 0};
  CALL(poll(&poll_of, 1, 0));
  say("events %#x", poll_of.revents);
}

static void moves(int fd) {
  int fds[2], file = MUST(open("file", O_CREAT | O_RDWR, 0600));
  MUST(pipe(fds));
  MUST(write(file, "hello", 5));
  MUST(write(fds[1], "abc", 3));
  loff_t zero = 0;
  off_t start = 0;
  CALL(splice(fd, NULL, fds[1], NULL, 10, 0));
  CALL(splice(fds[0], NULL, fd, NULL, 3, 0));
  CALL(tee(fds[0], fd, 1, 0));
  CALL(sendfile(fds[1], fd, NULL, 10));
  CALL(sendfile(fd, file, &start, 5));
  CALL(copy_file_range(fd, NULL, file, NULL, 5, 0));
  CALL(copy_file_range(file, &zero, fd, NULL, 5, 0));
  close(file), close(fds[0]), close(fds[1]);
}

static void sizes(int fd) {
  void *empty = map(fd, PAGE);
  say("without a size: mapped %d, reading %d", empty != NULL, touch(empty));
  MUST(munmap(empty, PAGE));
  CALL(ftruncate(fd, 0));
  CALL(ftruncate(fd, -1));
  CALL(ftruncate(fd, 10000));
  CALL(ftruncate(fd, 10000));
  CALL(ftruncate(fd, 0));
  CALL(ftruncate(fd, 20000));
  struct stat status;
  MUST(fstat(fd, &status));
  say("size %d, blocks %d", (int)status.st_size, (int)status.st_blocks);
}

static void mappings(int fd) {
  CALL_OK(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, fd, 0));
  CALL_OK(mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_SHARED, fd, 0));
  CALL_OK(mmap(NULL, PAGE, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0));
  CALL_OK(mmap(NULL, PAGE, PROT_READ, MAP_SHARED, fd, 100));
  char *start = map(fd, 6 * PAGE);
  show_area("untouched", start);
  start[0] = start[PAGE] = 1;
  show_area("touched", start);
  say("reading: %d %d %d", touch(start), touch(start + 2 * PAGE), touch(start + 3 * PAGE));
  CALL(mprotect(start, PAGE, PROT_READ | PROT_EXEC));
  CALL(mprotect(start, PAGE, PROT_READ));
  CALL(mprotect(start, PAGE, PROT_READ | PROT_WRITE));
  CALL(mlock(start, PAGE));
  CALL(munlock(start, PAGE));
  CALL(mlockall(MCL_CURRENT | MCL_ONFAULT));
  CALL(munlockall());
  show_area("after munlockall", start);
  CALL(msync(start, PAGE, MS_ASYNC));
  CALL(msync(start, PAGE, MS_SYNC));
  static const int advices[] = {MADV_WILLNEED, MADV_DONTNEED, MADV_FREE, MADV_REMOVE, MADV_COLD, MADV_PAGEOUT, MADV_POPULATE_READ, MADV_POPULATE_WRITE, MADV_WIPEONFORK};
  for (size_t i = 0; i < COUNT(advices); i++) {
    char label[32];
    snprintf(label, sizeof label, "madvise %d", advices[i]);
    show(label, madvise(start, PAGE, advices[i]));
  }
  char *other = map(fd, PAGE);
  strcpy(start, "seen twice");
  say("a second mapping: %s", other);
  MUST(munmap(start, 6 * PAGE));
  MUST(munmap(other, PAGE));
  other = map(fd, PAGE);
  say("kept while it is open: %s", other);
  MUST(munmap(other, PAGE));
}

// What reads or writes memory of others, or holds on to it.
static void others(int fd) {
  char *start = map(fd, 2 * PAGE), buffer[64] = "buffer", path[64];
  char *room = mmap(NULL, 3 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  strcpy(start, "secret");
  int file = MUST(open("file", O_CREAT | O_RDWR | O_TRUNC, 0600)), fds[2];
  MUST(pipe(fds));
  CALL(write(file, start, 6));
  CALL(pread(file, start + 100, 6, 0));
  say("read into it: %s", quoted(start + 100, 6));
  struct iovec ours = {start, 6}, open_memory = {buffer, 6};
  CALL(vmsplice(fds[1], &ours, 1, 0));
  CALL(syscall(SYS_process_vm_readv, getpid(), &open_memory, 1, &ours, 1, 0));
  CALL(syscall(SYS_process_vm_writev, getpid(), &open_memory, 1, &ours, 1, 0));
  CALL(syscall(SYS_process_vm_writev, getpid(), &ours, 1, &open_memory, 1, 0));
  say("written from it: %s", buffer);
  MUST((long)mmap(room + PAGE, PAGE, PROT_READ, MAP_SHARED | MAP_FIXED, fd, 0));
  struct iovec across = {room + PAGE - 3, 10};
  CALL(syscall(SYS_process_vm_readv, getpid(), &open_memory, 1, &across, 1, 0));
  CALL(vmsplice(fds[1], &across, 1, 0));
  CALL(syscall(SYS_futex, start, FUTEX_WAKE, 1, NULL, NULL, 0));
  CALL(syscall(SYS_futex, start, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
  int memory = MUST(open("/proc/self/mem", O_RDWR));
  CALL(pread(memory, buffer, 6, (off_t)(uintptr_t)start));
  CALL(pwrite(memory, buffer, 6, (off_t)(uintptr_t)start));
  CALL(pread(memory, buffer, 6, (off_t)(uintptr_t)across.iov_base));
  pid_t child = MUST(fork());
  if (child == 0) {
    say("the child sees it: %s", start);
    strcpy(start, "shared"), start[PAGE] = 1;
    show_area("in the child", start);
    ptrace(PTRACE_TRACEME, 0, 0, 0);
    raise(SIGSTOP);
    _exit(0);
  }
  int status;
  MUST(waitpid(child, &status, 0));
  say("the parent sees it: %s", start);
  CALL(syscall(SYS_ptrace, PTRACE_PEEKDATA, child, start, buffer));
  CALL(syscall(SYS_ptrace, PTRACE_POKEDATA, child, start, 5L));
  CALL(syscall(SYS_process_vm_readv, child, &open_memory, 1, &ours, 1, 0));
  snprintf(path, sizeof path, "/proc/%d/mem", child);
  CALL(pread(MUST(open(path, O_RDONLY)), buffer, 6, (off_t)(uintptr_t)start));
  MUST(kill(child, SIGKILL));
  MUST(waitpid(child, &status, 0));
  MUST(munmap(start, 2 * PAGE));
  MUST(munmap(room, 3 * PAGE));
}

static void limits(int fd) {
  struct rlimit limit = {2 * PAGE, 2 * PAGE};
  MUST(setrlimit(RLIMIT_MEMLOCK, &limit));
  void *three = map(fd, 3 * PAGE);
  say("root maps more: %d", three != NULL);
  MUST(munmap(three, 3 * PAGE));
  MUST(setresuid(1000, 1000, 1000));
  show_ok("three pages", map(fd, 3 * PAGE) == NULL ? -1 : 0);
  char *two = map(fd, 2 * PAGE);
  show_ok("two pages", two == NULL ? -1 : 0);
  show_ok("one more", map(fd, PAGE) == NULL ? -1 : 0);
  MUST(munmap(two, PAGE));
  show_ok("one in its place", map(fd, PAGE) == NULL ? -1 : 0);
  pid_t child = MUST(fork());
  if (child == 0) {
    show_ok("a child starts anew", map(fd, 2 * PAGE) == NULL ? -1 : 0);
    _exit(0);
  }
  show_wait("child", child);
  show_ok("a user's own", secret(0));
}

int main(void) {
  CALL(secret(1));
  CALL(secret(O_NONBLOCK));
  CALL(secret(O_CLOEXEC | 2));
  int closing = MUST(secret(O_CLOEXEC));
  say("closed on exec: %d", fcntl(closing, F_GETFD));
  MUST(close(closing));
  int fd = MUST(secret(0));
  say("# descriptor"), descriptor(fd);
  say("# moves"), moves(fd);
  say("# sizes"), sizes(fd);
  say("# mappings"), mappings(fd);
  say("# others"), others(fd);
  say("# limits"), limits(fd);
}
