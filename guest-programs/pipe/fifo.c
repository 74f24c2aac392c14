// FIFOs: who waits for whom in open, ENXIO, end of file, poll before and after writers, reopening.
#include "../lib/observe.h"
#include <poll.h>

static void states(const char *label, int fd) {
  struct pollfd entry = {fd, POLLIN | POLLOUT, 0};
  poll(&entry, 1, 0);
  say("%s: %#x", label, entry.revents);
}

int main(void) {
  char text[64];
  signal(SIGPIPE, SIG_IGN);
  MUST(mkfifo("fifo", 0600));
  CALL(open("fifo", O_WRONLY | O_NONBLOCK));
  CALL(open("fifo", O_RDONLY | O_DIRECTORY));
  int reader = MUST(open("fifo", O_RDONLY | O_NONBLOCK));
  states("no writer yet", reader);
  CALL(read(reader, text, 10));
  int writer = MUST(open("fifo", O_WRONLY | O_NONBLOCK));
  states("writer there", reader);
  CALL(read(reader, text, 10));
  MUST(write(writer, "abc", 3));
  states("bytes there", reader);
  close(writer);
  states("bytes, writer gone", reader);
  CALL(read(reader, text, 10));
  CALL(read(reader, text, 10));
  states("writer gone", reader);
  int second = MUST(open("fifo", O_RDONLY | O_NONBLOCK));
  states("a second reader that never saw one", second);
  states("the first", reader);
  close(second);
  close(reader);
  pid_t child = MUST(fork());
  if (child == 0) {
    int fd = MUST(open("fifo", O_WRONLY));
    MUST(write(fd, "hello", 5));
    _exit(0);
  }
  await_state(child, "S");
  reader = MUST(open("fifo", O_RDONLY));
  ssize_t count = read(reader, text, sizeof text);
  say("from the waiting writer: %s", quoted(text, count));
  show_wait("writer", child);
  CALL(read(reader, text, 10));
  close(reader);
  child = MUST(fork());
  if (child == 0) {
    int fd = MUST(open("fifo", O_RDONLY));
    count = read(fd, text, sizeof text);
    say("child read %s", quoted(text, count));
    _exit(0);
  }
  await_state(child, "S");
  writer = MUST(open("fifo", O_WRONLY | O_NONBLOCK));
  MUST(write(writer, "to a waiting reader", 19));
  close(writer);
  show_wait("reader", child);
  child = MUST(fork());
  if (child == 0) {
    open("fifo", O_RDONLY);
    _exit(0);
  }
  await_state(child, "S");
  kill(child, SIGKILL);
  show_wait("killed reader", child);
  CALL(open("fifo", O_WRONLY | O_NONBLOCK));
  int both = MUST(open("fifo", O_RDWR));
  states("open for both", both);
  MUST(write(both, "loop", 4));
  states("with bytes", both);
  count = read(both, text, 10);
  say("read back %s", quoted(text, count));
  writer = MUST(open("fifo", O_WRONLY | O_NONBLOCK));
  MUST(write(writer, "kept", 4));
  close(writer);
  reader = MUST(open("fifo", O_RDONLY));
  close(both);
  count = read(reader, text, 10);
  say("kept while open: %s", quoted(text, count));
  states("after all writers", reader);
  close(reader);
  reader = MUST(open("fifo", O_RDONLY | O_NONBLOCK));
  writer = MUST(open("fifo", O_WRONLY));
  MUST(write(writer, "lost", 4));
  close(writer);
  close(reader);
  reader = MUST(open("fifo", O_RDONLY | O_NONBLOCK));
  CALL(read(reader, text, 10));
  close(reader);
  // An open that fails as late as this one has let the other side in.
  pid_t waiting = MUST(fork());
  if (waiting == 0) {
    writer = open("fifo", O_WRONLY);
    show("writer that waited", writer < 0 ? writer : 0);
    _exit(0);
  }
  usleep(30000);
  CALL(open("fifo", O_RDONLY | O_NONBLOCK | O_DIRECT));
  show_wait("writer", waiting);
  show("no reader, direct", open("fifo", O_WRONLY | O_NONBLOCK | O_DIRECT));
  reader = MUST(open("fifo", O_RDONLY | O_NONBLOCK));
  unlink("fifo");
  writer = open("fifo", O_WRONLY | O_NONBLOCK);
  show("unlinked", writer);
  struct stat found;
  MUST(fstat(reader, &found));
  say("type %o links %d size %d", found.st_mode & S_IFMT, (int)found.st_nlink, (int)found.st_size);
  CALL(lseek(reader, 0, SEEK_SET));
  CALL(pread(reader, text, 1, 0));
  CALL(ftruncate(reader, 0));
  CALL(fsync(reader));
  return 0;
}
