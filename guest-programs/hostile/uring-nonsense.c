// Entries, arguments and ring indices of an io_uring that make no sense: the machine lives on.
// skip-native: nonsense entries as root could harm the host
// args: 60
#include "../lib/uring.h"
#include <poll.h>

static uint64_t state = 88172645463325252ull;
static uint64_t next(void) {
  state ^= state << 13, state ^= state >> 7, state ^= state << 17;
  return state;
}

static char memory[4096];
static int fds[8];

// Mostly something that could be meant, sometimes anything.
static uint64_t number(void) {
  switch (next() % 10) {
    case 0: return next();
    case 1: return (uintptr_t)memory + next() % sizeof memory;
    case 2: return -1;
    case 3: return 1ull << (next() % 64);
    case 4: return (uintptr_t)memory;
    case 5: return fds[next() % 8];
    default: return next() % 16;
  }
}

static void fill(struct io_uring_sqe *sqe) {
  sqe->opcode = next() % 8 ? next() % 64 : next();
  sqe->flags = next() % 3 ? 0 : next() & (next() % 4 ? 0x7f : 0xff);
  sqe->ioprio = next() % 4 ? 0 : number();
  sqe->fd = next() % 4 ? fds[next() % 8] : (int)number();
  sqe->off = number(), sqe->addr = number(), sqe->len = number();
  sqe->rw_flags = next() % 3 ? 0 : number();
  sqe->user_data = next() % 8;
  sqe->buf_index = next() % 3 ? 0 : number();
  sqe->personality = next() % 20 ? 0 : number();
  sqe->file_index = next() % 3 ? 0 : number();
  if (next() % 8 == 0) sqe->addr3 = number();
  // nothing that ends the program itself, or waits for a host
  if (sqe->opcode == IORING_OP_CLOSE || sqe->opcode == IORING_OP_MADVISE) sqe->opcode = IORING_OP_NOP;
}

static void round_of_nonsense(void) {
  static const unsigned flags[] = {0, 0, IORING_SETUP_SQPOLL, IORING_SETUP_SUBMIT_ALL, 1 << 10, 1 << 11, 3 << 12, 1 << 16};
  struct ring ring = {0};
  unsigned setup = flags[next() % 8];
  memset(&ring, 0, sizeof ring);
  ring.params.flags = setup;
  ring.fd = syscall(SYS_io_uring_setup, 1 + next() % 16, &ring.params);
  if (ring.fd < 0) return;
  size_t size = 64 + 32 * ring.params.cq_entries + 4 * ring.params.sq_entries;
  size_t step = setup == 1 << 10 ? 128 : 64;
  ring.rings = mmap(NULL, (size + 4095) & -4096, PROT_READ | PROT_WRITE, MAP_SHARED, ring.fd, 0);
  if (ring.rings == MAP_FAILED) ring.rings = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, ring.fd, 0);
  unsigned char *entries =
      mmap(NULL, ring.params.sq_entries * step, PROT_READ | PROT_WRITE, MAP_SHARED, ring.fd, IORING_OFF_SQES);
  MUST(pipe(fds)), MUST(pipe(fds + 2)), MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, fds + 4));
  fds[6] = MUST(open("f", O_CREAT | O_RDWR, 0600)), fds[7] = ring.fd;
  for (int i = 0; i < 40; i++) {
    if (next() % 3 == 0) {
      unsigned command = next() % 30;
      if (command == IORING_REGISTER_RESTRICTIONS) command = 0;
      syscall(SYS_io_uring_register, next() % 20 ? ring.fd : (int)number(), command, number(), next() % 2 ? 1 : number() % 64);
    }
    unsigned count = next() % 8;
    for (unsigned n = 0; n < count; n++) {
      unsigned tail = *RING_FIELD(&ring, ring.params.sq_off.tail), index = tail & (ring.params.sq_entries - 1);
      struct io_uring_sqe *sqe = (struct io_uring_sqe *)(entries + index * step);
      memset(sqe, 0, sizeof *sqe);
      fill(sqe);
      if (setup != 1 << 16) RING_FIELD(&ring, ring.params.sq_off.array)[index] = next() % 30 ? index : next();
      *RING_FIELD(&ring, ring.params.sq_off.tail) = next() % 60 ? tail + 1 : next();
    }
    if (next() % 3 == 0) *RING_FIELD(&ring, ring.params.cq_off.head) = *RING_FIELD(&ring, ring.params.cq_off.tail);
    if (next() % 60 == 0) *RING_FIELD(&ring, ring.params.cq_off.head) = next();
    unsigned enter = next() % 3 ? IORING_ENTER_GETEVENTS : next() & 0x3f;
    syscall(SYS_io_uring_enter, next() % 40 ? ring.fd : (int)number(), next() % 4 ? count : number(), 0, enter,
            next() % 6 ? 0 : number(), next() % 6 ? 0 : number());
    if (next() % 4 == 0 && write(fds[5], "x", 1) < 0) break;
    if (next() % 6 == 0 && write(fds[1], "x", 1) < 0) break;
  }
  for (int fd = 3; fd < 200; fd++) close(fd);
  munmap(ring.rings, 4096), munmap(entries, ring.params.sq_entries * step);
}

int main(int argc, char **argv) {
  signal(SIGPIPE, SIG_IGN);
  int rounds = argc > 1 ? atoi(argv[1]) : 60;
  for (int i = 0; i < rounds; i++) {
    pid_t child = MUST(fork());
    state += 0x9e3779b97f4a7c15ull * (i + 1);
    if (child == 0) {
      alarm(1);
      for (int fd = 0; fd < 3; fd++) close(fd), open("/dev/null", O_RDWR);
      round_of_nonsense();
      _exit(0);
    }
    state += 0x9e3779b97f4a7c15ull * (i + 1);
    int status;
    MUST(waitpid(child, &status, 0));
  }
  say("alive");
  return 0;
}
