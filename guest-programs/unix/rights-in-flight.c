// Descriptors that nobody receives: closed with the queue, cycles collected, the sender may close before delivery.
// rows: U36
#include "../lib/unix.h"

int main(void) {
  int fds[2], ends[2], got[2];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
  MUST(pipe(ends));
  MUST(send_fds(fds[0], &ends[1], 1));
  close(ends[1]);
  show_poll("the pipe's writer lives in the queue", ends[0]);
  close(fds[1]);
  close(fds[0]);
  show_poll("and ends with it", ends[0]);
  close(ends[0]);

  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, fds));
  MUST(pipe(ends));
  MUST(send_fds(fds[0], &ends[0], 1));
  close(ends[0]);
  MUST(write(ends[1], "kept", 4));
  show("received", receive_fds(fds[1], got, 1, 0, NULL));
  show_read("through it", got[0]);

  // Socket pairs that hold themselves and each other, with a pipe's only writer inside.
  MUST(pipe(ends));
  int a[2], b[2];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, a));
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, b));
  int both[2] = {a[0], ends[1]};
  MUST(send_fds(b[0], both, 2));
  MUST(send_fds(a[1], b + 1, 1));
  MUST(send_fds(a[0], a + 1, 1));
  close(a[0]), close(a[1]), close(b[0]), close(b[1]), close(ends[1]);
  // The collector runs when a socket is closed or the next descriptor is sent.
  for (int i = 0; i < 100; i++) {
    struct pollfd entry = {ends[0], POLLIN, 0};
    if (poll(&entry, 1, 10) == 1) break;
    int again[2];
    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, again));
    MUST(send_fds(again[0], again, 1));
    close(again[0]);
    close(again[1]);
  }
  show_poll("a cycle is collected", ends[0]);
  for (int i = 0; i < 2000; i++) {
    MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, a));
    MUST(send_fds(a[0], a, 2));
    close(a[0]);
    close(a[1]);
  }
  say("two thousand dropped cycles");
  return 0;
}
