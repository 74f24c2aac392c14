// ioctl_nsfs(2): numbers of namespaces, mount namespaces one after the other, and handles of them.
// needs: root
#include "../lib/observe.h"
#include <sched.h>
#include <sys/ioctl.h>

struct info {
  uint32_t size, nr_mounts;
  uint64_t id;
};
#define GET_MNTNS_ID _IOR(0xb7, 5, uint64_t)
#define MNT_INFO _IOR(0xb7, 10, struct info)
#define MNT_NEXT _IOR(0xb7, 11, struct info)
#define MNT_PREV _IOR(0xb7, 12, struct info)
#define GET_ID _IOR(0xb7, 13, uint64_t)
#define SIZED(size, number) _IOC(_IOC_READ, 0xb7, number, size)
#define NSFS_ROOT (-10003)

struct handle {
  struct file_handle head;
  unsigned char bytes[128];
};

static const char *kinds[] = {"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"};

static int own(const char *kind) {
  char path[60];
  snprintf(path, sizeof path, "/proc/self/ns/%s", kind);
  return MUST(open(path, O_RDONLY | O_CLOEXEC));
}

static uint64_t id_of(int fd) {
  uint64_t id = 0;
  MUST(ioctl(fd, GET_ID, &id));
  return id;
}

static int handle_of(int fd, struct handle *handle) {
  int mount;
  handle->head.handle_bytes = sizeof handle->bytes;
  return name_to_handle_at(fd, "", &handle->head, &mount, AT_EMPTY_PATH);
}

static int mounts(void) {
  int fd = MUST(open("/proc/self/mountinfo", O_RDONLY)), count = 0;
  char text[4096];
  for (ssize_t got; (got = read(fd, text, sizeof text)) > 0;)
    for (ssize_t i = 0; i < got; i++) count += text[i] == '\n';
  close(fd);
  return count;
}

static void numbers(void) {
  for (int i = 0; i < 8; i++) {
    int fd = own(kinds[i]), again = own(kinds[i]);
    uint64_t id = 0;
    say("%s: one number %d", kinds[i], id_of(fd) != 0 && id_of(fd) == id_of(again));
    CALL(ioctl(fd, GET_MNTNS_ID, &id));
    if (id != 0) say("the same: %d", id == id_of(fd));
    struct info info = {0};
    CALL(ioctl(fd, MNT_INFO, &info));
    close(fd), close(again);
  }
  int fd = own("mnt");
  struct info info[2] = {{0}};
  CALL(ioctl(fd, GET_ID, NULL));
  CALL(ioctl(fd, MNT_INFO, NULL));
  CALL(ioctl(fd, SIZED(8, 10), info));
  info[1].size = 7;
  CALL(ioctl(fd, SIZED(32, 10), info));
  say("size %u, all mounts %d, number %d, behind it %u", info[0].size, (int)info[0].nr_mounts - mounts() , info[0].id == id_of(fd), info[1].size);
  CALL(ioctl(fd, _IO(0xb7, 13), info));
  CALL(ioctl(fd, _IO(0xb7, 99), info));
  close(fd);
}

static void neighbours(void) {
  int old = own("mnt");
  MUST(unshare(CLONE_NEWNS));
  int middle = own("mnt");
  MUST(unshare(CLONE_NEWNS | CLONE_NEWUTS));
  int last = own("mnt");
  say("in order: %d", id_of(old) < id_of(middle) && id_of(middle) < id_of(last));
  struct info info = {0};
  int found = ioctl(last, MNT_PREV, &info);
  say("before: %d %d %d", found >= 0, info.id == id_of(middle), id_of(found) == info.id);
  say("close-on-exec: %d", MUST(fcntl(found, F_GETFD)));
  close(found);
  found = MUST(ioctl(middle, MNT_NEXT, NULL));
  say("after: %d", id_of(found) == id_of(last));
  close(found);
  CALL(ioctl(last, MNT_NEXT, &info));
  close(middle);
  found = MUST(ioctl(last, MNT_PREV, &info));
  say("nobody keeps the one between: %d", id_of(found) < id_of(last));
  CALL(ioctl(own("uts"), MNT_NEXT, &info));
  close(found), close(last), close(old);
}

