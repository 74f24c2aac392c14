// U30: options that are not there, values that are too short, and other levels than SOL_SOCKET, in the kernel's order.
#include "../lib/unix-messages.h"
#include <sys/time.h>

static int of_kind(int kind, int fds[2]) {
  fds[0] = fds[1] = -1;
  switch (kind) {
    case 0:
    case 1:
    case 2: return fds[0] = MUST(socket(AF_UNIX, ALL_TYPES[kind], 0));
    case 3: pair_of(SOCK_STREAM, fds); return fds[0];
    default: return fds[0] = listener_at(words("@u30-%d", getpid()), 1);
  }
}

int main(void) {
  static const char *KINDS[] = {"stream", "dgram", "seqpacket", "connected stream", "listener"};
  static const int UNKNOWN[] = {90, 91, 127, 255, 1000, 65535, 0x7fffffff, -1};
  static const int LEVELS[] = {0, 6, 17, 41, 132, 263, 270, 271, 277, 284, -1};
  static const struct { const char *name; int option; } SHORT[] = {
      {"SO_PASSCRED", SO_PASSCRED}, {"SO_SNDBUF", SO_SNDBUF}, {"SO_LINGER", SO_LINGER}, {"SO_RCVTIMEO", SO_RCVTIMEO},
      {"SO_RCVLOWAT", SO_RCVLOWAT}, {"SO_PASSPIDFD", SO_PASSPIDFD}, {"SO_PASSRIGHTS", SO_PASSRIGHTS}, {"SO_INQ", SO_INQ},
      {"SO_PEERCRED", SO_PEERCRED}, {"SO_TYPE", SO_TYPE}, {"SO_ERROR", SO_ERROR}, {"unknown", 1000}};
  for (int kind = 0; kind < 5; kind++) {
    int fds[2], fd = of_kind(kind, fds), value = 1;
    char room[64];
    say("-- %s", KINDS[kind]);
    for (size_t i = 0; i < COUNT(UNKNOWN); i++) {
      socklen_t length = sizeof value;
      show(words("unknown option %d: set", UNKNOWN[i]), setsockopt(fd, SOL_SOCKET, UNKNOWN[i], &value, sizeof value));
      show(words("unknown option %d: get", UNKNOWN[i]), getsockopt(fd, SOL_SOCKET, UNKNOWN[i], &value, &length));
    }
    for (size_t i = 0; i < COUNT(SHORT); i++) {
      for (int size = 0; size <= 8; size += size < 3 ? 3 : size == 3 ? 1 : 4) {
        memset(room, 0, sizeof room);
        int set = setsockopt(fd, SOL_SOCKET, SHORT[i].option, room, size);
        show(words("%s: set with %d bytes", SHORT[i].name, size), set);
      }
      for (int size = 0; size <= 3; size += 3) {
        socklen_t length = size;
        int got = getsockopt(fd, SOL_SOCKET, SHORT[i].option, room, &length);
        say("%s: get %d bytes: %s, length %u", SHORT[i].name, size, got == 0 ? "0" : errno_name(errno), length);
      }
    }
    for (size_t i = 0; i < COUNT(LEVELS); i++) {
      socklen_t length = sizeof value;
      show(words("level %d: set", LEVELS[i]), setsockopt(fd, LEVELS[i], 1, &value, sizeof value));
      show(words("level %d: get", LEVELS[i]), getsockopt(fd, LEVELS[i], 1, &value, &length));
      show(words("level %d: set, bad address", LEVELS[i]), setsockopt(fd, LEVELS[i], 1, (void *)8, 4));
    }
    close(fds[0]);
    if (fds[1] >= 0) close(fds[1]);
  }
  return 0;
}
