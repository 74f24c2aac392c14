// io_uring: what is registered with a ring: restrictions, ranges of slots, rings of buffers in the kernel's memory or used
// bit by bit, buffers of another ring; completions and files for other rings; waiting for at least so long.
#include "../lib/uring.h"

#ifndef IORING_REGISTER_CLOCK
#define IORING_REGISTER_CLOCK 29
#define IORING_REGISTER_CLONE_BUFFERS 30
struct io_uring_clock_register { __u32 clockid, resv[3]; };
#endif
#ifndef IORING_CQE_F_BUF_MORE
#define IORING_CQE_F_BUF_MORE (1U << 4)
#define IOU_PBUF_RING_INC 2
#endif
#ifndef IORING_OFF_PBUF_RING
#define IORING_OFF_PBUF_RING 0x80000000ULL
#define IORING_OFF_PBUF_SHIFT 16
#define IORING_REGISTER_PBUF_STATUS 26
#define IOU_PBUF_RING_MMAP 1
#endif
#ifndef IORING_MSG_RING_FLAGS_PASS
#define IORING_MSG_RING_FLAGS_PASS (1U << 1)
#endif
enum { SEND_MSG_RING = 31 };
struct clone { __u32 src_fd, flags, src_off, dst_off, nr, pad[3]; };

static struct ring ring, other;

static long reg(struct ring *to, unsigned command, void *argument, unsigned count) {
  return syscall(SYS_io_uring_register, to->fd, command, argument, count);
}

static void restrictions(void) {
  say("# restrictions");
  struct ring limited = {0};
  MUST(ring_setup(&limited, 8, IORING_SETUP_R_DISABLED));
  struct io_uring_restriction list[4] = {
      {.opcode = IORING_RESTRICTION_SQE_OP, .sqe_op = IORING_OP_NOP},
      {.opcode = IORING_RESTRICTION_REGISTER_OP, .register_op = IORING_REGISTER_ENABLE_RINGS},
      {.opcode = IORING_RESTRICTION_SQE_FLAGS_ALLOWED, .sqe_flags = IOSQE_IO_LINK | IOSQE_ASYNC},
      {.opcode = IORING_RESTRICTION_SQE_FLAGS_REQUIRED, .sqe_flags = IOSQE_ASYNC},
  };
  struct io_uring_restriction wrong = {.opcode = 9};
  CALL(reg(&limited, IORING_REGISTER_RESTRICTIONS, &wrong, 1));
  wrong = (struct io_uring_restriction){.opcode = IORING_RESTRICTION_SQE_OP, .sqe_op = 200};
  CALL(reg(&limited, IORING_REGISTER_RESTRICTIONS, &wrong, 1));
  CALL(reg(&limited, IORING_REGISTER_RESTRICTIONS, NULL, 1));
  CALL(reg(&limited, IORING_REGISTER_RESTRICTIONS, (void *)8, 1));
  CALL(reg(&limited, IORING_REGISTER_RESTRICTIONS, list, 1000));
  CALL(reg(&limited, IORING_REGISTER_RESTRICTIONS, list, 4));
  CALL(reg(&limited, IORING_REGISTER_RESTRICTIONS, list, 4));
  CALL(reg(&limited, IORING_REGISTER_ENABLE_RINGS, NULL, 0));
  CALL(reg(&limited, IORING_REGISTER_ENABLE_RINGS, NULL, 0));
  CALL(reg(&limited, IORING_REGISTER_RESTRICTIONS, list, 4));
  int fd = 0;
  CALL(reg(&limited, IORING_REGISTER_FILES, &fd, 1));
  CALL(reg(&limited, 500, &fd, 1));
  entry(&limited, IORING_OP_NOP, -1, 1)->flags = IOSQE_ASYNC;
  run(&limited, "what is allowed", 1);
  entry(&limited, IORING_OP_NOP, -1, 1);
  run(&limited, "without the required flag", 1);
  entry(&limited, IORING_OP_NOP, -1, 1)->flags = IOSQE_ASYNC | IOSQE_IO_DRAIN;
  run(&limited, "with a flag that is not allowed", 1);
  entry(&limited, IORING_OP_READ, 0, 1)->flags = IOSQE_ASYNC;
  run(&limited, "another operation", 1);
  entry(&limited, 200, 0, 1)->flags = IOSQE_ASYNC;
  run(&limited, "no operation", 1);
  ring_close(&limited);
  CALL(reg(&ring, IORING_REGISTER_RESTRICTIONS, list, 4));
}

