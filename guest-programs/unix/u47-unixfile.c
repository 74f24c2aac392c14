// U47: SIOCUNIXFILE gives an O_PATH descriptor of the bound inode.
// needs: root
#include "../lib/unix-messages.h"

int main(void) {
  for (int i = 0; i < 3; i++) {
    const char *kind = type_name(ALL_TYPES[i]), *path = words("s%d", i);
    char name[20];
    strcpy(name, path);
    int fd = MUST(socket(AF_UNIX, ALL_TYPES[i], 0));
    show(words("%s: unbound", kind), ioctl(fd, SIOCUNIXFILE, 0));
    int abstract = bound_socket(ALL_TYPES[i], words("@u47-%d", i));
    show(words("%s: abstract", kind), ioctl(abstract, SIOCUNIXFILE, 0));
    MUST(bind_to(fd, name));
    int file = ioctl(fd, SIOCUNIXFILE, 0);
    say("%s: bound: %s", kind, file >= 0 ? "ok" : errno_name(errno));
    struct stat a, b;
    MUST(fstat(file, &a));
    MUST(stat(name, &b));
    say("%s: the inode %d, mode %#o, O_PATH %d, cloexec %d", kind, a.st_ino == b.st_ino, a.st_mode,
        (fcntl(file, F_GETFL) & O_PATH) != 0, fcntl(file, F_GETFD));
    show(words("%s: read", kind), read(file, &a, 1));
    char link[64], target[200] = {0};
    snprintf(link, sizeof link, "/proc/self/fd/%d", file);
    MUST(readlink(link, target, sizeof target - 1));
    say("%s: /proc link ends in %s", kind, strrchr(target, '/'));
    MUST(unlink(name));
    memset(target, 0, sizeof target);
    MUST(readlink(link, target, sizeof target - 1));
    say("%s: unlinked: %s", kind, strrchr(target, '/'));
    file = ioctl(fd, SIOCUNIXFILE, 0);
    say("%s: after unlink: %s", kind, file >= 0 ? "ok" : errno_name(errno));
    if (i != 1) {
      MUST(listen(abstract, 3));
      int client = MUST(socket(AF_UNIX, ALL_TYPES[i], 0));
      MUST(bind_to(client, words("c%d", i)));
      MUST(connect_to(client, words("@u47-%d", i)));
      int server = MUST(accept(abstract, NULL, NULL));
      show(words("%s: accepted from an abstract one", kind), ioctl(server, SIOCUNIXFILE, 0));
      int bound = bound_socket(ALL_TYPES[i], words("l%d", i));
      MUST(listen(bound, 3));
      int second = MUST(socket(AF_UNIX, ALL_TYPES[i], 0));
      MUST(connect_to(second, words("l%d", i)));
      server = MUST(accept(bound, NULL, NULL));
      say("%s: accepted: %s", kind, ioctl(server, SIOCUNIXFILE, 0) >= 0 ? "ok" : errno_name(errno));
      say("%s: its client: %s", kind, ioctl(second, SIOCUNIXFILE, 0) >= 0 ? "ok" : errno_name(errno));
    }
    pid_t child = MUST(fork());
    if (child == 0) {
      MUST(setresuid(1000, 1000, 1000));
      show(words("%s: unprivileged", kind), ioctl(fd, SIOCUNIXFILE, 0));
      _exit(0);
    }
    show_wait("child", child);
  }
  show("no socket", ioctl(0, SIOCUNIXFILE, 0));
  return 0;
}
