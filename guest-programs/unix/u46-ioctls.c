// U46: SIOCINQ, SIOCOUTQ, FIONBIO, FIOASYNC, owners and SIGIO with F_SETSIG.
#include "../lib/unix-messages.h"

static volatile int seen_signo, seen_code, seen_band, seen_fd;
static void note(int signo, siginfo_t *info, void *context) {
  (void)context;
  seen_signo = signo, seen_code = info->si_code, seen_band = info->si_band, seen_fd = info->si_fd;
  caught_count[signo]++;
}

int main(void) {
  int fds[3], value;
  for (int i = 0; i < 3; i++) {
    const char *kind = type_name(ALL_TYPES[i]);
    pair_of(ALL_TYPES[i], fds);
    show(words("%s: SIOCINQ, empty", kind), queue_size(fds[1], FIONREAD));
    MUST(send(fds[0], "12345", 5, 0));
    MUST(send(fds[0], "678", 3, 0));
    show(words("%s: SIOCINQ", kind), queue_size(fds[1], FIONREAD));
    show(words("%s: SIOCOUTQ", kind), queue_size(fds[0], SIOCOUTQ));
    show(words("%s: SIOCOUTQ of the other", kind), queue_size(fds[1], SIOCOUTQ));
    MUST(recv(fds[1], &value, 2, 0));
    show(words("%s: SIOCINQ after reading 2", kind), queue_size(fds[1], FIONREAD));
    show(words("%s: SIOCOUTQ", kind), queue_size(fds[0], SIOCOUTQ));
    show(words("%s: bad address", kind), ioctl(fds[1], FIONREAD, (void *)8));
    show(words("%s: unknown ioctl", kind), ioctl(fds[1], 0x12345678, &value));
    show(words("%s: TCGETS", kind), ioctl(fds[1], 0x5401, &value));
    value = 1;
    show(words("%s: FIONBIO", kind), ioctl(fds[1], FIONBIO, &value));
    say("O_NONBLOCK %d", (fcntl(fds[1], F_GETFL) & O_NONBLOCK) != 0);
    value = 0;
    show(words("%s: FIONBIO off", kind), ioctl(fds[1], FIONBIO, &value));
    say("O_NONBLOCK %d", (fcntl(fds[1], F_GETFL) & O_NONBLOCK) != 0);
    value = 1;
    show(words("%s: FIOASYNC", kind), ioctl(fds[1], FIOASYNC, &value));
    say("O_ASYNC %d", (fcntl(fds[1], F_GETFL) & O_ASYNC) != 0);
    show(words("%s: FIOCLEX", kind), ioctl(fds[1], FIOCLEX));
    say("FD_CLOEXEC %d", fcntl(fds[1], F_GETFD));
    close(fds[0]), close(fds[1]);
  }
  int listener = listener_at("@u46", 3);
  show("SIOCINQ of a listener", queue_size(listener, FIONREAD));
  show("SIOCOUTQ of a listener", queue_size(listener, SIOCOUTQ));

  pair_of(SOCK_STREAM, fds);
  show("F_GETOWN", fcntl(fds[0], F_GETOWN));
  show("F_SETOWN nobody", fcntl(fds[0], F_SETOWN, 4194000));
  show("F_SETOWN no group", fcntl(fds[0], F_SETOWN, -4194000));
  show("F_SETOWN", fcntl(fds[0], F_SETOWN, getpid()));
  say("F_GETOWN is self: %d", fcntl(fds[0], F_GETOWN) == getpid());
  value = 0;
  show("FIOGETOWN", ioctl(fds[0], 0x8903, &value));
  say("is self: %d", value == getpid());
  value = -getpgrp();
  show("SIOCSPGRP", ioctl(fds[0], 0x8902, &value));
  say("F_GETOWN is the group: %d", fcntl(fds[0], F_GETOWN) == -getpgrp());
  MUST(fcntl(fds[0], F_SETOWN, getpid()));
  show("F_GETSIG", fcntl(fds[0], F_GETSIG));
  show("F_SETSIG 65", fcntl(fds[0], F_SETSIG, 65));
  struct sigaction action = {.sa_sigaction = note, .sa_flags = SA_SIGINFO | SA_RESTART};
  MUST(sigaction(SIGIO, &action, NULL));
  MUST(sigaction(SIGUSR1, &action, NULL));
  MUST(sigaction(SIGRTMIN, &action, NULL));
  MUST(write(fds[1], "x", 1));
  show_caught("O_ASYNC off", SIGIO);
  MUST(fcntl(fds[0], F_SETFL, O_ASYNC));
  MUST(write(fds[1], "x", 1));
  say("code %#x", seen_code);
  show_caught("arrival", SIGIO);
  const int signals[] = {SIGUSR1, 34, SIGIO};
  for (int i = 0; i < 3; i++) {
    MUST(fcntl(fds[0], F_SETSIG, signals[i]));
    show("F_GETSIG", fcntl(fds[0], F_GETSIG));
    MUST(write(fds[1], "x", 1));
    say("%s: code %d band %#x fd same %d", signal_name(seen_signo), seen_code, seen_band, seen_fd == fds[0]);
    show_caught("arrival", signals[i]);
  }
  char data[400000];
  MUST(read(fds[0], data, sizeof data));
  show_caught("reading", SIGIO);
  while (send(fds[0], data, 1000, MSG_DONTWAIT) > 0) continue;
  show_caught("full", SIGIO);
  MUST(recv(fds[1], data, sizeof data, 0));
  say("code %d band %#x", seen_code, seen_band);
  say("room again: came %d", caught_count[SIGIO] > 0);
  caught_count[SIGIO] = 0;
  MUST(shutdown(fds[1], SHUT_WR));
  say("code %d band %#x", seen_code, seen_band);
  show_caught("peer's SHUT_WR", SIGIO);
  close(fds[1]);
  say("code %d band %#x", seen_code, seen_band);
  show_caught("peer closed", SIGIO);
  // A listener.
  MUST(fcntl(listener, F_SETOWN, getpid()));
  MUST(fcntl(listener, F_SETSIG, SIGIO));
  MUST(fcntl(listener, F_SETFL, O_ASYNC));
  int client = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  MUST(connect_to(client, "@u46"));
  say("code %d band %#x fd same %d", seen_code, seen_band, seen_fd == listener);
  show_caught("a connection", SIGIO);
  for (int i = 0; i < 2; i++) {
    int mark = -1;
    show(i ? "no connection: SIOCATMARK" : "a connection: SIOCATMARK", ioctl(listener, SIOCATMARK, &mark));
    say("mark %d", mark);
    if (!i) close(MUST(accept(listener, NULL, NULL)));
  }
  return 0;
}