static void slots(void) {
  say("# slots");
  int files[8] = {-1, -1, -1, -1, -1, -1, -1, -1};
  struct io_uring_file_index_range range = {.off = 2, .len = 3};
  CALL(reg(&ring, IORING_REGISTER_FILE_ALLOC_RANGE, &range, 0));
  MUST(reg(&ring, IORING_REGISTER_FILES, files, 8));
  CALL(reg(&ring, IORING_REGISTER_FILE_ALLOC_RANGE, &range, 0));
  for (int i = 0; i < 4; i++) {
    struct io_uring_sqe *sqe = entry(&ring, IORING_OP_SOCKET, AF_UNIX, i);
    sqe->off = SOCK_STREAM, sqe->file_index = IORING_FILE_INDEX_ALLOC;
    run(&ring, "a socket in a slot of the range", 1);
  }
  struct io_uring_sqe *sqe = entry(&ring, IORING_OP_CLOSE, 0, 1);
  sqe->file_index = 4;
  run(&ring, "slot 3 is closed", 1);
  sqe = entry(&ring, IORING_OP_SOCKET, AF_UNIX, 1);
  sqe->off = SOCK_STREAM, sqe->file_index = IORING_FILE_INDEX_ALLOC;
  run(&ring, "and chosen", 1);
  range = (struct io_uring_file_index_range){.off = 5, .len = 4};
  CALL(reg(&ring, IORING_REGISTER_FILE_ALLOC_RANGE, &range, 0));
  range = (struct io_uring_file_index_range){.off = 5, .len = 0xffffffff};
  CALL(reg(&ring, IORING_REGISTER_FILE_ALLOC_RANGE, &range, 0));
  range = (struct io_uring_file_index_range){.off = 5, .len = 1, .resv = 1};
  CALL(reg(&ring, IORING_REGISTER_FILE_ALLOC_RANGE, &range, 0));
  range = (struct io_uring_file_index_range){.off = 0, .len = 8};
  CALL(reg(&ring, IORING_REGISTER_FILE_ALLOC_RANGE, &range, 1));
  CALL(reg(&ring, IORING_REGISTER_FILE_ALLOC_RANGE, NULL, 0));
  CALL(reg(&ring, IORING_REGISTER_FILE_ALLOC_RANGE, &range, 0));
  for (int i = 0; i < 3; i++) {
    sqe = entry(&ring, IORING_OP_SOCKET, AF_UNIX, i);
    sqe->off = SOCK_STREAM, sqe->file_index = IORING_FILE_INDEX_ALLOC;
    run(&ring, "anywhere", 1);
  }
  sqe = entry(&ring, IORING_OP_CLOSE, 0, 1);
  sqe->file_index = 2;
  run(&ring, "slot 1 is closed", 1);
  sqe = entry(&ring, IORING_OP_CLOSE, 0, 1);
  sqe->file_index = 6;
  run(&ring, "slot 5 is closed", 1);
  for (int i = 0; i < 4; i++) {
    sqe = entry(&ring, IORING_OP_SOCKET, AF_UNIX, i);
    sqe->off = SOCK_STREAM, sqe->file_index = IORING_FILE_INDEX_ALLOC;
    run(&ring, "after the last that was freed", 1);
  }
  MUST(reg(&ring, IORING_UNREGISTER_FILES, NULL, 0));
}

