// Who of several that wait is woken: one for a datagram or a connection, all for a stream; EPOLLEXCLUSIVE, edges.
// rows: U45 U42
#include "../lib/waiters.h"

static int fds[2];

static void give(int fd, const char *text) { MUST(send(fd, text, strlen(text), MSG_NOSIGNAL)); }

static void readers(int type) {
  const char *kind = type_name(type);
  pair_of(type, fds);
  for (int i = 0; i < 3; i++) add_waiter(IN_READ, fds[0]);
  for (int i = 1; i <= 7; i++) {
    give(fds[1], "1234567" + 7 - i);
    show_woken(words("%s, message %d", kind, i));
  }
  // a byte cannot be read by two, and so one of two that come together may do both
  MUST(shutdown(fds[0], SHUT_RD));
  settle();
  say("%s, SHUT_RD: %d woken", kind, woken_count);
  woken_count = 0;
  end_waiters(words("%s, at the end", kind));
  close(fds[0]), close(fds[1]);
}

// One that peeks takes nothing, and nobody else is woken for it.
static void peekers(int type) {
  const char *kind = type_name(type);
  pair_of(type, fds);
  for (int i = 0; i < 2; i++) add_waiter(IN_PEEK, fds[0]);
  add_waiter(IN_READ, fds[0]);
  give(fds[1], "abc");
  show_woken(words("%s, first message", kind));
  give(fds[1], "de");
  show_woken(words("%s, second message", kind));
  give(fds[1], "f");
  show_woken(words("%s, third message", kind));
  end_waiters(words("%s, at the end", kind));
  close(fds[0]), close(fds[1]);
}

static void accepts(int type) {
  const char *kind = type_name(type);
  char name[40];
  snprintf(name, sizeof name, "@u45-%d-%d", getpid(), type);
  int listener = bound_socket(type, name), clients[5];
  MUST(listen(listener, 5));
  for (int i = 0; i < 3; i++) add_waiter(IN_ACCEPT, listener);
  for (int i = 0; i < 5; i++) {
    clients[i] = MUST(socket(AF_UNIX, type, 0));
    MUST(connect_to(clients[i], name));
    show_woken(words("%s, connection %d", kind, i + 1));
  }
  MUST(shutdown(listener, SHUT_RD));
  settle();
  say("%s, SHUT_RD: %d woken", kind, woken_count);
  woken_count = 0;
  end_waiters(words("%s, at the end", kind));
  for (int i = 0; i < 5; i++) close(clients[i]);
  close(listener);
}

// The peer of a datagram socket goes elsewhere: the error is one reader's.
static void errors(void) {
  int receiver = bound_socket(SOCK_DGRAM, "@u45-receiver"), other = bound_socket(SOCK_DGRAM, "@u45-other");
  int peer = bound_socket(SOCK_DGRAM, "@u45-peer");
  MUST(connect_to(receiver, "@u45-peer"));
  MUST(connect_to(peer, "@u45-receiver"));
  for (int i = 0; i < 3; i++) add_waiter(IN_READ, receiver);
  give(receiver, "unread");
  MUST(connect_to(peer, "@u45-other"));
  show_woken("a peer that leaves");
  end_waiters("a peer that leaves");
  close(receiver), close(other), close(peer);
}

static int epoll_of(int fd, unsigned events) {
  int epoll = MUST(epoll_create1(0));
  struct epoll_event event = {.events = events};
  MUST(epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event));
  return epoll;
}

// Three epolls that watch one socket, each with a thread that waits.
static void several_epolls(int type, const char *how, unsigned first, unsigned second, unsigned third) {
  int epolls[3];
  unsigned events[] = {first, second, third};
  pair_of(type, fds);
  for (int i = 0; i < 3; i++) {
    epolls[i] = epoll_of(fds[0], events[i]);
    add_waiter(IN_EPOLL, epolls[i]);
  }
  give(fds[1], "x");
  show_woken(words("%s, epolls %s, first message", type_name(type), how));
  give(fds[1], "y");
  show_woken(words("%s, epolls %s, second message", type_name(type), how));
  close(fds[1]);
  settle();
  say("%s, epolls %s, the end: %d woken", type_name(type), how, woken_count);
  woken_count = 0;
  end_waiters(NULL);
  for (int i = 0; i < 3; i++) close(epolls[i]);
  close(fds[0]);
}

