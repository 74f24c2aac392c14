// Asynchronous input and output: the ring that programs read, all commands, eventfds, errors and their order, cancelling.
#include "../lib/observe.h"
#include <linux/aio_abi.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>

#ifndef IOCB_CMD_POLL
#define IOCB_CMD_POLL 5
#endif

struct ring {
  unsigned id, nr, head, tail, magic, compat, incompat, header_length;
  struct io_event events[];
};

static aio_context_t context;
static char memory[256] = "the quick brown fox jumps over the lazy dog";

static long setup(unsigned count, aio_context_t *to) { return syscall(SYS_io_setup, count, to); }
static long submit(long count, struct iocb **list) { return syscall(SYS_io_submit, context, count, list); }
static long get(long least, long most, struct io_event *events, struct timespec *timeout) {
  return syscall(SYS_io_getevents, context, least, most, events, timeout);
}

static struct iocb make(int command, int fd, void *buffer, size_t length, long long offset) {
  static unsigned long long number;
  return (struct iocb){.aio_data = ++number, .aio_lio_opcode = command, .aio_fildes = fd,
                       .aio_buf = (uintptr_t)buffer, .aio_nbytes = length, .aio_offset = offset};
}

static void show_events(const char *label, long least) {
  struct io_event events[16];
  struct timespec second = {1, 0};
  long count = get(least, COUNT(events), events, &second);
  if (count < 0) show(label, -1);
  for (long i = 0; i < count; i++)
    say("%s: event %llu, result %lld %lld", label, (unsigned long long)events[i].data, (long long)events[i].res,
        (long long)events[i].res2);
}

// One iocb and its event.
static void run(const char *label, struct iocb one) {
  struct iocb *list[] = {&one};
  one.aio_data = 1;
  long taken = submit(1, list);
  if (taken != 1) show(label, taken);
  else show_events(label, 1);
}

static void setups(void) {
  aio_context_t other = 0;
  CALL(setup(0, &other));
  CALL(setup(1, NULL));
  CALL(setup(1, (aio_context_t *)8));
  other = 5;
  CALL(setup(1, &other));
  other = 0;
  CALL(setup(8388608, &other));
  CALL(setup(4194304, &other));
  CALL(setup(0x80000001u, &other));
  CALL(setup(1u << 31, &other));
  CALL(setup(1, &other));
  CALL(syscall(SYS_io_destroy, 0));
  CALL(syscall(SYS_io_destroy, other + 8));
  CALL(syscall(SYS_io_destroy, other + 4096));
  CALL(syscall(SYS_io_destroy, other));
  CALL(syscall(SYS_io_destroy, other));
  CALL(syscall(SYS_io_getevents, other, 0, 0, NULL, NULL));
  CALL(syscall(SYS_io_submit, other, 0, NULL));
  CALL(syscall(SYS_io_submit, other, -1, NULL));
  CALL(syscall(SYS_io_submit, 8, -1, NULL));
}

static void errors(int file) {
  int fds[2], reader = MUST(open("data", O_RDONLY)), writer = MUST(open("data", O_WRONLY)), here = MUST(open(".", O_RDONLY));
  MUST(pipe2(fds, O_NONBLOCK));
  struct iocb one = make(IOCB_CMD_PREAD, file, memory, 10, 0);
  struct iocb *list[] = {&one, NULL, &one};
  one.aio_reserved2 = 1, run("reserved", one);
  one.aio_reserved2 = 0, one.aio_nbytes = 1ull << 63, run("length", one);
  one.aio_nbytes = 10, one.aio_fildes = 99, run("fd", one);
  one.aio_fildes = -1, run("fd", one);
  one.aio_fildes = file, one.aio_flags = IOCB_FLAG_RESFD, one.aio_resfd = 99, run("resfd", one);
  one.aio_resfd = file, run("resfd", one);
  one.aio_resfd = 0, one.aio_flags = 0, one.aio_key = 77, run("key", one);
  one.aio_lio_opcode = 4, run("opcode 4", one);
  one.aio_lio_opcode = 6, run("opcode 6", one);
  one.aio_lio_opcode = 9, run("opcode 9", one);
  one.aio_lio_opcode = IOCB_CMD_PREAD, one.aio_rw_flags = 0x4000, run("rw flags", one);
  one.aio_rw_flags = 8, one.aio_fildes = fds[0], run("nowait", one);
  one.aio_rw_flags = 0, run("nonblocking pipe", one);
  one.aio_fildes = here, run("directory", one);
  one.aio_fildes = writer, run("not for reading", one);
  one.aio_fildes = file, one.aio_buf = 8, run("address", one);
  one.aio_buf = 1ull << 60, run("address", one);
  one.aio_buf = (uintptr_t)memory, one.aio_offset = -1, run("offset", one);
  one.aio_offset = INT64_MAX - 3, run("offset", one);
  one = make(IOCB_CMD_PWRITE, reader, memory, 10, 0), run("not for writing", one);
  one.aio_fildes = fds[0], run("not for writing", one);
  one = make(IOCB_CMD_PREADV, file, memory, 2000, 0), run("iovecs", one);
  one.aio_nbytes = 1, one.aio_buf = 8, run("iovecs", one);
  one = make(IOCB_CMD_FSYNC, file, memory, 0, 0), run("fsync", one);
  one = make(IOCB_CMD_FSYNC, fds[1], NULL, 0, 0), run("fsync of a pipe", one);
  one = make(IOCB_CMD_FSYNC, here, NULL, 0, 0), run("fsync of a directory", one);
  one = make(IOCB_CMD_POLL, fds[0], (void *)0x10001, 0, 0), run("poll", one);
  one = make(IOCB_CMD_POLL, fds[0], (void *)POLLIN, 1, 0), run("poll", one);
  one = make(IOCB_CMD_POLL, file, (void *)POLLIN, 0, 0), run("poll of a file", one);
  one = make(IOCB_CMD_POLL, file, (void *)POLLPRI, 0, 0), run("poll of a file", one);
  one = make(IOCB_CMD_PREAD, file, memory, 4, 0);
  one.aio_flags = IOCB_FLAG_IOPRIO, one.aio_reqprio = 4 << 13 | 3, run("priority", one);
  one.aio_reqprio = 2 << 13 | 3, run("priority", one);
  one.aio_flags = 0;
  CALL(submit(3, list));
  show_events("one, then NULL", 1);
  CALL(submit(1, NULL));
  CALL(submit(1, list + 1));
  CALL(get(0, 4, NULL, NULL));
  CALL(get(-1, 4, NULL, NULL));
  CALL(get(5, 4, NULL, NULL));
  CALL(get(0, -1, NULL, NULL));
  CALL(get(0, 1, NULL, (void *)8));
  CALL(syscall(SYS_io_getevents, 8, 0, 1, NULL, (void *)8));
  CALL(submit(1, list));
  CALL(get(1, 1, (void *)8, NULL));
  show_events("still there", 1);
  close(fds[0]), close(fds[1]), close(reader), close(writer), close(here);
}

