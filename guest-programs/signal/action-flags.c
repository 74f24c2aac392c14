// sigaction's flags as they are kept, O_ASYNC on pipes, and what counts against RLIMIT_SIGPENDING.
// needs: root
#include "../lib/observe.h"
#include <sys/resource.h>

#define RESTORER 0x04000000 // x86-64 only

static volatile sig_atomic_t count;
static siginfo_t last;
static void on_signal(int number, siginfo_t *info, void *context) {
  (void)number, (void)context;
  count++;
  last = *info;
}

static void show_action(const char *label, int flags) {
  struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = flags};
  CALL(sigaction(SIGUSR1, &action, NULL));
  sigaction(SIGUSR1, NULL, &action);
  say("%s: %#x", label, action.sa_flags & ~RESTORER);
}

static void flags(void) {
  show_action("none", 0);
  show_action("some", SA_NODEFER | SA_RESTART | SA_NOCLDSTOP);
  show_action("unknown", 0x10);
  show_action("all", -1);
  raise(SIGUSR1);
  struct sigaction action;
  sigaction(SIGUSR1, NULL, &action);
  say("after SA_RESETHAND: default %d, flags %#x", action.sa_handler == SIG_DFL, action.sa_flags & ~RESTORER);
}

static void told(const char *label, int fd) {
  say("%s: %d, code %d, band %#lx, descriptor %d", label, (int)count, last.si_code, last.si_band, last.si_fd == fd);
  count = 0;
}

static void async(void) {
  struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};
  sigaction(SIGIO, &action, NULL);
  sigaction(SIGRTMIN, &action, NULL);
  int ends[2];
  char byte;
  MUST(pipe(ends));
  CALL(fcntl(ends[0], F_SETFL, O_ASYNC));
  MUST(write(ends[1], "a", 1));
  say("without an owner: %d", (int)count);
  CALL(fcntl(ends[0], F_SETOWN, getpid()));
  MUST(write(ends[1], "b", 1));
  say("with one: %d, code %d", (int)count, last.si_code);
  count = 0;
  CALL(fcntl(ends[0], F_SETSIG, SIGRTMIN));
  MUST(write(ends[1], "c", 1));
  told("with a signal of its own", ends[0]);
  MUST(read(ends[0], &byte, 1));
  told("read", ends[0]);
  CALL(fcntl(ends[1], F_SETOWN, getpid()));
  CALL(fcntl(ends[1], F_SETSIG, SIGRTMIN));
  CALL(fcntl(ends[1], F_SETFL, O_ASYNC));
  MUST(read(ends[0], &byte, 1));
  told("the writer hears of the read", ends[1]);
  CALL(fcntl(ends[1], F_SETFL, 0));
  MUST(read(ends[0], &byte, 1));
  told("no more", ends[1]);
  MUST(close(ends[1]));
  told("the writer is gone", ends[0]);
}

static void queue(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGRTMIN);
  sigprocmask(SIG_BLOCK, &set, NULL);
  struct rlimit limit = {3, 3};
  MUST(setrlimit(RLIMIT_SIGPENDING, &limit));
  MUST(setresuid(4711, 4711, 4711));
  timer_t timers[4];
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN};
  CALL(timer_create(CLOCK_MONOTONIC, &event, &timers[0]));
  CALL(timer_create(CLOCK_MONOTONIC, &event, &timers[1]));
  union sigval value = {.sival_int = 5};
  CALL(sigqueue(getpid(), SIGRTMIN, value));
  CALL(sigqueue(getpid(), SIGRTMIN, value));
  CALL(timer_create(CLOCK_MONOTONIC, &event, &timers[2]));
  CALL(timer_delete(timers[1]));
  CALL(timer_create(CLOCK_MONOTONIC, &event, &timers[2]));
  struct itimerspec soon = {{0, 0}, {0, 1}};
  CALL(timer_settime(timers[0], 0, &soon, NULL));
  sleep_ms(5);
  siginfo_t info;
  struct timespec now = {0, 0};
  for (int i = 0; i < 3; i++) {
    int got = sigtimedwait(&set, &info, &now);
    say("taken: %s, code %d", got < 0 ? errno_name(errno) : "SIGRTMIN", got < 0 ? 0 : info.si_code);
  }
  CALL(sigqueue(getpid(), SIGRTMIN, value));
  CALL(sigqueue(getpid(), SIGRTMIN, value));
}

int main(void) {
  flags();
  async();
  queue();
  return 0;
}
