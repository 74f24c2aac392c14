// A server on an abstract name, for a client that runs inside a chroot.
// rows: U09
// needs: root
// partner: unix/abstract-client jail
#include "../lib/unix.h"

int main(void) {
  int listener = listener_at("@rivulet-abstract-pair", 3);
  show_sockname("listener", listener);
  int fd = MUST(accept(listener, NULL, NULL));
  show_peername("the client's name", fd);
  show_read("received", fd);
  show("sent", write(fd, "welcome, prisoner", 17));
  show_read("end", fd);
  close(listener);
  int again = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  show("the name is gone with the listener", connect_to(again, "@rivulet-abstract-pair"));
  return 0;
}
