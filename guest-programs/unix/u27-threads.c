// Credentials and pidfds of threads: a tid given by hand, a leader that is gone, a sender that runs another program.
// rows: U26 U27
// needs: root
#include "../lib/unix-messages.h"
#include <pthread.h>

static int fds[2];

static void show_pidfd(const char *label, int pidfd) {
  if (pidfd < 0) {
    say("%s: no pidfd, %s", label, errno_name(-pidfd));
    return;
  }
  char path[60], text[200], line[300] = "";
  snprintf(path, sizeof path, "/proc/self/fdinfo/%d", pidfd);
  FILE *information = fopen(path, "r");
  while (information && fgets(text, sizeof text, information)) {
    if (strncmp(text, "Pid:", 4) == 0) snprintf(line, sizeof line, "pid %s", atoi(text + 4) < 0 ? "-1" : pid_name(atoi(text + 4)));
    if (strncmp(text, "NSpid:", 6) == 0) snprintf(line + strlen(line), 60, ", NSpid %s", atoi(text + 6) < 0 ? "-1" : pid_name(atoi(text + 6)));
  }
  if (information) fclose(information);
  struct pollfd entry = {pidfd, POLLIN, 0};
  int ready = poll(&entry, 1, 0);
  say("%s: %s, flags %#x, poll %d %#x", label, line, fcntl(pidfd, F_GETFL) & ~O_LARGEFILE & ~0100000, ready, entry.revents);
  show(words("%s: signal 0", label), syscall(424, pidfd, 0, NULL, 0));
  close(pidfd);
}

static void show_message(const char *label) {
  char data[10], control[200] __attribute__((aligned(8)));
  struct iovec into = {data, sizeof data};
  struct msghdr message = {.msg_iov = &into, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof control};
  ssize_t got = recvmsg(fds[1], &message, MSG_DONTWAIT);
  if (got == -1) {
    show(label, -1);
    return;
  }
  say("%s: %zd, flags %s", label, got, flag_names(message.msg_flags));
  for (struct cmsghdr *header = CMSG_FIRSTHDR(&message); header; header = CMSG_NXTHDR(&message, header)) {
    struct ucred who;
    int pidfd;
    if (header->cmsg_type == SCM_CREDENTIALS) {
      memcpy(&who, CMSG_DATA(header), sizeof who);
      say("%s: credentials %s %d %d", label, pid_name(who.pid), (int)who.uid, (int)who.gid);
    } else if (header->cmsg_type == SCM_PIDFD) {
      memcpy(&pidfd, CMSG_DATA(header), sizeof pidfd);
      show_pidfd(label, pidfd);
    }
  }
}

static void *in_thread(void *unused) {
  MUST(send(fds[0], "t", 1, 0));
  show_message("sent by a thread");
  show("a tid by hand", send_credentials(fds[0], "x", gettid(), 0, 0));
  show_message("a tid by hand");
  show("the pid by hand", send_credentials(fds[0], "x", getpid(), 7, 8));
  show_message("the pid by hand");
  show("pid 0 by hand", send_credentials(fds[0], "x", 0, 0, 0));
  show_message("pid 0 by hand");
  show("pid -1 by hand", send_credentials(fds[0], "x", -1, 0, 0));
  show_message("pid -1 by hand");
  return unused;
}

static void *wait_a_while(void *unused) {
  sleep_ms(60);
  _exit(5);
  return unused;
}

static void gone(int type) {
  int pair[2];
  pair_of(type, pair);
  fds[0] = pair[0], fds[1] = pair[1];
  MUST(set_option(fds[1], SO_PASSCRED, 1));
  MUST(set_option(fds[1], SO_PASSPIDFD, 1));
  pid_t child = MUST(fork());
  if (child == 0) {
    send(fds[0], "c", 1, 0);
    _exit(3);
  }
  siginfo_t info;
  MUST(waitid(P_PID, child, &info, WEXITED | WNOWAIT));
  show_message(words("%s: a zombie's", type_name(type)));
  child = MUST(fork());
  if (child == 0) {
    send(fds[0], "c", 1, 0);
    _exit(3);
  }
  MUST(waitpid(child, NULL, 0));
  show_message(words("%s: from one that was waited for", type_name(type)));
  while (waitpid(-1, NULL, 0) > 0) continue;
  // the leader is gone, a thread lives
  child = MUST(fork());
  if (child == 0) {
    pthread_t thread;
    pthread_create(&thread, NULL, wait_a_while, NULL);
    send(fds[0], "l", 1, 0);
    syscall(SYS_exit, 0);
  }
  sleep_ms(20);
  show_message(words("%s: the leader is gone, a thread lives", type_name(type)));
  MUST(waitpid(child, NULL, 0));
  close(fds[0]), close(fds[1]);
}

static void peers(void) {
  int listener = bound_socket(SOCK_STREAM, "@u27-threads");
  MUST(listen(listener, 5));
  for (int how = 0; how < 3; how++) {
    static const char *HOW[] = {"lives", "zombie", "gone"};
    pid_t child = MUST(fork());
    if (child == 0) {
      int fd = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
      MUST(connect_to(fd, "@u27-threads"));
      if (how == 0) sleep_ms(100);
      _exit(0);
    }
    int fd = MUST(accept(listener, NULL, NULL)), pidfd = -1;
    siginfo_t info;
    if (how == 1) MUST(waitid(P_PID, child, &info, WEXITED | WNOWAIT));
    if (how == 2) MUST(waitpid(child, NULL, 0));
    socklen_t length = sizeof pidfd;
    show(words("peer %s: SO_PEERPIDFD", HOW[how]), getsockopt(fd, SOL_SOCKET, SO_PEERPIDFD, &pidfd, &length));
    show_pidfd(words("peer %s", HOW[how]), pidfd);
    struct ucred who = {0};
    length = sizeof who;
    MUST(getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &length));
    say("peer %s: SO_PEERCRED is the child's: %d", HOW[how], who.pid == child);
    waitpid(child, NULL, 0);
    close(fd);
  }
}

int main(void) {
  pthread_t thread;
  pair_of(SOCK_DGRAM, fds);
  MUST(set_option(fds[1], SO_PASSCRED, 1));
  MUST(set_option(fds[1], SO_PASSPIDFD, 1));
  MUST(-pthread_create(&thread, NULL, in_thread, NULL));
  pthread_join(thread, NULL);
  for (int i = 0; i < 3; i++) gone(ALL_TYPES[i]);
  peers();
  return 0;
}
