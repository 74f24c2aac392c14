// U01: streams keep order, lose boundaries, and connect two processes by pair, path and abstract name.
#include "../lib/unix-messages.h"

static void talk(const char *how, int a, int b) {
  char data[64];
  show(words("%s: send", how), send(a, "one", 3, 0));
  show(words("%s: send", how), send(a, "two", 3, 0));
  show(words("%s: write", how), write(a, "three", 5));
  ssize_t got = recv(b, data, 4, 0);
  say("%s: recv 4: %s", how, quoted(data, got));
  got = recv(b, data, sizeof data, 0);
  say("%s: the rest: %s", how, quoted(data, got));
  show(words("%s: nothing left", how), recv(b, data, sizeof data, MSG_DONTWAIT));
  show(words("%s: other direction", how), send(b, "back", 4, 0));
  got = read(a, data, sizeof data);
  say("%s: read: %s", how, quoted(data, got));
  close(a);
  show(words("%s: end of file", how), read(b, data, sizeof data));
  show(words("%s: and again", how), recv(b, data, sizeof data, 0));
  close(b);
}

int main(void) {
  int fds[3];
  pair_of(SOCK_STREAM, fds);
  talk("pair", fds[0], fds[1]);
  connected_through(SOCK_STREAM, "path", fds);
  talk("path", fds[0], fds[1]);
  close(fds[2]);
  connected_through(SOCK_STREAM, "@u01", fds);
  talk("abstract", fds[1], fds[0]);
  close(fds[2]);

  // A large transfer between processes, in writes and reads of sizes that do not match.
  pair_of(SOCK_STREAM, fds);
  pid_t child = MUST(fork());
  if (child == 0) {
    close(fds[1]);
    static unsigned char block[7919];
    unsigned next = 1;
    for (int i = 0; i < 300; i++) {
      for (size_t k = 0; k < sizeof block; k++) block[k] = next = next * 1103515245 + 12345;
      for (size_t done = 0; done < sizeof block;) done += MUST(write(fds[0], block + done, sizeof block - done));
    }
    _exit(0);
  }
  close(fds[0]);
  static unsigned char block[10007];
  unsigned next = 1;
  long total = 0, wrong = 0;
  ssize_t got;
  while ((got = MUST(read(fds[1], block, sizeof block))) > 0) {
    for (ssize_t k = 0; k < got; k++) {
      next = next * 1103515245 + 12345;
      wrong += block[k] != (unsigned char)next;
    }
    total += got;
  }
  say("large transfer: %ld bytes, %ld wrong", total, wrong);
  show_wait("writer", child);
  return 0;
}
