// io_uring: waiting for futexes and for children, waking, cancelling, limits of time.
#include "../lib/uring.h"
#include <signal.h>
#include <sys/wait.h>

// linux/io_uring.h and linux/futex.h of older systems do not have them
enum { OP_WAITID = 50, OP_FUTEX_WAIT, OP_FUTEX_WAKE, OP_FUTEX_WAITV };
enum { SIZE_U32 = 2, PRIVATE = 128, FUTEX_WAKE_NOW = 129 };
struct waiter {
  uint64_t value, address;
  uint32_t flags, reserved;
};

static struct ring ring;

static struct io_uring_sqe *futex(int operation, int flags, void *word, uint64_t value, uint64_t mask, uint64_t user_data) {
  struct io_uring_sqe *sqe = entry(&ring, operation, flags, user_data);
  sqe->addr = (uintptr_t)word, sqe->addr2 = value, sqe->addr3 = mask;
  return sqe;
}

static struct io_uring_sqe *child(int type, pid_t pid, int options, siginfo_t *info) {
  struct io_uring_sqe *sqe = entry(&ring, OP_WAITID, pid, 1);
  sqe->len = type, sqe->file_index = options, sqe->addr2 = (uintptr_t)info;
  return sqe;
}

static void cancel(uint64_t user_data, const char *label) {
  entry(&ring, IORING_OP_ASYNC_CANCEL, -1, 100)->addr = user_data;
  run(&ring, label, 2);
}

static void futexes(void) {
  unsigned word = 5;
  futex(OP_FUTEX_WAIT, SIZE_U32, &word, 4, ~0u, 1), run(&ring, "another value", 1);
  futex(OP_FUTEX_WAIT, SIZE_U32, &word, 5, 0, 1), run(&ring, "no mask", 1);
  futex(OP_FUTEX_WAIT, 1, &word, 5, ~0u, 1), run(&ring, "two bytes", 1);
  futex(OP_FUTEX_WAIT, SIZE_U32, &word, 5, ~0u, 1)->rw_flags = 1, run(&ring, "flags of the operation", 1);
  futex(OP_FUTEX_WAIT, SIZE_U32, &word, 5, ~0u, 1)->len = 1, run(&ring, "a length", 1);
  futex(OP_FUTEX_WAIT, SIZE_U32, (char *)&word + 1, 5, ~0u, 1), run(&ring, "misaligned", 1);
  futex(OP_FUTEX_WAIT, SIZE_U32, (void *)4096, 5, ~0u, 1), run(&ring, "unmapped", 1);
  futex(OP_FUTEX_WAIT, SIZE_U32 | PRIVATE, (void *)4096, 5, ~0u, 1), run(&ring, "unmapped and private", 1);
  futex(OP_FUTEX_WAIT, SIZE_U32, &word, 1ull << 32, ~0u, 1), run(&ring, "a wide value", 1);
  futex(OP_FUTEX_WAIT, SIZE_U32, &word, 5, 1ull << 32, 1), run(&ring, "a wide mask", 1);

  int flags = SIZE_U32 | PRIVATE;
  futex(OP_FUTEX_WAIT, flags, &word, 5, ~0u, 1), run(&ring, "waits", 0);
  futex(OP_FUTEX_WAKE, flags, &word, 1, 0, 2), run(&ring, "wakes nobody's bits", 1);
  futex(OP_FUTEX_WAKE, flags, &word, 1, ~0u, 2), run(&ring, "wakes", 2);
  futex(OP_FUTEX_WAKE, flags, &word, 0, ~0u, 2), run(&ring, "wakes none", 1);
  futex(OP_FUTEX_WAKE, flags, &word, (1ull << 32) + 1, ~0u, 2), run(&ring, "wakes too many", 1);
  for (int i = 0; i < 3; i++) futex(OP_FUTEX_WAIT, flags, &word, 5, 1 << i, i);
  run(&ring, "three wait", 0);
  show("futex(2) wakes one", syscall(SYS_futex, &word, FUTEX_WAKE_NOW, 1, 0, 0, 0));
  run(&ring, "the first", 1);
  futex(OP_FUTEX_WAKE, flags, &word, 100, 2, 9), run(&ring, "by bits", 2);
  cancel(2, "cancelled");
  show("nobody is left", syscall(SYS_futex, &word, FUTEX_WAKE_NOW, 1, 0, 0, 0));

  struct __kernel_timespec soon = {.tv_nsec = 1000000};
  futex(OP_FUTEX_WAIT, flags, &word, 5, ~0u, 1)->flags = IOSQE_IO_LINK;
  struct io_uring_sqe *sqe = entry(&ring, IORING_OP_LINK_TIMEOUT, -1, 2);
  sqe->addr = (uintptr_t)&soon, sqe->len = 1;
  run(&ring, "until its time is up", 2);
}

