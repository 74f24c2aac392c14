// U49: what pages cost that splice and sendfile bring to a socket, and how many of a pipe's buffers those need that come out.
#include "../lib/unix-messages.h"
#include <sys/sendfile.h>
#include <sys/uio.h>

static char data[300000];
static int fds[2], ends[2];

static void open_all(int type, int pipe_size) {
  pair_of(type, fds);
  for (int i = 0; i < 2; i++) MUST(fcntl(fds[i], F_SETFL, O_NONBLOCK));
  MUST(pipe2(ends, O_NONBLOCK));
  MUST(fcntl(ends[1], F_SETPIPE_SZ, pipe_size));
}

static void close_all(void) {
  for (int i = 0; i < 2; i++) close(fds[i]), close(ends[i]);
}

static int count_of(int fd, unsigned long request) {
  int count = -1;
  MUST(ioctl(fd, request, &count));
  return count;
}

static void show_queues(const char *label) {
  say("%s: SIOCOUTQ %d %d, SIOCINQ %d %d, in the pipe %d", label, count_of(fds[0], SIOCOUTQ), count_of(fds[1], SIOCOUTQ),
      count_of(fds[0], FIONREAD), count_of(fds[1], FIONREAD), count_of(ends[0], FIONREAD));
}

// Buffers that are still free: a page fills one.
static int free_buffers(void) {
  int count = 0;
  while (write(ends[1], data, 4096) == 4096) count++;
  return count;
}

static void out_of_one_send(int size, int pipe_size) {
  open_all(SOCK_STREAM, pipe_size);
  MUST(send(fds[0], data, size, 0));
  show(words("splice of a send of %d", size), splice(fds[1], NULL, ends[1], NULL, 200000, SPLICE_F_NONBLOCK));
  show_queues("after it");
  say("free buffers %d", free_buffers());
  close_all();
}

static void out_of_many_sends(int size) {
  open_all(SOCK_STREAM, 65536);
  for (int i = 0; i < 30; i++) MUST(send(fds[0], data, size, 0));
  show(words("splice of 30 sends of %d", size), splice(fds[1], NULL, ends[1], NULL, 200000, SPLICE_F_NONBLOCK));
  show("another", splice(fds[1], NULL, ends[1], NULL, 200000, SPLICE_F_NONBLOCK));
  show("read half", read(ends[0], data, 20000));
  show("another", splice(fds[1], NULL, ends[1], NULL, 200000, SPLICE_F_NONBLOCK));
  show("read all", read(ends[0], data, sizeof data));
  show("another", splice(fds[1], NULL, ends[1], NULL, 200000, SPLICE_F_NONBLOCK));
  show_queues("after it");
  close_all();
}

static void into(int type, int buffer) {
  const char *kind = type_name(type);
  open_all(type, 1 << 20);
  if (buffer) MUST(setsockopt(fds[0], SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer));
  for (int i = 0; i < 4; i++) {
    show(words("%s: write", kind), write(ends[1], data, 100000 + i));
    show(words("%s: splice", kind), splice(ends[0], NULL, fds[0], NULL, 300000, SPLICE_F_NONBLOCK));
    show_queues("after it");
  }
  for (long got; (got = recv(fds[1], data, sizeof data, 0)) > 0;) {
    show(words("%s: received", kind), got);
    show_queues("after it");
  }
  struct iovec parts[3] = {{data, 10}, {data + 5000, 5000}, {data + 20000, 1}};
  show(words("%s: vmsplice", kind), vmsplice(ends[1], parts, 3, 0));
  show(words("%s: splice of 100 bytes", kind), splice(ends[0], NULL, fds[0], NULL, 100, 0));
  show_queues("after it");
  close_all();
}

static void send_file(int type) {
  const char *kind = type_name(type);
  int file = MUST(open("file", O_RDWR | O_CREAT, 0600));
  off_t offset = 5;
  MUST(ftruncate(file, 1000000));
  open_all(type, 65536);
  show(words("%s: sendfile", kind), sendfile(fds[0], file, &offset, 1000000));
  say("%s: offset %ld", kind, (long)offset);
  show_queues("after it");
  for (long got; (got = recv(fds[1], data, 50000, 0)) > 0;) show(words("%s: received", kind), got);
  close(file);
  close_all();
}

