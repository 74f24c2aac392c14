// Ten thousand sockets open at once: pairs, bound datagram sockets, listeners with a connection each. None is lost or mixed.
// needs: root
#include "../lib/unix-messages.h"
#include <poll.h>

enum { PAIRS = 3000, DATAGRAMS = 1000, LISTENERS = 1000, SOCKETS = 2 * PAIRS + DATAGRAMS + 3 * LISTENERS };

static int pairs[PAIRS][2], datagrams[DATAGRAMS], listeners[LISTENERS], clients[LISTENERS], servers[LISTENERS];
static struct pollfd polled[SOCKETS];
static struct epoll_event events[SOCKETS];

static int wrong;
static void expect_number(int fd, int number) {
  int got = -1;
  wrong += recv(fd, &got, sizeof got, MSG_DONTWAIT) != sizeof got || got != number;
}

int main(void) {
  struct rlimit limit = {SOCKETS + 100, SOCKETS + 100};
  CALL(setrlimit(RLIMIT_NOFILE, &limit));
  int self = getpid(), sender = MUST(socket(AF_UNIX, SOCK_DGRAM, 0));
  MUST(set_option(sender, SO_SNDBUF, 1 << 20));  // it pays for all datagrams
  for (int i = 0; i < PAIRS; i++) pair_of(i % 3 == 0 ? SOCK_SEQPACKET : SOCK_STREAM, pairs[i]);
  for (int i = 0; i < DATAGRAMS; i++) datagrams[i] = bound_socket(SOCK_DGRAM, words("@many-%d-d%d", self, i));
  for (int i = 0; i < LISTENERS; i++) {
    listeners[i] = listener_at(words("@many-%d-l%d", self, i), 1);
    clients[i] = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
    MUST(connect_to(clients[i], words("@many-%d-l%d", self, i)));
  }
  for (int i = LISTENERS - 1; i >= 0; i--) servers[i] = MUST(accept(listeners[i], NULL, NULL));

  int open = 0;
  for (int fd = 3; fd < SOCKETS + 100; fd++) {
    struct stat info;
    if (fstat(fd, &info) == 0 && S_ISSOCK(info.st_mode) && fd != sender) polled[open < SOCKETS ? open : 0].fd = fd, open++;
  }
  say("open sockets: %d", open);
  for (int i = 0; i < PAIRS; i++) MUST(send(pairs[i][0], &i, sizeof i, 0));
  for (int i = 0; i < DATAGRAMS; i++) {
    struct sockaddr_un name;
    socklen_t length = sizeof name;
    MUST(getsockname(datagrams[i], (void *)&name, &length));
    MUST(sendto(sender, &i, sizeof i, 0, (void *)&name, length));
  }
  for (int i = 0; i < LISTENERS; i++) MUST(send(clients[i], &i, sizeof i, 0));

  for (int i = 0; i < SOCKETS; i++) polled[i].events = POLLIN;
  show("poll of all: ready", poll(polled, SOCKETS, 0));
  int epoll = MUST(epoll_create1(0));
  for (int i = 0; i < SOCKETS; i++) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = polled[i].fd};
    MUST(epoll_ctl(epoll, EPOLL_CTL_ADD, polled[i].fd, &event));
  }
  show("epoll of all: ready", epoll_wait(epoll, events, SOCKETS, 0));

  for (int i = 0; i < PAIRS; i++) expect_number(pairs[i][1], i);
  for (int i = 0; i < DATAGRAMS; i++) expect_number(datagrams[i], i);
  for (int i = 0; i < LISTENERS; i++) expect_number(servers[i], i);
  say("wrong messages: %d", wrong);
  show("poll of all, read: ready", poll(polled, SOCKETS, 0));
  show("epoll of all, read: ready", epoll_wait(epoll, events, SOCKETS, 0));
  for (int i = 0; i < SOCKETS; i++) MUST(close(polled[i].fd));
  show("epoll, all closed: ready", epoll_wait(epoll, events, SOCKETS, 0));
  int again = listener_at(words("@many-%d-l0", self), 1);
  say("a name is free again: %d", again >= 0);
  return 0;
}
