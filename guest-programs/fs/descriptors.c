// dup, dup2, dup3, F_DUPFD, close, close_range, fcntl flags: what is shared and what is not.
#include "../lib/observe.h"
#include <sys/inotify.h>
#ifndef SYS_close_range
#define SYS_close_range 436
#endif

// Three files at four numbers, whose ends a watch sees.
static int open_watched(int *numbers) {
  int watch = MUST(inotify_init1(IN_NONBLOCK));
  MUST(inotify_add_watch(watch, ".", IN_CLOSE));
  const char *names[] = {"one", "two", "three"};
  for (int i = 0; i < 3; i++) numbers[i] = MUST(open(names[i], O_CREAT | O_RDWR | O_CLOEXEC, 0600));
  numbers[3] = MUST(fcntl(numbers[0], F_DUPFD_CLOEXEC, numbers[2]));
  return watch;
}

static void show_order(const char *label, int watch) {
  _Alignas(8) char events[1000];
  ssize_t size = read(watch, events, sizeof events);
  for (ssize_t at = 0; at < size; at += sizeof(struct inotify_event) + ((struct inotify_event *)(events + at))->len)
    say("%s: %s", label, ((struct inotify_event *)(events + at))->name);
  close(watch);
}

// What one call closes is let go of when it returns, the last one first.
static void close_many(const char *self) {
  int numbers[4], status, watch = open_watched(numbers);
  MUST(syscall(SYS_close_range, numbers[0], numbers[3], 0));
  show_order("close_range", watch);
  for (int is_exec = 0; is_exec < 2; is_exec++) {
    watch = open_watched(numbers);
    pid_t child = fork();
    if (child == 0) {
      if (is_exec) execl(self, self, "end", NULL);
      _exit(0);
    }
    for (int i = 0; i < 4; i++) close(numbers[i]);
    MUST(waitpid(child, &status, 0));
    show_order(is_exec ? "execve" : "exit", watch);
  }
}

int main(int argc, char **argv) {
  if (argc > 1) return 0;
  int fd = MUST(open("f", O_CREAT | O_RDWR, 0600));
  MUST(write(fd, "abcdef", 6));
  int copy = CALL(dup(fd));
  MUST(lseek(copy, 2, SEEK_SET));
  CALL(lseek(fd, 0, SEEK_CUR));
  CALL(fcntl(copy, F_SETFD, FD_CLOEXEC));
  CALL(fcntl(fd, F_GETFD));
  CALL(fcntl(copy, F_SETFL, O_NONBLOCK | O_APPEND));
  say("status flags shared: %#x", fcntl(fd, F_GETFL) & (O_NONBLOCK | O_APPEND));
  CALL(fcntl(fd, F_SETFL, O_WRONLY));
  say("the access mode stays: %d", (fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDWR);
  CALL(dup2(fd, fd));
  CALL(dup3(fd, fd, 0));
  CALL(dup2(fd, 50));
  CALL(dup2(99, 50));
  CALL(fcntl(50, F_GETFD));
  CALL(dup3(fd, 51, O_CLOEXEC));
  CALL(fcntl(51, F_GETFD));
  CALL(dup3(fd, 52, O_APPEND));
  CALL(fcntl(fd, F_DUPFD, 60));
  CALL(fcntl(fd, F_DUPFD_CLOEXEC, 60));
  CALL(fcntl(61, F_GETFD));
  CALL(fcntl(fd, F_DUPFD, -1));
  CALL(dup2(fd, -1));
  CALL(close(fd));
  CALL(close(fd));
  CALL(write(copy, "g", 1));
  CALL(syscall(SYS_close_range, 50, 55, 0));
  CALL(fcntl(50, F_GETFD));
  CALL(syscall(SYS_close_range, 60, ~0u, 4));
  CALL(fcntl(60, F_GETFD));
  CALL(syscall(SYS_close_range, 9, 3, 0));
  CALL(fcntl(copy, 9999));
  CALL(fcntl(99, F_GETFL));
  CALL(fcntl(copy, F_GETOWN));
  struct f_owner_ex owner = {9, 9};
  CALL(fcntl(copy, F_GETOWN_EX, &owner));
  say("owner: type %d, %d", owner.type, owner.pid);
  owner = (struct f_owner_ex){F_OWNER_PID, getpid()};
  CALL(fcntl(copy, F_SETOWN_EX, &owner));
  CALL(fcntl(copy, F_GETOWN_EX, &owner));
  say("owner: type %d, self %d", owner.type, owner.pid == getpid());
  close_many(argv[0]);
  return 0;
}