// An epoll nobody waits at does not count.
static void absent(int type) {
  pair_of(type, fds);
  int first = epoll_of(fds[0], EPOLLIN | EPOLLEXCLUSIVE | EPOLLET), second = epoll_of(fds[0], EPOLLIN | EPOLLEXCLUSIVE | EPOLLET);
  struct epoll_event event;
  add_waiter(IN_EPOLL, second);
  give(fds[1], "x");
  show_woken(words("%s, waiting at the second", type_name(type)));
  show(words("%s, first epoll", type_name(type)), epoll_wait(first, &event, 1, 0));
  end_waiters(NULL);
  add_waiter(IN_EPOLL, first);
  give(fds[1], "y");
  show_woken(words("%s, waiting at the first", type_name(type)));
  show(words("%s, second epoll", type_name(type)), epoll_wait(second, &event, 1, 0));
  end_waiters(NULL);
  close(first), close(second), close(fds[0]), close(fds[1]);
}

// Several threads at one epoll.
static void one_epoll(int type, const char *how, unsigned events) {
  pair_of(type, fds);
  int epoll = epoll_of(fds[0], events);
  char data[8];
  for (int i = 0; i < 3; i++) {
    add_waiter(IN_EPOLL, epoll);
  }
  give(fds[1], "x");
  settle();
  say("%s, one epoll %s: %d woken", type_name(type), how, woken_count);
  if (events & EPOLLET) show_woken(words("%s, one epoll %s, first message", type_name(type), how));
  woken_count = 0;
  MUST(recv(fds[0], data, sizeof data, 0));
  give(fds[1], "y");
  if (events & EPOLLET) show_woken(words("%s, one epoll %s, second message", type_name(type), how));
  settle();
  end_waiters(words("%s, one epoll %s", type_name(type), how));
  close(epoll), close(fds[0]), close(fds[1]);
}

// Readers and epolls together.
static void mixed(int type, const char *how, unsigned events, bool isEpollFirst) {
  pair_of(type, fds);
  int epoll = -1;
  if (isEpollFirst) epoll = epoll_of(fds[0], events);
  add_waiter(IN_PEEK, fds[0]); // takes nothing from the epoll's thread
  if (!isEpollFirst) epoll = epoll_of(fds[0], events);
  add_waiter(IN_EPOLL, epoll);
  give(fds[1], "x");
  settle();
  int done[] = {waiters[0].done, waiters[1].done};
  say("%s, a reader and an epoll %s%s: reader %d, epoll %d", type_name(type), how, isEpollFirst ? " before it" : "", done[0], done[1]);
  woken_count = 0;
  end_waiters(NULL);
  close(epoll), close(fds[0]), close(fds[1]);
}

// poll waits beside a reader and hears of everything.
static void polls(int type) {
  pair_of(type, fds);
  add_waiter(IN_PEEK, fds[0]);
  for (int i = 0; i < 2; i++) add_waiter(IN_POLL, fds[0]);
  give(fds[1], "x");
  settle();
  say("%s, a reader and polls: %d woken", type_name(type), woken_count);
  end_waiters(NULL);
  close(fds[0]), close(fds[1]);
}

int main(void) {
  for (int i = 0; i < 3; i++) {
    int type = ALL_TYPES[i];
    if (type != SOCK_STREAM) readers(type), peekers(type);
    if (type != SOCK_DGRAM) accepts(type);
    several_epolls(type, "shared", EPOLLIN | EPOLLET, EPOLLIN | EPOLLET, EPOLLIN | EPOLLET);
    several_epolls(type, "exclusive", EPOLLIN | EPOLLET | EPOLLEXCLUSIVE, EPOLLIN | EPOLLET | EPOLLEXCLUSIVE,
                   EPOLLIN | EPOLLET | EPOLLEXCLUSIVE);
    several_epolls(type, "exclusive, level", EPOLLIN | EPOLLEXCLUSIVE, EPOLLIN | EPOLLEXCLUSIVE, EPOLLIN | EPOLLEXCLUSIVE);
    several_epolls(type, "mixed", EPOLLIN | EPOLLEXCLUSIVE, EPOLLIN, EPOLLIN | EPOLLEXCLUSIVE);
    absent(type);
    one_epoll(type, "level", EPOLLIN);
    one_epoll(type, "edge", EPOLLIN | EPOLLET);
    one_epoll(type, "oneshot", EPOLLIN | EPOLLET | EPOLLONESHOT);
    mixed(type, "shared", EPOLLIN | EPOLLET, false);
    mixed(type, "shared", EPOLLIN | EPOLLET, true);
    mixed(type, "exclusive", EPOLLIN | EPOLLET | EPOLLEXCLUSIVE, true);
    polls(type);
  }
  errors();
  return 0;
}
