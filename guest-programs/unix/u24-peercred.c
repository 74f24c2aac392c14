// U24: SO_PEERCRED: as of connect, listen or socketpair, with effective ids.
// needs: root
#include "../lib/unix-messages.h"

static pid_t top;
static void show_peer(const char *label, int fd) {
  struct ucred who = {-7, 7, 7};
  socklen_t length = sizeof who;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &length) == -1) show(label, -1);
  else
    say("%s: pid %s, uid %d, gid %d, %u bytes", label, who.pid == top ? "top" : who.pid == getpid() ? "self" : who.pid == 0 ? "0" : "child",
        (int)who.uid, (int)who.gid, length);
}

int main(void) {
  top = getpid();
  for (int i = 0; i < 3; i++) {
    int fd = MUST(socket(AF_UNIX, ALL_TYPES[i], 0));
    show_peer(words("%s: unconnected", type_name(ALL_TYPES[i])), fd);
    MUST(bind_to(fd, words("@u24-%d", i)));
    show_peer(words("%s: bound", type_name(ALL_TYPES[i])), fd);
  }
  int datagram = MUST(socket(AF_UNIX, SOCK_DGRAM, 0));
  MUST(connect_to(datagram, "@u24-1"));
  show_peer("dgram: connected", datagram);

  MUST(chmod(".", 0777));
  umask(0);
  int listener = listener_at("l", 5);
  show_peer("the listener's own", listener);
  int turns[2];
  pair_of(SOCK_STREAM, turns);
  pid_t child = MUST(fork());
  if (child == 0) {
    MUST(setresgid(100, 200, 300));
    MUST(setresuid(1001, 1002, 1003));
    int fd = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
    MUST(connect_to(fd, "l"));
    show_peer("client sees", fd);
    hand_over(turns[1]);
    await_turn(turns[1]);
    _exit(0);
  }
  await_turn(turns[0]);
  int server = MUST(accept(listener, NULL, NULL));
  show_peer("server sees the client's effective ids", server);
  hand_over(turns[0]);
  show_wait("client", child);
  show_peer("after the client's end", server);

  // The listener's credentials are those of the last listen.
  child = MUST(fork());
  if (child == 0) {
    MUST(setresgid(55, 55, 55));
    MUST(setresuid(66, 66, 66));
    MUST(listen(listener, 5));
    show_peer("listener's own, after the child's listen", listener);
    _exit(0);
  }
  show_wait("child", child);
  int fd = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  MUST(connect_to(fd, "l"));
  show_peer("a client now sees", fd);
  show_peer("the listener", listener);

  // A pair keeps its maker's.
  int fds[2];
  pair_of(SOCK_STREAM, fds);
  child = MUST(fork());
  if (child == 0) {
    MUST(setresuid(5, 6, 7));
    show_peer("pair in a child", fds[0]);
    int inner[2];
    pair_of(SOCK_SEQPACKET, inner);
    show_peer("pair of a child", inner[0]);
    _exit(0);
  }
  show_wait("child", child);
  struct ucred who;
  socklen_t length = 5;
  MUST(getsockopt(fds[0], SOL_SOCKET, SO_PEERCRED, &who, &length));
  say("room for 5: %u", length);
  length = 100;
  MUST(getsockopt(fds[0], SOL_SOCKET, SO_PEERCRED, &who, &length));
  say("room for 100: %u", length);
  show("set", setsockopt(fds[0], SOL_SOCKET, SO_PEERCRED, &who, sizeof who));
  return 0;
}
