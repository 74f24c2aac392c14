// io_uring: setting rings up, operations on files and paths, chains, drains, registered files and buffers.
// needs: root
#include "../lib/uring.h"
#include <sys/eventfd.h>

static void setup(unsigned entries, unsigned flags, unsigned cq_entries) {
  struct io_uring_params params = {.flags = flags, .cq_entries = cq_entries};
  int fd = syscall(SYS_io_uring_setup, entries, &params);
  if (fd < 0) say("setup(%u, %#x, %u): %s", entries, flags, cq_entries, errno_name(errno));
  else say("setup(%u, %#x, %u): %u and %u", entries, flags, cq_entries, params.sq_entries, params.cq_entries);
  if (fd >= 0) close(fd);
}

static void setups(void) {
  setup(1, 0, 0), setup(9, 0, 0), setup(0, 0, 0), setup(32768, 0, 0), setup(32769, 0, 0);
  setup(40000, IORING_SETUP_CLAMP, 0), setup(8, IORING_SETUP_CQSIZE, 4), setup(8, IORING_SETUP_CQSIZE, 0);
  setup(8, IORING_SETUP_CQSIZE, 20), setup(8, 1 << 13, 0), setup(8, 3 << 12, 0), setup(8, 1 << 9, 0), setup(8, 1u << 31, 0);
  setup(8, IORING_SETUP_SQ_AFF, 0), setup(8, IORING_SETUP_ATTACH_WQ, 0);
  struct io_uring_params params = {.resv = {1}};
  CALL(syscall(SYS_io_uring_setup, 8, NULL));
  CALL(syscall(SYS_io_uring_setup, 8, &params));
  int fd = MUST(open(".", O_RDONLY));
  CALL(syscall(SYS_io_uring_enter, fd, 0, 0, 0, NULL, 0));
  CALL(syscall(SYS_io_uring_enter, -1, 0, 0, 0, NULL, 0));
  CALL(syscall(SYS_io_uring_enter, -1, 0, 0, 1u << 31, NULL, 0));
  CALL(syscall(SYS_io_uring_register, fd, IORING_REGISTER_FILES, &fd, 1));
  CALL(syscall(SYS_io_uring_register, -1, IORING_REGISTER_FILES, &fd, 1));
  CALL(syscall(SYS_io_uring_register, -1, 999, NULL, 0));
  MUST(close(fd));
}

