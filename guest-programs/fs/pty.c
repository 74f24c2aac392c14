// A pseudo terminal: canonical input, echo, erase, ^C and ^D, raw mode, window size and SIGWINCH, hang-up.
#include "../lib/observe.h"
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>

static int master;
static volatile int winch;
static void on_winch(int number) {
  (void)number;
  winch++;
}

static void show_master(const char *label) {
  char text[256];
  struct pollfd entry = {master, POLLIN, 0};
  ssize_t length = poll(&entry, 1, 100) == 1 ? read(master, text, sizeof text) : 0;
  if (length < 0) show(label, -1);
  else say("%s: %s", label, quoted(text, length));
}

int main(void) {
  master = MUST(posix_openpt(O_RDWR | O_NOCTTY));
  CALL(grantpt(master));
  CALL(unlockpt(master));
  char name[64];
  CALL(ptsname_r(master, name, sizeof name));
  say("name begins: %.9s", name);
  pid_t child = MUST(fork());
  if (child == 0) {
    setsid();
    int tty = MUST(open(name, O_RDWR));
    say("child: controlling terminal: %d, foreground: %d", open("/dev/tty", O_RDWR) >= 0, tcgetpgrp(tty) == getpgrp());
    say("child: isatty %d", isatty(tty));
    signal(SIGWINCH, on_winch);
    char text[64];
    MUST(write(tty, "ready\n", 6));
    ssize_t length = read(tty, text, sizeof text);
    say("child: line %s", quoted(text, length));
    length = read(tty, text, sizeof text);
    say("child: edited line %s", quoted(text, length));
    length = read(tty, text, sizeof text);
    say("child: ^D gives %zd", length);
    struct termios mode;
    MUST(tcgetattr(tty, &mode));
    say("child: ICANON %d, ECHO %d, ISIG %d, OPOST %d", !!(mode.c_lflag & ICANON), !!(mode.c_lflag & ECHO),
        !!(mode.c_lflag & ISIG), !!(mode.c_oflag & OPOST));
    cfmakeraw(&mode);
    mode.c_cc[VMIN] = 1;
    mode.c_cc[VTIME] = 0;
    MUST(tcsetattr(tty, TCSANOW, &mode));
    MUST(write(tty, "raw\n", 4));
    length = read(tty, text, sizeof text);
    say("child: raw %s", quoted(text, length));
    mode.c_lflag |= ISIG;
    MUST(tcsetattr(tty, TCSANOW, &mode));
    struct winsize size;
    while (!winch) pause();
    MUST(ioctl(tty, TIOCGWINSZ, &size));
    say("child: window %dx%d, SIGWINCH seen %d", size.ws_col, size.ws_row, winch);
    MUST(write(tty, "last\n", 5));
    for (;;) pause();
  }
  show_master("greeting");
  MUST(write(master, "typed\n", 6));
  sleep_ms(20);
  show_master("echo");
  MUST(write(master, "abc\177\177X\025new\n", 11));
  sleep_ms(20);
  show_master("echo of editing");
  MUST(write(master, "\004", 1));
  show_master("from raw mode");
  MUST(write(master, "\003\r", 2));
  sleep_ms(20);
  struct winsize size = {.ws_row = 40, .ws_col = 132};
  MUST(ioctl(master, TIOCSWINSZ, &size));
  show_master("last words");
  MUST(write(master, "\003", 1));
  show_wait("^C ends the child", child);
  show_master("after the end");
  return 0;
}
