// Helpers of the programs about control groups: a mount of the hierarchy at ./cg, files of groups, and children in them.
#pragma once
#include "../lib/observe.h"
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>

// In a mount namespace of its own, so that nothing is left behind.
MAYBE_UNUSED static void mount_cgroups(void) {
  MUST(unshare(CLONE_NEWNS));
  MUST(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
  MUST(chmod(".", 0755)); // for those who drop their privileges
  MUST(mkdir("cg", 0755));
  MUST(mount("none", "cg", "cgroup2", 0, NULL));
}

// The text of a file, or the name of the errno.
MAYBE_UNUSED static const char *text_of(const char *path) {
  static char text[4][600];
  static int turn;
  char *out = text[turn = (turn + 1) % 4];
  int fd = open(path, O_RDONLY);
  ssize_t length = fd < 0 ? -1 : read(fd, out, sizeof text[0] - 1);
  int error = errno;
  if (fd >= 0) close(fd);
  if (length < 0) return errno_name(error);
  out[length] = 0;
  return quoted(out, length);
}

MAYBE_UNUSED static void show_file(const char *path) {
  say("%s: %s", path, text_of(path));
}

// Writes without a line feed, and prints what came of it.
MAYBE_UNUSED static void put(const char *path, const char *text) {
  int fd = open(path, O_WRONLY);
  ssize_t done = fd < 0 ? -1 : write(fd, text, strlen(text));
  int error = errno;
  if (fd >= 0) close(fd);
  say("%s > %s: %s", text, path, done < 0 ? errno_name(error) : done == (ssize_t)strlen(text) ? "ok" : "short");
}

// The same for a number that is not printed.
MAYBE_UNUSED static void put_pid(const char *path, pid_t pid) {
  char text[20];
  sprintf(text, "%d", pid);
  int fd = open(path, O_WRONLY);
  ssize_t done = fd < 0 ? -1 : write(fd, text, strlen(text));
  int error = errno;
  if (fd >= 0) close(fd);
  say("a process > %s: %s", path, done < 0 ? errno_name(error) : "ok");
}

// How many lines the file has.
MAYBE_UNUSED static void show_lines(const char *path) {
  char text[8192];
  int fd = open(path, O_RDONLY), lines = 0;
  ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof text);
  if (length < 0) say("lines of %s: %s", path, errno_name(errno));
  else {
    for (ssize_t i = 0; i < length; i++) lines += text[i] == '\n';
    say("lines of %s: %d", path, lines);
  }
  if (fd >= 0) close(fd);
}

// A line of /proc/PID/cgroup for this hierarchy.
MAYBE_UNUSED static void show_place(const char *label, pid_t pid) {
  char path[60], text[4000];
  sprintf(path, "/proc/%d/cgroup", pid);
  int fd = MUST(open(path, O_RDONLY));
  ssize_t length = MUST(read(fd, text, sizeof text - 1));
  close(fd);
  text[length] = 0;
  char *line = strstr(text, "0::");
  if (line) line[strcspn(line, "\n")] = 0;
  say("%s: %s", label, line ? line : "none");
}

// A child that sleeps until it is killed.
MAYBE_UNUSED static pid_t sleeper(void) {
  pid_t pid = MUST(fork());
  if (pid == 0)
    for (;;) pause();
  return pid;
}

MAYBE_UNUSED static void end(pid_t pid) {
  kill(pid, SIGKILL);
  waitpid(pid, NULL, 0);
}

// Whether the open file of a group tells of a change within five seconds.
MAYBE_UNUSED static void show_change(const char *label, int fd, int timeout) {
  struct pollfd poller = {.fd = fd, .events = POLLPRI};
  int ready = poll(&poller, 1, timeout);
  char text[200];
  ssize_t length = pread(fd, text, sizeof text, 0);
  say("%s: %d,%s%s %s", label, ready, poller.revents & POLLPRI ? " PRI" : "", poller.revents & POLLERR ? " ERR" : "",
      length < 0 ? errno_name(errno) : quoted(text, length));
}
