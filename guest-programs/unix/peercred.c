// SO_PEERCRED: who made the other end; SO_TYPE, SO_DOMAIN, SO_PROTOCOL, SO_ACCEPTCONN, SO_ERROR.
// rows: U24 U23
#include "../lib/unix.h"

static pid_t me;

static void show_cred(const char *label, int fd) {
  struct ucred cred;
  socklen_t size = sizeof cred;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &cred, &size) == -1) {
    show(label, -1);
    return;
  }
  const char *who = cred.pid == me ? "parent" : cred.pid == 0 ? "nobody" : "child";
  say("%s: size %u, %s, uid is mine %d, gid is mine %d, uid -1 %d", label, size, who, cred.uid == geteuid(),
      cred.gid == getegid(), cred.uid == (uid_t)-1);
}

static void show_option(const char *label, int fd, int option) {
  int value = -7;
  socklen_t size = sizeof value;
  if (getsockopt(fd, SOL_SOCKET, option, &value, &size) == -1) show(label, -1);
  else say("%s: %d (size %u)", label, value, size);
}

int main(void) {
  me = getpid();
  int fds[2];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
  show_cred("socketpair", fds[0]);
  int alone = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  show_cred("unconnected", alone);
  int listener = listener_at("cred", 3);
  show_cred("listener", listener);
  pid_t child = MUST(fork());
  if (child == 0) {
    int fd = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
    MUST(connect_to(fd, "cred"));
    show_cred("client's peer", fd);
    MUST(write(fd, "!", 1));
    read(fd, &(char){0}, 1);
    _exit(0);
  }
  int fd = MUST(accept(listener, NULL, NULL));
  await_turn(fd);
  show_cred("server's peer", fd);
  close(fd);
  show_wait("child", child);
  show_option("SO_TYPE", alone, SO_TYPE);
  show_option("SO_DOMAIN", alone, SO_DOMAIN);
  show_option("SO_PROTOCOL", alone, SO_PROTOCOL);
  show_option("SO_ACCEPTCONN", alone, SO_ACCEPTCONN);
  show_option("SO_ACCEPTCONN of a listener", listener, SO_ACCEPTCONN);
  show_option("SO_ERROR", alone, SO_ERROR);
  show_option("SO_SNDBUF", alone, SO_SNDBUF);
  show_option("SO_RCVBUF", alone, SO_RCVBUF);
  show_option("SO_PASSCRED", alone, SO_PASSCRED);
  show_option("option 9999", alone, 9999);
  int one = 1;
  show("set SO_PASSCRED", setsockopt(alone, SOL_SOCKET, SO_PASSCRED, &one, sizeof one));
  show_option("SO_PASSCRED", alone, SO_PASSCRED);
  show("short value", setsockopt(alone, SOL_SOCKET, SO_PASSCRED, &one, 2));
  show("set SO_TYPE", setsockopt(alone, SOL_SOCKET, SO_TYPE, &one, sizeof one));
  return 0;
}