static void other_rings(void) {
  say("# other rings");
  MUST(ring_setup(&other, 8, 0));
  int files[4] = {-1, 1, -1, -1}, none[2] = {-1, -1};
  MUST(reg(&ring, IORING_REGISTER_FILES, files, 4));
  struct io_uring_sqe *sqe = entry(&ring, IORING_OP_MSG_RING, other.fd, 1);
  sqe->off = 77, sqe->len = 5;
  run(&ring, "a completion", 1);
  show_completions(&other, "arrived");
  sqe = entry(&ring, IORING_OP_MSG_RING, other.fd, 1);
  sqe->off = 78, sqe->len = 5, sqe->msg_ring_flags = IORING_MSG_RING_FLAGS_PASS, sqe->file_index = 0x30000;
  run(&ring, "with flags", 1);
  show_completions(&other, "arrived");
  sqe = entry(&ring, IORING_OP_MSG_RING, other.fd, 1);
  sqe->file_index = 4;
  run(&ring, "flags that are not passed", 1);
  sqe = entry(&ring, IORING_OP_MSG_RING, other.fd, 1);
  sqe->msg_ring_flags = IORING_MSG_RING_CQE_SKIP;
  run(&ring, "a completion that is not posted", 1);
  sqe = entry(&ring, IORING_OP_MSG_RING, 1, 1);
  run(&ring, "no ring", 1);
  sqe = entry(&ring, IORING_OP_MSG_RING, other.fd, 1);
  sqe->addr = 9;
  run(&ring, "no such command", 1);
  sqe = entry(&ring, IORING_OP_MSG_RING, other.fd, 1);
  sqe->addr = IORING_MSG_SEND_FD, sqe->addr3 = 1, sqe->file_index = 1, sqe->off = 79;
  run(&ring, "a file, without slots", 1);
  MUST(reg(&other, IORING_REGISTER_FILES, none, 2));
  for (int slot = 1; slot <= 3; slot++) {
    sqe = entry(&ring, IORING_OP_MSG_RING, other.fd, 1);
    sqe->addr = IORING_MSG_SEND_FD, sqe->addr3 = 1, sqe->file_index = slot, sqe->off = 80 + slot;
    run(&ring, "a file into a slot", 1);
    show_completions(&other, "arrived");
  }
  MUST(reg(&other, IORING_UNREGISTER_FILES, NULL, 0));
  MUST(reg(&other, IORING_REGISTER_FILES, none, 2));
  for (int i = 0; i < 3; i++) {
    sqe = entry(&ring, IORING_OP_MSG_RING, other.fd, 1);
    sqe->addr = IORING_MSG_SEND_FD, sqe->addr3 = 1, sqe->file_index = IORING_FILE_INDEX_ALLOC, sqe->off = 90 + i;
    if (i == 1) sqe->msg_ring_flags = IORING_MSG_RING_CQE_SKIP;
    run(&ring, "a file into any slot", 1);
    show_completions(&other, "arrived");
  }
  sqe = entry(&ring, IORING_OP_MSG_RING, other.fd, 1);
  sqe->addr = IORING_MSG_SEND_FD, sqe->addr3 = 2, sqe->file_index = 1;
  run(&ring, "an empty slot", 1);
  sqe = entry(&ring, IORING_OP_MSG_RING, other.fd, 1);
  sqe->addr = IORING_MSG_SEND_FD, sqe->addr3 = 1, sqe->file_index = 1, sqe->len = 1;
  run(&ring, "a length", 1);
  sqe = entry(&ring, IORING_OP_MSG_RING, ring.fd, 1);
  sqe->addr = IORING_MSG_SEND_FD, sqe->addr3 = 1, sqe->file_index = 1;
  run(&ring, "to itself", 1);
  struct io_uring_sqe message = {.opcode = IORING_OP_MSG_RING, .fd = other.fd, .off = 99, .len = 7};
  CALL(syscall(SYS_io_uring_register, -1, SEND_MSG_RING, &message, 1));
  show_completions(&other, "without a ring of one's own");
  CALL(syscall(SYS_io_uring_register, -1, SEND_MSG_RING, &message, 2));
  message.flags = 1;
  CALL(syscall(SYS_io_uring_register, -1, SEND_MSG_RING, &message, 1));
  message.flags = 0, message.fd = 1;
  CALL(syscall(SYS_io_uring_register, -1, SEND_MSG_RING, &message, 1));
  message.fd = 99;
  CALL(syscall(SYS_io_uring_register, -1, SEND_MSG_RING, &message, 1));
  message.fd = other.fd, message.addr = IORING_MSG_SEND_FD;
  CALL(syscall(SYS_io_uring_register, -1, SEND_MSG_RING, &message, 1));
  CALL(syscall(SYS_io_uring_register, -1, IORING_REGISTER_CLOCK, &message, 1));
  MUST(reg(&ring, IORING_UNREGISTER_FILES, NULL, 0));

  say("# buffers of another ring");
  static char memory[3][64];
  struct iovec vectors[3] = {{memory[0], 64}, {memory[1], 64}, {memory[2], 64}};
  struct clone clone = {.src_fd = ring.fd};
  CALL(reg(&other, IORING_REGISTER_CLONE_BUFFERS, &clone, 1));
  MUST(reg(&ring, IORING_REGISTER_BUFFERS, vectors, 3));
  CALL(reg(&other, IORING_REGISTER_CLONE_BUFFERS, &clone, 2));
  clone.src_off = 1;
  CALL(reg(&other, IORING_REGISTER_CLONE_BUFFERS, &clone, 1));
  clone.nr = 3;
  CALL(reg(&other, IORING_REGISTER_CLONE_BUFFERS, &clone, 1));
  clone.nr = 4;
  CALL(reg(&other, IORING_REGISTER_CLONE_BUFFERS, &clone, 1));
  clone.nr = 2, clone.dst_off = 1;
  CALL(reg(&other, IORING_REGISTER_CLONE_BUFFERS, &clone, 1));
  CALL(reg(&other, IORING_REGISTER_CLONE_BUFFERS, &clone, 1));
  clone.flags = 2;
  CALL(reg(&other, IORING_REGISTER_CLONE_BUFFERS, &clone, 1));
  clone.flags = 8;
  CALL(reg(&other, IORING_REGISTER_CLONE_BUFFERS, &clone, 1));
  clone.flags = 0, clone.src_fd = 1;
  CALL(reg(&other, IORING_REGISTER_CLONE_BUFFERS, &clone, 1));
  int pipe_fds[2];
  MUST(pipe(pipe_fds));
  for (int i = 0; i < 4; i++) {
    sqe = entry(&other, IORING_OP_WRITE_FIXED, pipe_fds[1], 1);
    sqe->addr = (uintptr_t)memory[i < 3 ? i : 2], sqe->len = 8, sqe->buf_index = i, sqe->off = -1;
    run(&other, "written from a buffer", 1);
  }
  sqe = entry(&other, IORING_OP_WRITE_FIXED, pipe_fds[1], 1);
  sqe->addr = (uintptr_t)memory[1], sqe->len = 8, sqe->buf_index = 1, sqe->off = -1;
  run(&other, "buffer 1 of the other is here", 1);
  MUST(close(pipe_fds[0])), MUST(close(pipe_fds[1]));

  say("# clocks");
  struct io_uring_clock_register clock = {.clockid = CLOCK_BOOTTIME};
  CALL(reg(&other, IORING_REGISTER_CLOCK, &clock, 0));
  clock.clockid = CLOCK_MONOTONIC;
  CALL(reg(&other, IORING_REGISTER_CLOCK, &clock, 0));
  CALL(reg(&other, IORING_REGISTER_CLOCK, &clock, 1));
  clock.clockid = CLOCK_REALTIME;
  CALL(reg(&other, IORING_REGISTER_CLOCK, &clock, 0));
  clock.clockid = CLOCK_MONOTONIC, clock.resv[1] = 1;
  CALL(reg(&other, IORING_REGISTER_CLOCK, &clock, 0));
  ring_close(&other);
}

