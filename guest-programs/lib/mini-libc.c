// A very small C library for the riscv64 demo programs: start-up code, the system calls they make, and a printf
// with %s %c %d %u %x %ld %lu %zu. It implements the system's own headers, so that the same sources build natively
// with the full library. Linked with -nostdlib; every function lies in a section of its own and unused ones go.
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int main(int, char **, char **);

static int errno_value;
int *__errno_location(void) { return &errno_value; }
static FILE *const no_file = 0;
FILE *stdout = 0, *stderr = 0;
char **environ;

__asm__(
    ".globl _start\n"
    "_start:\n"
    ".option push\n"
    ".option norelax\n"
    "  la gp, __global_pointer$\n"
    ".option pop\n"
    "  mv a0, sp\n"
    "  andi sp, sp, -16\n"
    "  tail start_in_c\n");

__attribute__((used, noreturn)) void start_in_c(long *stack) {
  long argc = stack[0];
  char **argv = (char **)(stack + 1);
  environ = argv + argc + 1;
  exit(main((int)argc, argv, environ));
}

static long result(long value) {
  if (value < 0 && value > -4096) {
    errno_value = (int)-value;
    return -1;
  }
  return value;
}

static long call(long number, long a, long b, long c, long d, long e, long f) {
  register long a0 __asm__("a0") = a;
  register long a1 __asm__("a1") = b;
  register long a2 __asm__("a2") = c;
  register long a3 __asm__("a3") = d;
  register long a4 __asm__("a4") = e;
  register long a5 __asm__("a5") = f;
  register long a7 __asm__("a7") = number;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a5), "r"(a7) : "memory");
  return result(a0);
}
#define CALL6(number, a, b, c, d, e, f) call(number, (long)(a), (long)(b), (long)(c), (long)(d), (long)(e), (long)(f))
#define CALL3(number, a, b, c) CALL6(number, a, b, c, 0, 0, 0)

void _exit(int status) {
  for (;;) CALL3(SYS_exit_group, status, 0, 0);
}
void exit(int status) { _exit(status); }
void abort(void) { _exit(134); }

ssize_t read(int fd, void *data, size_t size) { return CALL3(SYS_read, fd, data, size); }
ssize_t write(int fd, const void *data, size_t size) { return CALL3(SYS_write, fd, data, size); }
int close(int fd) { return CALL3(SYS_close, fd, 0, 0); }
int dup2(int from, int to) { return CALL3(SYS_dup3, from, to, 0); }
off_t lseek(int fd, off_t offset, int whence) { return CALL3(SYS_lseek, fd, offset, whence); }
int unlink(const char *path) { return CALL3(SYS_unlinkat, AT_FDCWD, path, 0); }
ssize_t readlink(const char *restrict path, char *restrict data, size_t size) {
  return CALL6(SYS_readlinkat, AT_FDCWD, path, data, size, 0, 0);
}
int chdir(const char *path) { return CALL3(SYS_chdir, path, 0, 0); }
int pipe(int fds[2]) { return CALL3(SYS_pipe2, fds, 0, 0); }
pid_t getpid(void) { return CALL3(SYS_getpid, 0, 0, 0); }
pid_t fork(void) { return CALL6(SYS_clone, SIGCHLD, 0, 0, 0, 0, 0); }
pid_t waitpid(pid_t pid, int *status, int options) { return CALL6(SYS_wait4, pid, status, options, 0, 0, 0); }
int execve(const char *path, char *const argv[], char *const envp[]) { return CALL3(SYS_execve, path, argv, envp); }

int open(const char *path, int flags, ...) {
  va_list arguments;
  va_start(arguments, flags);
  int mode = va_arg(arguments, int);
  va_end(arguments);
  return CALL6(SYS_openat, AT_FDCWD, path, flags, mode, 0, 0);
}

int nanosleep(const struct timespec *wanted, struct timespec *left) { return CALL3(SYS_nanosleep, wanted, left, 0); }

int socket(int domain, int type, int protocol) { return CALL3(SYS_socket, domain, type, protocol); }
int socketpair(int domain, int type, int protocol, int fds[2]) {
  return CALL6(SYS_socketpair, domain, type, protocol, fds, 0, 0);
}
int bind(int fd, const struct sockaddr *address, socklen_t size) { return CALL3(SYS_bind, fd, address, size); }
int connect(int fd, const struct sockaddr *address, socklen_t size) { return CALL3(SYS_connect, fd, address, size); }
int listen(int fd, int backlog) { return CALL3(SYS_listen, fd, backlog, 0); }
int accept(int fd, struct sockaddr *address, socklen_t *size) { return CALL3(SYS_accept, fd, address, size); }
int shutdown(int fd, int how) { return CALL3(SYS_shutdown, fd, how, 0); }
int getsockname(int fd, struct sockaddr *address, socklen_t *size) { return CALL3(SYS_getsockname, fd, address, size); }
int getpeername(int fd, struct sockaddr *address, socklen_t *size) { return CALL3(SYS_getpeername, fd, address, size); }
ssize_t sendmsg(int fd, const struct msghdr *message, int flags) { return CALL3(SYS_sendmsg, fd, message, flags); }
ssize_t recvmsg(int fd, struct msghdr *message, int flags) { return CALL3(SYS_recvmsg, fd, message, flags); }
ssize_t send(int fd, const void *data, size_t size, int flags) {
  return CALL6(SYS_sendto, fd, data, size, flags, 0, 0);
}
ssize_t recv(int fd, void *data, size_t size, int flags) { return CALL6(SYS_recvfrom, fd, data, size, flags, 0, 0); }

