// A client that shuts itself in a chroot and reaches an abstract name all the same.
// part
#include "../lib/unix.h"

int main(int argc, char **argv) {
  const char *jail = argc > 1 ? argv[1] : "jail";
  MUST(mkdir(jail, 0755));
  show("chroot", chroot(jail));
  show("chdir", chdir("/"));
  show("nothing is here", access("/tmp", F_OK));
  int fd = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  MUST(bind_to(fd, "@rivulet-abstract-client"));
  show("connect", connect_when_there(fd, "@rivulet-abstract-pair"));
  show_sockname("my name", fd);
  show_peername("the server's", fd);
  show("sent", write(fd, "let me out", 10));
  show_read("received", fd);
  return 0;
}