enum { GROUP = 3 };
static char bytes[4][16];

static struct io_uring_sqe *selecting(int operation, int fd, uint64_t user_data) {
  struct io_uring_sqe *sqe = entry(&ring, operation, fd, user_data);
  sqe->flags = IOSQE_BUFFER_SELECT, sqe->buf_group = GROUP;
  return sqe;
}

static void buffer_rings(void) {
  say("# a ring of buffers in the kernel's memory");
  int pair[2];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  struct io_uring_buf_reg registration = {.ring_entries = 4, .bgid = GROUP, .pad = IOU_PBUF_RING_MMAP};
  off_t at = IORING_OFF_PBUF_RING | (off_t)GROUP << IORING_OFF_PBUF_SHIFT;
  show("not there yet", mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, ring.fd, at) == MAP_FAILED ? -1 : 0);
  struct io_uring_sqe *sqe = entry(&ring, IORING_OP_PROVIDE_BUFFERS, 1, 1);
  sqe->addr = (uintptr_t)bytes, sqe->len = 16, sqe->buf_group = GROUP;
  run(&ring, "a list", 1);
  CALL(reg(&ring, IORING_REGISTER_PBUF_RING, &registration, 1));
  sqe = entry(&ring, IORING_OP_REMOVE_BUFFERS, 1, 1);
  sqe->buf_group = GROUP;
  run(&ring, "which is emptied", 1);
  CALL(reg(&ring, IORING_REGISTER_PBUF_RING, &registration, 1));
  struct io_uring_buf_ring *list = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, ring.fd, at);
  say("mapped: %d", list != MAP_FAILED);
  for (int i = 0; i < 2; i++)
    list->bufs[i] = (struct io_uring_buf){.addr = (uintptr_t)bytes[i], .len = 16, .bid = 10 + i};
  __atomic_store_n(&list->tail, 2, __ATOMIC_RELEASE);
  MUST(write(pair[1], "first", 5));
  selecting(IORING_OP_RECV, pair[0], 1);
  run(&ring, "received", 1);
  sqe = entry(&ring, IORING_OP_PROVIDE_BUFFERS, 1, 1);
  sqe->addr = (uintptr_t)bytes, sqe->len = 16, sqe->buf_group = GROUP;
  run(&ring, "not to a ring", 1);
  sqe = entry(&ring, IORING_OP_REMOVE_BUFFERS, 1, 1);
  sqe->buf_group = GROUP;
  run(&ring, "nor from it", 1);
  struct iovec vector = {NULL, 4}, two[2] = {{NULL, 4}, {NULL, 4}};
  MUST(write(pair[1], "a vector", 8));
  sqe = selecting(IORING_OP_READV, pair[0], 1);
  sqe->addr = (uintptr_t)&vector, sqe->len = 1, sqe->off = -1;
  run(&ring, "readv", 1);
  say("text %s", quoted(bytes[1], 5));
  sqe = selecting(IORING_OP_READV, pair[0], 1);
  sqe->addr = (uintptr_t)two, sqe->len = 2, sqe->off = -1;
  run(&ring, "two vectors", 1);
  char text[64];
  recv(pair[0], text, sizeof text, MSG_DONTWAIT);
  struct { __u32 group, head, reserved[8]; } status = {.group = GROUP};
  CALL(reg(&ring, IORING_REGISTER_PBUF_STATUS, &status, 1));
  say("head %u", status.head);
  CALL(reg(&ring, IORING_UNREGISTER_PBUF_RING, &registration, 1));
  registration.pad = 0;
  CALL(reg(&ring, IORING_UNREGISTER_PBUF_RING, &registration, 1));
  list->tail = 3;
  MUST(munmap(list, 4096));

  say("# buffers that are used bit by bit");
  registration.pad = IOU_PBUF_RING_INC;
  list = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  registration.ring_addr = (uintptr_t)list;
  CALL(reg(&ring, IORING_REGISTER_PBUF_RING, &registration, 1));
  for (int i = 0; i < 3; i++)
    list->bufs[i] = (struct io_uring_buf){.addr = (uintptr_t)bytes[i], .len = 16, .bid = 20 + i};
  __atomic_store_n(&list->tail, 3, __ATOMIC_RELEASE);
  for (int i = 0; i < 4; i++) {
    MUST(write(pair[1], "six...", 6));
    selecting(IORING_OP_RECV, pair[0], 1);
    run(&ring, "six bytes", 1);
    say("buffer %d: %u left", list->bufs[0].len ? 0 : 1, list->bufs[0].len ? list->bufs[0].len : list->bufs[1].len);
  }
  say("text %s", quoted(bytes[0], 16));
  recv(pair[0], text, sizeof text, MSG_DONTWAIT);
  selecting(IORING_OP_SEND, pair[0], 1);
  run(&ring, "the rest is sent", 1);
  CALL(recv(pair[1], text, sizeof text, MSG_DONTWAIT));
  selecting(IORING_OP_SEND, pair[0], 1)->len = 4;
  run(&ring, "part of the next", 1);
  CALL(recv(pair[1], text, sizeof text, MSG_DONTWAIT));
  say("%u left of %s", list->bufs[2].len, "the last");
  registration.pad = 8, registration.bgid = 4;
  CALL(reg(&ring, IORING_REGISTER_PBUF_RING, &registration, 1));
  registration.pad = 0, registration.ring_addr = (uintptr_t)list + 8;
  CALL(reg(&ring, IORING_REGISTER_PBUF_RING, &registration, 1));
  registration.ring_addr = 0;
  CALL(reg(&ring, IORING_REGISTER_PBUF_RING, &registration, 1));
  registration.ring_entries = 65536;
  CALL(reg(&ring, IORING_REGISTER_PBUF_RING, &registration, 1));
  MUST(close(pair[0])), MUST(close(pair[1]));
}

