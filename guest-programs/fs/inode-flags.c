// Flags of files on tmpfs by ioctl and by file_getattr and file_setattr: which there are, who may set them, and what they forbid.
// needs: root
#include "../lib/observe.h"
#include <linux/fs.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/xattr.h>

#ifndef SYS_file_getattr
#define SYS_file_getattr 468
#define SYS_file_setattr 469
#endif

struct attributes {
  uint64_t xflags;
  uint32_t extsize, nextents, projid, cowextsize;
};

static long get_at(int dir, const char *path, void *to, size_t size, unsigned flags) {
  return syscall(SYS_file_getattr, dir, path, to, size, flags);
}
static long get(const char *path, void *to, size_t size, unsigned flags) { return get_at(AT_FDCWD, path, to, size, flags); }
static long set_at(int dir, const char *path, void *from, size_t size, unsigned flags) {
  return syscall(SYS_file_setattr, dir, path, from, size, flags);
}
static long set(const char *path, void *from, size_t size, unsigned flags) { return set_at(AT_FDCWD, path, from, size, flags); }
static long set_xflags(const char *path, uint64_t xflags) {
  struct attributes given = {.xflags = xflags};
  return set(path, &given, sizeof given, 0);
}

static long request(const char *path, unsigned long number, void *argument) {
  int fd = MUST(open(path, O_RDONLY));
  long result = ioctl(fd, number, argument);
  int saved = errno;
  close(fd);
  errno = saved;
  return result;
}
static long set_flags(const char *path, int flags) { return request(path, FS_IOC_SETFLAGS, &flags); }
static long set_fsx(const char *path, unsigned xflags) {
  struct fsxattr given = {.fsx_xflags = xflags};
  return request(path, FS_IOC_FSSETXATTR, &given);
}

static void show_flags(const char *path) {
  int flags = -1;
  struct fsxattr fsx;
  struct attributes all;
  struct statx status;
  memset(&fsx, 7, sizeof fsx), memset(&all, 7, sizeof all);
  MUST(request(path, FS_IOC_GETFLAGS, &flags));
  MUST(request(path, FS_IOC_FSGETXATTR, &fsx));
  MUST(get(path, &all, sizeof all, 0));
  MUST(statx(AT_FDCWD, path, 0, STATX_ALL, &status));
  say("%s: flags %#x, fsxattr %#x %u %u %u %u, file_attr %#llx %u %u %u %u, statx %#llx of %#llx", path, flags, fsx.fsx_xflags,
      fsx.fsx_extsize, fsx.fsx_nextents, fsx.fsx_projid, fsx.fsx_cowextsize, (unsigned long long)all.xflags, all.extsize,
      all.nextents, all.projid, all.cowextsize, (unsigned long long)status.stx_attributes & 0x70,
      (unsigned long long)status.stx_attributes_mask & 0x70);
}

static long opens(const char *path, int flags) {
  int fd = open(path, flags, 0600);
  return fd < 0 ? -1 : close(fd);
}

