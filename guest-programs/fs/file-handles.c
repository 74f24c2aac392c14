// name_to_handle_at and open_by_handle_at on tmpfs: handles outlive names, and a file that is gone is stale.
// needs: root
#include "../lib/observe.h"

#ifndef AT_HANDLE_FID
#define AT_HANDLE_FID AT_REMOVEDIR
#endif
#ifndef AT_HANDLE_MNT_ID_UNIQUE
#define AT_HANDLE_MNT_ID_UNIQUE 1
#endif

struct handle {
  unsigned bytes;
  int type;
  unsigned char data[128];
};

static long name_to(int at, const char *name, struct handle *handle, void *mount, int flags) {
  return syscall(SYS_name_to_handle_at, at, name, handle, mount, flags);
}

static long open_by(int mount_fd, struct handle *handle, int flags) {
  return syscall(SYS_open_by_handle_at, mount_fd, handle, flags);
}

static void reads(const char *label, int fd) {
  char text[32] = "";
  if (fd < 0) show(label, -1);
  else if (read(fd, text, sizeof text - 1) < 0) show(label, -1);
  else say("%s: %s", label, text);
  if (fd >= 0) close(fd);
}

int main(void) {
  char place_of_ours[] = "/dev/shm/handles-XXXXXX"; // a tmpfs everywhere
  if (mkdtemp(place_of_ours) == NULL) return 99;
  MUST(chdir(place_of_ours));
  struct handle handle = {.bytes = 128}, other = {.bytes = 128}, none = {.bytes = 0};
  int mount = -1, mount_fd = MUST(open(".", O_RDONLY | O_DIRECTORY));
  int fd = MUST(open("f", O_CREAT | O_RDWR, 0600));
  MUST(write(fd, "content", 7));
  MUST(mkdir("d", 0755));
  MUST(symlink("f", "link"));
  MUST(mkfifo("fifo", 0600));

  CALL(name_to(AT_FDCWD, "f", &none, &mount, 0));
  say("needs %u bytes", none.bytes);
  CALL(name_to(AT_FDCWD, "f", &handle, &mount, 0));
  say("%u bytes of type %d, mount set: %d", handle.bytes, handle.type, mount > 0);
  struct stat of;
  MUST(stat("f", &of));
  unsigned words[3];
  memcpy(words, handle.data, sizeof words);
  say("the inode is in it: %d", words[1] == (unsigned)of.st_ino && words[2] == (unsigned)(of.st_ino >> 32));
  struct statx more;
  MUST(statx(AT_FDCWD, "f", 0, STATX_MNT_ID, &more));
  say("the mount is statx's: %d", (unsigned)mount == more.stx_mnt_id);
  uint64_t unique = 0;
  other.bytes = 128;
  CALL(name_to(AT_FDCWD, "f", &other, &unique, AT_HANDLE_MNT_ID_UNIQUE));
  say("the same handle: %d, a large number: %d", !memcmp(&other, &handle, 8 + handle.bytes), unique > 0x7fffffff);
  other.bytes = 128;
  CALL(name_to(AT_FDCWD, "d", &other, &mount, 0));
  say("another handle: %d", memcmp(&other, &handle, 8 + handle.bytes) != 0);

  say("# errors");
  other.bytes = 128;
  CALL(name_to(AT_FDCWD, "f", &other, &mount, 0x100));
  CALL(name_to(AT_FDCWD, "missing", &other, &mount, 0));
  CALL(name_to(AT_FDCWD, "", &other, &mount, 0));
  CALL(name_to(fd, "", &other, &mount, AT_EMPTY_PATH));
  CALL(name_to(-1, "f", &other, &mount, 0));
  CALL(name_to(AT_FDCWD, "f", NULL, &mount, 0));
  CALL(name_to(AT_FDCWD, "f", &other, NULL, 0));
  CALL(name_to(AT_FDCWD, NULL, &other, &mount, 0));
  other.bytes = 129;
  CALL(name_to(AT_FDCWD, "f", &other, &mount, 0));
  other.bytes = 8;
  CALL(name_to(AT_FDCWD, "f", &other, &mount, 0));
  say("bytes: %u", other.bytes);
  other.bytes = 128;
  CALL(name_to(AT_FDCWD, "/proc/self/status", &other, &mount, 0));
  CALL(name_to(AT_FDCWD, "/proc/self/status", &other, &mount, AT_HANDLE_FID));
  say("%u bytes of type %#x", other.bytes, other.type);
  int pipe_fds[2];
  MUST(pipe(pipe_fds));
  other.bytes = 128;
  CALL(name_to(pipe_fds[0], "", &other, &mount, AT_EMPTY_PATH));

  say("# opening");
  reads("by handle", open_by(mount_fd, &handle, O_RDONLY));
  reads("from the working directory", open_by(AT_FDCWD, &handle, O_RDONLY));
  reads("write only", open_by(mount_fd, &handle, O_WRONLY));
  reads("through the file itself", open_by(fd, &handle, O_RDONLY));
  CALL(open_by(-1, &handle, O_RDONLY));
  CALL(open_by(mount_fd, NULL, O_RDONLY));
  CALL(open_by(mount_fd, &handle, O_RDONLY | O_DIRECTORY));
  CALL(open_by(mount_fd, &handle, O_RDWR | O_CREAT | O_EXCL));
  int proc = MUST(open("/proc", O_RDONLY));
  CALL(open_by(proc, &handle, O_RDONLY));
  CALL(open_by(pipe_fds[0], &handle, O_RDONLY));
  other = handle;
  other.bytes = 0;
  CALL(open_by(mount_fd, &other, O_RDONLY));
  other.bytes = 129;
  CALL(open_by(mount_fd, &other, O_RDONLY));
  other.bytes = 8;
  CALL(open_by(mount_fd, &other, O_RDONLY));
  other.bytes = handle.bytes;
  other.type = -1;
  CALL(open_by(mount_fd, &other, O_RDONLY));
  other.type = 77;
  reads("of another type", open_by(mount_fd, &other, O_RDONLY));
  other.type = handle.type;
  other.data[0] ^= 1;
  CALL(open_by(mount_fd, &other, O_RDONLY));
  other = (struct handle){.bytes = 128};
  MUST(name_to(AT_FDCWD, "link", &other, &mount, 0));
  CALL(open_by(mount_fd, &other, O_RDONLY));
  int place = open_by(mount_fd, &other, O_PATH);
  char target[16] = "";
  CALL(readlinkat(place, "", target, sizeof target));
  say("link to: %s", target);
  other = (struct handle){.bytes = 128};
  MUST(name_to(AT_FDCWD, "link", &other, &mount, AT_SYMLINK_FOLLOW));
  say("followed: %d", !memcmp(&other, &handle, 8 + handle.bytes));
  other = (struct handle){.bytes = 128};
  MUST(name_to(AT_FDCWD, "d", &other, &mount, 0));
  reads("a directory", open_by(mount_fd, &other, O_RDONLY | O_DIRECTORY));

  say("# names come and go");
  MUST(rename("f", "d/renamed"));
  int opened = MUST(open_by(mount_fd, &handle, O_RDONLY));
  char path[64], resolved[256] = "";
  snprintf(path, sizeof path, "/proc/self/fd/%d", opened);
  MUST(readlink(path, resolved, sizeof resolved - 1));
  say("now: %s", strrchr(resolved, '/') - 2);
  MUST(unlink("d/renamed"));
  reads("unlinked and open", open_by(mount_fd, &handle, O_RDONLY));
  MUST(close(opened));
  MUST(close(fd));
  CALL(open_by(mount_fd, &handle, O_RDONLY));
  MUST(close(MUST(open("f", O_CREAT | O_RDWR, 0600))));
  CALL(open_by(mount_fd, &handle, O_RDONLY));

  pid_t child = MUST(fork());
  if (child == 0) {
    handle.bytes = 128;
    MUST(name_to(mount_fd, "f", &handle, &mount, 0));
    MUST(setuid(1000));
    CALL(open_by(mount_fd, &handle, O_RDONLY));
    CALL(open_by(-1, &handle, O_RDONLY));
    CALL(open_by(mount_fd, NULL, O_RDONLY));
    _exit(0);
  }
  show_wait("child", child);
  const char *names[] = {"f", "link", "fifo"};
  for (unsigned i = 0; i < COUNT(names); i++) MUST(unlink(names[i]));
  MUST(rmdir("d"));
  MUST(rmdir(place_of_ours));
  return 0;
}
