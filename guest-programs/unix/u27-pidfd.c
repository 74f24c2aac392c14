// U27: SO_PASSPIDFD and SCM_PIDFD, SO_PEERPIDFD: descriptors for the peer's process that poll, wait and signal.
#include "../lib/unix-messages.h"
#ifndef P_PIDFD
#define P_PIDFD 3
#endif

static int pidfd_of(const char *label, int fd) {
  int pidfd = -1;
  socklen_t length = sizeof pidfd;
  int result = getsockopt(fd, SOL_SOCKET, SO_PEERPIDFD, &pidfd, &length);
  say("%s: %s", label, result == 0 ? "ok" : errno_name(errno));
  return pidfd;
}

static pid_t pid_in(int pidfd) {
  char path[64], text[2000], *found;
  snprintf(path, sizeof path, "/proc/self/fdinfo/%d", pidfd);
  int fd = MUST(open(path, O_RDONLY));
  ssize_t length = MUST(read(fd, text, sizeof text - 1));
  close(fd);
  text[length] = 0;
  found = strstr(text, "Pid:");
  return found ? atoi(found + 4) : -99;
}

int main(void) {
  int fds[3];
  for (int i = 0; i < 3; i++) {
    pair_of(ALL_TYPES[i], fds);
    const char *kind = type_name(ALL_TYPES[i]);
    int pidfd = pidfd_of(words("%s: SO_PEERPIDFD", kind), fds[0]);
    say("%s: names this process: %d, cloexec %d", kind, pid_in(pidfd) == getpid(), fcntl(pidfd, F_GETFD));
    MUST(set_option(fds[1], SO_PASSPIDFD, 1));
    MUST(send(fds[0], "x", 1, 0));
    show_recvmsg(words("%s: SO_PASSPIDFD", kind), fds[1], 10, 100, 0);
    MUST(set_option(fds[1], SO_PASSCRED, 1));
    int extra = MUST(dup(0));
    MUST(send_rights(fds[0], "all", 3, &extra, 1, 0));
    show_recvmsg(words("%s: credentials, rights and pidfd", kind), fds[1], 10, 200, 0);
    const int rooms[] = {16, 19, 20, 24, 32, 40, 48, 50, 52, 56, 64};
    for (size_t k = 0; k < COUNT(rooms); k++) {
      MUST(send(fds[0], "x", 1, 0));
      show_recvmsg(words("%s: room %d", kind, rooms[k]), fds[1], 10, rooms[k], 0);
    }
    MUST(set_option(fds[1], SO_PASSCRED, 0));
    MUST(send(fds[0], "x", 1, 0));
    show_recvmsg(words("%s: no room at all", kind), fds[1], 10, -1, 0);
    struct outgoing out;
    outgoing_init(&out, "x", 1);
    outgoing_add(&out, SCM_PIDFD, &pidfd, sizeof pidfd);
    show(words("%s: sending SCM_PIDFD", kind), sendmsg(fds[0], &out.header, 0));
    close(pidfd);
  }
  pidfd_of("unconnected", MUST(socket(AF_UNIX, SOCK_STREAM, 0)));

  int listener = listener_at("l", 5);
  pid_t child = MUST(fork());
  if (child == 0) {
    int fd = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
    MUST(connect_to(fd, "l"));
    MUST(write(fd, "hi", 2));
    pause();
    _exit(0);
  }
  int server = MUST(accept(listener, NULL, NULL));
  MUST(set_option(server, SO_PASSPIDFD, 1));
  int peer = pidfd_of("the client", server);
  say("is the child: %d", pid_in(peer) == child);
  show_recvmsg("its message", server, 10, 100, 0);
  show_poll("alive", peer);
  show("pidfd_send_signal 0", syscall(SYS_pidfd_send_signal, peer, 0, NULL, 0));
  show("pidfd_send_signal SIGTERM", syscall(SYS_pidfd_send_signal, peer, SIGTERM, NULL, 0));
  struct pollfd entry = {peer, POLLIN, 0};
  say("poll until it ends: %d", poll(&entry, 1, 10000));
  siginfo_t info = {0};
  show("waitid P_PIDFD", waitid(P_PIDFD, peer, &info, WEXITED));
  say("code %d status %d", info.si_code, info.si_status);
  show("signal to the dead", syscall(SYS_pidfd_send_signal, peer, SIGTERM, NULL, 0));
  int late = pidfd_of("SO_PEERPIDFD of the reaped", server);
  if (late >= 0) show("signal through it", syscall(SYS_pidfd_send_signal, late, SIGTERM, NULL, 0));
  show("connected to it", pidfd_of("listener's own", listener) >= 0);
  return 0;
}