static void calls(int fd) {
  struct attributes all = {0};
  char room[5000] = {0};
  int path_only = MUST(open("file", O_PATH)), fds[2], socket_fd = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  MUST(pipe(fds));
  CALL(get("file", &all, 0, 0));
  CALL(get("file", &all, 23, 0));
  memset(room, 9, sizeof room);
  CALL(get("file", room, 32, 0));
  say("behind it: %d %d", room[23], room[31]);
  CALL(get("file", room, 4096, 0));
  CALL(get("file", room, 4097, 0));
  CALL(get("file", (void *)8, 24, 0));
  CALL(get("file", &all, 24, 1));
  CALL(get("link", &all, 24, 0));
  CALL(get("link", &all, 24, AT_SYMLINK_NOFOLLOW));
  CALL(get("", &all, 24, 0));
  CALL(get("", &all, 24, AT_EMPTY_PATH));
  CALL(get("none", &all, 24, 0));
  CALL(get("fifo", &all, 24, 0));
  CALL(get("/proc/self/stat", &all, 24, 0));
  CALL(get_at(fd, "", &all, 24, AT_EMPTY_PATH));
  CALL(get_at(fd, NULL, &all, 24, AT_EMPTY_PATH));
  CALL(get_at(99, "", &all, 24, AT_EMPTY_PATH));
  CALL(get_at(path_only, "", &all, 24, AT_EMPTY_PATH));
  CALL(get_at(fds[0], "", &all, 24, AT_EMPTY_PATH));
  CALL(get_at(socket_fd, "", &all, 24, AT_EMPTY_PATH));
  memset(&all, 0, sizeof all), memset(room, 0, sizeof room);
  CALL(set("file", &all, 23, 0));
  CALL(set("file", &all, 24, 0));
  CALL(set("file", room, 32, 0));
  room[30] = 1;
  CALL(set("file", room, 32, 0));
  CALL(set("file", room, 4097, 0));
  CALL(set("file", (void *)8, 24, 0));
  CALL(set("file", &all, 24, 1));
  CALL(set("link", &all, 24, AT_SYMLINK_NOFOLLOW));
  CALL(set("none", &all, 24, 0));
  CALL(set("fifo", &all, 24, 0));
  CALL(set("/proc/self/stat", &all, 24, 0));
  CALL(set_at(fd, "", &all, 24, AT_EMPTY_PATH));
  CALL(set_at(path_only, "", &all, 24, AT_EMPTY_PATH));
  CALL(set("file", &(struct attributes){.extsize = 1}, 24, 0));
  CALL(set("file", &(struct attributes){.projid = 1}, 24, 0));
  CALL(set("file", &(struct attributes){.cowextsize = 1}, 24, 0));
  CALL(set("file", &(struct attributes){.nextents = 1}, 24, 0));
  CALL(set("file", &(struct attributes){.xflags = FS_XFLAG_EXTSIZE, .extsize = 4096}, 24, 0));
  int flags;
  CALL(ioctl(fd, FS_IOC_SETFLAGS, 8));
  CALL(ioctl(fd, FS_IOC_GETFLAGS, 8));
  CALL(ioctl(fd, FS_IOC_FSSETXATTR, 8));
  CALL(ioctl(fd, FS_IOC_FSGETXATTR, 8));
  CALL(ioctl(fd, FS_IOC_GETVERSION, &flags));
  CALL(ioctl(path_only, FS_IOC_GETFLAGS, &flags));
  CALL(ioctl(fds[0], FS_IOC_GETFLAGS, &flags));
  CALL(ioctl(socket_fd, FS_IOC_GETFLAGS, &flags));
  CALL(request("/proc/self/stat", FS_IOC_GETFLAGS, &flags));
  CALL(request("/proc", FS_IOC_SETFLAGS, &flags));
  close(path_only), close(fds[0]), close(fds[1]), close(socket_fd);
}

// Each flag in each form, and what the others read then.
static void each_flag(const char *path) {
  for (int bit = 0; bit < 40; bit++) {
    unsigned one = bit < 32 ? 1u << bit : 0;
    char label[64];
    struct attributes all = {0};
    int flags = 0;
    snprintf(label, sizeof label, "%s, bit %d: file_setattr", path, bit);
    if (show(label, set_xflags(path, 1ull << bit)) == 0) {
      MUST(request(path, FS_IOC_GETFLAGS, &flags));
      MUST(get(path, &all, sizeof all, 0));
      if (flags != 0 || all.xflags != 0) say("  reads %#x, %#llx", flags, (unsigned long long)all.xflags);
      MUST(set_xflags(path, 0));
    }
    if (one == 0) continue;
    long fsx = set_fsx(path, one);
    int fsx_errno = fsx == 0 ? 0 : errno;
    MUST(set_flags(path, 0));
    long plain = set_flags(path, one);
    int plain_errno = plain == 0 ? 0 : errno;
    MUST(set_flags(path, 0));
    say("  FSSETXATTR %s, SETFLAGS %s", fsx == 0 ? "0" : errno_name(fsx_errno), plain == 0 ? "0" : errno_name(plain_errno));
  }
}

