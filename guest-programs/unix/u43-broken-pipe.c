// U43: writing to a closed or shut peer: EPIPE, and SIGPIPE for streams unless MSG_NOSIGNAL.
// contrary: A seqpacket socket gives EPIPE without SIGPIPE; only streams raise the signal.
#include "../lib/unix-messages.h"

int main(void) {
  count_signals(SIGPIPE);
  for (int i = 0; i < 3; i++) {
    const char *kind = type_name(ALL_TYPES[i]);
    for (int how = 0; how < 4; how++) {
      static const char *WHAT[] = {"peer closed", "peer SHUT_RD", "own SHUT_WR", "peer SHUT_RDWR"};
      int fds[2];
      pair_of(ALL_TYPES[i], fds);
      if (how == 0) close(fds[1]);
      if (how == 1) MUST(shutdown(fds[1], SHUT_RD));
      if (how == 2) MUST(shutdown(fds[0], SHUT_WR));
      if (how == 3) MUST(shutdown(fds[1], SHUT_RDWR));
      show(words("%s, %s: send", kind, WHAT[how]), send(fds[0], "x", 1, 0));
      show_caught(kind, SIGPIPE);
      show(words("%s, %s: write", kind, WHAT[how]), write(fds[0], "x", 1));
      show_caught(kind, SIGPIPE);
      show(words("%s, %s: MSG_NOSIGNAL", kind, WHAT[how]), send(fds[0], "x", 1, MSG_NOSIGNAL));
      show_caught(kind, SIGPIPE);
      show(words("%s, %s: nothing", kind, WHAT[how]), send(fds[0], "", 0, 0));
      show_caught(kind, SIGPIPE);
      show(words("%s, %s: zero-length write", kind, WHAT[how]), write(fds[0], "", 0));
      show_caught(kind, SIGPIPE);
      show(words("%s, %s: bad buffer", kind, WHAT[how]), send(fds[0], (void *)8, 1, MSG_NOSIGNAL));
    }
  }
  // A writer that waits while its peer goes.
  for (int i = 0; i < 3; i++) {
    for (int sent = 0; sent < 2; sent++) {
      int fds[2];
      static char large[300000];
      pair_of(ALL_TYPES[i], fds);
      if (!sent) while (send(fds[0], "x", 1, MSG_DONTWAIT) == 1) continue;
      if (sent && i) continue;
      pid_t child = MUST(fork());
      if (child == 0) {
        close(fds[1]);
        show(words("%s: a waiting write, %s", type_name(ALL_TYPES[i]), sent ? "partly done" : "nothing done"), write(fds[0], large, sent ? sizeof large : 1));
        show_caught("in the writer", SIGPIPE);
        _exit(0);
      }
      MUST(await_state(child, "S") - 1);
      sleep_ms(10);
      close(fds[1]);
      show_wait("writer", child);
      close(fds[0]);
    }
  }
  int lone = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  show("unconnected: send", send(lone, "x", 1, 0));
  show_caught("unconnected", SIGPIPE);
  show("unconnected: SHUT_WR", shutdown(lone, SHUT_WR));
  show("then send", send(lone, "x", 1, 0));
  show_caught("unconnected", SIGPIPE);
  // The default action ends the process.
  int fds[2];
  pair_of(SOCK_STREAM, fds);
  pid_t child = MUST(fork());
  if (child == 0) {
    signal(SIGPIPE, SIG_DFL);
    close(fds[1]);
    await_turn(fds[0]);
    sleep_ms(50);
    if (write(fds[0], "x", 1) == -1) _exit(1);
    _exit(0);
  }
  MUST(write(fds[1], "!", 1));
  sleep_ms(1);
  close(fds[1]), close(fds[0]);
  show_wait("default action", child);
  return 0;
}
