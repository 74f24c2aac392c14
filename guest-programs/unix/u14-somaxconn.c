// A backlog is at most net.core.somaxconn; a connection keeps its place in the queue when its client closes.
// rows: U14
#include "../lib/unix-messages.h"

static int fill(int listener) {
  struct sockaddr_un name;
  socklen_t length = sizeof name;
  MUST(getsockname(listener, (void *)&name, &length));
  for (int count = 0;; count++) {
    int fd = MUST(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));
    int result = connect(fd, (void *)&name, length), error = errno;
    close(fd);
    errno = error;
    if (result == -1) return count;
  }
}

int main(void) {
  char text[32] = "";
  int proc = MUST(open("/proc/sys/net/core/somaxconn", O_RDONLY));
  MUST(read(proc, text, sizeof text - 1));
  int most = atoi(text);
  say("somaxconn: %d", most);
  const int backlogs[] = {most - 1, most, most + 1, 100000, -1};
  for (size_t i = 0; i < COUNT(backlogs); i++) {
    int listener = listener_at(words("@u14-%d", getpid()), backlogs[i]);
    int waiting = fill(listener);
    say("backlog %d: %d clients of closed sockets wait, then %s", backlogs[i], waiting, errno_name(errno));
    struct sockaddr_un name;
    socklen_t length = sizeof name;
    int count = 0, server;
    MUST(fcntl(listener, F_SETFL, O_NONBLOCK));
    while ((server = accept(listener, (void *)&name, &length)) >= 0) {
      char byte;
      count += read(server, &byte, 1) == 0;
      close(server);
    }
    say("accepted, each at its end: %d", count);
    close(listener);
  }
  return 0;
}
