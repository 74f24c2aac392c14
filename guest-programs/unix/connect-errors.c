// connect(2) to what is not a listening stream socket, and twice.
// rows: U13
#include "../lib/unix.h"

int main(void) {
  int fd = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  show("no such path", connect_to(fd, "nothing"));
  close(MUST(open("file", O_CREAT | O_RDWR, 0600)));
  show("regular file", connect_to(fd, "file"));
  show("through a file", connect_to(fd, "file/x"));
  show("no such abstract name", connect_to(fd, "@rivulet-none"));
  int bound = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  MUST(bind_to(bound, "bound"));
  show("bound, not listening", connect_to(fd, "bound"));
  close(bound);
  show("dead socket's inode", connect_to(fd, "bound"));
  int listener = listener_at("live", 4);
  show("listener connects", connect_to(listener, "live"));
  show("live", connect_to(fd, "live"));
  show("again", connect_to(fd, "live"));
  show("open a socket inode", open("live", O_RDWR));
  MUST(rename("live", "moved"));
  int second = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  show("old name", connect_to(second, "live"));
  show("new name", connect_to(second, "moved"));
  show_peername("its peer's name", second);
  MUST(link("moved", "linked"));
  MUST(symlink("moved", "pointer"));
  int third = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  show("hard link", connect_to(third, "linked"));
  int fourth = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  show("symbolic link", connect_to(fourth, "pointer"));
  MUST(unlink("moved"));
  MUST(unlink("linked"));
  int fifth = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  show("dangling link", connect_to(fifth, "pointer"));
  show("listen unbound", listen(fifth, 1));
  show("accept on a non-listener", accept(fifth, NULL, NULL));
  show("shutdown unconnected", shutdown(fifth, SHUT_RDWR));
  show("shutdown badly", shutdown(fd, 9));
  show("send unconnected", send(fifth, "x", 1, MSG_NOSIGNAL));
  show("read unconnected", read(fifth, &(char){0}, 1));
  return 0;
}
