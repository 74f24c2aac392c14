// epolls that watch epolls: circles, depth, and how many ways may lead from one file to those that nothing watches.
#include "../lib/observe.h"
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>

static int watch(int epoll, int fd) {
  struct epoll_event event = {.events = EPOLLIN};
  return epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

// A file that ends of chains of `depth` epolls watch: how many chains there can be, up to `most`.
static void chains(int depth, int most) {
  int event = MUST(eventfd(0, 0)), count = 0;
  for (; count < most; count++) {
    int epolls[4];
    for (int i = 0; i < depth; i++) {
      epolls[i] = MUST(epoll_create1(0));
      if (i > 0) MUST(watch(epolls[i], epolls[i - 1]));
    }
    if (watch(epolls[0], event) == 0) continue;
    say("%d epolls deep: %s at number %d", depth, errno_name(errno), count);
    // it is not watched then, and can be where there is room
    CALL(epoll_ctl(epolls[0], EPOLL_CTL_DEL, event, NULL));
    CALL(watch(MUST(epoll_create1(0)), event));
    break;
  }
  if (count == most) say("%d epolls deep: all of %d", depth, most);
  closefrom(event);
}

int main(void) {
  MUST(setrlimit(RLIMIT_NOFILE, &(struct rlimit){4000, 4000}));
  int epolls[7];
  for (int i = 0; i < 7; i++) epolls[i] = MUST(epoll_create1(0));
  for (int i = 1; i < 7; i++) {
    say("depth %d", i);
    CALL(watch(epolls[i], epolls[i - 1]));
  }
  CALL(watch(epolls[0], epolls[0]));
  CALL(watch(epolls[0], epolls[1]));
  closefrom(epolls[0]);
  chains(1, 1100);
  chains(2, 600);
  chains(3, 200);
  chains(4, 100);
}
