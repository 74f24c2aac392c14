// U45: poll masks in every state; select and epoll agree; edges on every arrival; EPOLLONESHOT, EPOLLEXCLUSIVE.
#include "../lib/unix-messages.h"
#include <sys/select.h>

static const char *event_names(unsigned events) {
  static char text[4][160];
  static int turn;
  static const struct { unsigned bit; const char *name; } NAMES[] = {
      {POLLIN, "IN"},       {POLLPRI, "PRI"},       {POLLOUT, "OUT"},       {POLLERR, "ERR"},       {POLLHUP, "HUP"}, {POLLNVAL, "NVAL"},
      {POLLRDNORM, "RDNORM"}, {POLLRDBAND, "RDBAND"}, {POLLWRNORM, "WRNORM"}, {POLLWRBAND, "WRBAND"}, {POLLRDHUP, "RDHUP"}};
  char *out = text[turn = (turn + 1) % 4];
  out[0] = 0;
  for (size_t i = 0; i < COUNT(NAMES); i++)
    if (events & NAMES[i].bit) sprintf(out + strlen(out), "%s%s", out[0] ? " " : "", NAMES[i].name);
  return out[0] ? out : "none";
}

static void all(const char *label, int fd) {
  struct pollfd entry = {fd, 0x7fff & ~POLLNVAL, 0};
  MUST(poll(&entry, 1, 0));
  int watch = MUST(epoll_create1(0));
  struct epoll_event event = {.events = POLLIN | POLLPRI | POLLOUT | POLLRDNORM | POLLRDBAND | POLLWRNORM | POLLWRBAND | POLLRDHUP};
  MUST(epoll_ctl(watch, EPOLL_CTL_ADD, fd, &event));
  event.events = 0;
  MUST(epoll_wait(watch, &event, 1, 0));
  close(watch);
  fd_set in, out, except;
  FD_ZERO(&in);
  FD_ZERO(&out);
  FD_ZERO(&except);
  FD_SET(fd, &in);
  FD_SET(fd, &out);
  FD_SET(fd, &except);
  struct timeval none = {0, 0};
  MUST(select(fd + 1, &in, &out, &except, &none));
  say("%s: %s; epoll same %d; select %s%s%s", label, event_names((unsigned short)entry.revents),
      (event.events & 0xffff) == (unsigned short)entry.revents, FD_ISSET(fd, &in) ? "r" : "-",
      FD_ISSET(fd, &out) ? "w" : "-", FD_ISSET(fd, &except) ? "x" : "-");
}

static unsigned wait_one(int watch, int timeout) {
  struct epoll_event event = {0};
  return epoll_wait(watch, &event, 1, timeout) == 1 ? event.events : 0;
}

