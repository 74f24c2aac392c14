// Sessions at a terminal: taking and giving it up, foreground groups, background reads and writes, hang-up.
#include "../lib/observe.h"
#include <sys/ioctl.h>
#include <termios.h>

static int master, slave;
static char name[64];

static void background(const char *label, void (*act)(void)) {
  pid_t child = MUST(fork());
  if (child == 0) {
    setpgid(0, 0);
    act();
    _exit(0);
  }
  setpgid(child, child);
  int status;
  waitpid(child, &status, WUNTRACED);
  show_status(label, status);
  if (WIFSTOPPED(status)) {
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
  }
}

static void reads(void) {
  char byte;
  CALL(read(slave, &byte, 1));
}
static void reads_ignoring(void) {
  signal(SIGTTIN, SIG_IGN);
  reads();
}
static void reads_blocking(void) {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTTIN);
  sigprocmask(SIG_BLOCK, &set, NULL);
  reads();
}
static void on_signal(int number) {
  say("caught %s", signal_name(number));
}
static void reads_catching(void) {
  struct sigaction action = {.sa_handler = on_signal};
  sigaction(SIGTTIN, &action, NULL);
  reads();
}
static void writes(void) {
  CALL(write(slave, "x", 1));
}
static void writes_ignoring(void) {
  signal(SIGTTOU, SIG_IGN);
  writes();
}
static void sets(void) {
  struct termios mode;
  MUST(tcgetattr(slave, &mode));
  CALL(tcsetattr(slave, TCSANOW, &mode));
}
static void sets_foreground(void) {
  CALL(tcsetpgrp(slave, getpgrp()));
}
static void sets_foreground_ignoring(void) {
  signal(SIGTTOU, SIG_IGN);
  sets_foreground();
  say("in the foreground: %d", tcgetpgrp(slave) == getpgrp());
}

static void to_stop(bool on) {
  struct termios mode;
  MUST(tcgetattr(slave, &mode));
  if (on) mode.c_lflag |= TOSTOP;
  else mode.c_lflag &= ~TOSTOP;
  MUST(tcsetattr(slave, TCSANOW, &mode));
}

static void session(void) {
  MUST(setsid());
  CALL(open("/dev/tty", O_RDWR));
  CALL(ioctl(slave, TIOCSCTTY, 0));
  CALL(ioctl(slave, TIOCSCTTY, 0));
  say("session: %d, foreground: %d", tcgetsid(slave) == getpid(), tcgetpgrp(slave) == getpgrp());
  int again = open("/dev/tty", O_RDWR);
  say("/dev/tty opens: %d, isatty %d", again >= 0, isatty(again));
  say("from the master: foreground %d", tcgetpgrp(master) == getpgrp());
  background("a background read", reads);
  background("ignoring SIGTTIN", reads_ignoring);
  background("blocking SIGTTIN", reads_blocking);
  background("catching SIGTTIN", reads_catching);
  background("a background write", writes);
  to_stop(true);
  background("a background write with TOSTOP", writes);
  background("ignoring SIGTTOU", writes_ignoring);
  to_stop(false);
  background("a background tcsetattr", sets);
  background("a background tcsetpgrp", sets_foreground);
  background("tcsetpgrp ignoring SIGTTOU", sets_foreground_ignoring);
  signal(SIGTTOU, SIG_IGN);
  say("now in the background: %d", tcgetpgrp(slave) != getpgrp());
  CALL(tcsetpgrp(slave, getpgrp()));
  CALL(tcsetpgrp(slave, -5));
  CALL(tcsetpgrp(slave, 999999));
  CALL(tcsetpgrp(slave, 1));
  pid_t child = MUST(fork());
  if (child == 0) {
    setpgid(0, 0);
    pid_t orphan = MUST(fork());
    if (orphan != 0) _exit(0);
    sleep_ms(50);
    say("orphaned: foreground %d", tcgetpgrp(slave) == getpgrp());
    reads();
    _exit(0);
  }
  show_wait("its parent", child);
  sleep_ms(150);
  child = MUST(fork());
  if (child == 0) {
    say("in a child without being leader:");
    CALL(ioctl(slave, TIOCNOTTY, 0));
    CALL(open("/dev/tty", O_RDWR));
    CALL(ioctl(slave, TIOCSCTTY, 0));
    setsid();
    CALL(ioctl(slave, TIOCSCTTY, 0));
    CALL(tcgetpgrp(slave));
    _exit(0);
  }
  show_wait("child", child);
  signal(SIGHUP, on_signal);
  signal(SIGCONT, on_signal);
  CALL(ioctl(slave, TIOCNOTTY, 0));
  CALL(ioctl(slave, TIOCNOTTY, 0));
  CALL(tcgetpgrp(slave));
  say("opening makes it controlling again:");
  int opened = MUST(open(name, O_RDWR));
  say("foreground: %d", tcgetpgrp(opened) == getpgrp());
  signal(SIGWINCH, on_signal);
  struct winsize size = {24, 80, 0, 0};
  CALL(ioctl(slave, TIOCSWINSZ, &size));
  CALL(ioctl(slave, TIOCSWINSZ, &size));
  signal(SIGINT, on_signal);
  MUST(write(master, "\003", 1));
  sleep_ms(30);
  MUST(fcntl(slave, F_SETFL, O_RDWR | O_NONBLOCK));
  say("closing the master:");
  close(master);
  sleep_ms(30);
  char byte;
  CALL(read(slave, &byte, 1));
  CALL(write(slave, &byte, 1));
  CALL(open("/dev/tty", O_RDWR));
  CALL(open(name, O_RDWR));
  _exit(0);
}

int main(void) {
  master = MUST(posix_openpt(O_RDWR | O_NOCTTY));
  MUST(grantpt(master));
  MUST(unlockpt(master));
  MUST(ptsname_r(master, name, sizeof name));
  slave = MUST(open(name, O_RDWR | O_NOCTTY));
  CALL(tcgetpgrp(slave));
  CALL(tcgetsid(slave));
  CALL(tcsetpgrp(slave, getpgrp()));
  int foreground = -1;
  CALL(ioctl(master, TIOCGPGRP, &foreground));
  say("nobody's: %d", foreground);
  pid_t child = MUST(fork());
  if (child == 0) session();
  close(master);
  show_wait("session leader", child);
  return 0;
}
