// U22: SO_RCVTIMEO and SO_SNDTIMEO give EAGAIN and are EINTR on signals; SO_LINGER is stored only.
// rows: U42
// needs: punctuality
#include "../lib/unix-messages.h"

static void set_timeout(int fd, int option, long seconds, long microseconds) {
  struct timeval limit = {seconds, microseconds}, back = {-1, -1};
  socklen_t length = sizeof back;
  int result = setsockopt(fd, SOL_SOCKET, option, &limit, sizeof limit);
  int saved = errno;
  MUST(getsockopt(fd, SOL_SOCKET, option, &back, &length));
  say("%s %ld.%06ld: %s, reads %ld.%06ld in %u bytes", option == SO_RCVTIMEO ? "SO_RCVTIMEO" : "SO_SNDTIMEO", seconds,
      microseconds, result == 0 ? "ok" : errno_name(saved), (long)back.tv_sec, (long)back.tv_usec, length);
}

static void timed(const char *label, int64_t start, long least) {
  int64_t took = now_ms(CLOCK_MONOTONIC) - start;
  say("%s waited long enough: %d", label, took >= least - 1 && took < least + 5000);
}

int main(void) {
  for (int i = 0; i < 3; i++) {
    int fds[2];
    char data[10];
    const char *kind = type_name(ALL_TYPES[i]);
    pair_of(ALL_TYPES[i], fds);
    set_timeout(fds[0], SO_RCVTIMEO, 0, 40000);
    int64_t start = now_ms(CLOCK_MONOTONIC);
    show(words("%s: read", kind), read(fds[0], data, 10));
    timed(kind, start, 40);
    start = now_ms(CLOCK_MONOTONIC);
    show(words("%s: MSG_DONTWAIT", kind), recv(fds[0], data, 10, MSG_DONTWAIT));
    start = now_ms(CLOCK_MONOTONIC);
    show(words("%s: recvmsg, MSG_WAITALL", kind), recv(fds[0], data, 10, MSG_WAITALL));
    timed(kind, start, 40);
    MUST(send(fds[1], "abc", 3, 0));
    show(words("%s: MSG_WAITALL of 10 with 3", kind), recv(fds[0], data, 10, MSG_WAITALL));
    while (send(fds[1], "x", 1, MSG_DONTWAIT) == 1) continue;
    set_timeout(fds[1], SO_SNDTIMEO, 0, 40000);
    start = now_ms(CLOCK_MONOTONIC);
    show(words("%s: write to a full one", kind), write(fds[1], "x", 1));
    timed(kind, start, 40);
    close(fds[0]), close(fds[1]);
  }
  int fds[2];
  char data[300000] = {0};
  pair_of(SOCK_STREAM, fds);
  set_timeout(fds[0], SO_SNDTIMEO, 0, 40000);
  show("a large write ends with what went", write(fds[0], data, sizeof data));
  const long values[][2] = {{0, 0}, {1, 0}, {0, 999999}, {5, 500000}, {0, 4000}, {0, 1000000}, {0, -1}, {-1, 0}, {-1, 5}, {3600, 8000}};
  for (size_t i = 0; i < COUNT(values); i++) set_timeout(fds[1], SO_RCVTIMEO, values[i][0], values[i][1]);
  long half = 0;
  show("too short", setsockopt(fds[0], SOL_SOCKET, SO_RCVTIMEO, &half, sizeof half));

  // accept
  int listener = listener_at("@u22", 1);
  set_timeout(listener, SO_RCVTIMEO, 0, 40000);
  show("accept", accept(listener, NULL, NULL));

  // Signals: with a timeout the call is never restarted.
  struct sigaction action = {.sa_handler = count_signal, .sa_flags = SA_RESTART};
  MUST(sigaction(SIGALRM, &action, NULL));
  pair_of(SOCK_STREAM, fds);
  set_timeout(fds[0], SO_RCVTIMEO, 10, 0);
  alarm(1);
  show("SA_RESTART with a timeout", read(fds[0], data, 1));
  show_caught("handler", SIGALRM);
  pid_t child = MUST(fork());
  if (child == 0) {
    MUST(sigaction(SIGALRM, &action, NULL));
    sleep_ms(1200);
    MUST(write(fds[0], "w", 1));
    _exit(0);
  }
  alarm(1);
  show("SA_RESTART without one", read(fds[1], data, 1));
  show_caught("handler", SIGALRM);
  show_wait("child", child);

  for (int i = 0; i < 3; i++) {
    struct linger linger = {1, 5}, back = {7, 7};
    socklen_t length = sizeof back;
    pair_of(ALL_TYPES[i], fds);
    MUST(getsockopt(fds[0], SOL_SOCKET, SO_LINGER, &back, &length));
    say("%s: SO_LINGER %d %d in %u", type_name(ALL_TYPES[i]), back.l_onoff, back.l_linger, length);
    MUST(setsockopt(fds[0], SOL_SOCKET, SO_LINGER, &linger, sizeof linger));
    MUST(getsockopt(fds[0], SOL_SOCKET, SO_LINGER, &back, &length));
    say("set: %d %d", back.l_onoff, back.l_linger);
    linger = (struct linger){9, -3};
    show("negative", setsockopt(fds[0], SOL_SOCKET, SO_LINGER, &linger, sizeof linger));
    MUST(getsockopt(fds[0], SOL_SOCKET, SO_LINGER, &back, &length));
    say("set: %d %d", back.l_onoff, back.l_linger);
    linger = (struct linger){0, 9};
    MUST(setsockopt(fds[0], SOL_SOCKET, SO_LINGER, &linger, sizeof linger));
    MUST(getsockopt(fds[0], SOL_SOCKET, SO_LINGER, &back, &length));
    say("off: %d %d", back.l_onoff, back.l_linger);
    show("too short", setsockopt(fds[0], SOL_SOCKET, SO_LINGER, &linger, 4));
    MUST(send(fds[0], "left", 4, 0));
    linger = (struct linger){1, 3};
    MUST(setsockopt(fds[0], SOL_SOCKET, SO_LINGER, &linger, sizeof linger));
    int64_t start = now_ms(CLOCK_MONOTONIC);
    close(fds[0]);
    say("close did not linger: %d", now_ms(CLOCK_MONOTONIC) - start < 1000);
    show_read("the data arrives", fds[1]);
  }
  return 0;
}
