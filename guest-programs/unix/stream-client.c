// The classic client sample: binds its own end to a path, connects, shows both names, and talks.
// part
#include "../lib/unix.h"

int main(int argc, char **argv) {
  const char *server = argc > 1 ? argv[1] : "sample.sock";
  int fd = CALL(socket(AF_UNIX, SOCK_STREAM, 0));
  show_peername("before", fd);
  if (argc > 2) CALL(bind_to(fd, argv[2]));
  show("connect", connect_when_there(fd, server));
  show_sockname("getsockname", fd);
  show_peername("getpeername", fd);
  const char *words[] = {"hello, server", "how are you?", "bye"};
  for (size_t i = 0; i < COUNT(words); i++) {
    show("sent", write(fd, words[i], strlen(words[i])));
    show_read("answer", fd);
  }
  CALL(shutdown(fd, SHUT_WR));
  show_read("after the end", fd);
  CALL(close(fd));
  if (argc > 2) CALL(unlink(argv[2]));
  return 0;
}