int main(void) {
  for (int i = 0; i < 3; i++) {
    const char *kind = type_name(ALL_TYPES[i]);
    int fds[3] = {-1, -1, -1}, fd = MUST(socket(AF_UNIX, ALL_TYPES[i], 0));
    all(words("%s: new", kind), fd);
    MUST(bind_to(fd, words("s%d", i)));
    all(words("%s: bound", kind), fd);
    if (i != 1) {
      MUST(listen(fd, 5));
      all(words("%s: listening", kind), fd);
      int client = MUST(socket(AF_UNIX, ALL_TYPES[i], 0));
      MUST(connect_to(client, words("s%d", i)));
      all(words("%s: a connection waits", kind), fd);
      all(words("%s: the client", kind), client);
      close(client);
      all(words("%s: the client closed", kind), fd);
      int server = MUST(accept(fd, NULL, NULL));
      all(words("%s: accepted afterwards", kind), server);
      all(words("%s: none waits", kind), fd);
      MUST(shutdown(fd, SHUT_RDWR));
      all(words("%s: listener shut down", kind), fd);
    }
    pair_of(ALL_TYPES[i], fds);
    all(words("%s: pair", kind), fds[0]);
    MUST(send(fds[1], "x", 1, 0));
    all(words("%s: data", kind), fds[0]);
    char data[300000];
    MUST(recv(fds[0], data, 1, 0));
    // POLLOUT while 4 x queued <= SO_SNDBUF.
    int count = 0;
    struct pollfd out = {fds[0], POLLOUT, 0};
    while (poll(&out, 1, 0) == 1) {
      MUST(send(fds[0], "x", 1, 0));
      count++;
    }
    say("%s: POLLOUT ends after %d sends, charged %ld", kind, count, queue_size(fds[0], SIOCOUTQ));
    show(words("%s: but send works", kind), send(fds[0], "x", 1, MSG_DONTWAIT));
    while (poll(&out, 1, 0) == 0) {
      MUST(recv(fds[1], data, 1, 0));
      count--;
    }
    say("%s: and is back at %ld", kind, queue_size(fds[0], SIOCOUTQ));
    while (recv(fds[1], data, sizeof data, MSG_DONTWAIT) > 0) continue;
    MUST(shutdown(fds[1], SHUT_WR));
    all(words("%s: peer SHUT_WR", kind), fds[0]);
    all(words("%s: own SHUT_WR", kind), fds[1]);
    MUST(shutdown(fds[1], SHUT_RD));
    all(words("%s: peer SHUT_RDWR", kind), fds[0]);
    all(words("%s: own SHUT_RDWR", kind), fds[1]);
    pair_of(ALL_TYPES[i], fds);
    close(fds[1]);
    all(words("%s: peer closed", kind), fds[0]);
    pair_of(ALL_TYPES[i], fds);
    MUST(send(fds[0], "x", 1, 0));
    MUST(send(fds[1], "x", 1, 0));
    close(fds[1]);
    all(words("%s: peer closed with unread data", kind), fds[0]);
    (void)int_option(fds[0], SO_ERROR);
    all(words("%s: error taken", kind), fds[0]);

    // Edges: one for each arrival, also when the last was not read.
    pair_of(ALL_TYPES[i], fds);
    int watch = MUST(epoll_create1(0));
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP | EPOLLET};
    MUST(epoll_ctl(watch, EPOLL_CTL_ADD, fds[0], &event));
    say("%s: edge at first %s", kind, event_names(wait_one(watch, 0)));
    for (int k = 0; k < 2; k++) {
      MUST(send(fds[1], "ab", 2, 0));
      say("%s: edge after send %s", kind, event_names(wait_one(watch, 0)));
      say("%s: no second %s", kind, event_names(wait_one(watch, 0)));
    }
    MUST(recv(fds[0], data, 1, 0));
    say("%s: reading a part makes no edge: %s", kind, event_names(wait_one(watch, 0)));
    event.events = EPOLLIN | EPOLLET;
    MUST(epoll_ctl(watch, EPOLL_CTL_MOD, fds[0], &event));
    say("%s: EPOLL_CTL_MOD looks again: %s", kind, event_names(wait_one(watch, 0)));
    event.events = EPOLLIN | EPOLLONESHOT;
    MUST(epoll_ctl(watch, EPOLL_CTL_MOD, fds[0], &event));
    say("%s: one shot %s", kind, event_names(wait_one(watch, 0)));
    MUST(send(fds[1], "c", 1, 0));
    say("%s: is used up: %s", kind, event_names(wait_one(watch, 0)));
    event.events = EPOLLIN | EPOLLRDHUP;
    MUST(epoll_ctl(watch, EPOLL_CTL_MOD, fds[0], &event));
    say("%s: level %s", kind, event_names(wait_one(watch, 0)));
    say("%s: level %s", kind, event_names(wait_one(watch, 0)));
    close(fds[1]);
    say("%s: level, peer closed %s", kind, event_names(wait_one(watch, 0)));
    close(fds[0]);
    say("%s: closed descriptors leave: %s", kind, event_names(wait_one(watch, 0)));
    close(watch);
    pair_of(ALL_TYPES[i], fds);
    watch = MUST(epoll_create1(0));
    event.events = EPOLLOUT | EPOLLET;
    MUST(epoll_ctl(watch, EPOLL_CTL_ADD, fds[0], &event));
    say("%s: room edge at first %s", kind, event_names(wait_one(watch, 0)));
    MUST(send(fds[0], "abc", 3, 0));
    say("%s: after own send: %s", kind, event_names(wait_one(watch, 0)));
    MUST(recv(fds[1], data, 3, 0));
    say("%s: after the peer's read: %s", kind, event_names(wait_one(watch, 0)));
    MUST(send(fds[1], "abc", 3, 0));
    say("%s: after an arrival: %s", kind, event_names(wait_one(watch, 0)));
    event.events = EPOLLIN | EPOLLEXCLUSIVE;
    MUST(epoll_ctl(watch, EPOLL_CTL_DEL, fds[0], NULL));
    MUST(epoll_ctl(watch, EPOLL_CTL_ADD, fds[0], &event));
    say("%s: exclusive %s", kind, event_names(wait_one(watch, 0)));
    show(words("%s: exclusive, modified", kind), epoll_ctl(watch, EPOLL_CTL_MOD, fds[0], &event));
    close(watch), close(fds[0]), close(fds[1]);
  }
  // A waiter in poll is woken by each kind of event.
  for (int what = 0; what < 4; what++) {
    int fds[2];
    pair_of(SOCK_STREAM, fds);
    pid_t child = MUST(fork());
    if (child == 0) {
      close(fds[1]);
      struct pollfd entry = {fds[0], POLLIN | POLLRDHUP, 0};
      int ready = poll(&entry, 1, 10000);
      say("woken: %d %s", ready, event_names(entry.revents));
      _exit(0);
    }
    MUST(await_state(child, "S") - 1);
    if (what == 0) MUST(write(fds[1], "x", 1));
    if (what == 1) MUST(shutdown(fds[1], SHUT_WR));
    if (what == 2) MUST(shutdown(fds[0], SHUT_RD));
    if (what == 3) close(fds[1]);
    show_wait("poller", child);
  }
  return 0;
}
