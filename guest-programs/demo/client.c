// A stream client: connects to demo/server's path (waiting for it to appear), sends two messages, reads the answers.
// part
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

int main(int argc, char **argv) {
  const char *path = argc > 1 ? argv[1] : "/tmp/test.sock";
  setvbuf(stdout, NULL, _IOLBF, 0);

  int fd = socket(AF_UNIX, SOCK_STREAM, 0);
  if (fd == -1) {
    perror("socket");
    return 1;
  }
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  int tries = 0;
  while (connect(fd, (struct sockaddr *)&address, sizeof address) == -1) {
    if ((errno != ENOENT && errno != ECONNREFUSED) || ++tries == 1000) {
      perror("connect");
      return 1;
    }
    struct timespec rest = {0, 10 * 1000 * 1000};
    nanosleep(&rest, NULL);
  }
  printf("client: connected to %s\n", path);

  const char *messages[] = {"hello over the socket", "and goodbye"};
  for (int i = 0; i < 2; i++) {
    char text[160];
    if (send(fd, messages[i], strlen(messages[i]), 0) == -1) {
      perror("send");
      return 1;
    }
    ssize_t length = recv(fd, text, sizeof text - 1, 0);
    if (length == -1) {
      perror("recv");
      return 1;
    }
    text[length] = 0;
    printf("client: received \"%s\"\n", text);
  }
  close(fd);
  return 0;
}
