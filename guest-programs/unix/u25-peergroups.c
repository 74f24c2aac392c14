// U25: SO_PEERGROUPS: the peer's supplementary groups, ERANGE with the needed length when the room is short.
// needs: root
// contrary: SO_PEERGROUPS of a socket without peer is ENODATA, not an empty list.
#include "../lib/unix-messages.h"
#include <grp.h>
#ifndef SO_PEERGROUPS
#define SO_PEERGROUPS 59
#endif

static void show_groups(const char *label, int fd, socklen_t room) {
  gid_t groups[64];
  socklen_t length = room;
  if (getsockopt(fd, SOL_SOCKET, SO_PEERGROUPS, groups, &length) == -1) {
    say("%s, room for %u: %s, length %u", label, room, errno_name(errno), length);
    return;
  }
  char text[300] = "";
  for (size_t i = 0; i < length / sizeof(gid_t); i++) sprintf(text + strlen(text), " %u", groups[i]);
  say("%s, room for %u: length %u:%s", label, room, length, text);
}

int main(void) {
  gid_t few[] = {7, 100, 5000}, many[40];
  for (int i = 0; i < 40; i++) many[i] = 1000 + i;
  int fds[2];
  for (int i = 0; i < 3; i++) {
    show_groups("unconnected", MUST(socket(AF_UNIX, ALL_TYPES[i], 0)), 64);
    MUST(setgroups(COUNT(few), few));
    pair_of(ALL_TYPES[i], fds);
    for (socklen_t room = 0; room <= 16; room += 4) show_groups("three", fds[0], room);
    show_groups("three", fds[0], 13);
    MUST(setgroups(0, NULL));
    show_groups("still three", fds[0], 64);
    pair_of(ALL_TYPES[i], fds);
    show_groups("none", fds[0], 0);
    show_groups("none", fds[0], 64);
    MUST(setgroups(COUNT(many), many));
    pair_of(ALL_TYPES[i], fds);
    show_groups("forty", fds[0], 64);
    show_groups("forty", fds[0], 160);
  }
  int listener = listener_at("l", 5);
  show_groups("listener's own", listener, 160);
  MUST(setgroups(COUNT(few), few));
  int client = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  MUST(connect_to(client, "l"));
  show_groups("client sees", client, 160);
  int server = MUST(accept(listener, NULL, NULL));
  show_groups("server sees", server, 160);
  show("set", setsockopt(server, SOL_SOCKET, SO_PEERGROUPS, few, sizeof few));
  return 0;
}
