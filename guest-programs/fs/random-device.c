// The ioctls of /dev/random and urandom, by which daemons feed the pool (rngd, haveged, systemd-random-seed); bad buffers; readiness.
// needs: root
#include "../lib/observe.h"
#include <linux/random.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <termios.h>

struct entropy {
  int bits, length;
  char bytes[64];
};

static void feed(const char *label, int fd, int bits, int length) {
  struct entropy entropy = {bits, length, "not much"};
  show(label, ioctl(fd, RNDADDENTROPY, &entropy));
}

static void requests(int fd, char *end) {
  int bits = -1;
  memset(end - 16, 0, 16);
  show("RNDGETENTCNT", ioctl(fd, RNDGETENTCNT, &bits));
  say("bits: %d", bits);
  CALL(ioctl(fd, RNDGETENTCNT, NULL));
  bits = 8;
  show("RNDADDTOENTCNT", ioctl(fd, RNDADDTOENTCNT, &bits));
  bits = -8;
  show("RNDADDTOENTCNT of less than nothing", ioctl(fd, RNDADDTOENTCNT, &bits));
  CALL(ioctl(fd, RNDADDTOENTCNT, NULL));
  feed("RNDADDENTROPY", fd, 8, 64);
  feed("of no bytes", fd, 8, 0);
  feed("of no bits", fd, 0, 64);
  feed("of less than no bits", fd, -1, 64);
  feed("of less than no bytes", fd, 8, -1);
  struct entropy *last = (struct entropy *)(end - 16);
  last->bits = 8, last->length = 8;
  show("at the end of memory", ioctl(fd, RNDADDENTROPY, last));
  last->length = 9;
  show("beyond the end of memory", ioctl(fd, RNDADDENTROPY, last));
  last->bits = -1;
  show("less than no bits there", ioctl(fd, RNDADDENTROPY, last));
  show("only the first number", ioctl(fd, RNDADDENTROPY, end - 4));
  CALL(ioctl(fd, RNDADDENTROPY, NULL));
  CALL(ioctl(fd, RNDZAPENTCNT, NULL));
  CALL(ioctl(fd, RNDCLEARPOOL, NULL));
  CALL(ioctl(fd, RNDRESEEDCRNG, NULL));
  CALL(ioctl(fd, _IO('R', 2), NULL));
  CALL(ioctl(fd, _IO('R', 99), NULL));
  CALL(ioctl(fd, FIONREAD, &bits));
  struct termios termios;
  show("TCGETS", tcgetattr(fd, &termios));
}

static void transfers(int fd, char *end) {
  CALL(read(fd, (void *)8, 8));
  CALL(write(fd, (void *)8, 8));
  CALL(write(fd, (void *)8, 0));
  show("read to the end of memory", read(fd, end - 8, 16));
  show("write to the end of memory", write(fd, end - 8, 16));
  show("write of a page more", write(fd, end - 4096, 8192));
  show("seek", lseek(fd, 100, SEEK_SET));
  show("where it is", lseek(fd, 0, SEEK_CUR));
  show("map", (long)mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0));
}

static void readiness(const char *path) {
  int fd = MUST(open(path, O_RDWR));
  struct pollfd ready = {.fd = fd, .events = POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM | POLLPRI};
  MUST(poll(&ready, 1, 0));
  say("%s: ready %#x", path, ready.revents);
  int epoll = MUST(epoll_create1(0));
  struct epoll_event event = {.events = EPOLLIN | EPOLLOUT};
  if (show("epoll", epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event)) == 0) {
    show("epoll_wait", epoll_wait(epoll, &event, 1, 0));
    say("events %#x", event.events);
  }
  show("O_ASYNC", fcntl(fd, F_SETFL, O_ASYNC));
  say("O_ASYNC is set: %d", (MUST(fcntl(fd, F_GETFL)) & O_ASYNC) != 0);
  close(epoll), close(fd);
}

int main(void) {
  char *pages = MUST(mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  MUST(munmap(pages + 4096, 4096));
  static const char *const paths[] = {"/dev/random", "/dev/urandom"};
  for (int i = 0; i < 2; i++) {
    int fd = MUST(open(paths[i], O_RDWR));
    say("-- %s", paths[i]);
    requests(fd, pages + 4096);
    transfers(fd, pages + 4096);
    close(fd);
  }
  readiness("/dev/random"), readiness("/dev/urandom"), readiness("/dev/zero");
  MUST(setuid(1000));
  say("-- without privileges");
  requests(MUST(open("/dev/random", O_RDONLY)), pages + 4096);
  return 0;
}
