// Files of /proc/PID that are written, what a zombie still shows, listings of processes that are gone, and who may look.
// needs: root
#include "../lib/observe.h"
#include <dirent.h>
#include <pthread.h>
#include <sys/prctl.h>

static char text[8192];

static long contents(const char *path) {
  int fd = open(path, O_RDONLY);
  if (fd < 0) return -1;
  long length = 0, count;
  while ((count = read(fd, text + length, sizeof text - 1 - length)) > 0) length += count;
  int error = errno;
  close(fd);
  errno = error;
  text[length] = 0;
  return count < 0 ? -1 : length;
}

static void store(const char *name, const char *value) {
  char path[64], label[128];
  snprintf(path, sizeof path, "/proc/self/%s", name);
  snprintf(label, sizeof label, "%s to %s", quoted(value, strlen(value)), name);
  int fd = open(path, O_WRONLY);
  show(label, fd < 0 ? -1 : write(fd, value, strlen(value)));
  if (fd < 0) return;
  close(fd);
  bool holds_number = strchr(name, '_') != NULL && strcmp(name, "clear_refs") != 0;
  if (holds_number && contents(path) >= 0) say("  now %s", quoted(text, strlen(text)));
}

static void writes(void) {
  const char *values[][2] = {
      {"coredump_filter", "0x7f"}, {"coredump_filter", "0xffffffff"}, {"coredump_filter", "010"}, {"coredump_filter", "12\n"},
      {"coredump_filter", "x"},    {"timerslack_ns", "123"},          {"timerslack_ns", "0"},     {"timerslack_ns", "z"},
      {"clear_refs", "1"},         {"clear_refs", "5"},               {"clear_refs", "6"},        {"clear_refs", "0"},
      {"stat", "x"},               {"status", "x"},                   {"limits", "x"},            {"oom_score_adj", "17"}};
  for (size_t i = 0; i < COUNT(values); i++) store(values[i][0], values[i][1]);
  int fd = open("/proc/uptime", O_WRONLY);
  CALL(write(fd, "1", 1));
  CALL(read(open("/proc/self/clear_refs", O_RDONLY), text, 1));
  CALL(rename("/proc/uptime", "/proc/new"));
  CALL(rename("/proc/uptime", "/proc/uptime"));
  CALL(rename("/proc/self/fd", "/proc/self/fd"));
  fd = open("/proc/self/mem", O_RDONLY);
  CALL(lseek(fd, 0, SEEK_END));
  pid_t child = MUST(fork());
  if (child == 0) {
    contents("/proc/self/coredump_filter");
    say("inherited: %s", quoted(text, strlen(text)));
    _exit(0);
  }
  show_wait("child", child);
}

static void *rests(void *argument) {
  char byte;
  MUST(read(*(int *)argument, &byte, 1));
  return NULL;
}

static void threads(void) {
  int ends[2];
  pthread_t other[2];
  struct stat info;
  MUST(pipe(ends));
  for (int i = 0; i < 2; i++) pthread_create(&other[i], NULL, rests, &ends[0]);
  MUST(stat("/proc/self/task", &info));
  say("links of the task directory: %d", (int)info.st_nlink);
  MUST(write(ends[1], "ab", 2));
  for (int i = 0; i < 2; i++) pthread_join(other[i], NULL);
}

static void zombie(void) {
  pid_t child = MUST(fork());
  if (child == 0) _exit(3);
  siginfo_t info;
  MUST(waitid(P_PID, child, &info, WEXITED | WNOWAIT));
  const char *names[] = {"cmdline", "environ", "auxv", "maps", "smaps", "mem", "comm", "exe"};
  char path[64];
  for (size_t i = 0; i < COUNT(names); i++) {
    snprintf(path, sizeof path, "/proc/%d/%s", child, names[i]);
    show(names[i], contents(path) == -1 ? -1 : (long)strlen(text));
  }
  snprintf(path, sizeof path, "/proc/%d/fd", child);
  int fds = MUST(open(path, O_RDONLY | O_DIRECTORY));
  snprintf(path, sizeof path, "/proc/%d", child);
  int directory = MUST(open(path, O_RDONLY | O_DIRECTORY));
  CALL(syscall(SYS_getdents64, fds, text, sizeof text) > 0);
  MUST(waitpid(child, NULL, 0));
  lseek(fds, 0, SEEK_SET);
  CALL(syscall(SYS_getdents64, fds, text, sizeof text));
  CALL(syscall(SYS_getdents64, directory, text, sizeof text));
}

static void stranger(void) {
  pid_t root = MUST(fork());
  if (root == 0) {
    pause();
    _exit(0);
  }
  pid_t user = MUST(fork());
  if (user == 0) {
    MUST(setgid(1000));
    MUST(setuid(1000));
    const char *names[] = {"fdinfo", "fd", "timerslack_ns", "environ", "auxv", "coredump_filter", "stat"};
    for (size_t i = 0; i < COUNT(names); i++) {
      char path[64];
      snprintf(path, sizeof path, "/proc/%d/%s", root, names[i]);
      int fd = open(path, O_RDONLY);
      show_ok(names[i], fd);
      char byte;
      if (fd >= 0) show("  read", read(fd, &byte, 1));
    }
    _exit(0);
  }
  show_wait("user", user);
  kill(root, SIGKILL);
  show_wait("root", root);
}

int main(void) {
  writes();
  threads();
  zombie();
  stranger();
  return 0;
}