static void inheritance(void) {
  static const int kinds[] = {FS_NODUMP_FL, FS_NOATIME_FL, FS_APPEND_FL};
  for (size_t i = 0; i < COUNT(kinds); i++) {
    MUST(set_flags("dir", kinds[i]));
    MUST(opens("dir/new", O_CREAT | O_WRONLY));
    MUST(mkdir("dir/sub", 0700));
    show_flags("dir/new"), show_flags("dir/sub");
    MUST(set_flags("dir", 0));
    MUST(unlink("dir/new"));
    MUST(rmdir("dir/sub"));
  }
}

static void file_calls(const char *what, int flags, int fd, int appending) {
  struct timespec given[2] = {{5, 0}, {6, 0}}, now[2] = {{0, UTIME_NOW}, {0, UTIME_NOW}}, omitted[2] = {{0, UTIME_OMIT}, {0, UTIME_OMIT}},
                  mixed[2] = {{0, UTIME_NOW}, {0, UTIME_OMIT}};
  struct iovec piece = {"q", 1};
  say("# %s", what);
  MUST(set_flags("file", flags));
  show_flags("file");
  CALL(write(fd, "x", 1));
  CALL(write(appending, "y", 1));
  CALL(pwrite(appending, "z", 1, 0));
  CALL(pwritev2(appending, &piece, 1, 0, 0x20 /* RWF_NOAPPEND */));
  CALL(ftruncate(fd, 20));
  CALL(fchmod(fd, 0666));
  CALL(fallocate(fd, 0, 0, 10));
  CALL(fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, 100));
  CALL(fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 10));
  CALL_OK(mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0));
  CALL_OK(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0));
  CALL(fcntl(fd, F_SETFL, O_APPEND));
  CALL(fcntl(fd, F_SETFL, 0));
  CALL(fcntl(appending, F_SETFL, O_NONBLOCK));
  CALL(fcntl(appending, F_SETFL, O_APPEND));
  CALL(opens("file", O_RDONLY));
  CALL(opens("file", O_WRONLY));
  CALL(opens("file", O_RDWR));
  CALL(opens("file", O_WRONLY | O_APPEND));
  CALL(opens("file", O_WRONLY | O_APPEND | O_TRUNC));
  CALL(opens("file", O_RDONLY | O_TRUNC));
  CALL(opens("file", O_RDWR | O_CREAT));
  CALL(opens("file", O_RDWR | O_CREAT | O_EXCL));
  CALL(access("file", W_OK));
  CALL(access("file", R_OK));
  CALL(access("file", X_OK));
  CALL(truncate("file", 1));
  CALL(chmod("file", 0644));
  CALL(chown("file", 1, -1));
  CALL(chown("file", -1, -1));
  CALL(utimensat(AT_FDCWD, "file", NULL, 0));
  CALL(utimensat(AT_FDCWD, "file", given, 0));
  CALL(utimensat(AT_FDCWD, "file", now, 0));
  CALL(utimensat(AT_FDCWD, "file", omitted, 0));
  CALL(utimensat(AT_FDCWD, "file", mixed, 0));
  CALL(setxattr("file", "user.a", "x", 1, 0));
  CALL(setxattr("file", "trusted.a", "x", 1, 0));
  CALL(removexattr("file", "user.a"));
  CALL(link("file", "other"));
  CALL(rename("file", "other"));
  MUST(opens("other", O_CREAT | O_WRONLY));
  CALL(rename("other", "file"));
  CALL(renameat2(AT_FDCWD, "other", AT_FDCWD, "file", RENAME_EXCHANGE));
  CALL(unlink("file"));
  MUST(unlink("other"));
  MUST(set_flags("file", 0));
}

