// The classic bind sample: path, relative path, the longest path, abstract and autobound names, as getsockname returns them.
// rows: U11 U06 U10
#include "../lib/unix.h"

int main(void) {
  umask(022);
  int fd = CALL(socket(AF_UNIX, SOCK_STREAM, 0));
  CALL(bind_to(fd, "bound.sock"));
  show_sockname("path", fd);
  show_peername("peer", fd);
  struct stat status;
  CALL(stat("bound.sock", &status));
  say("mode: %o", status.st_mode);
  say("fstat's mode is a socket's: %d", fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode));
  CALL(bind_to(fd, "again.sock"));

  int other = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  CALL(bind_to(other, "bound.sock"));
  CALL(bind_to(other, "no/such/dir.sock"));
  CALL(bind_to(other, "./sub.sock"));
  show_sockname("relative", other);

  int longest = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  struct sockaddr_un name = {.sun_family = AF_UNIX};
  memset(name.sun_path, 'x', sizeof name.sun_path);
  CALL(bind(longest, (struct sockaddr *)&name, sizeof name));
  socklen_t size = 0;
  char room[200];
  size = sizeof room;
  CALL(getsockname(longest, (struct sockaddr *)room, &size));
  say("longest name: %u bytes", size);
  size = 10;
  CALL(getsockname(longest, (struct sockaddr *)room, &size));
  say("cut to 10, full size returned: %u", size);

  int abstract = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  CALL(bind_to(abstract, "@rivulet-bind-only"));
  show_sockname("abstract", abstract);

  int automatic = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  CALL(bind(automatic, (struct sockaddr *)&name, sizeof(sa_family_t)));
  size = sizeof name;
  CALL(getsockname(automatic, (struct sockaddr *)&name, &size));
  bool is_hex = size == 8 && name.sun_path[0] == 0;
  for (int i = 1; i < 6; i++) is_hex = is_hex && strchr("0123456789abcdef", name.sun_path[i]);
  say("autobound: size %u, NUL and five hex digits: %d", size, is_hex);

  int bad = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  name.sun_family = AF_UNIX;
  show("size 1", bind(bad, (struct sockaddr *)&name, 1));
  show("size 111", bind(bad, (struct sockaddr *)room, 111));
  name.sun_family = AF_INET;
  show("family INET", bind(bad, (struct sockaddr *)&name, sizeof name));
  show("bad pointer", bind(bad, (struct sockaddr *)8, sizeof name));
  show("not a socket", bind(open("bound", O_CREAT | O_RDWR, 0600), (struct sockaddr *)&name, sizeof name));
  show("bad descriptor", bind(999, (struct sockaddr *)&name, sizeof name));
  CALL(unlink("bound.sock"));
  CALL(unlink("sub.sock"));
  return 0;
}
