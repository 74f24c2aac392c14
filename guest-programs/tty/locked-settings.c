// TIOCSLCKTRMIOS: settings of a terminal that are locked stay as they are, whoever sets them.
// needs: root
#include "../lib/observe.h"
#include <sys/ioctl.h>
#include <termios.h>

// struct termios as the kernel has it.
struct kernel_termios {
  unsigned iflag, oflag, cflag, lflag;
  unsigned char line, cc[19];
};

static void print(const char *label, const struct kernel_termios *mode) {
  say("%s: %#x %#x %#x %#x, line %d, intr %d quit %d erase %d", label, mode->iflag, mode->oflag, mode->cflag, mode->lflag, mode->line,
      mode->cc[VINTR], mode->cc[VQUIT], mode->cc[VERASE]);
}

int main(void) {
  int master = MUST(posix_openpt(O_RDWR | O_NOCTTY));
  MUST(grantpt(master)), MUST(unlockpt(master));
  int slave = MUST(open(ptsname(master), O_RDWR | O_NOCTTY));
  struct kernel_termios locked, mode;
  CALL(ioctl(slave, TIOCGLCKTRMIOS, &locked));
  print("nothing is locked", &locked);
  MUST(ioctl(slave, TCGETS, &mode));
  print("at first", &mode);
  locked.lflag = ECHO | ICANON, locked.iflag = ICRNL, locked.oflag = OPOST, locked.cc[VINTR] = 1, locked.cc[VERASE] = 200;
  CALL(ioctl(slave, TIOCSLCKTRMIOS, &locked));
  CALL(ioctl(master, TIOCGLCKTRMIOS, &locked));
  print("locked", &locked);
  mode.iflag = mode.oflag = 0, mode.lflag = ISIG, mode.cc[VINTR] = 7, mode.cc[VQUIT] = 8, mode.cc[VERASE] = 9;
  CALL(ioctl(slave, TCSETS, &mode));
  MUST(ioctl(slave, TCGETS, &mode));
  print("set", &mode);
  memset(&locked, 0, sizeof locked);
  CALL(ioctl(slave, TIOCSLCKTRMIOS, &locked));
  mode.iflag = mode.oflag = 0, mode.lflag = ISIG, mode.cc[VINTR] = 7;
  CALL(ioctl(slave, TCSETSW, &mode));
  MUST(ioctl(slave, TCGETS, &mode));
  print("set when nothing is locked", &mode);
  CALL(ioctl(slave, TIOCGLCKTRMIOS, NULL));
  MUST(setuid(1000));
  CALL(ioctl(slave, TIOCSLCKTRMIOS, &locked));
  CALL(ioctl(slave, TIOCGLCKTRMIOS, &locked));
  return 0;
}
