// U50: what sockets say to the calls for files: addresses on connected sockets, positions, truncation, modes, mmap.
#include "../lib/unix-messages.h"
#include <sys/file.h>
#include <sys/statfs.h>

int main(void) {
  for (int i = 0; i < 3; i++) {
    const char *kind = type_name(ALL_TYPES[i]);
    int fds[2], lone = MUST(socket(AF_UNIX, ALL_TYPES[i], 0));
    char data[32];
    pair_of(ALL_TYPES[i], fds);
    MUST(fcntl(fds[1], F_SETFL, O_NONBLOCK));
    show(words("%s: sendto, connected", kind), send_to(fds[0], "a", "nowhere", MSG_NOSIGNAL));
    show(words("%s: sendto, unconnected", kind), send_to(lone, "a", "nowhere", MSG_NOSIGNAL));
    struct sockaddr_un bad = {.sun_family = AF_INET};
    show(words("%s: sendto, wrong family", kind), sendto(fds[0], "a", 1, 0, (struct sockaddr *)&bad, 20));
    bad.sun_family = AF_UNIX;
    show(words("%s: sendto, size 2", kind), sendto(fds[0], "a", 1, 0, (struct sockaddr *)&bad, 2));
    show(words("%s: sendto, size 0", kind), sendto(fds[0], "b", 1, 0, (struct sockaddr *)&bad, 0));
    show(words("%s: sendto, size 129", kind), sendto(fds[0], "a", 1, 0, (struct sockaddr *)&bad, 129));
    show(words("%s: sendto, bad address", kind), sendto(fds[0], "a", 1, 0, (struct sockaddr *)8, 20));
    show(words("%s: sendto, bad buffer", kind), sendto(fds[0], (void *)8, 1, 0, NULL, 0));
    struct iovec parts[3] = {{"one", 3}, {"", 0}, {"two", 3}}, into[2] = {{data, 2}, {data + 10, 8}};
    show(words("%s: writev", kind), writev(fds[0], parts, 3));
    show(words("%s: readv", kind), readv(fds[1], into, 2));
    show(words("%s: readv", kind), readv(fds[1], into, 2));
    show(words("%s: pread", kind), pread(fds[1], data, 1, 0));
    show(words("%s: pwrite", kind), pwrite(fds[0], "x", 1, 0));
    show(words("%s: preadv", kind), preadv(fds[1], into, 1, 0));
    show(words("%s: lseek", kind), lseek(fds[0], 0, SEEK_SET));
    show(words("%s: ftruncate", kind), ftruncate(fds[0], 0));
    show(words("%s: fallocate", kind), fallocate(fds[0], 0, 0, 10));
    show(words("%s: fsync", kind), fsync(fds[0]));
    show(words("%s: fdatasync", kind), fdatasync(fds[0]));
    show(words("%s: syncfs", kind), syncfs(fds[0]));
    show(words("%s: mmap", kind), mmap(NULL, 4096, PROT_READ, MAP_SHARED, fds[0], 0) == MAP_FAILED ? -1 : 0);
    show(words("%s: fchdir", kind), fchdir(fds[0]));
    show(words("%s: openat", kind), openat(fds[0], "x", O_RDONLY));
    show(words("%s: getdents", kind), syscall(SYS_getdents64, fds[0], data, sizeof data));
    struct stat info;
    MUST(fstat(fds[0], &info));
    say("%s: mode %#o, size %ld, links %d, own uid %d", kind, info.st_mode, (long)info.st_size, (int)info.st_nlink, info.st_uid == geteuid());
    show(words("%s: fchmod", kind), fchmod(fds[0], 0640));
    MUST(fstat(fds[0], &info));
    say("%s: mode %#o", kind, info.st_mode);
    show(words("%s: fchown", kind), fchown(fds[0], -1, -1));
    struct statfs fs;
    MUST(fstatfs(fds[0], &fs));
    say("%s: file system %#lx", kind, (long)fs.f_type);
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    show(words("%s: F_SETLK", kind), fcntl(fds[0], F_SETLK, &lock));
    show(words("%s: flock", kind), flock(fds[0], LOCK_EX | LOCK_NB));
    say("%s: F_GETFL %#x", kind, fcntl(fds[0], F_GETFL) & (O_ACCMODE | O_NONBLOCK | O_APPEND));
    show(words("%s: F_SETFL O_APPEND", kind), fcntl(fds[0], F_SETFL, O_APPEND));
    char link[64], target[64] = {0};
    snprintf(link, sizeof link, "/proc/self/fd/%d", fds[0]);
    MUST(readlink(link, target, sizeof target - 1));
    say("%s: link %.8s", kind, target);
    show(words("%s: open the link", kind), open(link, O_RDWR));
    struct stat again;
    MUST(stat(link, &again));
    say("%s: stat of the link: same %d", kind, again.st_ino == info.st_ino);
    close(fds[0]), close(fds[1]), close(lone);
  }
  return 0;
}
