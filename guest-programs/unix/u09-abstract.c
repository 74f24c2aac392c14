// U09: abstract names: exact length, NULs count, per type, one namespace whatever the root, gone with the last reference.
// needs: root
#include "../lib/unix-messages.h"

static int bind_bytes(int fd, const char *bytes, size_t length) {
  struct sockaddr_un name = {.sun_family = AF_UNIX};
  memcpy(name.sun_path, bytes, length);
  return bind(fd, (struct sockaddr *)&name, NAME_OFFSET + length);
}
static int connect_bytes(int type, const char *bytes, size_t length) {
  struct sockaddr_un name = {.sun_family = AF_UNIX};
  memcpy(name.sun_path, bytes, length);
  int fd = MUST(socket(AF_UNIX, type, 0));
  int result = connect(fd, (struct sockaddr *)&name, NAME_OFFSET + length);
  int saved = errno;
  close(fd);
  errno = saved;
  return result;
}

int main(void) {
  int a = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  CALL(bind_bytes(a, "\0u09", 4));
  CALL(listen(a, 50));
  show_sockname("name", a);
  CALL(connect_bytes(SOCK_STREAM, "\0u09", 4));
  CALL(connect_bytes(SOCK_STREAM, "\0u09\0", 5));
  CALL(connect_bytes(SOCK_STREAM, "\0u0", 3));
  CALL(connect_bytes(SOCK_STREAM, "\0U09", 4));
  CALL(connect_bytes(SOCK_DGRAM, "\0u09", 4));
  CALL(connect_bytes(SOCK_SEQPACKET, "\0u09", 4));
  int b = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  CALL(bind_bytes(b, "\0u09", 4));
  CALL(bind_bytes(b, "\0u09\0", 5));
  show_sockname("trailing NUL", b);
  int c = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  CALL(bind_bytes(c, "\0u\0\0x", 5));
  show_sockname("inner NULs", c);
  int d = MUST(socket(AF_UNIX, SOCK_DGRAM, 0));
  CALL(bind_bytes(d, "\0u09", 4));
  int e = MUST(socket(AF_UNIX, SOCK_SEQPACKET, 0));
  CALL(bind_bytes(e, "\0u09", 4));
  int f = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  CALL(bind_bytes(f, "\0", 1));
  show_sockname("a single NUL", f);
  int g = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  char longest[108] = {0};
  memset(longest + 1, 'z', 107);
  CALL(bind_bytes(g, longest, 108));
  show_sockname("the longest", g);
  int h = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  CALL(bind_bytes(h, "\0/tmp/\xff\x01", 8));
  show_sockname("any bytes", h);
  pid_t child = MUST(fork());
  if (child == 0) {
    MUST(mkdir("jail", 0755));
    MUST(chroot("jail"));
    show("from a chroot", connect_bytes(SOCK_STREAM, "\0u09", 4));
    MUST(setresuid(1000, 1000, 1000));
    show("from another user", connect_bytes(SOCK_STREAM, "\0u09", 4));
    close(a);
    show("the parent holds it still", connect_bytes(SOCK_STREAM, "\0u09", 4));
    _exit(0);
  }
  show_wait("child", child);
  int copy = MUST(dup(a));
  close(a);
  CALL(connect_bytes(SOCK_STREAM, "\0u09", 4));
  int client = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  CALL(connect_to(client, "@u09"));
  int server = -1;
  for (int i = 0; i < 6; i++) {
    close(server);
    server = accept4(copy, NULL, NULL, SOCK_NONBLOCK);
  }
  close(copy);
  CALL(connect_bytes(SOCK_STREAM, "\0u09", 4));
  show_sockname("accepted one keeps the name", server);
  int again = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  CALL(bind_bytes(again, "\0u09", 4));
  CALL(connect_bytes(SOCK_STREAM, "\0u09", 4));
  return 0;
}
