// eventfd: counting, semaphore mode, overflow, sizes, poll.
#include "../lib/observe.h"
#include <poll.h>
#include <sys/eventfd.h>

static void show_events(int fd) {
  struct pollfd entry = {fd, POLLIN | POLLOUT, 0};
  poll(&entry, 1, 0);
  say("events: %#x", entry.revents);
}

int main(void) {
  uint64_t value = 5;
  int fd = CALL(eventfd(3, EFD_NONBLOCK));
  show_events(fd);
  CALL(write(fd, &value, 8));
  CALL(read(fd, &value, 8));
  say("value: %lu", (long)value);
  CALL(read(fd, &value, 8));
  show_events(fd);
  CALL(read(fd, &value, 4));
  CALL(write(fd, &value, 4));
  value = -1;
  CALL(write(fd, &value, 8));
  value = -2;
  CALL(write(fd, &value, 8));
  show_events(fd);
  value = 1;
  CALL(write(fd, &value, 8));
  CALL(read(fd, &value, 8));
  say("value: %lx", (long)value);
  int semaphore = CALL(eventfd(2, EFD_SEMAPHORE | EFD_NONBLOCK));
  for (int i = 0; i < 3; i++) show("semaphore", read(semaphore, &value, 8));
  CALL(eventfd(0, 99));
  CALL(lseek(fd, 0, SEEK_SET));
  int blocking = MUST(eventfd(0, 0));
  pid_t child = MUST(fork());
  if (child == 0) {
    sleep_ms(10);
    value = 41;
    MUST(write(blocking, &value, 8));
    _exit(0);
  }
  CALL(read(blocking, &value, 8));
  say("from the child: %lu", (long)value);
  show_wait("child", child);
  return 0;
}
