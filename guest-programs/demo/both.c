// Starts the programs `server` and `client`, which lie beside it, and waits for both: the whole of the main job.
// skip-native: its lines come in any order
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static pid_t start(char *folder, size_t length, const char *name) {
  char *arguments[] = {(char *)name, NULL}, *environment[] = {NULL};
  pid_t pid = fork();
  if (pid == 0) {
    strcpy(folder + length, name);
    execve(folder, arguments, environment);
    perror(folder);
    _exit(1);
  }
  return pid;
}

int main(void) {
  char path[512];
  ssize_t length = readlink("/proc/self/exe", path, sizeof path - 16);
  if (length == -1) {
    perror("/proc/self/exe");
    return 1;
  }
  while (path[length - 1] != '/') length--;
  pid_t server = start(path, length, "server");
  pid_t client = start(path, length, "client");
  int status = 0, failed = 0;
  waitpid(client, &status, 0);
  failed |= status;
  waitpid(server, &status, 0);
  return (failed | status) != 0;
}
