// An abstract name is one for all processes, whatever their root directory: the client runs inside a chroot.
// rows: U09 U07
// needs: root
#include "../lib/unix.h"

int main(void) {
  int listener = listener_at("@rivulet-abstract-chroot", 3);
  show_sockname("listener", listener);
  MUST(mkdir("jail", 0755));
  pid_t child = MUST(fork());
  if (child == 0) {
    close(listener);
    show("chroot", chroot("jail"));
    show("chdir", chdir("/"));
    show_ok("the outside is gone", access("/proc/self", F_OK));
    int fd = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
    show("connect", connect_to(fd, "@rivulet-abstract-chroot"));
    show_peername("client's peer", fd);
    MUST(write(fd, "from inside", 11));
    show_read("client", fd);
    _exit(0);
  }
  int fd = MUST(accept(listener, NULL, NULL));
  char text[32];
  ssize_t length = MUST(read(fd, text, sizeof text));
  bool good = length == 11 && memcmp(text, "from inside", 11) == 0;
  MUST(write(fd, "from outside", 12));
  show_wait("client", child);
  say("server heard the client: %d", good);
  int other = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  show("name with a NUL more", ({
         struct unix_address address = unix_address("@rivulet-abstract-chroot");
         connect(other, (struct sockaddr *)&address.name, address.size + 1);
       }));
  close(listener);
  show("after the listener's end", connect_to(other, "@rivulet-abstract-chroot"));
  return 0;
}