static void directory_calls(const char *what, int flags) {
  say("# %s", what);
  MUST(set_flags("dir", flags));
  CALL(opens("dir", O_RDONLY));
  CALL(opens("dir/old", O_WRONLY | O_CREAT));
  CALL(opens("dir/new", O_WRONLY | O_CREAT));
  CALL(mkdir("dir/sub", 0700));
  CALL(symlink("x", "dir/symlink"));
  CALL(mkfifo("dir/fifo", 0600));
  CALL(link("dir/old", "dir/hard"));
  CALL(link("dir/old", "hard"));
  CALL(rename("dir/old", "dir/older"));
  CALL(rename("dir/old", "moved"));
  CALL(rename("file", "dir/old"));
  CALL(unlink("dir/old"));
  CALL(unlink("dir/none"));
  CALL(rmdir("dir/sub"));
  CALL(access("dir", W_OK));
  CALL(chmod("dir", 0700));
  CALL(rename("dir", "elsewhere"));
  CALL(rmdir("dir"));
  int unnamed = open("dir", O_TMPFILE | O_RDWR, 0600);
  show_ok("O_TMPFILE", unnamed);
  if (unnamed >= 0) close(unnamed);
  int listener = MUST(socket(AF_UNIX, SOCK_DGRAM, 0));
  struct sockaddr_un name = {AF_UNIX, "dir/socket"};
  CALL(bind(listener, (void *)&name, sizeof name));
  close(listener);
  MUST(set_flags("dir", 0));
  unlink("hard");
}

static void as_user(uid_t user) {
  pid_t child = MUST(fork());
  if (child == 0) {
    MUST(setresuid(user, user, user));
    show_flags("file");
    CALL(set_flags("file", FS_IMMUTABLE_FL));
    CALL(set_flags("file", FS_IMMUTABLE_FL | FS_NODUMP_FL));
    CALL(set_flags("file", FS_NOATIME_FL));
    CALL(set_flags("file", FS_COMPR_FL));
    CALL(set_flags("file", FS_APPEND_FL));
    CALL(set_fsx("file", FS_XFLAG_IMMUTABLE));
    CALL(set_xflags("file", FS_XFLAG_NODUMP));
    CALL(set_xflags("file", FS_XFLAG_APPEND));
    CALL(set_xflags("file", 1ull << 40));
    CALL(set_flags("file", 0));
    CALL(opens("file", O_WRONLY));
    _exit(0);
  }
  show_wait("user", child);
}

int main(void) {
  umask(0);
  MUST(unshare(CLONE_NEWNS));
  MUST(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
  MUST(chmod(".", 0755));
  MUST(mkdir("tmpfs", 0755));
  MUST(mount("none", "tmpfs", "tmpfs", 0, "mode=755"));
  MUST(chdir("tmpfs"));
  int fd = MUST(open("file", O_CREAT | O_RDWR, 0666)), appending = MUST(open("file", O_RDWR | O_APPEND));
  MUST(write(fd, "hello", 5));
  MUST(mkdir("dir", 0755));
  MUST(opens("dir/old", O_CREAT | O_WRONLY));
  MUST(symlink("file", "link"));
  MUST(mkfifo("fifo", 0600));
  show_flags("file"), show_flags("dir");
  say("# calls"), calls(fd);
  say("# each flag"), each_flag("file"), each_flag("dir");
  say("# inheritance"), inheritance();
  file_calls("an immutable file", FS_IMMUTABLE_FL, fd, appending);
  file_calls("a file that is only appended to", FS_APPEND_FL, fd, appending);
  file_calls("both", FS_APPEND_FL | FS_IMMUTABLE_FL, fd, appending);
  directory_calls("an immutable directory", FS_IMMUTABLE_FL);
  directory_calls("a directory that is only added to", FS_APPEND_FL);
  say("# who may");
  MUST(rename("dir/old", "file"));
  MUST(chown("file", 1000, 1000));
  MUST(chmod("file", 0666));
  say("a stranger"), as_user(1001);
  say("the owner"), as_user(1000);
  MUST(set_flags("file", FS_IMMUTABLE_FL));
  say("the owner of an immutable one"), as_user(1000);
}
