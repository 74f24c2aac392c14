// Runs two programs at the same time and prints how each ended and what it printed: `together A ARGS -- B ARGS`.
// part
#include "../lib/observe.h"

static pid_t start(char **arguments, const char *output) {
  pid_t pid = MUST(fork());
  if (pid != 0) return pid;
  setsid();
  int fd = MUST(open(output, O_CREAT | O_WRONLY | O_TRUNC | O_APPEND, 0600));
  MUST(dup2(fd, 1));
  close(fd);
  execv(arguments[0], arguments);
  show(arguments[0], -1);
  _exit(127);
}

static void finish(const char *title, pid_t pid, const char *output) {
  int status;
  MUST(waitpid(pid, &status, 0));
  say("%sexit %d", title, WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status));
  int fd = MUST(open(output, O_RDONLY));
  char data[4096];
  ssize_t length;
  while ((length = read(fd, data, sizeof data)) > 0) MUST(write(1, data, length));
  close(fd);
  unlink(output);
}

int main(int argc, char **argv) {
  int split = 1;
  while (split < argc && strcmp(argv[split], "--")) split++;
  if (split < 2 || split > argc - 2) return 2;
  argv[split] = NULL;
  pid_t first = start(argv + 1, ".together-1"), second = start(argv + split + 1, ".together-2");
  finish("", first, ".together-1");
  finish("--- partner: ", second, ".together-2");
  return 0;
}
