// A terminal that is hung up, by TIOCVHANGUP and by the end of its session, and what waits in it for whoever opens it next.
// needs: root
#include "../lib/observe.h"
#include <poll.h>
#include <sys/ioctl.h>
#include <termios.h>

static int master, slave;

static int open_slave(int flags) {
  return MUST(ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | flags));
}

static void open_both(int flags) {
  int locked = 0;
  master = MUST(open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK));
  MUST(ioctl(master, TIOCSPTLCK, &locked));
  slave = open_slave(flags);
}

static void take(const char *label, int fd) {
  char bytes[100];
  ssize_t got = read(fd, bytes, sizeof bytes);
  if (got < 0) say("%s: %s", label, strerrorname_np(errno));
  else say("%s: %s", label, quoted(bytes, (size_t)got));
}

static void type(int fd, const char *text) {
  say("%s: %zd", quoted(text, strlen(text)), write(fd, text, strlen(text)));
  usleep(30000);
}

static void look(const char *label, int fd) {
  struct pollfd entry = {fd, POLLIN | POLLOUT, 0};
  struct termios settings;
  MUST(poll(&entry, 1, 0));
  int got = tcgetattr(fd, &settings);
  say("%s: %#x, echo %d, interrupt %d", label, entry.revents, got < 0 ? -1 : (settings.c_lflag & ECHO) != 0,
      got < 0 ? -1 : settings.c_cc[VINTR]);
}

static void ended_session(int leaves) {
  pid_t child = MUST(fork());
  if (child == 0) {
    setsid();
    signal(SIGHUP, SIG_IGN);
    MUST(ioctl(slave, TIOCSCTTY, 0));
    if (leaves) MUST(ioctl(slave, TIOCNOTTY));
    _exit(0);
  }
  MUST(waitpid(child, NULL, 0));
}

static void hung_up(int how) {
  open_both(O_NONBLOCK);
  struct termios settings;
  MUST(tcgetattr(slave, &settings));
  settings.c_lflag &= ~(tcflag_t)ECHO;
  settings.c_cc[VINTR] = 9;
  MUST(tcsetattr(slave, TCSANOW, &settings));
  type(master, "part");
  type(slave, "unread");
  if (how == 0) CALL(ioctl(slave, TIOCVHANGUP));
  else ended_session(how == 2);
  look("master", master), look("terminal", slave);
  take("master", master);
  type(master, "ab\n");
  take("master", master);
  take("terminal", slave);
  int waiting = -1;
  MUST(ioctl(master, TIOCOUTQ, &waiting));
  say("in between %d", waiting);
  int again = open_slave(O_NONBLOCK);
  look("again", again);
  usleep(30000);
  take("again", again);
  take("master", master);
  type(master, "cd\n");
  take("master", master);
  take("again", again);
  take("again", again);
  type(again, "out\n");
  take("master", master);
  close(slave);
  type(master, "ef\n");
  take("again", again);
  close(again), close(master);
}

// Who waits for input as the master goes.
static void closed(int isLeader) {
  open_both(0);
  pid_t child = MUST(fork());
  if (child == 0) {
    close(master);
    signal(SIGHUP, SIG_IGN);
    if (isLeader) setsid(), MUST(ioctl(slave, TIOCSCTTY, 0));
    take("waiting", slave);
    take("then", slave);
    _exit(0);
  }
  usleep(50000);
  close(master), close(slave);
  MUST(waitpid(child, NULL, 0));
}

// Who waits for input as another group comes to the foreground waits on.
static void in_the_background(void) {
  open_both(0);
  pid_t leader = MUST(fork());
  if (leader == 0) {
    setsid();
    signal(SIGTTOU, SIG_IGN);
    MUST(ioctl(slave, TIOCSCTTY, 0));
    pid_t reader = MUST(fork());
    if (reader == 0) {
      setpgid(0, 0);
      MUST(tcsetpgrp(slave, getpid()));
      take("read", slave);
      _exit(0);
    }
    usleep(50000);
    MUST(tcsetpgrp(slave, getpid()));
    MUST(write(master, "a line\n", 7));
    int status;
    MUST(waitpid(reader, &status, WUNTRACED));
    say("stopped %d, exited %d", WIFSTOPPED(status), WIFEXITED(status));
    _exit(0);
  }
  MUST(waitpid(leader, NULL, 0));
  close(master), close(slave);
}

int main(void) {
  static const char *const hows[] = {"asked for", "the leader ends", "the leader leaves it"};
  setsid();
  for (int how = 0; how < 3; how++) {
    say("-- %s", hows[how]);
    hung_up(how);
  }
  say("-- the master is closed");
  closed(0), closed(1);
  say("-- in the background");
  in_the_background();
}
