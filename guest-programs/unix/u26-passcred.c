// U26: SO_PASSCRED and SCM_CREDENTIALS: on every receive, by hand, the rules against lying, and no gluing of senders.
// needs: root
#include "../lib/unix-messages.h"

int main(void) {
  int fds[2];
  for (int i = 0; i < 3; i++) {
    const char *kind = type_name(ALL_TYPES[i]);
    pair_of(ALL_TYPES[i], fds);
    MUST(send(fds[0], "before", 6, 0));
    MUST(set_option(fds[1], SO_PASSCRED, 1));
    MUST(send(fds[0], "after", 5, 0));
    show_recvmsg(words("%s: sent before", kind), fds[1], 100, 100, 0);
    show_recvmsg(words("%s: sent after", kind), fds[1], 100, 100, MSG_DONTWAIT);
    MUST(send(fds[0], "x", 1, 0));
    show_recvmsg(words("%s: no control buffer", kind), fds[1], 100, -1, 0);
    const int rooms[] = {0, 8, 15, 16, 20, 27, 28, 31, 32, 40};
    for (size_t k = 0; k < COUNT(rooms); k++) {
      MUST(send(fds[0], "x", 1, 0));
      show_recvmsg(words("%s: room %d", kind, rooms[k]), fds[1], 100, rooms[k], 0);
    }
    MUST(send(fds[0], "peek", 4, 0));
    show_recvmsg(words("%s: peek", kind), fds[1], 100, 100, MSG_PEEK);
    char data[10];
    show(words("%s: plain recv", kind), recv(fds[1], data, 10, 0));
    MUST(set_option(fds[1], SO_PASSCRED, 0));
    MUST(set_option(fds[0], SO_PASSCRED, 1));
    MUST(send(fds[0], "sender's option", 15, 0));
    MUST(set_option(fds[1], SO_PASSCRED, 1));
    show_recvmsg(words("%s: the sender asked", kind), fds[1], 100, 100, 0);
    show(words("%s: by hand", kind), send_credentials(fds[0], "hand", getpid(), 0, 0));
    show_recvmsg(words("%s: by hand", kind), fds[1], 100, 100, 0);
    show(words("%s: root may say another uid", kind), send_credentials(fds[0], "uid", getpid(), 77, 88));
    show_recvmsg(words("%s: another uid", kind), fds[1], 100, 100, 0);
    show(words("%s: root may name init", kind), send_credentials(fds[0], "pid", 1, 0, 0));
    show_recvmsg(words("%s: init", kind), fds[1], 100, 100, 0);
    show(words("%s: no such pid", kind), send_credentials(fds[0], "pid", 4194000, 0, 0));
    show(words("%s: pid 0", kind), send_credentials(fds[0], "pid", 0, 0, 0));
    show(words("%s: pid -1", kind), send_credentials(fds[0], "pid", -1, 0, 0));
    show(words("%s: uid -1", kind), send_credentials(fds[0], "uid", getpid(), -1, 0));
    show(words("%s: gid -1", kind), send_credentials(fds[0], "gid", getpid(), 0, -1));
    struct outgoing out;
    struct ucred who = {getpid(), 0, 0};
    outgoing_init(&out, "x", 1);
    outgoing_add(&out, SCM_CREDENTIALS, &who, 8);
    show(words("%s: too short", kind), sendmsg(fds[0], &out.header, 0));
    outgoing_init(&out, "twice", 5);
    outgoing_add(&out, SCM_CREDENTIALS, &who, sizeof who);
    who.uid = 5;
    outgoing_add(&out, SCM_CREDENTIALS, &who, sizeof who);
    show(words("%s: twice", kind), sendmsg(fds[0], &out.header, 0));
    show_recvmsg(words("%s: twice", kind), fds[1], 100, 100, 0);
    if (ALL_TYPES[i] != SOCK_DGRAM) {
      close(fds[0]);
      show_recvmsg(words("%s: at the end", kind), fds[1], 100, 100, 0);
    }
  }

  // Unprivileged: one's own ids only.
  pair_of(SOCK_DGRAM, fds);
  MUST(set_option(fds[1], SO_PASSCRED, 1));
  pid_t child = MUST(fork());
  if (child == 0) {
    pid_t parent = getppid();
    MUST(setresgid(10, 20, 30));
    MUST(setresuid(1, 2, 3));
    const int uids[] = {1, 2, 3, 0, 4};
    for (size_t i = 0; i < COUNT(uids); i++) show(words("uid %d", uids[i]), send_credentials(fds[0], "u", getpid(), uids[i], 10));
    const int gids[] = {10, 20, 30, 0, 40};
    for (size_t i = 0; i < COUNT(gids); i++) show(words("gid %d", gids[i]), send_credentials(fds[0], "g", getpid(), 1, gids[i]));
    show("the parent's pid", send_credentials(fds[0], "p", parent, 1, 10));
    show("no such pid", send_credentials(fds[0], "p", 4194000, 1, 10));
    MUST(send(fds[0], "kernel's", 8, 0));
    _exit(0);
  }
  show_wait("child", child);
  for (int i = 0; i < 7; i++) show_recvmsg("received", fds[1], 100, 100, MSG_DONTWAIT);

  // A stream read never joins bytes of different senders.
  pair_of(SOCK_STREAM, fds);
  for (int pass = 0; pass < 2; pass++) {
    MUST(set_option(fds[1], SO_PASSCRED, pass));
    MUST(write(fds[0], "one ", 4));
    child = MUST(fork());
    if (child == 0) {
      MUST(write(fds[0], "two ", 4));
      _exit(0);
    }
    show_wait("child", child);
    MUST(write(fds[0], "three ", 6));
    if (pass) MUST(send_credentials(fds[0], "four ", getpid(), 9, 9));
    if (pass) MUST(send_credentials(fds[0], "five ", getpid(), 9, 9));
    for (int i = 0; i < 4; i++) show_recvmsg(words("SO_PASSCRED %d", pass), fds[1], 100, 100, MSG_DONTWAIT);
  }
  // Options are inherited by accepted sockets.
  int listener = listener_at("@u26", 5);
  MUST(set_option(listener, SO_PASSCRED, 1));
  int client = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  MUST(connect_to(client, "@u26"));
  MUST(write(client, "early", 5));
  MUST(set_option(listener, SO_PASSCRED, 0));
  int server = MUST(accept(listener, NULL, NULL));
  show_option("accepted: SO_PASSCRED", server, SO_PASSCRED);
  show_recvmsg("accepted", server, 100, 100, 0);
  int second = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  MUST(connect_to(second, "@u26"));
  MUST(write(second, "early", 5));
  server = MUST(accept(listener, NULL, NULL));
  MUST(write(second, "late", 4));
  MUST(set_option(server, SO_PASSCRED, 1));
  show_recvmsg("sent before and after accept", server, 100, 100, 0);
  show_recvmsg("sent before and after accept", server, 100, 100, MSG_DONTWAIT);
  return 0;
}
