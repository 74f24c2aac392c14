// The classic server sample: binds a path, shows the names of every socket with their sizes, answers one client, unlinks.
// rows: U01 U11
// args: sample.sock
// partner: unix/stream-client sample.sock client.sock
#include "../lib/unix.h"

int main(int argc, char **argv) {
  const char *path = argc > 1 ? argv[1] : "sample.sock";
  int listener = CALL(socket(AF_UNIX, SOCK_STREAM, 0));
  show_sockname("unbound", listener);
  CALL(bind_to(listener, path));
  show_sockname("bound", listener);
  CALL(listen(listener, 5));
  struct sockaddr_un peer;
  socklen_t size = sizeof peer;
  int fd = accept(listener, (struct sockaddr *)&peer, &size);
  show_ok("accept", fd);
  say_name("accept's name", &peer, size);
  show_sockname("getsockname", fd);
  show_peername("getpeername", fd);
  char text[64];
  ssize_t length;
  while ((length = read(fd, text, sizeof text)) > 0) {
    say("received %zd: %s", length, quoted(text, length));
    for (ssize_t i = 0; i < length; i++) text[i] = text[i] >= 'a' && text[i] <= 'z' ? text[i] - 32 : text[i];
    show("sent", write(fd, text, length));
  }
  show("end of data", length);
  CALL(close(fd));
  CALL(close(listener));
  CALL(unlink(path));
  CALL(unlink(path));
  return 0;
}
