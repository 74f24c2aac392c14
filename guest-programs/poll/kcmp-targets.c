// kcmp(2), KCMP_EPOLL_TFD: whether a descriptor is the file that an epoll instance watches under a number, and KCMP_FILE beside it.
// needs: root
#include "../lib/observe.h"
#include <linux/kcmp.h>
#include <sys/epoll.h>
#include <sys/syscall.h>

static int epoll, fds[2];

// 0 the same, 1 another; which of two comes first is of no meaning.
static long compare(pid_t one, pid_t other, int type, unsigned long a, unsigned long b) {
  long order = syscall(SYS_kcmp, one, other, type, a, b);
  return order == 2 ? 1 : order;
}

static void target(const char *label, int fd, struct kcmp_epoll_slot slot) {
  show(label, compare(getpid(), getpid(), KCMP_EPOLL_TFD, (unsigned long)fd, (unsigned long)&slot));
}

// Which comes first of those with the same number is of no meaning either.
static int places(int fd, struct kcmp_epoll_slot slot) {
  int found = 0;
  for (slot.toff = 0; slot.toff < 2; slot.toff++)
    found += compare(getpid(), getpid(), KCMP_EPOLL_TFD, (unsigned long)fd, (unsigned long)&slot) == 0;
  return found;
}

static void watch(int operation, int fd) {
  struct epoll_event event = {.events = EPOLLIN};
  MUST(epoll_ctl(epoll, operation, fd, &event));
}

int main(void) {
  epoll = MUST(epoll_create1(0));
  MUST(pipe(fds));
  int copy = MUST(dup(fds[0]));
  watch(EPOLL_CTL_ADD, fds[0]);
  struct kcmp_epoll_slot slot = {.efd = (unsigned)epoll, .tfd = (unsigned)fds[0]};
  target("the watched descriptor", fds[0], slot);
  target("a copy of it", copy, slot);
  target("another file", fds[1], slot);
  target("the instance itself", epoll, slot);
  slot.tfd = (unsigned)copy;
  target("a number that is not watched", fds[0], slot);
  slot.tfd = (unsigned)fds[0], slot.toff = 1;
  target("a second file of that number", fds[0], slot);
  slot.toff = 0, slot.efd = (unsigned)fds[0];
  target("no epoll instance", fds[0], slot);
  slot.efd = 99;
  target("no such instance", fds[0], slot);
  slot.efd = (unsigned)epoll;
  target("no such descriptor", 99, slot);
  show("no slot", compare(getpid(), getpid(), KCMP_EPOLL_TFD, (unsigned long)fds[0], 0));

  // the number means another file now, and both are watched under it
  MUST(dup2(fds[1], fds[0]));
  watch(EPOLL_CTL_ADD, fds[0]);
  say("of two, one is the old file: %d", places(copy, slot));
  say("and one the new: %d", places(fds[1], slot));
  slot.toff = 2;
  target("third of two", copy, slot);

  int turn[2];
  MUST(pipe(turn));
  pid_t child = MUST(fork());
  if (child == 0) await_turn(turn[0]), _exit(0);
  show("KCMP_FILE of the child's", compare(getpid(), child, KCMP_FILE, (unsigned long)copy, (unsigned long)copy));
  int same = 0;
  for (slot.toff = 0; slot.toff < 2; slot.toff++)
    same += compare(getpid(), child, KCMP_EPOLL_TFD, (unsigned long)copy, (unsigned long)&slot) == 0;
  say("its instance's targets: %d", same);
  show("of nobody", compare(getpid(), 0x3ffffe, KCMP_EPOLL_TFD, (unsigned long)copy, (unsigned long)&slot));
  hand_over(turn[1]);
  show_wait("child", child);
  return 0;
}
