// A long stream from one process to another, written in pieces of one size: every byte arrives, in order, exactly once.
// args: 64 1048576
#include "../lib/unix-messages.h"

// A pattern whose length is prime, so that no size of pieces or buffers falls in step with it.
enum { PATTERN = 65521, ROOM = 1 << 20 };
static unsigned char pattern[PATTERN + ROOM], buffer[ROOM];

int main(int argc, char **argv) {
  long total = (argc > 1 ? atol(argv[1]) : 64) << 20, piece = argc > 2 ? atol(argv[2]) : ROOM;
  if (total <= 0 || piece <= 0 || piece > ROOM) return 2;
  uint32_t state = 1;
  for (int i = 0; i < PATTERN; i++) {
    state = state * 1664525 + 1013904223;
    pattern[i] = state >> 24;
  }
  for (int i = 0; i < ROOM; i++) pattern[PATTERN + i] = pattern[i % PATTERN];
  int fds[2];
  pair_of(SOCK_STREAM, fds);
  pid_t child = MUST(fork());
  if (child == 0) {
    close(fds[1]);
    for (long at = 0; at < total;) {
      long want = total - at < piece ? total - at : piece;
      at += MUST(write(fds[0], pattern + at % PATTERN, want));
    }
    _exit(0);
  }
  close(fds[0]);
  long received = 0, wrong = 0;
  for (ssize_t got; (got = MUST(read(fds[1], buffer, sizeof buffer))) > 0; received += got) {
    wrong += memcmp(buffer, pattern + received % PATTERN, got) != 0;
  }
  say("received: %ld bytes", received);
  say("reads with wrong bytes: %ld", wrong);
  show_wait("writer", child);
  return 0;
}
