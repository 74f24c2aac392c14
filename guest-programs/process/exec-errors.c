// execve's errors, and scripts started through #!.
#include "../lib/observe.h"

static void make(const char *name, const char *text, int mode) {
  int fd = MUST(open(name, O_CREAT | O_WRONLY | O_TRUNC, 0600));
  MUST(write(fd, text, strlen(text)));
  MUST(fchmod(fd, mode));
  close(fd);
}

static void try(const char *label, const char *path, char *const argv[]) {
  pid_t child = MUST(fork());
  if (child == 0) {
    char *env[] = {"X=1", NULL};
    execve(path, argv, env);
    show(label, -1);
    _exit(1);
  }
  int status;
  waitpid(child, &status, 0);
  if (WEXITSTATUS(status) != 1 || !WIFEXITED(status)) show_status(label, status);
}

int main(int argc, char **argv) {
  if (argc > 1 && strcmp(argv[0], "starter") != 0 && strstr(argv[1], "as-interpreter")) {
    for (int i = 1; i < argc; i++) say("argument %d: %s", i, argv[i]);
    return 9;
  }
  char self[256];
  ssize_t length = MUST(readlink("/proc/self/exe", self, sizeof self - 1));
  self[length] = 0;
  char *args[] = {"zero", "one", "two", NULL};
  try("missing", "nothing", args);
  try("directory", ".", args);
  make("plain", "no magic here", 0755);
  try("not a program", "plain", args);
  make("empty", "", 0755);
  try("empty", "empty", args);
  make("locked", "#!/bin/sh\n", 0644);
  try("not executable", "locked", args);
  try("through a file", "plain/x", args);
  make("elf", "\177ELF\2\1\1", 0755);
  try("short ELF", "elf", args);
  make("noint", "#!/no/such/interpreter\n", 0755);
  try("no such interpreter", "noint", args);
  make("bare", "#!\n", 0755);
  try("no interpreter named", "bare", args);
  MUST(symlink("loop", "loop"));
  try("symlink loop", "loop", args);
  MUST(symlink(self, "self")); // whose own path may have spaces, which end an interpreter's name
  make("script", "#!./self as-interpreter with  spaces \nrest\n", 0755);
  try("script", "./script", args);
  make("chain", "#!./script\n", 0755);
  try("script of a script", "chain", args);
  char big[300];
  memset(big, 'n', sizeof big);
  big[299] = 0;
  try("name too long", big, args);
  show("bad argv", syscall(SYS_execve, "script", (void *)8, NULL));
  show("bad path", syscall(SYS_execve, (void *)8, NULL, NULL));
  return 0;
}
