// Reading byte by byte: VMIN and VTIME, O_NONBLOCK, poll, FIONREAD, and what mode changes do to waiting input.
#include "../lib/observe.h"
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>

static int master, slave;

static void set(int minimum, int tenths) {
  struct termios mode;
  MUST(tcgetattr(slave, &mode));
  cfmakeraw(&mode);
  mode.c_cc[VMIN] = minimum;
  mode.c_cc[VTIME] = tenths;
  MUST(tcsetattr(slave, TCSAFLUSH, &mode));
}

static void keys(const char *text) {
  MUST(write(master, text, strlen(text)));
  sleep_ms(10);
}

/** Shows what a read gives, and whether it took about `tenths` tenths of a second. */
static void timed_read(const char *label, size_t size, int tenths) {
  char text[64];
  int64_t before = now_ms(CLOCK_MONOTONIC);
  ssize_t count = read(slave, text, size);
  int64_t late = now_ms(CLOCK_MONOTONIC) - before - tenths * 100;
  const char *when = late < -20 ? "too early" : late > 1500 ? "too late" : "in time";
  say("%s: %s, %s", label, count < 0 ? errno_name(errno) : quoted(text, count), when);
}

static void states(const char *label) {
  struct pollfd set[2] = {{slave, POLLIN | POLLOUT | POLLRDHUP, 0}, {master, POLLIN | POLLOUT | POLLPRI, 0}};
  poll(set, 2, 0);
  int queued = 0;
  ioctl(slave, FIONREAD, &queued);
  say("%s: slave %#x master %#x FIONREAD %d", label, set[0].revents, set[1].revents, queued);
}

static pid_t later(int delay, const char *text) {
  pid_t child = MUST(fork());
  if (child == 0) {
    sleep_ms(delay);
    MUST(write(master, text, strlen(text)));
    _exit(0);
  }
  return child;
}

int main(void) {
  master = MUST(posix_openpt(O_RDWR | O_NOCTTY));
  MUST(grantpt(master));
  MUST(unlockpt(master));
  slave = MUST(open(ptsname(master), O_RDWR | O_NOCTTY));
  states("cooked, nothing");
  keys("partial");
  states("cooked, half a line");
  keys("\n");
  states("cooked, a line");
  set(0, 0);
  states("raw, nothing");
  timed_read("VMIN 0 VTIME 0", 10, 0);
  keys("abc");
  states("raw, three bytes");
  timed_read("VMIN 0 VTIME 0", 2, 0);
  timed_read("the rest", 10, 0);
  set(0, 2);
  timed_read("VMIN 0 VTIME 2, nothing", 10, 2);
  pid_t child = later(100, "x");
  timed_read("VMIN 0 VTIME 2, a byte", 10, 1);
  waitpid(child, NULL, 0);
  set(3, 0);
  states("VMIN 3, nothing");
  keys("ab");
  states("VMIN 3, two bytes");
  child = later(100, "cd");
  timed_read("VMIN 3", 10, 1);
  waitpid(child, NULL, 0);
  keys("ab");
  timed_read("VMIN 3, two wanted", 2, 0);
  set(5, 3);
  keys("ab");
  states("VMIN 5 VTIME 3, two bytes");
  timed_read("VMIN 5 VTIME 3", 10, 3);
  child = later(100, "q");
  timed_read("the first byte starts the clock", 10, 4);
  waitpid(child, NULL, 0);
  MUST(fcntl(slave, F_SETFL, O_RDWR | O_NONBLOCK));
  set(3, 0);
  timed_read("O_NONBLOCK, nothing", 10, 0);
  keys("ab");
  timed_read("O_NONBLOCK, fewer than VMIN", 10, 0);
  set(0, 5);
  timed_read("O_NONBLOCK, VMIN 0 VTIME 5", 10, 0);
  set(0, 0);
  timed_read("O_NONBLOCK, VMIN 0 VTIME 0", 10, 0);
  MUST(fcntl(slave, F_SETFL, O_RDWR));
  set(1, 0);
  CALL(write(slave, "to the master", 13));
  states("written");
  char text[64];
  ssize_t count = read(master, text, 6);
  say("master: %s", quoted(text, count));
  states("half read");
  CALL(tcflush(slave, TCOFLUSH));
  states("after TCOFLUSH");
  CALL(tcdrain(slave));
  static char big[200000];
  MUST(fcntl(slave, F_SETFL, O_RDWR | O_NONBLOCK));
  long total = 0;
  while ((count = write(slave, big, 4096)) > 0) total += count;
  say("room for 8192 to 32768 bytes: %d, then %s", total >= 8192 && total <= 32768, errno_name(errno));
  struct pollfd entry = {slave, POLLOUT, 0};
  CALL(poll(&entry, 1, 0));
  long drained = 0;
  MUST(fcntl(master, F_SETFL, O_RDWR | O_NONBLOCK));
  for (int i = 0; i < 1000 && drained < total; i++) {
    while ((count = read(master, big, sizeof big)) > 0) drained += count;
    sleep_ms(1);
  }
  say("all came through: %d", drained >= total);
  CALL(poll(&entry, 1, 0));
  close(slave);
  struct pollfd last = {master, POLLIN, 0};
  poll(&last, 1, 100);
  say("slave closed: events %#x", last.revents);
  CALL(read(master, text, 10));
  slave = MUST(open(ptsname(master), O_RDWR | O_NOCTTY));
  CALL(read(master, text, 10));
  close(master);
  CALL(read(slave, text, 10));
  CALL(write(slave, text, 10));
  last.fd = slave;
  poll(&last, 1, 100);
  say("master closed: events %#x", last.revents);
  CALL(tcgetattr(slave, &(struct termios){0}));
  return 0;
}