static void handles(void) {
  struct handle handle, short_one = {.head = {.handle_bytes = 4}};
  int mount;
  for (int i = 0; i < 8; i++) {
    int fd = own(kinds[i]);
    CALL(handle_of(fd, &handle));
    uint64_t id;
    memcpy(&id, handle.bytes, 8);
    say("%s: type %x, %u bytes, number %d", kinds[i], handle.head.handle_type, handle.head.handle_bytes, id == id_of(fd));
    int found = MUST(open_by_handle_at(NSFS_ROOT, &handle.head, O_RDONLY));
    say("the same: %d", id_of(found) == id);
    close(found), close(fd);
  }
  CALL(open_by_handle_at(NSFS_ROOT, &handle.head, O_RDWR));
  int fd = own("uts");
  CALL(name_to_handle_at(fd, "", &short_one.head, &mount, AT_EMPTY_PATH));
  say("%u bytes, type %x", short_one.head.handle_bytes, short_one.head.handle_type);
  memset(handle.bytes + 8, 0, 8);
  CALL(open_by_handle_at(NSFS_ROOT, &handle.head, O_RDONLY));
  handle.bytes[12] = 1;
  CALL(open_by_handle_at(NSFS_ROOT, &handle.head, O_RDONLY));
  handle_of(fd, &handle);
  handle.head.handle_type = 0xf0;
  CALL(open_by_handle_at(NSFS_ROOT, &handle.head, O_RDONLY));
  handle_of(fd, &handle);
  handle.head.handle_bytes = 12;
  CALL(open_by_handle_at(NSFS_ROOT, &handle.head, O_RDONLY));
  handle.head.handle_bytes = 24;
  memset(handle.bytes + 16, 0, 8);
  CALL_OK(open_by_handle_at(NSFS_ROOT, &handle.head, O_RDONLY));
  handle.bytes[20] = 1;
  CALL_OK(open_by_handle_at(NSFS_ROOT, &handle.head, O_RDONLY));
  close(fd);
}

static void gone(void) {
  int ends[2], hold[2];
  struct handle handle;
  MUST(pipe(ends)), MUST(pipe(hold));
  pid_t child = MUST(fork());
  if (child == 0) {
    MUST(unshare(CLONE_NEWUTS));
    MUST(handle_of(own("uts"), &handle));
    MUST(write(ends[1], &handle, sizeof handle));
    char byte;
    MUST(read(hold[0], &byte, 1));
    _exit(0);
  }
  MUST(read(ends[0], &handle, sizeof handle));
  int fd = MUST(open_by_handle_at(NSFS_ROOT, &handle.head, O_RDONLY));
  uint64_t id;
  memcpy(&id, handle.bytes, 8);
  say("of the child: %d", id_of(fd) == id);
  pid_t stranger = MUST(fork());
  if (stranger == 0) {
    MUST(setresuid(1000, 1000, 1000));
    CALL(open_by_handle_at(NSFS_ROOT, &handle.head, O_RDONLY));
    struct handle mine;
    MUST(handle_of(own("uts"), &mine));
    CALL_OK(open_by_handle_at(NSFS_ROOT, &mine.head, O_RDONLY));
    _exit(0);
  }
  MUST(waitpid(stranger, NULL, 0));
  MUST(write(hold[1], "x", 1));
  MUST(waitpid(child, NULL, 0));
  close(fd);
  CALL(open_by_handle_at(NSFS_ROOT, &handle.head, O_RDONLY));
}

int main(void) {
  say("-- numbers");
  numbers();
  say("-- neighbours");
  neighbours();
  say("-- handles");
  handles();
  say("-- gone");
  gone();
}
