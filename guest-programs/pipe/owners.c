// SIGIO from pipes: every read and write tells the other side's owners, closing an end tells who is left.
#include "../lib/observe.h"

static sigset_t signals;

static void show_signal(const char *label) {
  siginfo_t info;
  struct timespec none = {0, 0};
  int signo = sigtimedwait(&signals, &info, &none);
  if (signo < 0) say("%s: none", label);
  else say("%s: SIGIO, code %d", label, info.si_code);
}

static void own(int fd) {
  MUST(fcntl(fd, F_SETOWN, getpid()));
  MUST(fcntl(fd, F_SETFL, O_ASYNC | O_NONBLOCK));
}

int main(void) {
  sigemptyset(&signals);
  sigaddset(&signals, SIGIO);
  MUST(sigprocmask(SIG_BLOCK, &signals, NULL));
  signal(SIGPIPE, SIG_IGN);
  for (int writes = 0; writes < 2; writes++) {
    int ends[2];
    char byte = 0;
    MUST(pipe2(ends, O_NONBLOCK));
    own(ends[writes]);
    say("-- the owner %s", writes ? "writes" : "reads");
    show_signal("at first");
    CALL(read(ends[0], &byte, 1));
    show_signal("after a read in vain");
    CALL(write(ends[1], "ab", 2));
    show_signal("after a write");
    CALL(write(ends[1], "ab", 0));
    show_signal("after a write of nothing");
    CALL(read(ends[0], &byte, 1));
    show_signal("after a read");
    int copy = MUST(dup(ends[writes]));
    MUST(close(ends[writes]));
    show_signal("one descriptor closed");
    MUST(close(ends[!writes]));
    show_signal("the other end closed");
    show_ok("at last", writes ? write(copy, "x", 1) : read(copy, &byte, 1));
    show_signal("after that");
    MUST(close(copy));
    show_signal("all closed");
  }
  return 0;
}
