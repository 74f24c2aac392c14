// ppoll, pselect, epoll_pwait and sigsuspend: the mask holds during the call, the handler runs, the old mask is back.
#include "../lib/observe.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>

static volatile int handled;
static void handler(int number) {
  sigset_t now;
  sigprocmask(SIG_BLOCK, NULL, &now);
  say("%s: USR1 blocked %d, USR2 blocked %d", signal_name(number), sigismember(&now, SIGUSR1), sigismember(&now, SIGUSR2));
  handled++;
}

static void masks(const char *label) {
  sigset_t now, pending;
  sigprocmask(SIG_BLOCK, NULL, &now);
  sigpending(&pending);
  say("%s: blocked %d %d, pending %d %d", label, sigismember(&now, SIGUSR1), sigismember(&now, SIGUSR2),
      sigismember(&pending, SIGUSR1), sigismember(&pending, SIGUSR2));
}

int main(void) {
  sigset_t both, none, only_two;
  sigemptyset(&none);
  sigemptyset(&both);
  sigaddset(&both, SIGUSR1);
  sigaddset(&both, SIGUSR2);
  sigemptyset(&only_two);
  sigaddset(&only_two, SIGUSR2);
  struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
  sigaction(SIGUSR1, &action, NULL);
  sigaction(SIGUSR2, &action, NULL);
  sigprocmask(SIG_BLOCK, &both, NULL);
  struct timespec brief = {0, 1000000};
  int fds[2];
  MUST(pipe(fds));
  struct pollfd readable = {.fd = fds[0], .events = POLLIN};

  raise(SIGUSR1);
  show("ppoll with a pending signal", ppoll(&readable, 1, NULL, &none));
  masks("after");
  raise(SIGUSR1);
  raise(SIGUSR2);
  show("ppoll that lets one through", ppoll(&readable, 1, &brief, &only_two));
  masks("after");
  show("ppoll that times out", ppoll(&readable, 1, &brief, &only_two));
  masks("after");
  show("sigsuspend", sigsuspend(&none));
  masks("after");
  raise(SIGUSR1);
  fd_set set;
  FD_ZERO(&set);
  FD_SET(fds[0], &set);
  show("pselect", pselect(fds[0] + 1, &set, NULL, NULL, NULL, &none));
  masks("after");
  int epoll = MUST(epoll_create1(0));
  struct epoll_event event = {.events = EPOLLIN};
  MUST(epoll_ctl(epoll, EPOLL_CTL_ADD, fds[0], &event));
  raise(SIGUSR1);
  raise(SIGUSR2);
  show("epoll_pwait", epoll_pwait(epoll, &event, 1, -1, &none));
  masks("after");
  struct timespec zero = {0, 0};
  raise(SIGUSR1);
  show("epoll_pwait that does not wait", epoll_pwait(epoll, &event, 1, 0, &none));
  masks("after");
  show("ppoll that does not wait", ppoll(&readable, 1, &zero, &none));
  masks("after");
  raise(SIGUSR1);
  FD_SET(fds[0], &set);
  show("pselect that does not wait", pselect(fds[0] + 1, &set, NULL, NULL, &zero, &none));
  masks("after");
  signal(SIGUSR1, SIG_IGN);
  signal(SIGCHLD, SIG_DFL);
  sigaddset(&both, SIGCHLD);
  sigprocmask(SIG_BLOCK, &both, NULL);
  raise(SIGCHLD);
  show("ppoll with a signal that nobody wants", ppoll(&readable, 1, &zero, &none));
  sigset_t pending;
  sigpending(&pending);
  say("SIGCHLD pending %d", sigismember(&pending, SIGCHLD));
  signal(SIGUSR1, handler);
  MUST(write(fds[1], "x", 1));
  raise(SIGUSR1);
  show("ppoll that is ready", ppoll(&readable, 1, NULL, &none));
  masks("after");
  show("epoll_pwait that is ready", epoll_pwait(epoll, &event, 1, -1, &none));
  masks("after");
  say("handled %d", handled);
  return 0;
}
