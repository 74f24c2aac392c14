// Pipe buffers: sixteen pages, merging of small writes, packets, resizing, and what readers and writers see of it.
#include "../lib/observe.h"
#include <poll.h>
#include <sys/ioctl.h>

static int fds[2];
static char data[2000000];

static void fresh(int flags) {
  if (fds[0] > 0) {
    close(fds[0]);
    close(fds[1]);
  }
  MUST(pipe2(fds, flags | O_NONBLOCK));
}

static int queued(void) {
  int bytes;
  MUST(ioctl(fds[0], FIONREAD, &bytes));
  return bytes;
}

static long fill(size_t size) {
  long total = 0, count;
  while ((count = write(fds[1], data, size)) > 0) total += count;
  return total;
}

static void states(const char *label) {
  struct pollfd set[2] = {{fds[0], POLLIN | POLLOUT, 0}, {fds[1], POLLIN | POLLOUT, 0}};
  poll(set, 2, 0);
  say("%s: reader %#x writer %#x queued %d", label, set[0].revents, set[1].revents, queued());
}

int main(void) {
  signal(SIGPIPE, SIG_IGN);
  for (int size = 1; size <= 16384; size *= 4) {
    fresh(0);
    say("writes of %d fill: %ld", size, fill(size));
  }
  fresh(0);
  say("writes of 4097 fill: %ld", fill(4097));
  fresh(0);
  say("writes of 3000 fill: %ld", fill(3000));
  fresh(0);
  say("one write of 70000: %zd", write(fds[1], data, 70000));
  states("full");
  CALL(read(fds[0], data, 1));
  states("one byte less");
  CALL(write(fds[1], data, 1));
  CALL(read(fds[0], data, 4095));
  states("a page less");
  CALL(write(fds[1], data, 5000));
  CALL(write(fds[1], data, 1));
  fresh(0);
  CALL(write(fds[1], data, 4000));
  CALL(write(fds[1], data, 96));
  CALL(write(fds[1], data, 4097));
  CALL(write(fds[1], data, 100));
  say("in four buffers: queued %d", queued());
  CALL(fcntl(fds[1], F_SETPIPE_SZ, 4096));
  CALL(fcntl(fds[1], F_SETPIPE_SZ, 8192));
  CALL(fcntl(fds[1], F_SETPIPE_SZ, 12288));
  CALL(fcntl(fds[0], F_GETPIPE_SZ));
  fresh(0);
  CALL(fcntl(fds[1], F_SETPIPE_SZ, 1));
  say("holds: %ld", fill(1));
  states("small and full");
  CALL(fcntl(fds[1], F_SETPIPE_SZ, 1 << 20));
  states("grown");
  say("takes more: %ld", fill(100000));
  CALL(fcntl(fds[1], F_SETPIPE_SZ, 65536));
  CALL(fcntl(fds[1], F_SETPIPE_SZ, 0));
  CALL(fcntl(fds[1], F_SETPIPE_SZ, -1));
  CALL(fcntl(1000, F_GETPIPE_SZ));
  int file = MUST(open("f", O_CREAT | O_RDWR, 0600));
  CALL(fcntl(file, F_GETPIPE_SZ));
  fresh(O_DIRECT);
  CALL(write(fds[1], "one", 3));
  CALL(write(fds[1], "two", 3));
  CALL(write(fds[1], data, 5000));
  states("packets");
  CALL(read(fds[0], data, 2));
  CALL(read(fds[0], data, 100));
  CALL(read(fds[0], data, 10000));
  CALL(read(fds[0], data, 10000));
  CALL(read(fds[0], data, 10000));
  say("packets of 1: %ld", fill(1));
  MUST(fcntl(fds[1], F_SETFL, O_WRONLY | O_NONBLOCK));
  MUST(read(fds[0], data, 1));
  CALL(write(fds[1], "a", 1));
  fresh(0);
  CALL(write(fds[1], "abc", 3));
  MUST(fcntl(fds[1], F_SETFL, O_WRONLY | O_NONBLOCK | O_DIRECT));
  CALL(write(fds[1], "def", 3));
  MUST(fcntl(fds[1], F_SETFL, O_WRONLY | O_NONBLOCK));
  CALL(write(fds[1], "ghi", 3));
  CALL(read(fds[0], data, 100));
  CALL(read(fds[0], data, 100));
  CALL(read(fds[0], data, 100));
  fresh(0);
  char *page = MUST(mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  munmap(page + 4096, 4096);
  show("write half out of memory", write(fds[1], page + 4000, 200));
  states("after it");
  show("write two pages, one there", write(fds[1], page, 8192));
  states("after it");
  MUST(write(fds[1], data, 300));
  show("read half into nothing", read(fds[0], page + 4000, 200));
  states("after it");
  struct iovec parts[3] = {{"ab", 2}, {page + 5000, 0}, {"cd", 2}};
  CALL(writev(fds[1], parts, 3));
  fresh(0);
  close(fds[0]);
  fds[0] = fds[1];
  struct pollfd entry = {fds[1], POLLIN | POLLOUT, 0};
  poll(&entry, 1, 0);
  say("no reader: %#x", entry.revents);
  CALL(write(fds[1], "", 0));
  CALL(write(fds[1], "x", 1));
  char path[64];
  MUST(pipe(fds));
  sprintf(path, "/proc/self/fd/%d", fds[0]);
  int writer = MUST(open(path, O_WRONLY));
  CALL(write(writer, "through /proc", 13));
  close(fds[1]);
  CALL(read(fds[0], data, 100));
  close(writer);
  CALL(read(fds[0], data, 100));
  CALL(open(path, O_WRONLY | O_NONBLOCK) >= 0);
  pid_t child;
  MUST(pipe(fds));
  if ((child = fork()) == 0) {
    signal(SIGPIPE, SIG_DFL);
    close(fds[0]);
    for (;;) write(fds[1], data, 4096);
  }
  close(fds[1]);
  MUST(read(fds[0], data, 100));
  close(fds[0]);
  show_wait("writer without readers", child);
  return 0;
}
