// U32: received descriptors and pidfds when RLIMIT_NOFILE leaves room for few or none, and control buffers of every size.
// rows: U27 U31
#include "../lib/unix-messages.h"
#include <sys/resource.h>

static int lowest_free(void) {
  int fd = MUST(dup(0));
  close(fd);
  return fd;
}

static void allow(int descriptors) {
  struct rlimit limit;
  MUST(getrlimit(RLIMIT_NOFILE, &limit));
  limit.rlim_cur = descriptors;
  MUST(setrlimit(RLIMIT_NOFILE, &limit));
}

// Receives with room for so many descriptors more; nothing may stay open.
static void receive(const char *label, int fd, int descriptors, int room, int flags) {
  int before = lowest_free();
  allow(before + descriptors);
  show_recvmsg(label, fd, 3, room, flags | MSG_DONTWAIT);
  allow(1024);
  if (lowest_free() != before) say("%s: a descriptor was left open", label);
}

static void try_rights(const char *what, const int fds[2], int room) {
  static const int ENDS[5] = {0, 0, 1, 1, 2};
  for (int descriptors = 0; descriptors < 4; descriptors++) {
    MUST(send_rights(fds[0], "abc", 3, ENDS, 5, 0));
    receive(words("%s, %d free, peek", what, descriptors), fds[1], descriptors, room, MSG_PEEK);
    receive(words("%s, %d free", what, descriptors), fds[1], descriptors, room, descriptors & 1 ? MSG_CMSG_CLOEXEC : 0);
  }
}

int main(void) {
  for (int i = 0; i < 3; i++) {
    int type = ALL_TYPES[i], fds[2], pair[2], number;
    socklen_t length = sizeof number;
    say("-- %s", type_name(type));
    pair_of(type, fds);
    try_rights("rights", fds, 200);
    MUST(set_option(fds[1], SO_PASSCRED, 1));
    MUST(set_option(fds[1], SO_PASSPIDFD, 1));
    if (type == SOCK_STREAM) MUST(set_option(fds[1], SO_INQ, 1));
    try_rights("all kinds", fds, 300);
    int zero = 0;
    for (int room = 0; room <= 112; room += 4) {
      MUST(send_rights(fds[0], "abc", 3, &zero, 1, 0));
      receive(words("%d bytes", room), fds[1], 20, room, 0);
    }
    int before = lowest_free();
    allow(before);
    CALL(accept(fds[0], NULL, NULL));
    CALL(socket(AF_UNIX, type, 0));
    CALL(socketpair(AF_UNIX, type, 0, pair));
    CALL(getsockopt(fds[0], SOL_SOCKET, SO_PEERPIDFD, &number, &length));
    allow(before + 1);
    CALL(socketpair(AF_UNIX, type, 0, pair));
    allow(1024);
    if (type != SOCK_DGRAM) {
      const char *name = words("@u32-%d-%d", getpid(), i);
      int listener = bound_socket(type, name), client = MUST(socket(AF_UNIX, type, 0));
      MUST(listen(listener, 2));
      MUST(connect_to(client, name));
      allow(lowest_free());
      CALL(accept(listener, NULL, NULL));
      allow(1024);
      show_poll("the connection still waits", listener);
      CALL_OK(accept(listener, NULL, NULL));
    }
    close(fds[0]);
    close(fds[1]);
  }
  return 0;
}