int main(void) {
  setups();
  struct ring ring = {0};
  MUST(ring_setup(&ring, 8, 0));
  struct io_uring_params *p = &ring.params;
  say("offsets: %u %u %u %u %u %u %u", p->sq_off.head, p->sq_off.tail, p->sq_off.ring_mask, p->sq_off.ring_entries,
      p->sq_off.flags, p->sq_off.dropped, p->sq_off.array);
  say("offsets: %u %u %u %u %u %u %u", p->cq_off.head, p->cq_off.tail, p->cq_off.ring_mask, p->cq_off.ring_entries,
      p->cq_off.overflow, p->cq_off.cqes, p->cq_off.flags);
  say("mask %u and %u", *RING_FIELD(&ring, p->sq_off.ring_mask), *RING_FIELD(&ring, p->cq_off.ring_mask));
  CALL_OK((long)mmap(NULL, 4096, PROT_READ, MAP_SHARED, ring.fd, 0x20000000));
  CALL(fcntl(ring.fd, F_GETFD));
  char link[64] = "", path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", ring.fd);
  MUST(readlink(path, link, sizeof link - 1));
  say("link: %s", link);

  say("# nothing to do");
  CALL(submit_and_wait(&ring, 0));
  entry(&ring, IORING_OP_NOP, -1, 1);
  CALL(submit_and_wait(&ring, 1));
  show_completions(&ring, "nop");
  for (int i = 0; i < 5; i++) entry(&ring, IORING_OP_NOP, -1, i);
  run(&ring, "five", 5);
  entry(&ring, 255, -1, 1);
  run(&ring, "no such operation", 1);
  entry(&ring, IORING_OP_NOP, -1, 1)->flags = 0x80;
  run(&ring, "unknown flag", 1);
  entry(&ring, 255, -1, 1);
  entry(&ring, IORING_OP_NOP, -1, 2);
  CALL(submit_and_wait(&ring, 1));
  show_completions(&ring, "stops at the wrong one");
  ring.queued = 1;
  run(&ring, "and goes on", 1);
  entry(&ring, IORING_OP_NOP, -1, 1)->personality = 77;
  run(&ring, "no such personality", 1);
  entry(&ring, IORING_OP_READ, 0, 1)->flags = IOSQE_BUFFER_SELECT;
  run(&ring, "no buffers", 1);
  entry(&ring, IORING_OP_WRITE, 1, 3)->flags = IOSQE_BUFFER_SELECT;
  run(&ring, "a write with a provided buffer", 1);

  say("# files");
  struct io_uring_sqe *sqe = entry(&ring, IORING_OP_OPENAT, AT_FDCWD, 1);
  sqe->addr = (uintptr_t) "f", sqe->len = 0644, sqe->open_flags = O_CREAT | O_RDWR;
  CALL(submit_and_wait(&ring, 1));
  struct io_uring_cqe cqe = {0};
  take_completion(&ring, &cqe);
  int fd = cqe.res;
  say("opened: %d", fd > 2);
  sqe = entry(&ring, IORING_OP_WRITE, fd, 1);
  sqe->addr = (uintptr_t) "hello, ring", sqe->len = 11, sqe->off = -1;
  run(&ring, "write", 1);
  sqe = entry(&ring, IORING_OP_WRITE, fd, 1);
  sqe->addr = (uintptr_t) "J", sqe->len = 1, sqe->off = 0;
  run(&ring, "write at 0", 1);
  char text[64] = "", more[64] = "";
  sqe = entry(&ring, IORING_OP_READ, fd, 1);
  sqe->addr = (uintptr_t)text, sqe->len = sizeof text, sqe->off = 0;
  run(&ring, "read", 1);
  say("text: %s, position %ld", text, (long)lseek(fd, 0, SEEK_CUR));
  struct iovec vectors[2] = {{text, 3}, {more, 4}};
  memset(text, 0, sizeof text);
  sqe = entry(&ring, IORING_OP_READV, fd, 1);
  sqe->addr = (uintptr_t)vectors, sqe->len = 2, sqe->off = 1;
  run(&ring, "readv", 1);
  say("text: %s and %s", text, more);
  sqe = entry(&ring, IORING_OP_WRITEV, fd, 1);
  sqe->addr = (uintptr_t)vectors, sqe->len = 2, sqe->off = 20;
  run(&ring, "writev", 1);
  entry(&ring, IORING_OP_FSYNC, fd, 1);
  entry(&ring, IORING_OP_FSYNC, fd, 2)->fsync_flags = IORING_FSYNC_DATASYNC;
  run(&ring, "fsync", 2);
  entry(&ring, IORING_OP_FSYNC, fd, 2)->fsync_flags = 4;
  run(&ring, "fsync", 1);
  sqe = entry(&ring, IORING_OP_FALLOCATE, fd, 1);
  sqe->off = 0, sqe->addr = 5000;
  run(&ring, "fallocate", 1);
  struct statx facts;
  sqe = entry(&ring, IORING_OP_STATX, AT_FDCWD, 1);
  sqe->addr = (uintptr_t) "f", sqe->len = STATX_SIZE, sqe->off = (uintptr_t)&facts;
  run(&ring, "statx", 1);
  say("size: %lld", (long long)facts.stx_size);
  entry(&ring, IORING_OP_READ, 99, 1)->addr = (uintptr_t)text;
  run(&ring, "bad descriptor", 1);
  sqe = entry(&ring, IORING_OP_READ, fd, 1);
  sqe->addr = 8, sqe->len = 10;
  run(&ring, "bad memory", 1);
  sqe = entry(&ring, IORING_OP_READ, fd, 1);
  sqe->addr = (uintptr_t)text, sqe->len = 10, sqe->off = 100000;
  run(&ring, "behind the end", 1);

  say("# paths");
  sqe = entry(&ring, IORING_OP_MKDIRAT, AT_FDCWD, 1);
  sqe->addr = (uintptr_t) "d", sqe->len = 0755;
  run(&ring, "mkdirat", 1);
  sqe = entry(&ring, IORING_OP_RENAMEAT, AT_FDCWD, 1);
  sqe->addr = (uintptr_t) "f", sqe->len = AT_FDCWD, sqe->addr2 = (uintptr_t) "d/g";
  run(&ring, "renameat", 1);
  sqe = entry(&ring, IORING_OP_LINKAT, AT_FDCWD, 1);
  sqe->addr = (uintptr_t) "d/g", sqe->len = AT_FDCWD, sqe->addr2 = (uintptr_t) "h";
  run(&ring, "linkat", 1);
  sqe = entry(&ring, IORING_OP_SYMLINKAT, AT_FDCWD, 1);
  sqe->addr = (uintptr_t) "h", sqe->addr2 = (uintptr_t) "s";
  run(&ring, "symlinkat", 1);
  sqe = entry(&ring, IORING_OP_UNLINKAT, AT_FDCWD, 1);
  sqe->addr = (uintptr_t) "d";
  run(&ring, "unlinkat of a directory", 1);
  sqe = entry(&ring, IORING_OP_UNLINKAT, AT_FDCWD, 1);
  sqe->addr = (uintptr_t) "d/g";
  run(&ring, "unlinkat", 1);
  sqe = entry(&ring, IORING_OP_UNLINKAT, AT_FDCWD, 1);
  sqe->addr = (uintptr_t) "d", sqe->unlink_flags = AT_REMOVEDIR;
  run(&ring, "rmdir", 1);

  say("# chains");
  sqe = entry(&ring, IORING_OP_WRITE, fd, 1);
  sqe->addr = (uintptr_t) "chain", sqe->len = 5, sqe->off = 0, sqe->flags = IOSQE_IO_LINK;
  memset(text, 0, sizeof text);
  sqe = entry(&ring, IORING_OP_READ, fd, 2);
  sqe->addr = (uintptr_t)text, sqe->len = 5, sqe->off = 0, sqe->flags = IOSQE_IO_LINK;
  entry(&ring, IORING_OP_NOP, -1, 3);
  run(&ring, "chain", 3);
  say("text: %s", text);
  sqe = entry(&ring, IORING_OP_READ, fd, 1);
  sqe->addr = (uintptr_t)text, sqe->len = 64, sqe->off = 4990, sqe->flags = IOSQE_IO_LINK;
  entry(&ring, IORING_OP_NOP, -1, 2)->flags = IOSQE_IO_LINK;
  entry(&ring, IORING_OP_NOP, -1, 3);
  entry(&ring, IORING_OP_NOP, -1, 4);
  run(&ring, "broken by a short read", 4);
  entry(&ring, IORING_OP_READ, 99, 1)->flags = IOSQE_IO_LINK;
  entry(&ring, IORING_OP_NOP, -1, 2);
  run(&ring, "broken by an error", 2);
  entry(&ring, IORING_OP_READ, 99, 1)->flags = IOSQE_IO_HARDLINK;
  entry(&ring, IORING_OP_NOP, -1, 2);
  run(&ring, "not broken", 2);
  entry(&ring, IORING_OP_NOP, -1, 1)->flags = IOSQE_IO_LINK;
  entry(&ring, 255, -1, 2)->flags = IOSQE_IO_LINK;
  CALL(submit_and_wait(&ring, 2));
  show_completions(&ring, "a wrong one inside");
  entry(&ring, IORING_OP_NOP, -1, 1);
  entry(&ring, IORING_OP_NOP, -1, 2)->flags = IOSQE_IO_DRAIN;
  entry(&ring, IORING_OP_NOP, -1, 3);
  run(&ring, "drain", 3);

  say("# registered files");
  int files[4] = {fd, -1, -1, fd};
  CALL(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_FILES, files, 0));
  CALL(syscall(SYS_io_uring_register, ring.fd, IORING_UNREGISTER_FILES, NULL, 0));
  CALL(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_FILES, files, 4));
  CALL(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_FILES, files, 4));
  sqe = entry(&ring, IORING_OP_READ, 0, 1);
  sqe->addr = (uintptr_t)text, sqe->len = 5, sqe->flags = IOSQE_FIXED_FILE;
  run(&ring, "read of slot 0", 1);
  sqe = entry(&ring, IORING_OP_READ, 1, 1);
  sqe->addr = (uintptr_t)text, sqe->len = 5, sqe->flags = IOSQE_FIXED_FILE;
  run(&ring, "read of an empty slot", 1);
  sqe = entry(&ring, IORING_OP_READ, 9, 1);
  sqe->addr = (uintptr_t)text, sqe->len = 5, sqe->flags = IOSQE_FIXED_FILE;
  run(&ring, "read of no slot", 1);
  sqe = entry(&ring, IORING_OP_OPENAT, AT_FDCWD, 1);
  sqe->addr = (uintptr_t) "h", sqe->open_flags = O_RDONLY, sqe->file_index = 2;
  run(&ring, "open into slot 1", 1);
  sqe = entry(&ring, IORING_OP_OPENAT, AT_FDCWD, 1);
  sqe->addr = (uintptr_t) "h", sqe->open_flags = O_RDONLY, sqe->file_index = IORING_FILE_INDEX_ALLOC;
  run(&ring, "open into some slot", 1);
  sqe = entry(&ring, IORING_OP_OPENAT, AT_FDCWD, 1);
  sqe->addr = (uintptr_t) "h", sqe->open_flags = O_RDONLY, sqe->file_index = IORING_FILE_INDEX_ALLOC;
  run(&ring, "no slot left", 1);
  sqe = entry(&ring, IORING_OP_OPENAT, AT_FDCWD, 1);
  sqe->addr = (uintptr_t) "h", sqe->open_flags = O_RDONLY, sqe->file_index = 77;
  run(&ring, "no such slot", 1);
  entry(&ring, IORING_OP_CLOSE, 0, 1)->file_index = 2;
  entry(&ring, IORING_OP_CLOSE, 0, 2)->file_index = 2;
  run(&ring, "close of slot 1", 2);
  int none = -1;
  struct io_uring_files_update update = {.offset = 3, .fds = (uintptr_t)&none};
  CALL(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_FILES_UPDATE, &update, 1));
  sqe = entry(&ring, IORING_OP_READ, 3, 1);
  sqe->addr = (uintptr_t)text, sqe->len = 5, sqe->flags = IOSQE_FIXED_FILE;
  run(&ring, "read of slot 3", 1);
  sqe = entry(&ring, IORING_OP_FILES_UPDATE, -1, 1);
  sqe->addr = (uintptr_t)files, sqe->len = 1, sqe->off = 3;
  run(&ring, "update", 1);
  CALL(syscall(SYS_io_uring_register, ring.fd, IORING_UNREGISTER_FILES, NULL, 0));

  say("# registered buffers");
  struct iovec buffers[2] = {{text, sizeof text}, {more, 16}};
  CALL(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_BUFFERS, buffers, 2));
  memset(more, 0, sizeof more);
  sqe = entry(&ring, IORING_OP_READ_FIXED, fd, 1);
  sqe->addr = (uintptr_t)more, sqe->len = 5, sqe->buf_index = 1;
  run(&ring, "read", 1);
  say("text: %s", more);
  sqe = entry(&ring, IORING_OP_READ_FIXED, fd, 1);
  sqe->addr = (uintptr_t)more, sqe->len = 17, sqe->buf_index = 1;
  sqe = entry(&ring, IORING_OP_WRITE_FIXED, fd, 2);
  sqe->addr = (uintptr_t)more, sqe->len = 4, sqe->buf_index = 2;
  run(&ring, "outside", 2);
  CALL(syscall(SYS_io_uring_register, ring.fd, IORING_UNREGISTER_BUFFERS, NULL, 0));
  CALL(syscall(SYS_io_uring_register, ring.fd, IORING_UNREGISTER_BUFFERS, NULL, 0));

  say("# an eventfd, a personality, too many completions");
  int event = MUST(eventfd(0, EFD_NONBLOCK));
  uint64_t value;
  CALL(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_EVENTFD, &fd, 1));
  CALL(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_EVENTFD, &event, 1));
  CALL(read(event, &value, 8));
  entry(&ring, IORING_OP_NOP, -1, 1);
  run(&ring, "nop", 1);
  CALL(read(event, &value, 8));
  CALL(syscall(SYS_io_uring_register, ring.fd, IORING_UNREGISTER_EVENTFD, NULL, 0));
  int personality = CALL(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_PERSONALITY, NULL, 0));
  entry(&ring, IORING_OP_NOP, -1, 1)->personality = personality;
  run(&ring, "as registered", 1);
  CALL(syscall(SYS_io_uring_register, ring.fd, IORING_UNREGISTER_PERSONALITY, NULL, personality));
  for (int round = 0; round < 3; round++) {
    for (int i = 0; i < 8; i++) entry(&ring, IORING_OP_NOP, -1, round * 8 + i);
    unsigned count = ring.queued;
    ring.queued = 0;
    CALL(syscall(SYS_io_uring_enter, ring.fd, count, 0, 0, NULL, 0));
  }
  say("ready: %u, overflow flag %d, lost %u", ready(&ring), (*RING_FIELD(&ring, p->sq_off.flags) & IORING_SQ_CQ_OVERFLOW) != 0,
      *RING_FIELD(&ring, p->cq_off.overflow));
  for (int i = 0; i < 16; i++) take_completion(&ring, &cqe);
  say("the last: %llu, ready %u", cqe.user_data, ready(&ring));
  run(&ring, "those that were kept", 8);
  say("overflow flag %d", (*RING_FIELD(&ring, p->sq_off.flags) & IORING_SQ_CQ_OVERFLOW) != 0);
  RING_FIELD(&ring, p->sq_off.array)[*RING_FIELD(&ring, p->sq_off.tail) & 7] = 99;
  (*RING_FIELD(&ring, p->sq_off.tail))++;
  ring.queued = 1;
  CALL(submit_and_wait(&ring, 0));
  say("dropped: %u", *RING_FIELD(&ring, p->sq_off.dropped));
  ring.queued = 0;
  entry(&ring, IORING_OP_NOP, -1, 1)->flags = IOSQE_IO_LINK | IOSQE_CQE_SKIP_SUCCESS;
  entry(&ring, IORING_OP_NOP, -1, 2);
  run(&ring, "without the first completion", 1);
  entry(&ring, IORING_OP_NOP, -1, 2)->flags = IOSQE_IO_DRAIN;
  run(&ring, "no drain after that", 1);

  char room[16 + 8 * 64] = {0};
  struct io_uring_probe *probe = (struct io_uring_probe *)room;
  CALL(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_PROBE, probe, 64));
  say("reads: %d, accepts: %d", probe->ops[IORING_OP_READ].flags & 1, probe->ops[IORING_OP_ACCEPT].flags & 1);
  ring_close(&ring);

  say("# disabled");
  memset(&ring, 0, sizeof ring);
  MUST(ring_setup(&ring, 4, IORING_SETUP_R_DISABLED | IORING_SETUP_SINGLE_ISSUER));
  entry(&ring, IORING_OP_NOP, -1, 1);
  CALL(submit_and_wait(&ring, 1));
  CALL(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_ENABLE_RINGS, NULL, 0));
  CALL(syscall(SYS_io_uring_register, ring.fd, IORING_REGISTER_ENABLE_RINGS, NULL, 0));
  ring.queued = 1;
  run(&ring, "enabled", 1);
  pid_t child = MUST(fork());
  if (child == 0) {
    entry(&ring, IORING_OP_NOP, -1, 1);
    CALL(submit_and_wait(&ring, 1));
    _exit(0);
  }
  show_wait("child", child);
  ring_close(&ring);
  return 0;
}
