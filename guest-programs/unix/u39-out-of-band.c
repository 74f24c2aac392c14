// U39: MSG_OOB on streams: the urgent byte, the mark, SIOCATMARK, POLLPRI, SIGURG, SO_OOBINLINE.
// contrary: An urgent byte that reads passed over can no longer be read, yet SIOCINQ goes on counting it.
#include "../lib/unix-messages.h"

static int fds[2];
static void show_mark(const char *label) {
  int mark = -1;
  if (ioctl(fds[1], SIOCATMARK, &mark) == -1) show(label, -1);
  else say("%s: at the mark %d, queued %ld", label, mark, queue_size(fds[1], FIONREAD));
}
static void show_recv(const char *label, size_t size, int flags) {
  char data[100];
  ssize_t got = recv(fds[1], data, size, flags | MSG_DONTWAIT);
  if (got == -1) show(label, -1);
  else say("%s: %zd %s", label, got, quoted(data, got));
}
static void fresh(const char *title) {
  close(fds[0]), close(fds[1]);
  pair_of(SOCK_STREAM, fds);
  say("-- %s", title);
}

// Descriptors in flight, as fdinfo counts them.
static void show_fdinfo(const char *label) {
  char path[64], line[100];
  snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fds[1]);
  FILE *information = fopen(path, "r");
  while (information && fgets(line, sizeof line, information))
    if (strncmp(line, "scm_fds:", 8) == 0) say("%s: %d descriptors", label, atoi(line + 8));
  if (information) fclose(information);
}