static void many(void) {
  unsigned a = 1, b = 2;
  int flags = SIZE_U32 | PRIVATE;
  struct waiter list[2] = {{1, (uintptr_t)&a, flags, 0}, {2, (uintptr_t)&b, flags, 0}};
  struct io_uring_sqe *sqe;
#define WAITV(label, wanted, ...) \
  (sqe = entry(&ring, OP_FUTEX_WAITV, 0, 1), sqe->addr = (uintptr_t)list, sqe->len = 2, __VA_ARGS__, run(&ring, label, wanted))
  WAITV("none", 1, sqe->len = 0);
  WAITV("too many", 1, sqe->len = 129);
  WAITV("no list", 1, sqe->addr = 0);
  WAITV("a descriptor", 1, sqe->fd = 1);
  WAITV("another value", 1, b = 3);
  WAITV("two words", 0, b = 2);
  memset(list, 0, sizeof list); // what was submitted stays
  futex(OP_FUTEX_WAKE, flags, &b, 1, ~0u, 9), run(&ring, "the second", 2);
  list[0] = (struct waiter){1, (uintptr_t)&a, flags, 0};
  WAITV("flags of a word", 1, list[1] = (struct waiter){2, (uintptr_t)&b, 1, 0});
  WAITV("a reserved field", 1, list[1] = (struct waiter){2, (uintptr_t)&b, SIZE_U32, 1});
}

static pid_t child_after(int in, int out, int status) {
  pid_t pid = MUST(fork());
  if (pid != 0) return pid;
  char byte;
  if (out >= 0) close(out), MUST(read(in, &byte, 1));
  _exit(status);
}

static void children(void) {
  siginfo_t info;
  memset(&info, 9, sizeof info);
  child(P_ALL, 0, WEXITED, &info), run(&ring, "no child", 1);
  say("info: %d %d %d", info.si_signo, info.si_code, info.si_status);
  child(P_ALL, 0, 0, &info), run(&ring, "nothing named", 1);
  child(P_ALL, 0, WEXITED | 0x100, &info), run(&ring, "unknown option", 1);
  child(9, 0, WEXITED, &info), run(&ring, "unknown type", 1);
  child(P_ALL, 0, WEXITED, &info)->rw_flags = 1, run(&ring, "flags", 1);
  child(P_ALL, 0, WEXITED, &info)->addr = 1, run(&ring, "an address", 1);

  int ends[2];
  MUST(pipe(ends));
  pid_t pid = child_after(ends[0], ends[1], 7);
  MUST(close(ends[0]));
  child(P_PID, pid, WEXITED | WNOHANG, &info), run(&ring, "not yet", 1);
  say("info: %d %d %d", info.si_signo, info.si_code, info.si_status);
  child(P_PID, pid, WEXITED, &info), run(&ring, "waits", 0);
  MUST(close(ends[1]));
  run(&ring, "exited", 1);
  say("info: %d %d %d %d", info.si_signo, info.si_code, info.si_status, info.si_pid == pid);
  child_after(-1, -1, 3);
  child(P_ALL, 0, WEXITED, NULL), run(&ring, "without information", 1);
  child_after(-1, -1, 3);
  child(P_ALL, 0, WEXITED, (siginfo_t *)8), run(&ring, "bad address", 1);
  CALL(wait(NULL));
  MUST(pipe(ends));
  pid = child_after(ends[0], ends[1], 1);
  child(P_PID, pid, WEXITED, &info), run(&ring, "waits", 0);
  cancel(1, "cancelled");
  MUST(close(ends[1]));
  CALL(waitpid(pid, NULL, 0) == pid);
}

int main(void) {
  MUST(ring_setup(&ring, 8, 0));
  futexes();
  many();
  children();
  ring_close(&ring);
}
