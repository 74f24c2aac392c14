// Pipes: capacity, atomic writes, O_NONBLOCK, EPIPE, end of file, FIONREAD, O_DIRECT, F_SETPIPE_SZ, named pipes.
#include "../lib/observe.h"
#include <poll.h>
#include <sys/ioctl.h>

int main(void) {
  int fds[2];
  signal(SIGPIPE, SIG_IGN);
  CALL(pipe2(fds, O_NONBLOCK | O_CLOEXEC));
  say("flags: %d, %#x, %d", fcntl(fds[0], F_GETFD), fcntl(fds[0], F_GETFL), fcntl(fds[1], F_GETFL) & O_ACCMODE);
  static char data[70000];
  CALL(read(fds[0], data, 10));
  CALL(fcntl(fds[0], F_GETPIPE_SZ));
  CALL(write(fds[1], data, 70000));
  CALL(write(fds[1], data, 1));
  int queued;
  CALL(ioctl(fds[0], FIONREAD, &queued));
  say("queued: %d", queued);
  CALL(read(fds[0], data, 1000));
  CALL(write(fds[1], data, 100));
  CALL(read(fds[0], data, 70000));
  CALL(write(fds[1], data, 100));
  CALL(read(fds[0], data, 70000));
  CALL(fcntl(fds[0], F_SETPIPE_SZ, 4096));
  CALL(write(fds[1], data, 5000));
  CALL(write(fds[1], data, 4096));
  CALL(read(fds[0], data, 70000));
  CALL(write(fds[0], "x", 1));
  CALL(read(fds[1], data, 1));
  CALL(lseek(fds[0], 0, SEEK_CUR));
  close(fds[0]);
  CALL(write(fds[1], "x", 1));
  struct pollfd entry = {fds[1], POLLOUT, 0};
  CALL(poll(&entry, 1, 0));
  say("events %#x", entry.revents);
  close(fds[1]);
  MUST(pipe2(fds, O_DIRECT));
  MUST(write(fds[1], "one", 3));
  MUST(write(fds[1], "two!", 4));
  CALL(read(fds[0], data, 100));
  CALL(read(fds[0], data, 2));
  close(fds[1]);
  CALL(read(fds[0], data, 100));
  MUST(pipe(fds));
  pid_t child = MUST(fork());
  if (child == 0) {
    close(fds[0]);
    for (int i = 0; i < 5; i++) MUST(write(fds[1], data, 50000));
    _exit(0);
  }
  close(fds[1]);
  long total = 0;
  ssize_t length;
  while ((length = read(fds[0], data, 7777)) > 0) total += length;
  say("through a full pipe: %ld", total);
  show_wait("writer", child);
  CALL(mkfifo("fifo", 0600));
  CALL(open("fifo", O_WRONLY | O_NONBLOCK));
  int reader = MUST(open("fifo", O_RDONLY | O_NONBLOCK));
  CALL(read(reader, data, 10));
  child = MUST(fork());
  if (child == 0) {
    int writer = MUST(open("fifo", O_WRONLY));
    MUST(write(writer, "through the fifo", 16));
    _exit(0);
  }
  show_wait("fifo writer", child);
  length = read(reader, data, 100);
  say("fifo: %s", quoted(data, length));
  CALL(read(reader, data, 10));
  CALL(pipe2(fds, 0x4));
  return 0;
}
