// Helpers with which guest programs print what they observe, the same on every kernel that behaves the same.
// Every line is one write(2), so that forked processes neither repeat nor tear lines.
#pragma once
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAYBE_UNUSED __attribute__((unused))
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

// say("fd: %d", 3): one line on standard output.
MAYBE_UNUSED __attribute__((format(printf, 1, 2))) static void say(const char *format, ...) {
  int saved = errno;
  char line[4096];
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(line, sizeof line - 1, format, arguments);
  va_end(arguments);
  if (length > (int)sizeof line - 2) length = sizeof line - 2;
  line[length++] = '\n';
  if (write(1, line, length) < 0) _exit(98);
  errno = saved;
}

// The symbolic name of an errno.
MAYBE_UNUSED static const char *errno_name(int number) {
  const char *name = strerrorname_np(number);
  return name ? name : "E?";
}

MAYBE_UNUSED static const char *signal_name(int number) {
  static char text[24];
  const char *name = sigabbrev_np(number);
  if (name) snprintf(text, sizeof text, "SIG%s", name);
  else if (number >= 34) snprintf(text, sizeof text, "SIGRTMIN+%d", number - 34);
  else snprintf(text, sizeof text, "signal %d", number);
  return text;
}

// Prints "label: N", or "label: ENOENT" when result is -1. Returns result.
MAYBE_UNUSED static long show(const char *label, long result) {
  if (result == -1) say("%s: %s", label, errno_name(errno));
  else say("%s: %ld", label, result);
  return result;
}

// Prints "label: ok", or "label: ENOENT": for results that are not the same everywhere.
MAYBE_UNUSED static long show_ok(const char *label, long result) {
  if (result == -1) say("%s: %s", label, errno_name(errno));
  else say("%s: ok", label);
  return result;
}

#define CALL(expression) show(#expression, (long)(expression))
#define CALL_OK(expression) show_ok(#expression, (long)(expression))

// For preparations that cannot fail on a working kernel: says what failed and ends with status 99.
#define MUST(expression)                                                                 \
  ({                                                                                     \
    __typeof__(expression) must_result = (expression);                                   \
    if ((long)must_result == -1) {                                                       \
      say("%s:%d: %s: %s", __FILE__, __LINE__, #expression, errno_name(errno));          \
      _exit(99);                                                                         \
    }                                                                                    \
    must_result;                                                                         \
  })

MAYBE_UNUSED static void show_status(const char *label, int status) {
  if (WIFEXITED(status)) say("%s: exited %d", label, WEXITSTATUS(status));
  else if (WIFSIGNALED(status)) say("%s: killed by %s", label, signal_name(WTERMSIG(status)));
  else if (WIFSTOPPED(status)) say("%s: stopped by %s", label, signal_name(WSTOPSIG(status)));
  else if (WIFCONTINUED(status)) say("%s: continued", label);
  else say("%s: status %#x", label, status);
}

// Waits for one child and prints how it ended.
MAYBE_UNUSED static void show_wait(const char *label, pid_t pid) {
  int status = 0;
  pid_t got;
  do got = waitpid(pid, &status, 0);
  while (got == -1 && errno == EINTR);
  if (got == -1) show(label, -1);
  else show_status(label, status);
}

// Bytes as a C string, for data that may hold NULs and control characters.
MAYBE_UNUSED static const char *quoted(const void *data, size_t length) {
  static char text[4][1200];
  static int turn;
  char *out = text[turn = (turn + 1) % 4], *end = out + sizeof text[0] - 8;
  char *start = out;
  *out++ = '"';
  for (size_t i = 0; i < length && out < end; i++) {
    unsigned char c = ((const unsigned char *)data)[i];
    if (c == '\n') out += sprintf(out, "\\n");
    else if (c < 32 || c > 126 || c == '"' || c == '\\') out += sprintf(out, "\\x%02x", c);
    else *out++ = c;
  }
  *out++ = '"';
  *out = 0;
  return start;
}

MAYBE_UNUSED static void sleep_ms(long milliseconds) {
  struct timespec rest = {milliseconds / 1000, milliseconds % 1000 * 1000000};
  while (nanosleep(&rest, &rest) == -1 && errno == EINTR) continue;
}

MAYBE_UNUSED static int64_t now_ms(clockid_t clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  return now.tv_sec * 1000LL + now.tv_nsec / 1000000;
}

// A way for two processes to take turns: each token(fd) hands over, each await(fd) waits for it.
MAYBE_UNUSED static void hand_over(int fd) {
  MUST(write(fd, "!", 1));
}
MAYBE_UNUSED static void await_turn(int fd) {
  char byte;
  MUST(read(fd, &byte, 1));
}

// Waits until /proc shows the process in one of the states ('S' sleeping, 'T' stopped, 'Z' zombie).
MAYBE_UNUSED static bool await_state(pid_t pid, const char *states) {
  for (int tries = 0; tries < 2000; tries++) {
    char path[64], text[512];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    int fd = open(path, O_RDONLY);
    if (fd < 0) return false;
    ssize_t length = read(fd, text, sizeof text - 1);
    close(fd);
    if (length <= 0) return false;
    text[length] = 0;
    char *end = strrchr(text, ')');
    if (end && strchr(states, end[2])) return true;
    sleep_ms(1);
  }
  return false;
}