static void there_and_back(void) {
  open_all(SOCK_STREAM, 65536);
  for (int i = 0; i < 4; i++) show("send", send(fds[0], data, 65536, 0));
  for (int i = 0; i < 5; i++) show("splice out", splice(fds[1], NULL, ends[1], NULL, 200000, 0));
  show_queues("after it");
  show("splice back", splice(ends[0], NULL, fds[1], NULL, 500000, 0));
  show_queues("after it");
  for (int i = 0; i < 4; i++) {
    show("splice out again", splice(fds[0], NULL, ends[1], NULL, 500000, 0));
    show_queues("after it");
    while (read(ends[0], data, sizeof data) > 0) {}
  }
  close_all();
}

// The bytes themselves, in order, through all of it.
static void keeps_the_bytes(void) {
  int good = 0;
  open_all(SOCK_STREAM, 65536);
  for (int i = 0; i < 60000; i++) data[i] = (char)(i * 7 + i / 256);
  MUST(send(fds[0], data, 40000, 0));
  MUST(send(fds[0], data + 40000, 300, 0));
  MUST(send(fds[0], data + 40300, 19700, 0));
  memset(data + 100000, 0, 60000);
  show("read", read(fds[1], data + 100000, 1234));
  show("splice out", splice(fds[1], NULL, ends[1], NULL, 30000, 0));
  show("and back", splice(ends[0], NULL, fds[0], NULL, 20000, 0));
  show("read", read(ends[0], data + 121234, 10000));
  show("read", read(fds[1], data + 131234, 28766));
  show("read", read(fds[1], data + 101234, 20000));
  for (int i = 0; i < 60000; i++) good += data[i] == data[100000 + i];
  say("%d bytes are as they were", good);
  close_all();
}

// A splice that waits for room goes on to the end, and a peer that goes away meanwhile costs a signal.
static void waits(int leaves) {
  open_all(SOCK_STREAM, 1 << 20);
  fcntl(fds[0], F_SETFL, 0);
  while (write(ends[1], data, 50000) > 0) {}
  pid_t child = MUST(fork());
  if (child == 0) {
    long total = 0;
    close(fds[0]);
    close(ends[1]);
    fcntl(fds[1], F_SETFL, 0);
    for (long got; (got = read(fds[1], data, 50000)) > 0;)
      if ((total += got) > 300000 && leaves) _exit(1);
    say("received %ld", total);
    _exit(0);
  }
  close(fds[1]);
  int caught = 0;
  sigset_t pipes;
  sigemptyset(&pipes);
  sigaddset(&pipes, SIGPIPE);
  sigprocmask(SIG_BLOCK, &pipes, NULL);
  long moved = splice(ends[0], NULL, fds[0], NULL, 2000000, SPLICE_F_NONBLOCK);
  if (leaves) say("moved some: %d", moved > 100000 && moved < 1000000);
  else show("splice that waits", moved);
  caught = sigtimedwait(&pipes, NULL, &(struct timespec){0, 0});
  say("signal %d", caught == SIGPIPE);
  close(fds[0]);
  show_wait("reader", child);
  close(ends[0]), close(ends[1]);
}

int main(void) {
  static const int sizes[] = {1, 3776, 3777, 4096, 8000, 12000, 16000, 20000, 36544, 36545, 65536, 100000};
  for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++) {
    out_of_one_send(sizes[i], 65536);
    out_of_one_send(sizes[i], 1 << 20);
  }
  for (int size = 1; size <= 4000; size += 1333) out_of_many_sends(size);
  for (int i = 0; i < 3; i++) {
    into(ALL_TYPES[i], 0);
    into(ALL_TYPES[i], 40000);
    send_file(ALL_TYPES[i]);
  }
  there_and_back();
  keeps_the_bytes();
  waits(0);
  waits(1);
  return 0;
}
