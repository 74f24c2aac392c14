// setxattrat and its kin, RENAME_WHITEOUT, device numbers without a device, process_madvise.
// needs: root
#include "../lib/observe.h"
#include <grp.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#define SETXATTRAT 463
#define GETXATTRAT 464
#define LISTXATTRAT 465
#define REMOVEXATTRAT 466
#define PIDFD_OPEN 434
#define PROCESS_MADVISE 440
#ifndef RENAME_WHITEOUT
#define RENAME_WHITEOUT 4
#endif

struct arguments {
  uint64_t value;
  uint32_t size, flags;
  uint64_t more;
};

static long set_at(int fd, const char *path, int at, const char *name, const char *value, uint32_t flags, size_t size) {
  struct arguments arguments = {(uintptr_t)value, strlen(value), flags, 0};
  return syscall(SETXATTRAT, fd, path, at, name, &arguments, size);
}

static long get_at(int fd, const char *path, int at, const char *name, uint32_t flags) {
  char value[64];
  struct arguments arguments = {(uintptr_t)value, sizeof value, flags, 0};
  long length = syscall(GETXATTRAT, fd, path, at, name, &arguments, 16);
  if (length >= 0) say("  value %s", quoted(value, length));
  return length;
}

static void attributes(void) {
  int fd = open("file", O_CREAT | O_RDWR, 0644), directory = open(".", O_RDONLY | O_DIRECTORY);
  MUST(symlink("file", "link"));
  CALL(set_at(directory, "file", 0, "user.a", "one", 0, 16));
  CALL(set_at(directory, "file", 0, "user.a", "one", XATTR_CREATE, 16));
  CALL(set_at(directory, "file", 0, "user.b", "one", XATTR_REPLACE, 16));
  CALL(set_at(directory, "file", 0, "user.b", "one", 4, 16));
  CALL(set_at(directory, "file", 0, "user.b", "one", 0, 15));
  CALL(set_at(directory, "file", 0, "user.b", "two", 0, 24));
  CALL(set_at(directory, "file", 0, "user.b", "one", 0, 5000));
  CALL(set_at(directory, "file", 1, "user.b", "one", 0, 16));
  CALL(set_at(directory, "link", AT_SYMLINK_NOFOLLOW, "user.b", "one", 0, 16));
  CALL(set_at(directory, "link", AT_SYMLINK_NOFOLLOW, "trusted.b", "link", 0, 16));
  CALL(set_at(fd, "", 0, "user.c", "three", 0, 16));
  CALL(set_at(fd, "", AT_EMPTY_PATH, "user.c", "three", 0, 16));
  CALL(set_at(-1, "file", 0, "user.c", "three", 0, 16));
  CALL(set_at(directory, "none", 0, "user.c", "three", 0, 16));
  CALL(get_at(directory, "link", 0, "user.a", 0));
  CALL(get_at(directory, "link", AT_SYMLINK_NOFOLLOW, "trusted.b", 0));
  CALL(get_at(directory, "file", 0, "user.a", 1));
  CALL(get_at(fd, NULL, AT_EMPTY_PATH, "user.c", 0));
  CALL(get_at(fd, "", AT_EMPTY_PATH, "user.none", 0));
  char list[128];
  CALL(syscall(LISTXATTRAT, directory, "file", 0, list, sizeof list));
  CALL(syscall(LISTXATTRAT, directory, "file", 0, list, 3));
  CALL(syscall(LISTXATTRAT, directory, "file", 0x8000, list, 3));
  CALL(syscall(LISTXATTRAT, fd, "", AT_EMPTY_PATH, NULL, 0));
  CALL(syscall(REMOVEXATTRAT, fd, "", AT_EMPTY_PATH, "user.b"));
  CALL(syscall(REMOVEXATTRAT, directory, "file", 0, "user.b"));
  CALL(syscall(REMOVEXATTRAT, directory, "file", 7, "user.a"));
}