// The compiler may call these even in a freestanding build.
__attribute__((used)) void *memset(void *target, int value, size_t size) {
  for (size_t i = 0; i < size; i++) ((volatile char *)target)[i] = (char)value;
  return target;
}
__attribute__((used)) void *memcpy(void *restrict target, const void *restrict source, size_t size) {
  for (size_t i = 0; i < size; i++) ((volatile char *)target)[i] = ((const char *)source)[i];
  return target;
}
int memcmp(const void *a, const void *b, size_t size) {
  for (size_t i = 0; i < size; i++) {
    int difference = ((const unsigned char *)a)[i] - ((const unsigned char *)b)[i];
    if (difference) return difference;
  }
  return 0;
}
size_t strlen(const char *text) {
  size_t length = 0;
  while (((volatile const char *)text)[length]) length++;
  return length;
}
int strcmp(const char *a, const char *b) {
  while (*a && *a == *b) a++, b++;
  return (unsigned char)*a - (unsigned char)*b;
}
char *strcpy(char *restrict target, const char *restrict source) { return memcpy(target, source, strlen(source) + 1); }
char *strncpy(char *restrict target, const char *restrict source, size_t size) {
  size_t i = 0;
  for (; i < size && source[i]; i++) target[i] = source[i];
  for (; i < size; i++) target[i] = 0;
  return target;
}
int atoi(const char *text) {
  int value = 0;
  while (*text >= '0' && *text <= '9') value = value * 10 + (*text++ - '0');
  return value;
}

static const struct {
  int number;
  const char *text;
} errors[] = {
    {EPERM, "Operation not permitted"}, {ENOENT, "No such file or directory"}, {EINTR, "Interrupted system call"},
    {EBADF, "Bad file descriptor"},     {EAGAIN, "Resource temporarily unavailable"}, {EACCES, "Permission denied"},
    {EEXIST, "File exists"},            {EINVAL, "Invalid argument"},          {EPIPE, "Broken pipe"},
    {ENOSYS, "Function not implemented"}, {EADDRINUSE, "Address already in use"},
    {ECONNRESET, "Connection reset by peer"}, {ECONNREFUSED, "Connection refused"},
    {ENOTCONN, "Transport endpoint is not connected"},
};
char *strerror(int number) {
  for (size_t i = 0; i < sizeof errors / sizeof errors[0]; i++) {
    if (errors[i].number == number) return (char *)errors[i].text;
  }
  return (char *)"Unknown error";
}

struct sink {
  char *data;
  size_t room, length;
};
static void put(struct sink *sink, char c) {
  if (sink->length + 1 < sink->room) sink->data[sink->length] = c;
  sink->length++;
}
static void put_number(struct sink *sink, unsigned long value, unsigned base, int negative) {
  char digits[24];
  int count = 0;
  do digits[count++] = "0123456789abcdef"[value % base];
  while (value /= base);
  if (negative) put(sink, '-');
  while (count) put(sink, digits[--count]);
}

int vsnprintf(char *restrict data, size_t room, const char *restrict format, va_list arguments) {
  struct sink sink = {data, room, 0};
  for (; *format; format++) {
    if (*format != '%') {
      put(&sink, *format);
      continue;
    }
    int is_long = 0;
    for (format++; *format == 'l' || *format == 'z'; format++) is_long = 1;
    if (*format == 's') {
      for (const char *text = va_arg(arguments, const char *); *text; text++) put(&sink, *text);
    } else if (*format == 'c') {
      put(&sink, (char)va_arg(arguments, int));
    } else if (*format == 'd') {
      long value = is_long ? va_arg(arguments, long) : va_arg(arguments, int);
      put_number(&sink, value < 0 ? -(unsigned long)value : (unsigned long)value, 10, value < 0);
    } else if (*format == 'u' || *format == 'x') {
      unsigned long value = is_long ? va_arg(arguments, unsigned long) : va_arg(arguments, unsigned);
      put_number(&sink, value, *format == 'x' ? 16 : 10, 0);
    } else {
      put(&sink, *format);
    }
  }
  if (room) data[sink.length < room ? sink.length : room - 1] = 0;
  return (int)sink.length;
}

int snprintf(char *restrict data, size_t room, const char *restrict format, ...) {
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(data, room, format, arguments);
  va_end(arguments);
  return length;
}

// Unbuffered: what is printed before a fork is printed once.
int printf(const char *restrict format, ...) {
  char text[1024];
  va_list arguments;
  va_start(arguments, format);
  int length = vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  return (int)write(1, text, length < (int)sizeof text ? length : (int)sizeof text - 1);
}
int puts(const char *text) { return printf("%s\n", text); }
int setvbuf(FILE *restrict file, char *restrict buffer, int mode, size_t size) {
  (void)file, (void)buffer, (void)mode, (void)size, (void)no_file;
  return 0;
}
void perror(const char *what) {
  char text[256];
  int length = snprintf(text, sizeof text, "%s: %s\n", what, strerror(errno));
  write(2, text, length);
}