static void waits(void) {
  say("# waiting");
  struct __kernel_timespec soon = {0, 30000000}, late = {100, 0};
  struct io_uring_getevents_arg argument = {.ts = (uintptr_t)&soon};
  unsigned flags = IORING_ENTER_GETEVENTS | IORING_ENTER_EXT_ARG;
  CALL(syscall(SYS_io_uring_enter, ring.fd, 0, 2, flags, &argument, sizeof argument));
  entry(&ring, IORING_OP_NOP, -1, 1);
  ring.queued = 0;
  CALL(syscall(SYS_io_uring_enter, ring.fd, 1, 0, 0, NULL, 0));
  CALL(syscall(SYS_io_uring_enter, ring.fd, 0, 2, flags, &argument, sizeof argument));
  show_completions(&ring, "one of two");
  argument.pad = 20000, argument.ts = (uintptr_t)&late;
  entry(&ring, IORING_OP_NOP, -1, 1);
  ring.queued = 0;
  int64_t start = now_ms(CLOCK_MONOTONIC);
  CALL(syscall(SYS_io_uring_enter, ring.fd, 1, 2, flags, &argument, sizeof argument));
  int64_t took = now_ms(CLOCK_MONOTONIC) - start;
  say("at least so long: %d", took >= 20 && took < 5000);
  show_completions(&ring, "one of two");
  // nothing comes before the least time is over: then the first completion is enough
  struct io_uring_sqe *sqe = entry(&ring, IORING_OP_TIMEOUT, -1, 1);
  soon.tv_nsec = 60000000;
  sqe->addr = (uintptr_t)&soon, sqe->len = 1;
  ring.queued = 0;
  CALL(syscall(SYS_io_uring_enter, ring.fd, 1, 3, flags, &argument, sizeof argument));
  show_completions(&ring, "the first");
  argument.ts = (uintptr_t)&soon, soon.tv_nsec = 1000000;
  start = now_ms(CLOCK_MONOTONIC);
  CALL(syscall(SYS_io_uring_enter, ring.fd, 0, 1, flags, &argument, sizeof argument));
  took = now_ms(CLOCK_MONOTONIC) - start;
  say("the shorter of both: %d", took < 5000);
}

int main(void) {
  MUST(ring_setup(&ring, 16, 0));
  restrictions();
  slots();
  other_rings();
  buffer_rings();
  waits();
  return 0;
}
