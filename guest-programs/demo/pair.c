// A socketpair made before fork: parent and child talk in both directions. socketpair(2).
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

int main(void) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  int fds[2];
  if (socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == -1) {
    perror("socketpair");
    return 1;
  }
  pid_t child = fork();
  if (child == -1) {
    perror("fork");
    return 1;
  }
  char text[64] = {0};
  if (child == 0) {
    close(fds[0]);
    read(fds[1], text, sizeof text - 1);
    printf("child: the parent says \"%s\"\n", text);
    write(fds[1], "thanks, parent", 14);
    return 7;
  }
  close(fds[1]);
  write(fds[0], "good morning, child", 19);
  ssize_t length = read(fds[0], text, sizeof text - 1);
  printf("parent: %ld bytes from the child: \"%s\"\n", (long)length, text);
  length = read(fds[0], text, sizeof text);
  printf("parent: after the child's end, read gives %ld\n", (long)length);
  int status = 0;
  waitpid(child, &status, 0);
  printf("parent: the child exited with %d\n", WEXITSTATUS(status));
  return 0;
}
