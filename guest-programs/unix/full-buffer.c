// A stream with a full buffer: non-blocking writes stop, blocking ones wait for the reader, nothing is lost.
// rows: U21
#include "../lib/unix.h"

int main(void) {
  int fds[2];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
  MUST(fcntl(fds[0], F_SETFL, O_NONBLOCK));
  int singles = 0;
  while (write(fds[0], "x", 1) == 1) singles++;
  show("error when full", write(fds[0], "x", 1));
  say("one-byte writes that fit: %d", singles);
  struct pollfd entry = {fds[0], POLLOUT, 0};
  show("writable", poll(&entry, 1, 0));
  MUST(fcntl(fds[0], F_SETFL, 0));
  pid_t child = MUST(fork());
  if (child == 0) {
    close(fds[0]);
    unsigned long total = 0, sum = 0;
    static unsigned char data[65536];
    ssize_t length;
    while ((length = read(fds[1], data, sizeof data)) > 0) {
      total += length;
      for (ssize_t i = 0; i < length; i++) sum = sum * 31 + data[i];
    }
    say("reader: %lu bytes, sum %lx", total, sum);
    _exit(0);
  }
  close(fds[1]);
  static unsigned char data[1 << 20];
  for (size_t i = 0; i < sizeof data; i++) data[i] = i * 7 + (i >> 8);
  show("one write of a MiB", write(fds[0], data, sizeof data));
  close(fds[0]);
  show_wait("reader", child);
  return 0;
}
