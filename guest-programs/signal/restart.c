// SA_RESTART: read and waitpid go on after a handler; nanosleep, poll and pause give EINTR either way.
#include "../lib/observe.h"
#include <poll.h>

static volatile int caught;
static void handler(int number) {
  (void)number;
  caught++;
}

// A child that signals us once we sleep and, 30 ms later, writes a byte.
static pid_t pester(int fd) {
  pid_t parent = getpid(), child = MUST(fork());
  if (child == 0) {
    await_state(parent, "S");
    kill(parent, SIGUSR1);
    sleep_ms(30);
    write(fd, "x", 1);
    _exit(0);
  }
  return child;
}

int main(void) {
  int fds[2];
  MUST(pipe(fds));
  for (int restart = 0; restart < 2; restart++) {
    struct sigaction action = {.sa_handler = handler, .sa_flags = restart ? SA_RESTART : 0};
    sigaction(SIGUSR1, &action, NULL);
    say("-- SA_RESTART: %d", restart);
    char byte;
    pid_t child = pester(fds[1]);
    show("read", read(fds[0], &byte, 1));
    waitpid(child, NULL, 0);
    if (!restart) read(fds[0], &byte, 1);

    int unused[2];
    MUST(pipe(unused));
    child = pester(unused[1]);
    int status;
    pid_t got = waitpid(child, &status, 0);
    say("waitpid: %s", got == child ? "the child" : errno_name(errno));
    if (got != child) waitpid(child, &status, 0);

    child = pester(unused[1]);
    struct pollfd entry = {fds[0], POLLIN, 0};
    show("poll", poll(&entry, 1, 1000));
    waitpid(child, NULL, 0);

    child = pester(unused[1]);
    struct timespec rest = {10, 0}, left = {0, 0};
    show("nanosleep", nanosleep(&rest, &left));
    say("time left: %d", left.tv_sec >= 8);
    waitpid(child, NULL, 0);

    child = pester(unused[1]);
    show("pause", pause());
    waitpid(child, NULL, 0);
    close(unused[0]);
    close(unused[1]);
  }
  say("caught: %d", caught);
  return 0;
}
