// EXTPROC: whoever holds the master edits lines. What is typed is read as it comes, though ICANON is set, and packets tell of settings.
#include "../lib/observe.h"
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>

#ifndef EXTPROC
#define EXTPROC 0200000
#endif

static int master, slave;
static volatile int interrupts;

static void on_interrupt(int number) {
  (void)number;
  interrupts++;
}

static void set(tcflag_t on, tcflag_t off, int minimum) {
  struct termios mode;
  MUST(tcgetattr(slave, &mode));
  mode.c_lflag = (mode.c_lflag | on) & ~off;
  mode.c_cc[VMIN] = (cc_t)minimum;
  MUST(tcsetattr(slave, TCSANOW, &mode));
}

static void state(const char *label) {
  struct pollfd entry = {slave, POLLIN, 0};
  int queued = 0;
  poll(&entry, 1, 0);
  ioctl(slave, FIONREAD, &queued);
  say("%s: readable %d, FIONREAD %d", label, entry.revents != 0, queued);
}

static void keys(const char *text, size_t length) {
  MUST(write(master, text, length));
  sleep_ms(10);
  char echo[100];
  ssize_t count = read(master, echo, sizeof echo);
  say("typed %s, echo %s", quoted(text, length), count < 0 ? errno_name(errno) : quoted(echo, (size_t)count));
}

static void take(const char *label, size_t size) {
  char text[100];
  ssize_t count = read(slave, text, size);
  say("%s: %s", label, count < 0 ? errno_name(errno) : quoted(text, (size_t)count));
}

static void packet(const char *label) {
  char bytes[100];
  sleep_ms(5);
  ssize_t count = read(master, bytes, sizeof bytes);
  say("packet, %s: %s", label, count < 0 ? errno_name(errno) : quoted(bytes, (size_t)count));
}

int main(void) {
  master = MUST(posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK));
  MUST(unlockpt(master));
  slave = MUST(open(ptsname(master), O_RDWR | O_NONBLOCK));
  signal(SIGINT, on_interrupt);
  set(EXTPROC, 0, 1);
  state("nothing");
  take("nothing", 10);
  keys("half a line", 11);
  state("half a line");
  take("some of it", 4);
  take("the rest", 100);
  keys("ab\177\025\026\004\n", 7);
  take("no editing", 100);
  keys("\003\032", 2);
  say("interrupts: %d", interrupts);
  take("no signals", 100);
  set(0, 0, 5); // VMIN is of no meaning with ICANON
  keys("xy", 2);
  state("VMIN 5");
  take("VMIN 5", 100);
  set(0, ICANON, 5);
  keys("xy", 2);
  state("raw, VMIN 5");
  set(ICANON, 0, 0);
  state("lines again");
  take("lines again", 100);
  take("VMIN 0", 100);
  keys("no line", 7);
  set(0, EXTPROC, 1);
  state("EXTPROC off");
  take("EXTPROC off", 100);
  keys("\n", 1);
  take("with its end", 100);

  int on = 1;
  MUST(ioctl(master, TIOCPKT, &on));
  set(0, 0, 1);
  packet("settings without EXTPROC");
  set(EXTPROC, 0, 1);
  packet("EXTPROC on");
  set(0, 0, 2);
  packet("others while it is on");
  set(0, EXTPROC, 2);
  packet("EXTPROC off");
  set(0, 0, 1);
  packet("others while it is off");
  struct termios mode;
  MUST(tcgetattr(slave, &mode));
  mode.c_lflag |= EXTPROC;
  mode.c_iflag ^= IXON;
  MUST(tcsetattr(slave, TCSAFLUSH, &mode));
  packet("all at once");
  return 0;
}