static void whiteout(void) {
  CALL(renameat2(AT_FDCWD, "none", AT_FDCWD, "new", RENAME_WHITEOUT));
  CALL(renameat2(AT_FDCWD, "file", AT_FDCWD, "new", RENAME_WHITEOUT | RENAME_EXCHANGE));
  CALL(renameat2(AT_FDCWD, "file", AT_FDCWD, "new", RENAME_WHITEOUT | RENAME_NOREPLACE));
  struct stat info;
  CALL(lstat("file", &info));
  say("a character device: %d, mode %o, number %u:%u", S_ISCHR(info.st_mode), info.st_mode & 07777, major(info.st_rdev),
      minor(info.st_rdev));
  CALL(open("file", O_RDONLY));
  CALL(access("new", F_OK));
  CALL(renameat2(AT_FDCWD, "new", AT_FDCWD, "file", 0));
  CALL(access("new", F_OK));
}

/* Numbers that drivers have and no device. */
static void devices(void) {
  static const int numbers[][2] = {{1, 255}, {10, 1}, {10, 236}, {10, 254}, {128, 0}, {136, 99}, {240, 0}};
  for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    MUST(mknod("device", S_IFCHR | 0600, makedev(numbers[i][0], numbers[i][1])));
    say("%d:%d", numbers[i][0], numbers[i][1]);
    CALL(open("device", O_RDWR | O_NONBLOCK));
    MUST(unlink("device"));
  }
}

static char *page;
static void advice(int other) {
  int self = MUST(syscall(PIDFD_OPEN, getpid(), 0));
  struct iovec ranges[2] = {{page, 4096}, {page + 4096, 4096}}, odd = {page + 1, 4096}, nowhere = {(void *)4096, 4096};
  CALL(syscall(PROCESS_MADVISE, -1, ranges, 1, 3, 0));
  CALL(syscall(PROCESS_MADVISE, 0, ranges, 1, 3, 0));
  CALL(syscall(PROCESS_MADVISE, self, ranges, 1, 3, 1));
  CALL(syscall(PROCESS_MADVISE, self, ranges, 2, 3, 0));
  CALL(syscall(PROCESS_MADVISE, self, ranges, 2000, 3, 0));
  CALL(syscall(PROCESS_MADVISE, self, NULL, 1, 3, 0));
  CALL(syscall(PROCESS_MADVISE, self, ranges, 0, 3, 0));
  CALL(syscall(PROCESS_MADVISE, self, &odd, 1, 3, 0));
  CALL(syscall(PROCESS_MADVISE, self, &nowhere, 1, 3, 0));
  CALL(syscall(PROCESS_MADVISE, self, ranges, 2, 12345, 0));
  page[0] = 'x';
  CALL(syscall(PROCESS_MADVISE, self, ranges, 2, MADV_DONTNEED, 0));
  say("  first byte: %d", page[0]);
  CALL(syscall(PROCESS_MADVISE, other, ranges, 2, MADV_DONTNEED, 0));
  CALL(syscall(PROCESS_MADVISE, other, ranges, 2, MADV_WILLNEED, 0));
  CALL(syscall(PROCESS_MADVISE, other, ranges, 2, MADV_COLD, 0));
}

int main(void) {
  umask(022);
  attributes();
  whiteout();
  devices();
  page = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  pid_t child = MUST(fork());
  if (child == 0) {
    sleep_ms(300);
    _exit(0);
  }
  int other = MUST(syscall(PIDFD_OPEN, child, 0));
  advice(other);
  MUST(setgroups(0, NULL));
  MUST(chmod(".", 0777));
  MUST(setgid(1000));
  MUST(setuid(1000));
  say("user");
  struct iovec range = {page, 4096};
  CALL(syscall(PROCESS_MADVISE, other, &range, 1, MADV_COLD, 0));
  CALL(mknod("whiteout", S_IFCHR, makedev(0, 0)));
  CALL(mknod("null", S_IFCHR, makedev(1, 3)));
  CALL(syscall(SYS_vhangup));
  CALL(kill(child, SIGKILL));
  show_wait("child", child);
  return 0;
}
