// A thousand connections wait on one listener, hundred threads wait to get in: all are accepted, first come first served.
#include "../lib/unix-messages.h"
#include <poll.h>
#include <pthread.h>

enum { BACKLOG = 999, FIT = BACKLOG + 1, THREADS = 100 };

static char name[40];
static int blocked[THREADS];

static void *come_late(void *which) {
  int number = (int)(intptr_t)which, fd = blocked[number - FIT];
  MUST(connect_to(fd, name));
  MUST(send(fd, &number, sizeof number, 0));
  return NULL;
}

int main(void) {
  static int clients[FIT];
  static char seen[FIT + THREADS];
  struct rlimit limit;
  MUST(getrlimit(RLIMIT_NOFILE, &limit));
  limit.rlim_cur = limit.rlim_max;
  MUST(setrlimit(RLIMIT_NOFILE, &limit));
  snprintf(name, sizeof name, "@waiting-%d", getpid());
  int listener = listener_at(name, BACKLOG), refused = MUST(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));
  for (int i = 0; i < FIT; i++) {
    clients[i] = MUST(socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0));
    MUST(connect_to(clients[i], name));
    MUST(send(clients[i], &i, sizeof i, 0));
  }
  say("waiting: %d", FIT);
  show("one more, not waiting", connect_to(refused, name));
  show_poll("listener", listener);

  pthread_t threads[THREADS];
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 128 * 1024);
  for (int i = 0; i < THREADS; i++) {
    blocked[i] = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
    if (pthread_create(&threads[i], &small, come_late, (void *)(intptr_t)(FIT + i)) != 0) return 1;
  }
  sleep_ms(50);
  int in_order = 0, distinct = 0;
  for (int i = 0; i < FIT + THREADS; i++) {
    int server = MUST(accept(listener, NULL, NULL)), number = -1;
    if (recv(server, &number, sizeof number, MSG_WAITALL) != sizeof number || number < 0 || number >= FIT + THREADS) continue;
    in_order += i < FIT && number == i;
    distinct += !seen[number];
    seen[number] = 1;
    close(server);
  }
  for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
  say("accepted in the order of arrival: %d", in_order);
  say("accepted in all: %d", distinct);
  show_poll("listener, all accepted", listener);
  MUST(fcntl(listener, F_SETFL, O_NONBLOCK));
  show("accept, nobody left", accept(listener, NULL, NULL));
  return 0;
}
