// The line discipline: echo, editing keys, ends of lines and what each input and output flag changes.
#include "../lib/observe.h"
#include <sys/ioctl.h>
#include <termios.h>

static int master, slave;
static struct termios plain;

/** Types `keys`, then shows what was echoed and what the program reads. */
static void type_keys(const char *label, const char *keys, size_t length) {
  char text[5000];
  MUST(write(master, keys, length));
  sleep_ms(5);
  ssize_t echoed = read(master, text, sizeof text);
  say("%s: echo %s", label, echoed < 0 ? errno_name(errno) : quoted(text, echoed));
  for (;;) {
    ssize_t count = read(slave, text, sizeof text);
    if (count < 0) break;
    say("%s: read %s", label, quoted(text, count));
  }
}
#define TYPE(label, keys) type_keys(label, keys, sizeof keys - 1)

static void set(tcflag_t input_on, tcflag_t input_off, tcflag_t local_on, tcflag_t local_off) {
  struct termios mode = plain;
  mode.c_iflag = (mode.c_iflag | input_on) & ~input_off;
  mode.c_lflag = (mode.c_lflag | local_on) & ~local_off;
  MUST(tcsetattr(slave, TCSAFLUSH, &mode));
}

static void output(const char *label, tcflag_t on, tcflag_t off, const char *text) {
  struct termios mode = plain;
  mode.c_oflag = (mode.c_oflag | on) & ~off;
  MUST(tcsetattr(slave, TCSANOW, &mode));
  MUST(write(slave, text, strlen(text)));
  char seen[256];
  sleep_ms(5);
  ssize_t count = read(master, seen, sizeof seen);
  say("%s: %s", label, count < 0 ? errno_name(errno) : quoted(seen, count));
}

