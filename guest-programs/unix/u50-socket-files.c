// U50: sockets as files: attributes, their protocol's name, descriptors by path, /proc/self/fd after a change of ids.
// rows: U08 U51
// needs: root
#include "../lib/unix-messages.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/sendfile.h>
#include <sys/statfs.h>
#include <sys/xattr.h>

static void show_xattr(int fd, const char *name, size_t room) {
  char value[64] = "";
  ssize_t got = fgetxattr(fd, name, value, room);
  if (got < 0) show(words("%s, room for %zu", name, room), got);
  else say("%s, room for %zu: %zd %s", name, room, got, quoted(value, got));
}

static void show_attributes(int fd) {
  char list[64] = "";
  ssize_t length = flistxattr(fd, list, sizeof list);
  say("list: %zd %s", length, quoted(list, length));
  CALL(flistxattr(fd, list, 3));
  static const char *NAMES[] = {"system.sockprotoname", "system.sockprotoname.", "system.other", "user.a", "trusted.a", "security.a", "none"};
  for (size_t i = 0; i < COUNT(NAMES); i++) {
    for (size_t room = 0; room < 40; room += 13) show_xattr(fd, NAMES[i], room);
    show(words("set %s", NAMES[i]), fsetxattr(fd, NAMES[i], "v", 1, 0));
    show(words("remove %s", NAMES[i]), fremovexattr(fd, NAMES[i]));
  }
}

static void show_inode(const char *label, int fd) {
  struct statx more;
  struct statfs system;
  MUST(fstatfs(fd, &system));
  MUST(statx(fd, "", AT_EMPTY_PATH, STATX_ALL, &more));
  say("%s: mode %o, statx has %x, birth %lld, fs %lx", label, more.stx_mode, more.stx_mask & ~0x1000, (long long)more.stx_btime.tv_sec, (long)system.f_type);
}

// A descriptor opened with O_PATH names the socket, as its number under /proc/self/fd does.
static void connect_by_descriptor(int type, const char *name) {
  int path = MUST(open(name, O_PATH)), client = MUST(socket(AF_UNIX, type | SOCK_NONBLOCK, 0));
  show("connect through O_PATH", connect_to(client, words("/proc/self/fd/%d", path)));
  show_peername("  peer", client);
  char byte[4];
  CALL(read(path, byte, 1));
  CALL(send(path, "x", 1, 0));
  CALL(listen(path, 1));
  CALL(ioctl(path, SIOCOUTQ, byte));
  CALL(fchmod(path, 0));
  CALL(epoll_wait(path, NULL, 0, 0));
  MUST(unlink(name));
  int late = MUST(socket(AF_UNIX, type | SOCK_NONBLOCK, 0));
  show("after unlink", connect_to(late, words("/proc/self/fd/%d", path)));
  show("through a socket's own number", connect_to(late, words("/proc/self/fd/%d", client)));
  close(path);
  close(client);
  close(late);
}

static void show_flags(const char *label, int fd) {
  int one = 1;
  say("-- %s", label);
  show("fchmod", fchmod(fd, 0600));
  show("fchown", fchown(fd, -1, -1));
  show("F_SETFL O_DIRECT", fcntl(fd, F_SETFL, O_DIRECT | O_NONBLOCK));
  show("F_SETFL O_ASYNC", fcntl(fd, F_SETFL, O_ASYNC | O_NONBLOCK));
  show("flags", fcntl(fd, F_GETFL) & (O_ASYNC | O_NONBLOCK | O_DIRECT));
  show("FIOASYNC", ioctl(fd, FIOASYNC, &one));
  show("flags", fcntl(fd, F_GETFL) & (O_ASYNC | O_NONBLOCK | O_DIRECT));
  show("writev nothing", writev(fd, NULL, 0));
  show("readv nothing", readv(fd, NULL, 0));
}

static void without_waiting(void) {
  int pair[2], ends[2];
  char room[8];
  struct iovec vector = {room, sizeof room};
  pair_of(SOCK_STREAM, pair);
  MUST(pipe(ends));
  show("RWF_NOWAIT on an empty socket", preadv2(pair[0], &vector, 1, -1, RWF_NOWAIT));
  show("RWF_NOWAIT on an empty pipe", preadv2(ends[0], &vector, 1, -1, RWF_NOWAIT));
  vector = (struct iovec){"abc", 3};
  show("RWF_NOWAIT with room", pwritev2(pair[1], &vector, 1, -1, RWF_NOWAIT));
  while (write(pair[1], room, sizeof room) > 0 && queue_size(pair[1], SIOCOUTQ) < 212992) continue;
  show("RWF_NOWAIT without room", pwritev2(pair[1], &vector, 1, -1, RWF_NOWAIT));
  MUST(shutdown(pair[1], SHUT_WR));
  signal(SIGPIPE, SIG_IGN);
  show("writev of nothing, shut down", writev(pair[1], &vector, 0));
  show("write of nothing, shut down", write(pair[1], "", 0));
  show("sendfile of nothing from a socket", sendfile(pair[1], pair[0], NULL, 0));
  show("sendfile from pipe to pipe", sendfile(ends[1], ends[0], NULL, 1));
}

static void with_other_ids(void) {
  int fds[2];
  struct stat status;
  char target[64];
  pair_of(SOCK_STREAM, fds);
  int listener = bound_socket(SOCK_STREAM, "kept");
  MUST(listen(listener, 1));
  MUST(setresuid(1000, 1000, 1000));
  const char *own = words("/proc/self/fd/%d", fds[0]);
  CALL(stat(own, &status));
  say("owner %d, mode %o", status.st_uid, status.st_mode);
  CALL(readlink(own, target, sizeof target) > 0);
  CALL(access("/proc/self/fd", R_OK | X_OK));
  CALL(access(own, W_OK));
  CALL(connect_to(fds[0], own));
  CALL(connect_to(MUST(socket(AF_UNIX, SOCK_STREAM, 0)), "kept"));
  CALL(link("kept", "other"));
  CALL(unlink("kept"));
}

int main(void) {
  umask(022);
  MUST(chmod(".", 0700)); // it is not for who changes its ids
  for (int i = 0; i < 3; i++) {
    int type = ALL_TYPES[i], fd = bound_socket(type, "name");
    say("-- %s", type_name(type));
    show_attributes(fd);
    show_inode("socket", fd);
    CALL(fchmod(fd, 0640));
    show_inode("after fchmod", fd);
    if (type != SOCK_DGRAM) MUST(listen(fd, 5));
    CALL(setxattr("name", "user.a", "v", 1, 0));
    CALL(setxattr("name", "trusted.a", "v", 1, 0));
    CALL(getxattr("name", "system.sockprotoname", NULL, 0));
    connect_by_descriptor(type, "name");
    show_flags("socket", fd);
    close(fd);
  }
  int ends[2];
  MUST(pipe(ends));
  show_flags("pipe", ends[0]);
  show_flags("epoll", epoll_create1(0));
  show_flags("eventfd", eventfd(0, 0));
  without_waiting();
  pid_t child = MUST(fork());
  if (child == 0) {
    with_other_ids();
    _exit(0);
  }
  show_wait("child", child);
  return 0;
}
