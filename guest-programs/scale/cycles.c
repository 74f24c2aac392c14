// Unreachable cycles of descriptors in flight, one after another, in three shapes: every one is collected.
// args: 3000
// needs: root
#include "../lib/unix-messages.h"

// Each cycle also holds the pipe's write end, so that its reader sees the end when the last cycle is gone.
static int witness[2];
static void give(int to, int fd) {
  int both[2] = {fd, witness[1]};
  MUST(send_rights(to, "x", 1, both, 2, 0));
}

int main(int argc, char **argv) {
  long count = argc > 1 ? atol(argv[1]) : 3000;
  MUST(pipe(witness));
  MUST(fcntl(witness[0], F_SETFL, O_NONBLOCK));
  for (long i = 0; i < count; i++) {
    int a[2], b[2], c[2];
    switch (i % 3) {
      case 0:  // a socket in its own queue
        pair_of(SOCK_DGRAM, a);
        give(a[0], a[1]);
        break;
      case 1:  // two pairs in each other's queues
        pair_of(SOCK_STREAM, a), pair_of(SOCK_STREAM, b);
        give(a[0], b[1]), give(b[0], a[1]);
        close(b[0]), close(b[1]);
        break;
      default:  // a triangle
        pair_of(SOCK_SEQPACKET, a), pair_of(SOCK_SEQPACKET, b), pair_of(SOCK_SEQPACKET, c);
        give(a[0], b[1]), give(b[0], c[1]), give(c[0], a[1]);
        close(b[0]), close(b[1]), close(c[0]), close(c[1]);
    }
    close(a[0]), close(a[1]);
  }
  say("cycles: %ld", count);
  close(witness[1]);
  char byte;
  ssize_t got = -1;
  for (int tries = 0; tries < 2000 && (got = read(witness[0], &byte, 1)) != 0; tries++) {
    int fds[2];  // making and closing sockets gives Linux a reason to collect
    pair_of(SOCK_STREAM, fds);
    close(fds[0]), close(fds[1]);
    sleep_ms(2);
  }
  say("all collected: %d", got == 0);
  return 0;
}