static void commands(int file) {
  int event = MUST(eventfd(0, 0));
  char first[8] = "", second[8] = "", third[16] = "";
  struct iovec in[] = {{first, 3}, {second, 4}}, out[] = {{memory, 4}, {memory + 10, 6}};
  struct iocb all[] = {
      make(IOCB_CMD_PWRITE, file, memory, 40, 0),     make(IOCB_CMD_PWRITEV, file, out, 2, 100),
      make(IOCB_CMD_PREAD, file, third, 9, 98),       make(IOCB_CMD_PREADV, file, in, 2, 4),
      make(IOCB_CMD_PREAD, file, third, 9, 5000),
  };
  struct iocb *list[COUNT(all)];
  for (size_t i = 0; i < COUNT(all); i++) {
    all[i].aio_flags = IOCB_FLAG_RESFD, all[i].aio_resfd = event;
    list[i] = &all[i];
  }
  CALL(submit(COUNT(all), list));
  uint64_t count = 0;
  MUST(read(event, &count, 8));
  say("eventfd: %llu", (unsigned long long)count);
  const struct ring *ring = (void *)context;
  say("ring: %u to %u", ring->head, ring->tail);
  show_events("commands", 5);
  say("ring: %u to %u", ring->head, ring->tail);
  say("read: %s %s %s", quoted(first, 3), quoted(second, 4), quoted(third, 9));
  run("fsync", make(IOCB_CMD_FSYNC, file, NULL, 0, 0));
  run("fdatasync", make(IOCB_CMD_FDSYNC, file, NULL, 0, 0));
  MUST(fcntl(file, F_SETFL, O_APPEND));
  run("append", make(IOCB_CMD_PWRITE, file, memory, 5, 0));
  MUST(fcntl(file, F_SETFL, 0));
  struct stat status;
  MUST(fstat(file, &status));
  say("size: %lld, position %ld", (long long)status.st_size, (long)lseek(file, 0, SEEK_CUR));
  MUST(close(event));
}

static void polls(void) {
  int fds[2], event = MUST(eventfd(0, EFD_NONBLOCK));
  MUST(pipe(fds));
  struct iocb poll = make(IOCB_CMD_POLL, fds[0], (void *)POLLIN, 0, 0);
  poll.aio_flags = IOCB_FLAG_RESFD, poll.aio_resfd = event;
  struct iocb *list[] = {&poll};
  struct io_event got;
  struct timespec none = {0, 0}, soon = {0, 10000000};
  CALL(submit(1, list));
  CALL(get(1, 1, &got, &none));
  CALL(get(1, 1, &got, &soon));
  MUST(write(fds[1], "x", 1));
  CALL(get(1, 1, &got, NULL));
  say("poll: %lld, ours %d", (long long)got.res, got.obj == (uintptr_t)&poll);
  uint64_t count = 0;
  CALL(read(event, &count, 8));
  CALL(submit(1, list));
  CALL(get(1, 1, &got, NULL));
  MUST(read(fds[0], &count, 1));
  CALL(submit(1, list));
  CALL(syscall(SYS_io_cancel, context, &poll, &got));
  CALL(get(1, 1, &got, NULL));
  say("cancelled: %lld", (long long)got.res);
  CALL(syscall(SYS_io_cancel, context, &poll, &got));
  poll.aio_key = 3;
  CALL(syscall(SYS_io_cancel, context, &poll, &got));
  CALL(syscall(SYS_io_cancel, 0, &poll, &got));
  CALL(syscall(SYS_io_cancel, context, NULL, &got));
  CALL(submit(1, list));
  MUST(close(fds[1]));
  CALL(get(1, 1, &got, NULL));
  say("hung up: %lld", (long long)got.res);
  MUST(close(fds[0]));
  MUST(close(event));
}

