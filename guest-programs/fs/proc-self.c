// /proc/self and what programs read there: cmdline, comm, stat, status, maps, fd, fdinfo, exe, cwd, root, limits, environ.
// args: one two
// env: MARK=here
#include "../lib/observe.h"
#include <dirent.h>
#include <sys/prctl.h>

#ifndef SYS_close_range
#define SYS_close_range 436
#endif

static char text[65536];

static ssize_t slurp(const char *path) {
  int fd = open(path, O_RDONLY);
  if (fd == -1) return -1;
  ssize_t total = 0, length;
  while ((length = read(fd, text + total, sizeof text - 1 - total)) > 0) total += length;
  close(fd);
  text[total] = 0;
  return total;
}

static const char *field(const char *name) {
  static char value[256];
  char *at = strstr(text, name);
  if (!at) return "(missing)";
  at += strlen(name);
  at += strspn(at, " \t:");
  snprintf(value, sizeof value, "%.*s", (int)strcspn(at, "\n"), at);
  for (char *c = value; *c; c++) {
    if (*c == '\t') *c = ' ';
  }
  return value;
}

int main(void) {
  syscall(SYS_close_range, 3, ~0u, 0); // whatever a launcher left open
  ssize_t length = slurp("/proc/self/cmdline");
  char *second = memchr(text, 0, length);
  say("cmdline after the name: %s", second ? quoted(second, text + length - second) : "none");
  slurp("/proc/self/comm");
  say("comm: %s", quoted(text, strlen(text)));
  prctl(PR_SET_NAME, "renamed");
  slurp("/proc/self/comm");
  say("comm: %s", quoted(text, strlen(text)));
  slurp("/proc/self/stat");
  int pid, ppid, group, session;
  char state;
  int fields = sscanf(text, "%d (renamed) %c %d %d %d", &pid, &state, &ppid, &group, &session);
  say("stat: %d fields, pid %d, state %c, ppid %d, group %d, session %d", fields, pid == getpid(), state,
      ppid == getppid(), group == getpgrp(), session == getsid(0));
  int spaces = 0;
  for (char *c = text; *c; c++) spaces += *c == ' ';
  say("stat has %d fields", spaces + 1);
  slurp("/proc/self/status");
  say("Name: %s", field("Name"));
  say("State: %s", field("State"));
  say("Pid right: %d", atoi(field("\nPid")) == getpid());
  say("Threads: %s", field("Threads"));
  say("SigIgn: %s", field("SigIgn"));
  say("VmRSS given: %d", strstr(text, "VmRSS") != NULL);
  slurp("/proc/self/maps");
  say("maps: stack %d, heap or program %d", strstr(text, "[stack]") != NULL, strstr(text, "proc-self") != NULL);
  char *page = MUST(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  mprotect(page, 4096, PROT_READ | PROT_EXEC);
  char expected[64];
  slurp("/proc/self/maps");
  sprintf(expected, "%lx", (unsigned long)page);
  char *line = strstr(text, expected);
  say("a new mapping is listed: %d, its rights: %.4s", line != NULL, line ? strchr(line, ' ') + 1 : "");
  slurp("/proc/self/environ");
  say("environ holds MARK: %d", memmem(text, sizeof text, "MARK=here", 9) != NULL);
  char path[256];
  length = readlink("/proc/self/exe", path, sizeof path - 1);
  path[length < 0 ? 0 : length] = 0;
  say("exe: %s", strrchr(path, '/'));
  length = readlink("/proc/self/cwd", path, sizeof path - 1);
  path[length < 0 ? 0 : length] = 0;
  char cwd[256];
  say("cwd right: %d", strcmp(path, getcwd(cwd, sizeof cwd)) == 0);
  length = readlink("/proc/self/root", path, sizeof path - 1);
  say("root: %.*s", (int)length, path);
  int fds[2];
  MUST(pipe(fds));
  sprintf(expected, "/proc/self/fd/%d", fds[0]);
  length = readlink(expected, path, sizeof path);
  say("a pipe's link: %.6s", path);
  int file = MUST(open("f", O_CREAT | O_RDWR | O_CLOEXEC, 0600));
  MUST(write(file, "12345", 5));
  sprintf(expected, "/proc/self/fdinfo/%d", file);
  slurp(expected);
  bool flags_right = strtol(field("flags"), NULL, 8) == (O_RDWR | O_CLOEXEC | 0100000);
  say("fdinfo: pos %s, flags %d", field("pos"), flags_right);
  sprintf(expected, "/proc/self/fd/%d", file);
  int again = open(expected, O_RDONLY);
  char start[3];
  say("opened anew through /proc: %zd %.3s", read(again, start, 3), start);
  unlink("f");
  length = readlink(expected, path, sizeof path);
  say("unlinked: ends in (deleted): %d", length > 10 && memcmp(path + length - 10, " (deleted)", 10) == 0);
  DIR *directory = opendir("/proc/self/fd");
  int count = 0;
  while (readdir(directory)) count++;
  say("descriptors listed: %d", count);
  directory = opendir("/proc/self/task");
  count = 0;
  while (readdir(directory)) count++;
  say("tasks listed: %d", count);
  slurp("/proc/self/limits");
  say("limits: %s", strstr(text, "Max open files") ? "has open files" : "lacks");
  say("thread-self: %d", readlink("/proc/thread-self", path, sizeof path) > 0);
  say("missing: %s", slurp("/proc/self/nothing") == -1 ? errno_name(errno) : "there");
  say("nobody: %s", slurp("/proc/99999999/stat") == -1 ? errno_name(errno) : "there");
  show("creating in /proc", open("/proc/new", O_CREAT | O_WRONLY, 0600));
  return 0;
}
