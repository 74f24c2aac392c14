// U42: MSG_WAITALL waits for all, and gives what there is at an end, a signal, a timeout; MSG_DONTWAIT never waits.
#include "../lib/unix-messages.h"
#include <sys/time.h>

static pid_t later(int fd, const char *pieces, int pause_ms) {
  pid_t child = MUST(fork());
  if (child) return child;
  for (; *pieces; pieces++) {
    sleep_ms(pause_ms);
    if (*pieces == '.') MUST(shutdown(fd, SHUT_WR));
    else MUST(write(fd, pieces, 1));
  }
  _exit(0);
}

int main(void) {
  int fds[2];
  char data[300000];
  ssize_t got;
  pair_of(SOCK_STREAM, fds);
  pid_t child = later(fds[0], "abcdef", 5);
  got = recv(fds[1], data, 6, MSG_WAITALL);
  say("all six: %zd %s", got, quoted(data, got));
  show_wait("child", child);
  child = later(fds[0], "abc.", 5);
  got = recv(fds[1], data, 6, MSG_WAITALL);
  say("until the end: %zd %s", got, quoted(data, got));
  show_wait("child", child);
  show("at the end", recv(fds[1], data, 6, MSG_WAITALL));
  pair_of(SOCK_STREAM, fds);
  MUST(write(fds[0], "ab", 2));
  show("MSG_DONTWAIT and MSG_WAITALL", recv(fds[1], data, 6, MSG_WAITALL | MSG_DONTWAIT));
  show("and nothing there", recv(fds[1], data, 6, MSG_WAITALL | MSG_DONTWAIT));
  MUST(write(fds[0], "ab", 2));
  show("MSG_PEEK and MSG_WAITALL", recv(fds[1], data, 6, MSG_WAITALL | MSG_PEEK));
  MUST(fcntl(fds[1], F_SETFL, O_NONBLOCK));
  show("O_NONBLOCK and MSG_WAITALL", recv(fds[1], data, 6, MSG_WAITALL));
  MUST(fcntl(fds[1], F_SETFL, 0));

  struct sigaction action = {.sa_handler = count_signal, .sa_flags = SA_RESTART};
  MUST(sigaction(SIGALRM, &action, NULL));
  struct itimerval soon = {.it_value = {0, 50000}};
  MUST(write(fds[0], "xyz", 3));
  MUST(setitimer(ITIMER_REAL, &soon, NULL));
  got = recv(fds[1], data, 6, MSG_WAITALL);
  say("a signal: %zd %s, handler ran %d", got, quoted(data, got > 0 ? got : 0), caught_count[SIGALRM]);

  MUST(write(fds[0], "12", 2));
  char a[3], b[3];
  struct iovec parts[2] = {{a, 3}, {b, 3}};
  struct msghdr message = {.msg_iov = parts, .msg_iovlen = 2};
  child = later(fds[0], "3456", 3);
  got = recvmsg(fds[1], &message, MSG_WAITALL);
  say("into two buffers: %zd %s %s", got, quoted(a, 3), quoted(b, 3));
  show_wait("child", child);

  // Longer than the sender's buffer.
  child = MUST(fork());
  if (child == 0) {
    static char large[300000];
    for (size_t i = 0; i < sizeof large; i++) large[i] = i * 7;
    show("one write of 300000", write(fds[0], large, sizeof large));
    _exit(0);
  }
  got = recv(fds[1], data, sizeof data, MSG_WAITALL);
  int wrong = 0;
  for (size_t i = 0; i < sizeof data; i++) wrong += data[i] != (char)(i * 7);
  show_wait("writer", child);
  say("one read of %zd, wrong %d", got, wrong);

  // Partial writes.
  show("a non-blocking write", send(fds[0], data, sizeof data, MSG_DONTWAIT));
  show("and another", send(fds[0], data, sizeof data, MSG_DONTWAIT));
  MUST(setitimer(ITIMER_REAL, &soon, NULL));
  while (recv(fds[1], data, sizeof data, MSG_DONTWAIT) > 0) continue;
  show("a write that a signal ends", write(fds[0], data, sizeof data));
  say("handler ran %d", caught_count[SIGALRM]);
  action.sa_flags = 0;
  MUST(sigaction(SIGALRM, &action, NULL));
  while (send(fds[0], data, 1, MSG_DONTWAIT) == 1) continue;
  MUST(setitimer(ITIMER_REAL, &soon, NULL));
  show("a write that a signal ends with nothing written", write(fds[0], data, 10));
  MUST(setitimer(ITIMER_REAL, &soon, NULL));
  pair_of(SOCK_DGRAM, fds);
  show("a receive that a signal ends", recv(fds[1], data, 10, 0));
  MUST(setitimer(ITIMER_REAL, &soon, NULL));
  show("an accept that a signal ends", accept(listener_at("@u42", 1), NULL, NULL));
  for (int i = 1; i < 3; i++) {
    pair_of(ALL_TYPES[i], fds);
    MUST(send(fds[0], "short", 5, 0));
    show(words("%s: MSG_WAITALL", type_name(ALL_TYPES[i])), recv(fds[1], data, 10, MSG_WAITALL));
  }
  return 0;
}