static void nothing(int number) { (void)number; }

static void waits(void) {
  int fds[2], sockets[2];
  char bytes[8] = "";
  MUST(pipe(fds));
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, sockets));
  struct sigaction action = {.sa_handler = nothing, .sa_flags = SA_RESTART};
  MUST(sigaction(SIGUSR1, &action, NULL));
  pid_t parent = getpid();
  pid_t child = MUST(fork());
  if (child == 0) {
    await_state(parent, "S");
    write(fds[1], "late", 4);
    sleep_ms(50);
    kill(parent, SIGUSR1);
    sleep_ms(50);
    kill(parent, SIGUSR1);
    sleep_ms(50);
    kill(parent, SIGUSR1);
    _exit(0);
  }
  struct iocb read_pipe = make(IOCB_CMD_PREAD, fds[0], bytes, 4, 0), read_socket = make(IOCB_CMD_PREAD, sockets[0], bytes, 4, 0);
  struct iocb *list[] = {&read_pipe, &read_socket};
  CALL(submit(2, list));
  show_events("waited", 2);
  struct io_event got;
  CALL(get(1, 1, &got, NULL));
  sigset_t none;
  sigemptyset(&none);
  struct { const sigset_t *mask; size_t size; } mask = {&none, 8};
  CALL(syscall(SYS_io_pgetevents, context, 1, 1, &got, NULL, &mask));
  show_wait("child", child);
  struct timespec soon = {0, 1000000};
  CALL(syscall(SYS_io_pgetevents, context, 1, 1, &got, &soon, &mask));
  CALL(syscall(SYS_io_pgetevents, context, 1, 1, &got, &soon, NULL));
  mask.size = 4;
  CALL(syscall(SYS_io_pgetevents, context, 1, 1, &got, &soon, &mask));
  CALL(syscall(SYS_io_pgetevents, context, 1, 1, &got, &soon, (void *)8));
  read_socket.aio_offset = 3;
  run("a socket has no positions", read_socket);
  write(sockets[1], "data", 4);
  read_socket.aio_offset = 0;
  run("a socket", read_socket);
  run("a pipe at 9", make(IOCB_CMD_PWRITE, fds[1], bytes, 4, 9));
}

static void processes(int file) {
  struct ring *ring = (void *)context;
  pid_t child = MUST(fork());
  if (child == 0) {
    say("the child sees magic %#x", ring->magic);
    struct iocb one = make(IOCB_CMD_PREAD, file, memory, 4, 0), *list[] = {&one};
    CALL(submit(1, list));
    _exit(0);
  }
  show_wait("child", child);
  unsigned id = ring->id;
  ring->id = 1000;
  CALL(get(0, 1, NULL, NULL));
  ring->id = id;
  size_t size = sizeof *ring + ring->nr * sizeof(struct io_event);
  char *room = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  char *moved = mremap(ring, size, size, MREMAP_MAYMOVE | MREMAP_FIXED, room);
  say("moved: %d", moved == room);
  CALL(get(0, 1, NULL, NULL));
  context = (uintptr_t)moved;
  CALL(get(0, 1, NULL, NULL));
  run("moved", make(IOCB_CMD_PREAD, file, memory, 4, 0));
  MUST(munmap(moved, size));
  CALL(get(0, 1, NULL, NULL));
  context = 0;
  MUST(setup(7, &context));
}

static void full(int file) {
  const struct ring *ring = (void *)context;
  struct iocb one = make(IOCB_CMD_PREAD, file, memory, 4, 0), *list[1] = {&one};
  unsigned taken = 0;
  while (submit(1, list) == 1) taken++;
  say("full: %s, all but one %d", errno_name(errno), taken >= 7 && taken <= ring->nr);
  struct io_event events[4];
  CALL(get(2, 4, events, NULL));
}

int main(void) {
  say("sizes %zu %zu", sizeof(struct iocb), sizeof(struct io_event));
  setups();
  MUST(setup(7, &context));
  const struct ring *ring = (void *)context;
  say("ring: head %u, tail %u, magic %#x, features %u %u, header %u", ring->head, ring->tail, ring->magic, ring->compat,
      ring->incompat, ring->header_length);
  int file = MUST(open("data", O_RDWR | O_CREAT | O_TRUNC, 0600));
  MUST(write(file, memory, 40));
  MUST(lseek(file, 0, SEEK_SET));
  say("# errors"), errors(file);
  say("# commands"), commands(file);
  say("# polls"), polls();
  say("# waits"), waits();
  say("# processes"), processes(file);
  say("# full"), full(file);
  CALL(syscall(SYS_io_destroy, context));
}