int main(void) {
  master = MUST(posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK));
  MUST(grantpt(master));
  show("open while locked", open(ptsname(master), O_RDWR | O_NOCTTY));
  MUST(unlockpt(master));
  slave = MUST(open(ptsname(master), O_RDWR | O_NOCTTY | O_NONBLOCK));
  MUST(tcgetattr(slave, &plain));
  say("iflag %#o oflag %#o cflag %#o lflag %#o", plain.c_iflag, plain.c_oflag, plain.c_cflag, plain.c_lflag);
  for (int i = 0; i < 17; i++) say("cc[%d] %d", i, plain.c_cc[i]);
  say("speed %d", cfgetospeed(&plain) == B38400);
  TYPE("a line", "hello\n");
  TYPE("return", "hello\r");
  TYPE("two lines", "one\ntwo\n");
  TYPE("erase", "helpp\177lo\177\177lo\n");
  TYPE("erase at the start", "\177\177x\n");
  TYPE("kill", "wrong\025right\n");
  TYPE("erase a word", "one two  three!?\027\027four\n");
  TYPE("erase a control character", "a\001b\177\177c\n");
  TYPE("erase a tab", "ab\tc\177\177d\n");
  TYPE("erase tabs", "\t\t\177x\177\177\n");
  TYPE("literal next", "a\026\003b\026\177c\n");
  TYPE("reprint", "abc\022def\n");
  TYPE("end of file", "part\004");
  TYPE("end of file alone", "\004");
  TYPE("end of file twice", "x\004\004y\n");
  TYPE("eol inside", "a\0b\n");
  TYPE("form feed and bell", "\f\a\n");
  TYPE("high bytes", "\303\244\177x\n");
  set(IUTF8, 0, 0, 0);
  TYPE("IUTF8", "\303\244\342\202\254\177x\n");
  set(0, 0, 0, ECHO);
  TYPE("no ECHO", "quiet\177\n");
  set(0, 0, ECHONL, ECHO);
  TYPE("ECHONL", "quiet\n");
  set(0, 0, 0, ECHOE);
  TYPE("no ECHOE", "ab\177\177c\n");
  set(0, 0, 0, ECHOKE);
  TYPE("no ECHOKE", "ab\025c\n");
  set(0, 0, 0, ECHOK | ECHOKE);
  TYPE("no ECHOK, no ECHOKE", "ab\025c\n");
  set(0, 0, ECHOPRT, 0);
  TYPE("ECHOPRT", "abcd\177\177e\177\177\177\177f\n");
  set(0, 0, 0, ECHOCTL);
  TYPE("no ECHOCTL", "a\001\177b\n");
  set(0, 0, 0, IEXTEN);
  TYPE("no IEXTEN", "a b\027c\026d\n");
  set(0, ICRNL, 0, 0);
  TYPE("no ICRNL", "a\rb\n");
  set(IGNCR, 0, 0, 0);
  TYPE("IGNCR", "a\rb\n");
  set(INLCR, ICRNL, 0, 0);
  TYPE("INLCR", "a\nb\004");
  set(ISTRIP, 0, 0, 0);
  TYPE("ISTRIP", "\341\342\n");
  set(IUCLC, 0, 0, 0);
  TYPE("IUCLC", "ABC\n");
  set(PARMRK, 0, 0, 0);
  TYPE("PARMRK", "a\377b\n");
  struct termios mode = plain;
  mode.c_cc[VEOL] = ';';
  mode.c_cc[VEOL2] = '!';
  mode.c_cc[VERASE] = '#';
  mode.c_cc[VKILL] = '@';
  MUST(tcsetattr(slave, TCSANOW, &mode));
  TYPE("other characters", "a;b!ab#c\nx@y\n");
  set(0, 0, 0, ICANON);
  TYPE("no ICANON", "ab\177c\n");
  set(0, ICRNL | IXON, 0, ICANON | ECHO | ISIG);
  TYPE("raw", "ab\003\r\n\021");
  set(0, 0, 0, ICANON);
  MUST(write(master, "left over", 9));
  sleep_ms(5);
  mode = plain;
  MUST(tcsetattr(slave, TCSANOW, &mode));
  TYPE("back to lines", " more\n");
  output("NL", 0, 0, "a\nb\n");
  output("no ONLCR", 0, ONLCR, "a\nb\n");
  output("no OPOST", 0, OPOST, "a\nb\t\n");
  output("OCRNL", OCRNL, 0, "a\rb\n");
  output("ONOCR", ONOCR, ONLCR, "\r\ra\r");
  output("ONLRET", ONLRET, ONLCR, "a\n\tb\n");
  output("XTABS", XTABS, 0, "\r\ta\tbcdefghi\tj\b\b\t\n");
  output("OLCUC", OLCUC, 0, "abc\n");
  MUST(tcsetattr(slave, TCSANOW, &plain));
  MUST(write(master, "\023", 1));
  sleep_ms(5);
  show("write while stopped", write(slave, "text", 4));
  CALL(read(master, (char[8]){0}, 8));
  TYPE("typing while stopped", "x\n");
  MUST(write(master, "\021", 1));
  sleep_ms(5);
  char seen[64];
  ssize_t count = read(master, seen, sizeof seen);
  say("after ^Q: %s", count < 0 ? errno_name(errno) : quoted(seen, count));
  CALL(tcflow(slave, TCOOFF));
  show("write after TCOOFF", write(slave, "text", 4));
  CALL(tcflow(slave, TCOON));
  show("write after TCOON", write(slave, "text", 4));
  count = read(master, seen, sizeof seen);
  say("seen: %s", quoted(seen, count));
  char big[6000];
  memset(big, 'z', sizeof big);
  set(0, 0, 0, ECHO);
  MUST(write(master, big, sizeof big));
  MUST(write(master, "\n", 1));
  sleep_ms(5);
  count = read(slave, big, sizeof big);
  say("a line of 6000: %zd, last %d", count, big[count - 1]);
  MUST(write(master, "abc\ndef", 7));
  sleep_ms(5);
  int queued;
  MUST(ioctl(slave, FIONREAD, &queued));
  say("FIONREAD: %d", queued);
  show("short read", read(slave, seen, 2));
  show("its rest", read(slave, seen, 2));
  show("next", read(slave, seen, 2));
  CALL(tcflush(slave, TCIFLUSH));
  TYPE("after the flush", "\n");
  MUST(write(master, "ab\004", 3));
  sleep_ms(5);
  show("exactly the buffer", read(slave, seen, 2));
  show("the mark went with it", read(slave, seen, 2));
  CALL(tcflush(slave, 7));
  CALL(tcflow(slave, 7));
  CALL(tcsendbreak(slave, 0));
  CALL(ioctl(slave, 0x5499, 0));
  return 0;
}
