// A server that forks for every client and a client of several connections, over 127.0.0.1.
#include "../lib/observe.h"
#include <arpa/inet.h>
#include <netinet/in.h>

int main(void) {
  struct sockaddr_in name = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof name;
  int listener = MUST(socket(AF_INET, SOCK_STREAM, 0));
  MUST(bind(listener, (struct sockaddr *)&name, size));
  MUST(listen(listener, 8));
  MUST(getsockname(listener, (struct sockaddr *)&name, &size));
  pid_t server = MUST(fork());
  if (server == 0) {
    for (int i = 0; i < 4; i++) {
      int fd = MUST(accept(listener, NULL, NULL));
      if (fork() == 0) {
        static char data[4096];
        ssize_t length;
        while ((length = read(fd, data, sizeof data)) > 0) MUST(write(fd, data, length));
        _exit(0);
      }
      close(fd);
    }
    while (wait(NULL) > 0) continue;
    _exit(0);
  }
  close(listener);
  int fds[4];
  for (int i = 0; i < 4; i++) {
    fds[i] = MUST(socket(AF_INET, SOCK_STREAM, 0));
    MUST(connect(fds[i], (struct sockaddr *)&name, size));
  }
  for (int round = 0; round < 3; round++) {
    for (int i = 0; i < 4; i++) {
      char text[32], back[32];
      int length = sprintf(text, "client %d round %d", i, round);
      MUST(write(fds[i], text, length));
      ssize_t got = MUST(recv(fds[i], back, length, MSG_WAITALL));
      say("%.*s", (int)got, back);
    }
  }
  for (int i = 0; i < 4; i++) close(fds[i]);
  show_wait("server", server);
  return 0;
}
