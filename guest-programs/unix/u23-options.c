// U23: every SOL_SOCKET option number: what it reads, what setting it says, short and long values, other levels.
// rows: U30
// needs: root
#include "../lib/unix-messages.h"

static void show_value(int fd, int option, const char *when) {
  unsigned char value[64];
  memset(value, 0xee, sizeof value);
  socklen_t length = sizeof value;
  if (getsockopt(fd, SOL_SOCKET, option, value, &length) == -1) {
    say("  %s: %s, length %u", when, errno_name(errno), length);
    return;
  }
  if (option == 57) say("  %s: %u bytes, not zero %d", when, length, value[0] || value[1] || value[2] || value[3]);
  else say("  %s: %u bytes %s", when, length, quoted(value, length > 24 ? 24 : length));
}

int main(void) {
  // Left out: filters (26, 27, 50 to 52, 68), busy polling (46, 69, 70), devices, and what depends on the machine.
  static const unsigned char LEFT_OUT[] = {25, 26, 27, 37, 41, 46, 47, 48, 49, 50, 51, 52, 53, 55, 56, 61, 62, 65, 68, 69, 70, 71, 80, 82};
  for (int i = 0; i < 3; i++) {
    for (int option = 0; option < 90; option++) {
      if (memchr(LEFT_OUT, option, sizeof LEFT_OUT)) continue;
      int fd = MUST(socket(AF_UNIX, ALL_TYPES[i], 0));
      say("%s, option %d", type_name(ALL_TYPES[i]), option);
      show_value(fd, option, "reads");
      long one[2] = {1, 1};
      show("  set to 1", setsockopt(fd, SOL_SOCKET, option, one, sizeof(int)));
      show("  set with 3 bytes", setsockopt(fd, SOL_SOCKET, option, one, 3));
      show("  set with 16 bytes", setsockopt(fd, SOL_SOCKET, option, one, 16));
      show_value(fd, option, "now");
      unsigned char room[8] = {0};
      socklen_t length = 2;
      int result = getsockopt(fd, SOL_SOCKET, option, room, &length);
      say("  room for 2: %s, length %u", result == 0 ? "ok" : errno_name(errno), length);
      close(fd);
    }
  }
  int fd = MUST(socket(AF_UNIX, SOCK_STREAM, 0)), value = 1;
  socklen_t length = sizeof value;
  const int levels[] = {-1, 0, 2, 6, 17, 41, 255, 270, 1000};
  for (size_t i = 0; i < COUNT(levels); i++) {
    show(words("level %d: set", levels[i]), setsockopt(fd, levels[i], 1, &value, sizeof value));
    show(words("level %d: get", levels[i]), getsockopt(fd, levels[i], 1, &value, &length));
  }
  show("set, bad address", setsockopt(fd, SOL_SOCKET, SO_PASSCRED, (void *)8, 4));
  show("set, bad address, short", setsockopt(fd, SOL_SOCKET, SO_PASSCRED, (void *)8, 3));
  show("set, negative length", setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &value, -1));
  show("set unknown, bad address", setsockopt(fd, SOL_SOCKET, 1000, (void *)8, 4));
  show("get, bad address", getsockopt(fd, SOL_SOCKET, SO_TYPE, (void *)8, &length));
  show("get, bad length address", getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, (void *)8));
  length = -1;
  show("get, negative length", getsockopt(fd, SOL_SOCKET, SO_TYPE, &value, &length));
  length = 0;
  show("get, no room", getsockopt(fd, SOL_SOCKET, SO_TYPE, (void *)8, &length));
  show("no descriptor", getsockopt(99, SOL_SOCKET, SO_TYPE, &value, &length));
  show("no socket", setsockopt(0, SOL_SOCKET, SO_TYPE, &value, -1));

  uint64_t cookies[3];
  for (int i = 0; i < 2; i++) {
    int other = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
    length = 8;
    MUST(getsockopt(other, SOL_SOCKET, 57, &cookies[i], &length));
    cookies[2] = 0;
    MUST(getsockopt(other, SOL_SOCKET, 57, &cookies[2], &length));
    say("SO_COOKIE stays the same: %d", cookies[2] == cookies[i]);
  }
  say("SO_COOKIE differs: %d", cookies[0] != cookies[1]);
  show("SO_SNDBUFFORCE", set_option(fd, SO_SNDBUFFORCE, 1000000));
  show_option("SO_SNDBUF", fd, SO_SNDBUF);
  show("SO_RCVBUFFORCE", set_option(fd, SO_RCVBUFFORCE, -7));
  show_option("SO_RCVBUF", fd, SO_RCVBUF);
  const int lows[] = {0, 1, 5, -1, 0x7fffffff};
  for (size_t i = 0; i < COUNT(lows); i++) {
    MUST(set_option(fd, SO_RCVLOWAT, lows[i]));
    say("SO_RCVLOWAT %d: %d", lows[i], int_option(fd, SO_RCVLOWAT));
  }
  pid_t child = MUST(fork());
  if (child == 0) {
    MUST(setresuid(1000, 1000, 1000));
    show("unprivileged: SO_SNDBUFFORCE", set_option(fd, SO_SNDBUFFORCE, 1));
    show("unprivileged: SO_DEBUG 1", set_option(fd, SO_DEBUG, 1));
    show("unprivileged: SO_DEBUG 0", set_option(fd, SO_DEBUG, 0));
    show("unprivileged: SO_MARK", set_option(fd, SO_MARK, 1));
    show("unprivileged: SO_PRIORITY 6", set_option(fd, SO_PRIORITY, 6));
    show("unprivileged: SO_PRIORITY 7", set_option(fd, SO_PRIORITY, 7));
    _exit(0);
  }
  show_wait("child", child);

  // SO_RCVLOWAT holds reads back until enough is there.
  int fds[2];
  pair_of(SOCK_STREAM, fds);
  MUST(set_option(fds[1], SO_RCVLOWAT, 5));
  MUST(write(fds[0], "abc", 3));
  show_poll("three of five: poll", fds[1]);
  show("three of five, not waiting", recv(fds[1], &value, 3, MSG_DONTWAIT));
  MUST(write(fds[0], "abc", 3));
  child = MUST(fork());
  if (child == 0) {
    char data[10];
    ssize_t got = read(fds[1], data, sizeof data);
    say("read waited for five: %zd %s", got, quoted(data, got));
    _exit(0);
  }
  MUST(await_state(child, "S") - 1);
  MUST(write(fds[0], "defg", 4));
  show_wait("child", child);
  return 0;
}
