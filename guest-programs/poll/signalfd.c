// signalfd: blocked signals are read as records; poll; changing the mask.
#include "../lib/observe.h"
#include <poll.h>
#include <sys/signalfd.h>

int main(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigaddset(&set, SIGCHLD);
  sigaddset(&set, SIGRTMIN);
  sigprocmask(SIG_BLOCK, &set, NULL);
  int fd = CALL(signalfd(-1, &set, SFD_NONBLOCK));
  struct signalfd_siginfo info[4];
  say("record size: %zu", sizeof info[0]);
  CALL(read(fd, info, sizeof info));
  raise(SIGUSR1);
  sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 7});
  sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 8});
  struct pollfd entry = {fd, POLLIN, 0};
  CALL(poll(&entry, 1, 0));
  ssize_t got = CALL(read(fd, info, sizeof info));
  for (ssize_t i = 0; i < got / 128; i++) {
    say("%s code %d value %d pid mine %d", signal_name(info[i].ssi_signo), info[i].ssi_code, info[i].ssi_int,
        info[i].ssi_pid == (uint32_t)getpid());
  }
  CALL(read(fd, info, 100));
  pid_t child = MUST(fork());
  if (child == 0) _exit(9);
  CALL(poll(&entry, 1, 5000));
  CALL(read(fd, info, sizeof info));
  say("%s status %d pid right %d", signal_name(info[0].ssi_signo), info[0].ssi_status, info[0].ssi_pid == (uint32_t)child);
  show_wait("child", child);
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  CALL(signalfd(fd, &set, 0));
  sigqueue(getpid(), SIGRTMIN, (union sigval){.sival_int = 9});
  CALL(poll(&entry, 1, 0));
  CALL(signalfd(0, &set, 0));
  CALL(signalfd(-1, &set, 0x77));
  return 0;
}
