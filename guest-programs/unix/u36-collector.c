// U36: sockets that only messages in flight refer to are collected, in cycles of any shape; what is reachable stays.
#include "../lib/unix-messages.h"

// A pipe whose write end travels along shows when the garbage is gone: its reader then sees the end.
static int witness[2];
static void new_witness(void) {
  MUST(pipe2(witness, O_CLOEXEC));
  MUST(fcntl(witness[0], F_SETFL, O_NONBLOCK));
}
static void show_witness(const char *label, bool gone) {
  char byte;
  ssize_t got = -1;
  close(witness[1]);
  for (int tries = 0; tries < (gone ? 400 : 10); tries++) {
    got = read(witness[0], &byte, 1);
    if (got == 0) break;
    int fds[2];  // making and closing sockets gives Linux a reason to collect
    pair_of(SOCK_STREAM, fds);
    close(fds[0]), close(fds[1]);
    sleep_ms(5);
  }
  say("%s: %s", label, got == 0 ? "collected" : "still there");
  close(witness[0]);
}
static void give(int to, int fd) {
  int both[2] = {fd, witness[1]};
  MUST(send_rights(to, "x", 1, both, 2, 0));
}

int main(void) {
  for (int i = 0; i < 3; i++) {
    const char *kind = type_name(ALL_TYPES[i]);
    int a[2], b[2], c[2];
    new_witness();
    pair_of(ALL_TYPES[i], a);
    give(a[0], a[1]);
    close(a[0]), close(a[1]);
    show_witness(words("%s: a socket in its own queue", kind), true);

    new_witness();
    pair_of(ALL_TYPES[i], a);
    give(a[0], a[0]);
    give(a[1], a[1]);
    give(a[0], a[1]);
    close(a[0]), close(a[1]);
    show_witness(words("%s: a pair in each other and itself", kind), true);

    new_witness();
    pair_of(ALL_TYPES[i], a), pair_of(ALL_TYPES[i], b), pair_of(ALL_TYPES[i], c);
    give(a[0], b[1]), give(b[0], c[1]), give(c[0], a[1]);
    close(a[0]), close(a[1]), close(b[0]), close(b[1]), close(c[0]), close(c[1]);
    show_witness(words("%s: a triangle", kind), true);

    new_witness();
    pair_of(ALL_TYPES[i], a), pair_of(ALL_TYPES[i], b);
    give(a[0], b[1]), give(b[0], a[1]), give(a[0], b[0]), give(b[0], a[0]), give(a[1], b[1]), give(b[1], a[1]);
    close(a[0]), close(a[1]), close(b[0]), close(b[1]);
    show_witness(words("%s: cross edges", kind), true);

    new_witness();
    pair_of(ALL_TYPES[i], a), pair_of(ALL_TYPES[i], b);
    give(a[0], b[1]), give(b[0], a[1]);
    close(a[0]), close(b[0]), close(b[1]);
    show_witness(words("%s: a cycle somebody holds", kind), false);
    show_recvmsg(words("%s: which can be read", kind), a[1], 10, 100, MSG_DONTWAIT);
    close(a[1]);

    // A chain: the last is held, so all are reachable.
    new_witness();
    int previous = MUST(dup(0)), hold = -1;
    for (int k = 0; k < 30; k++) {
      pair_of(ALL_TYPES[i], a);
      give(a[0], previous);
      close(previous), close(a[0]);
      previous = a[1];
    }
    hold = previous;
    show_witness(words("%s: a chain of 30 that is held", kind), false);
    int depth = 0;
    for (; depth < 40; depth++) {
      int got[4];
      if (receive_fds(hold, got, 4, MSG_DONTWAIT, NULL) != 2) break;
      close(hold), close(got[1]);
      hold = got[0];
    }
    say("%s: received %d levels down", kind, depth);
    close(hold);

    new_witness();
    previous = MUST(dup(0));
    for (int k = 0; k < 30; k++) {
      pair_of(ALL_TYPES[i], a);
      give(a[0], previous);
      close(previous), close(a[0]);
      previous = a[1];
    }
    close(previous);
    show_witness(words("%s: a chain that is let go", kind), true);
  }

  // Through a listener's queue: the connection nobody accepted holds the listener itself.
  new_witness();
  int listener = listener_at("@u36", 5), client = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  MUST(connect_to(client, "@u36"));
  give(client, listener);
  give(client, client);
  close(client), close(listener);
  show_witness("a listener in its own backlog", true);
  show("its name is free", bind_to(MUST(socket(AF_UNIX, SOCK_STREAM, 0)), "@u36"));

  new_witness();
  listener = listener_at("@u36-b", 5), client = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  MUST(connect_to(client, "@u36-b"));
  give(client, listener);
  close(client);
  show_witness("the same, listener open", false);
  int server = MUST(accept(listener, NULL, NULL));
  show_recvmsg("accepted", server, 10, 100, MSG_DONTWAIT);

  // An urgent byte that carries rights.
  new_witness();
  int a[2];
  pair_of(SOCK_STREAM, a);
  int both[2] = {a[1], witness[1]};
  MUST(send_rights(a[0], "u", 1, both, 2, MSG_OOB));
  close(a[0]), close(a[1]);
  show_witness("a cycle through an urgent byte", true);

  // Many cycles leave nothing behind.
  for (int i = 0; i < 20000; i++) {
    pair_of(SOCK_DGRAM, a);
    MUST(send_rights(a[0], "x", 1, &a[1], 1, 0));
    close(a[0]), close(a[1]);
  }
  new_witness();
  pair_of(SOCK_DGRAM, a);
  give(a[0], a[1]);
  close(a[0]), close(a[1]);
  show_witness("20001 cycles", true);
  return 0;
}
