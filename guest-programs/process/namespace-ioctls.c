// What an open namespace of /proc/self/ns answers: its kind, its owner, where it came from (ioctl_nsfs(2)).
// needs: root
#include "../lib/observe.h"
#include <linux/nsfs.h>
#include <sys/ioctl.h>
#include <sys/vfs.h>

int main(void) {
  const char *names[] = {"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"};
  int ends[2];
  struct stat pipe_info;
  MUST(pipe(ends)), MUST(fstat(ends[0], &pipe_info));
  for (size_t i = 0; i < COUNT(names); i++) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/ns/%s", names[i]);
    int fd = MUST(open(path, O_RDONLY));
    say("%s: kind %#x", names[i], ioctl(fd, NS_GET_NSTYPE));
    uid_t owner = 7;
    CALL(ioctl(fd, NS_GET_OWNER_UID, &owner));
    say("owner: %u", owner);
    CALL(ioctl(fd, NS_GET_PARENT));
    int user = ioctl(fd, NS_GET_USERNS);
    show_ok("its user namespace", user);
    if (user >= 0) {
      struct stat own, first;
      MUST(fstat(user, &own)), MUST(stat("/proc/self/ns/user", &first));
      say("it is ours: %d, kind %#x, close on exec %d", own.st_ino == first.st_ino, ioctl(user, NS_GET_NSTYPE), fcntl(user, F_GETFD));
      close(user);
    }
    CALL(ioctl(fd, TIOCSTI, "x"));
    struct stat found;
    struct statfs system;
    MUST(fstat(fd, &found)), MUST(fstatfs(fd, &system));
    say("file system %#lx, the device of pipes: %d", (unsigned long)system.f_type, found.st_dev == pipe_info.st_dev);
    close(fd);
  }
  return 0;
}
