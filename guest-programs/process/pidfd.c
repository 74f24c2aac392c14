// pidfd_open, pidfd_send_signal, poll and waitid on a pidfd.
#include "../lib/observe.h"
#include <poll.h>
#ifndef P_PIDFD
#define P_PIDFD 3
#endif

enum { PROCESS_GROUP = 4 }; // PIDFD_SIGNAL_PROCESS_GROUP

// The group that has the number of the process, not the one that the process is in.
static void group_signals(void) {
  int turn[2];
  MUST(pipe(turn));
  pid_t leader = MUST(fork());
  if (leader == 0) setpgid(0, 0), await_turn(turn[0]), _exit(1);
  setpgid(leader, leader);
  pid_t member = MUST(fork());
  if (member == 0) setpgid(0, leader), pause(), _exit(2);
  setpgid(member, leader);
  int of_leader = MUST(syscall(SYS_pidfd_open, leader, 0)), of_member = MUST(syscall(SYS_pidfd_open, member, 0));
  show("group of a member's number", syscall(SYS_pidfd_send_signal, of_member, 0, NULL, PROCESS_GROUP));
  show("of the leader's", syscall(SYS_pidfd_send_signal, of_leader, 0, NULL, PROCESS_GROUP));
  hand_over(turn[1]);
  siginfo_t info;
  MUST(waitid(P_PID, leader, &info, WEXITED | WNOWAIT));
  show("the leader is a zombie", syscall(SYS_pidfd_send_signal, of_leader, 0, NULL, PROCESS_GROUP));
  show_wait("leader", leader);
  show("only a member is left", syscall(SYS_pidfd_send_signal, of_leader, SIGTERM, NULL, PROCESS_GROUP));
  show_wait("member", member);
  show("nobody is left", syscall(SYS_pidfd_send_signal, of_leader, 0, NULL, PROCESS_GROUP));
  show("unknown signal", syscall(SYS_pidfd_send_signal, of_leader, 99, NULL, PROCESS_GROUP));
}

int main(void) {
  pid_t child = MUST(fork());
  if (child == 0) {
    for (;;) pause();
  }
  int fd = syscall(SYS_pidfd_open, child, 0);
  show_ok("pidfd_open", fd);
  say("close-on-exec: %d", fcntl(fd, F_GETFD));
  struct pollfd entry = {fd, POLLIN, 0};
  show("poll while it lives", poll(&entry, 1, 0));
  show("signal 0", syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0));
  show("SIGTERM", syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0));
  show("poll after its death", poll(&entry, 1, 5000));
  say("events: %#x", entry.revents);
  siginfo_t info;
  show("waitid", waitid(P_PIDFD, fd, &info, WEXITED));
  say("code %d, status %d", info.si_code, info.si_status);
  show("signal a reaped one", syscall(SYS_pidfd_send_signal, fd, SIGTERM, NULL, 0));
  show("pidfd_open of nobody", syscall(SYS_pidfd_open, 0x3ffffff, 0));
  show("pidfd_open bad flags", syscall(SYS_pidfd_open, getpid(), 1));
  group_signals();
  return 0;
}