int main(void) {
  for (int i = 1; i < 3; i++) {
    pair_of(ALL_TYPES[i], fds);
    show(words("%s: send", type_name(ALL_TYPES[i])), send(fds[0], "x", 1, MSG_OOB));
    show(words("%s: recv", type_name(ALL_TYPES[i])), recv(fds[1], fds, 1, MSG_OOB | MSG_DONTWAIT));
    show_mark(type_name(ALL_TYPES[i]));
    close(fds[0]), close(fds[1]);
  }
  pair_of(SOCK_STREAM, fds);
  count_signals(SIGURG);
  for (int in_line = 0; in_line < 2; in_line++) {
    fresh(in_line ? "in line" : "out of line");
    MUST(set_option(fds[1], SO_OOBINLINE, in_line));
    show("no bytes", send(fds[0], "", 0, MSG_OOB));
    show_recv("nothing urgent", 10, MSG_OOB);
    show_mark("empty");
    show("send", send(fds[0], "abc", 3, 0));
    show("urgent", send(fds[0], "U", 1, MSG_OOB));
    show("send", send(fds[0], "def", 3, 0));
    show_mark("before");
    show_poll("poll", fds[1]);
    show_recv("peek over all", 100, MSG_PEEK);
    show_recv("peek urgent", 10, MSG_OOB | MSG_PEEK);
    show_recv("up to the mark", 100, 0);
    show_mark("at it");
    show_recv("peek at the mark", 100, MSG_PEEK);
    show_recv("urgent", 10, MSG_OOB);
    show_recv("urgent again", 10, MSG_OOB);
    show_poll("poll", fds[1]);
    show_mark("after");
    show_recv("beyond", 100, 0);
    show_mark("end");
    show_recv("nothing", 100, 0);

    fresh("never read");
    MUST(set_option(fds[1], SO_OOBINLINE, in_line));
    MUST(send(fds[0], "abc", 3, MSG_OOB));
    MUST(send(fds[0], "def", 3, 0));
    show_recv("first", 100, 0);
    show_recv("second", 100, 0);
    show_recv("urgent", 10, MSG_OOB);
    show_poll("poll", fds[1]);
    show_recv("third", 100, 0);

    fresh("read early");
    MUST(set_option(fds[1], SO_OOBINLINE, in_line));
    MUST(send(fds[0], "abc", 3, MSG_OOB));
    MUST(send(fds[0], "def", 3, 0));
    show_recv("urgent first", 10, MSG_OOB);
    show_mark("mark");
    show_recv("stops still", 100, 0);
    show_mark("mark");
    show_recv("goes on", 100, 0);

    fresh("a second urgent byte demotes the first");
    MUST(set_option(fds[1], SO_OOBINLINE, in_line));
    MUST(send(fds[0], "12", 2, MSG_OOB));
    MUST(send(fds[0], "34", 2, MSG_OOB));
    MUST(send(fds[0], "5", 1, 0));
    show_mark("mark");
    show_recv("read", 100, 0);
    show_recv("urgent", 10, MSG_OOB);
    show_recv("read", 100, 0);
    show_recv("read", 100, 0);

    fresh("read, then another");
    MUST(set_option(fds[1], SO_OOBINLINE, in_line));
    MUST(send(fds[0], "a", 1, MSG_OOB));
    show_recv("urgent", 10, MSG_OOB);
    MUST(send(fds[0], "b", 1, MSG_OOB));
    show_mark("mark");
    show_recv("urgent", 10, MSG_OOB);
    show_mark("mark");
    MUST(send(fds[0], "c", 1, 0));
    show_recv("read", 100, 0);
    show_mark("mark");

    fresh("only an urgent byte");
    MUST(set_option(fds[1], SO_OOBINLINE, in_line));
    MUST(send(fds[0], "z", 1, MSG_OOB));
    show_mark("mark");
    show_poll("poll", fds[1]);
    show("FIONREAD", queue_size(fds[1], FIONREAD));
    show_recv("read", 100, 0);
    show_mark("mark");
    show_recv("urgent", 10, MSG_OOB);
    show_poll("poll", fds[1]);
    show("outstanding", queue_size(fds[0], SIOCOUTQ));

    fresh("small reads");
    MUST(set_option(fds[1], SO_OOBINLINE, in_line));
    MUST(send(fds[0], "wxyz", 4, MSG_OOB));
    MUST(send(fds[0], "tail", 4, 0));
    for (int i = 0; i < 6; i++) {
      show_recv("two", 2, 0);
      show_mark("mark");
    }

    fresh("passed over, counted");
    MUST(set_option(fds[1], SO_OOBINLINE, in_line));
    MUST(send(fds[0], "abc", 3, MSG_OOB));
    MUST(send(fds[0], "de", 2, 0));
    say("queued: %ld", queue_size(fds[1], FIONREAD));
    show_recv("to the mark", 10, 0);
    say("queued at the mark: %ld", queue_size(fds[1], FIONREAD));
    show_recv("beyond", 10, 0);
    say("queued after all: %ld", queue_size(fds[1], FIONREAD));
    show_poll("poll", fds[1]);
    show_recv("urgent, too late", 10, MSG_OOB);
    show_recv("nothing", 10, 0);
    MUST(send(fds[0], "f", 1, 0));
    say("queued with one more: %ld", queue_size(fds[1], FIONREAD));
    show_recv("one more", 10, 0);
    say("queued at the end: %ld", queue_size(fds[1], FIONREAD));

    fresh("closed with an urgent byte read");
    MUST(set_option(fds[1], SO_OOBINLINE, in_line));
    MUST(send(fds[0], "q", 1, MSG_OOB));
    show_recv("urgent", 10, MSG_OOB);
    int kept = MUST(dup(fds[0]));
    close(fds[1]);
    fds[1] = MUST(dup(0));
    show_option("SO_ERROR at the sender", kept, SO_ERROR);
    close(kept);
  }
  fresh("SIGURG");
  show_caught("no owner", SIGURG);
  MUST(fcntl(fds[1], F_SETOWN, getpid()));
  MUST(send(fds[0], "u", 1, MSG_OOB));
  show_caught("with an owner", SIGURG);
  MUST(send(fds[0], "u", 1, 0));
  show_caught("an ordinary byte", SIGURG);
  MUST(fcntl(fds[1], F_SETOWN, -getpgrp()));
  MUST(send(fds[0], "u", 1, MSG_OOB));
  show_caught("the group", SIGURG);
  show_recvmsg("recvmsg", fds[1], 10, 100, MSG_OOB);
  show_recvmsg("recvmsg", fds[1], 10, 100, 0);
  fresh("rights of an urgent byte that nobody read");
  union { char room[CMSG_SPACE(4)]; struct cmsghdr header; } control = {.header = {CMSG_LEN(4), SOL_SOCKET, SCM_RIGHTS}};
  struct iovec byte = {"u", 1};
  struct msghdr message = {.msg_iov = &byte, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control.room};
  show("send", sendmsg(fds[0], &message, MSG_OOB));
  show_fdinfo("queued");
  show_recv("an ordinary read", 10, MSG_DONTWAIT);
  show_fdinfo("passed over");
  show("to a closed peer", (close(fds[1]), send(fds[0], "u", 1, MSG_OOB | MSG_NOSIGNAL)));
  show("empty to a closed peer", send(fds[0], "", 0, MSG_OOB | MSG_NOSIGNAL));
  return 0;
}
