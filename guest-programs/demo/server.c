// A stream server on a path: binds, listens, accepts one client, receives and answers. unix(7).
// partner: demo/client
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define CHECK(what, result) \
  if ((result) == -1) {     \
    perror(what);           \
    return 1;               \
  }

int main(int argc, char **argv) {
  const char *path = argc > 1 ? argv[1] : "/tmp/test.sock";
  setvbuf(stdout, NULL, _IOLBF, 0);

  int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  CHECK("socket", listener);
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  strncpy(address.sun_path, path, sizeof address.sun_path - 1);
  unlink(path);
  CHECK("bind", bind(listener, (struct sockaddr *)&address, sizeof address));
  CHECK("listen", listen(listener, 5));
  printf("server: listening on %s\n", path);

  int client = accept(listener, NULL, NULL);
  CHECK("accept", client);
  printf("server: a client is here\n");

  char text[128];
  ssize_t length;
  while ((length = recv(client, text, sizeof text - 1, 0)) > 0) {
    text[length] = 0;
    printf("server: received \"%s\"\n", text);
    char answer[160];
    int size = snprintf(answer, sizeof answer, "you said: %s", text);
    CHECK("send", send(client, answer, size, 0));
  }
  CHECK("recv", length);
  printf("server: the client is gone\n");
  close(client);
  close(listener);
  CHECK("unlink", unlink(path));
  return 0;
}
