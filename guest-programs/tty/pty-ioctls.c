// ptys from outside: numbers, locking, peers, packet mode, exclusive mode, termios forms, /proc and stat.
#include "../lib/observe.h"
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/sysmacros.h>
#include <termios.h>

static void packet(int master, const char *label) {
  char text[64];
  sleep_ms(5);
  struct pollfd entry = {master, POLLIN | POLLPRI | POLLOUT, 0};
  poll(&entry, 1, 0);
  ssize_t count = read(master, text, sizeof text);
  say("%s: events %#x, %s", label, entry.revents, count < 0 ? errno_name(errno) : quoted(text, count));
}

int main(void) {
  int master = MUST(open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK));
  int number = -1, locked = -1;
  CALL(ioctl(master, TIOCGPTN, &number));
  CALL(ioctl(master, TIOCGPTLCK, &locked));
  say("locked at first: %d", locked);
  CALL(ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY));
  locked = 0;
  CALL(ioctl(master, TIOCSPTLCK, &locked));
  int slave = MUST(ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY));
  char name[64], expected[64];
  sprintf(expected, "/dev/pts/%d", number);
  say("the peer is %d", strcmp(ttyname(slave), expected) == 0 && ptsname_r(master, name, sizeof name) == 0);
  struct stat found;
  MUST(fstat(slave, &found));
  say("slave: mode %o, major %d, minor right %d", found.st_mode & S_IFMT, major(found.st_rdev),
      (int)minor(found.st_rdev) == number);
  MUST(fstat(master, &found));
  say("master: type %o, device %d:%d", found.st_mode & S_IFMT, major(found.st_rdev), minor(found.st_rdev));
  CALL(isatty(master));
  CALL(lseek(slave, 0, SEEK_CUR));
  CALL(pread(slave, name, 1, 0));
  CALL(ioctl(slave, TIOCGPTN, &number));
  int value = -1;
  CALL(ioctl(slave, TIOCGETD, &value));
  say("discipline: %d", value);
  CALL(ioctl(slave, TIOCOUTQ, &value));
  CALL(ioctl(slave, TIOCEXCL, 0));
  CALL(ioctl(slave, TIOCGEXCL, &value));
  say("exclusive: %d", value);
  CALL(ioctl(slave, TIOCNXCL, 0));
  struct winsize size = {1, 2, 3, 4};
  CALL(ioctl(slave, TIOCGWINSZ, &size));
  say("window: %d %d %d %d", size.ws_row, size.ws_col, size.ws_xpixel, size.ws_ypixel);
  size = (struct winsize){30, 90, 5, 6};
  CALL(ioctl(master, TIOCSWINSZ, &size));
  size = (struct winsize){0};
  CALL(ioctl(slave, TIOCGWINSZ, &size));
  say("window: %d %d %d %d", size.ws_row, size.ws_col, size.ws_xpixel, size.ws_ypixel);
  struct termios mode;
  CALL(tcgetattr(master, &mode));
  say("the master shows the slave's: %d", !!(mode.c_lflag & ICANON));
  cfsetspeed(&mode, B115200);
  MUST(tcsetattr(slave, TCSANOW, &mode));
  unsigned char two[44] = {0};
  CALL(ioctl(slave, 0x802c542a, two));
  uint32_t speeds[2];
  memcpy(speeds, two + 36, 8);
  say("speeds: %u %u", speeds[0], speeds[1]);
  uint32_t flags;
  memcpy(&flags, two + 8, 4);
  flags = (flags & ~0x100f) | 0x1000;
  memcpy(two + 8, &flags, 4);
  speeds[0] = speeds[1] = 12345;
  memcpy(two + 36, speeds, 8);
  CALL(ioctl(slave, 0x402c542b, two));
  memset(two, 0, sizeof two);
  CALL(ioctl(slave, 0x802c542a, two));
  memcpy(speeds, two + 36, 8);
  say("speeds: %u %u", speeds[0], speeds[1]);
  MUST(tcgetattr(slave, &mode));
  cfmakeraw(&mode);
  mode.c_lflag |= ISIG;
  MUST(tcsetattr(slave, TCSANOW, &mode));
  value = 1;
  CALL(ioctl(master, TIOCPKT, &value));
  value = -1;
  CALL(ioctl(master, TIOCGPKT, &value));
  say("packet mode: %d", value);
  packet(master, "nothing");
  MUST(write(slave, "data", 4));
  packet(master, "data");
  MUST(tcflush(slave, TCIFLUSH));
  packet(master, "TCIFLUSH");
  MUST(tcflush(slave, TCIOFLUSH));
  packet(master, "TCIOFLUSH");
  MUST(tcflow(slave, TCOOFF));
  packet(master, "TCOOFF");
  MUST(tcflow(slave, TCOON));
  packet(master, "TCOON");
  mode.c_iflag |= IXON;
  MUST(tcsetattr(slave, TCSANOW, &mode));
  packet(master, "IXON on");
  mode.c_iflag &= ~IXON;
  MUST(tcsetattr(slave, TCSANOW, &mode));
  packet(master, "IXON off");
  MUST(write(slave, "more", 4));
  MUST(tcflush(slave, TCIFLUSH));
  packet(master, "status before data");
  packet(master, "data after status");
  value = 0;
  CALL(ioctl(master, TIOCPKT, &value));
  MUST(write(slave, "plain", 5));
  packet(master, "without packets");
  int second = MUST(open("/dev/ptmx", O_RDWR | O_NOCTTY));
  int other = -1;
  MUST(ioctl(second, TIOCGPTN, &other));
  say("numbers differ: %d", other != number);
  sprintf(name, "/dev/pts/%d", other);
  CALL(access(name, F_OK));
  close(second);
  sleep_ms(5);
  CALL(access(name, F_OK));
  CALL(ioctl(master, TIOCSIG, SIGINT));
  CALL(ioctl(master, TIOCSIG, SIGTERM));
  CALL(ioctl(master, 0x5499, 0));
  char *volatile nowhere = (char *)1;
  CALL(write(slave, nowhere, 4));
  CALL(ioctl(slave, TCGETS, nowhere));
  return 0;
}
