// U14: the backlog admits one more than its number; then connect waits, fails with EAGAIN, or times out. FIFO.
// needs: punctuality
#include "../lib/unix-messages.h"

static int fill(const char *name, int most) {
  int count = 0;
  for (; count < most; count++) {
    int fd = MUST(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));
    if (connect_to(fd, name) == -1) {
      say("connection %d: %s", count + 1, errno_name(errno));
      close(fd);
      break;
    }
  }
  return count;
}

int main(void) {
  const int backlogs[] = {0, 1, 2, 5, 128};
  for (size_t i = 0; i < COUNT(backlogs); i++) {
    const char *name = words("@u14-%zu", i);
    int listener = listener_at(name, backlogs[i]);
    say("backlog %d admits %d", backlogs[i], fill(name, 300));
    close(listener);
  }
  int negative = listener_at("@u14-negative", -1);
  say("backlog -1 admits at least %d", fill("@u14-negative", 500));
  close(negative);

  int listener = listener_at("@u14", 0);
  int fd = MUST(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));
  CALL(connect_to(fd, "@u14"));
  show("full, already connected", connect_to(fd, "@u14"));
  show("full, not connected", connect_to(MUST(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0)), "@u14"));
  int blocking = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  struct timeval limit = {0, 60000};
  MUST(setsockopt(blocking, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit));
  int64_t start = now_ms(CLOCK_MONOTONIC);
  show("SO_SNDTIMEO of 60 ms", connect_to(blocking, "@u14"));
  int64_t took = now_ms(CLOCK_MONOTONIC) - start;
  say("it waited about that: %d", took >= 55 && took < 5000);
  CALL(listen(listener, 1));
  show("backlog raised", connect_to(blocking, "@u14"));
  show_poll("its end", blocking);
  show_poll("listener", listener);
  close(accept(listener, NULL, NULL));
  close(accept(listener, NULL, NULL));
  CALL(listen(listener, 0));

  // Blocked connects go on one by one, in the order they came.
  int held = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  CALL(connect_to(held, "@u14"));
  pid_t children[3];
  for (int i = 0; i < 3; i++) {
    children[i] = MUST(fork());
    if (children[i] == 0) {
      int mine = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
      MUST(connect_to(mine, "@u14"));
      char text = '0' + i;
      MUST(write(mine, &text, 1));
      char byte;
      MUST(read(mine, &byte, 1));
      _exit(i);
    }
    MUST(await_state(children[i], "S") - 1);
    sleep_ms(5);
  }
  close(MUST(accept(listener, NULL, NULL)));
  for (int i = 0; i < 3; i++) {
    int server = MUST(accept(listener, NULL, NULL));
    char text;
    MUST(read(server, &text, 1));
    say("accepted %d: child %c", i, text);
    MUST(write(server, "!", 1));
    show_wait("it", children[text - '0']);
    close(server);
  }

  // A signal ends a blocked connect.
  CALL(connect_to(MUST(socket(AF_UNIX, SOCK_STREAM, 0)), "@u14"));
  struct sigaction action = {.sa_handler = count_signal};
  MUST(sigaction(SIGALRM, &action, NULL));
  alarm(1);
  show("interrupted", connect_to(MUST(socket(AF_UNIX, SOCK_STREAM, 0)), "@u14"));
  say("somaxconn clamp: %d", listen(listener, 1 << 30));
  return 0;
}
