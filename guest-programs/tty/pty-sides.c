// What each side of a pty owns, echoes that a signal key takes back, and who has a controlling terminal.
#include "../lib/observe.h"
#include <fcntl.h>
#include <poll.h>
#include <pty.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>

#ifndef EXTPROC
#define EXTPROC 0200000
#endif

static int master, slave;
static volatile int signals, sender, code;

static void on_signal(int number, siginfo_t *info, void *context) {
  (void)number, (void)context;
  signals++;
  code = info->si_code;
  sender = info->si_pid;
}

static void open_pair(int flags) {
  master = posix_openpt(O_RDWR | O_NOCTTY | O_NONBLOCK);
  unlockpt(master);
  slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NONBLOCK | flags);
}

// Types a text and shows what the master reads of it, control characters in hex.
static void type(const char *text) {
  char bytes[100];
  MUST(write(master, text, strlen(text)));
  sleep_ms(5);
  ssize_t got = read(master, bytes, sizeof bytes);
  char shown[400] = "";
  for (ssize_t i = 0; i < got; i++) sprintf(shown + strlen(shown), bytes[i] < 32 ? "\\%x" : "%c", bytes[i]);
  say("echo: %s", shown);
}

static void echoes(void) {
  open_pair(O_NOCTTY);
  type("ab\n\tc");
  type("gone\x03kept"); // what ^C flushes takes its echo with it
  type("\x03");
  type("ab\x13held");
  type("\x11");
  type("x\ty\x7f\x7f\x7f");
  type("lost\x1ag\x03");
  ioctl(slave, TIOCSIG, SIGINT);
  type("typed\n");
  ioctl(master, TIOCSIG, SIGINT);
  char bytes[100];
  say("read: %d", (int)read(slave, bytes, sizeof bytes)); // TIOCSIG flushes nothing
}

static void own_queues(void) {
  char bytes[100];
  open_pair(O_NOCTTY);
  MUST(write(slave, "out", 3));
  sleep_ms(5);
  CALL(ioctl(master, TCFLSH, TCIFLUSH));
  CALL(read(master, bytes, sizeof bytes));
  CALL(ioctl(master, TCXONC, TCOOFF));
  CALL(write(master, "in\n", 3));
  CALL(ioctl(master, TCXONC, TCOON));
  CALL(write(master, "in\n", 3));
  sleep_ms(5);
  CALL(read(slave, bytes, sizeof bytes));
  CALL(read(master, bytes, sizeof bytes));
  CALL(ioctl(slave, TCXONC, TCIOFF));
  sleep_ms(5);
  CALL(read(master, bytes, sizeof bytes));
  say("%x", bytes[0]);
  CALL(ioctl(master, TIOCEXCL));
  int isExclusive = -1;
  CALL(ioctl(slave, TIOCGEXCL, &isExclusive));
  say("%d", isExclusive);
  CALL(ioctl(master, TIOCGEXCL, &isExclusive));
  say("%d", isExclusive);

  struct termios settings;
  tcgetattr(slave, &settings);
  settings.c_lflag |= EXTPROC;
  settings.c_cc[VMIN] = 0;
  tcsetattr(slave, TCSANOW, &settings);
  CALL(read(slave, bytes, sizeof bytes));

  int locked = 1;
  CALL(ioctl(master, TIOCSPTLCK, &locked));
  CALL(ioctl(master, TIOCGPTPEER, O_RDWR));
  CALL(read(slave, bytes, 1));
  CALL(write(slave, "x", 1));
  CALL(ioctl(slave, TCFLSH, TCIOFLUSH));
}

static void other_reader(void) {
  char bytes[100];
  open_pair(O_NOCTTY);
  char path[40];
  int fd = open(ptsname_r(master, path, sizeof path) == 0 ? path : "", O_RDWR | O_NOCTTY);
  pid_t child = fork();
  if (child == 0) _exit((int)read(fd, bytes, sizeof bytes));
  sleep_ms(20);
  CALL(read(slave, bytes, 0)); // the child waits
  MUST(write(master, "four\n", 5));
  int status;
  waitpid(child, &status, 0);
  say("child read %d", WEXITSTATUS(status));
  CALL(read(slave, bytes, 0));
}

static int sees_terminal(void) {
  int fd = open("/dev/tty", O_RDWR);
  return fd < 0 ? errno : 0;
}

static void controlling(void) {
  int to[2], status;
  pid_t group;
  MUST(pipe(to));
  pid_t before = fork();
  if (before == 0) _exit(read(to[0], &status, 1) == 1 ? sees_terminal() : 99);
  open_pair(0);
  say("own terminal: %d", sees_terminal());
  MUST(write(to[1], "x", 1));
  waitpid(before, &status, 0);
  say("forked before: %s", strerrorname_np(WEXITSTATUS(status)));
  if (fork() == 0) _exit(sees_terminal());
  wait(&status);
  say("forked after: %d", WEXITSTATUS(status));
  pid_t child = fork();
  if (child == 0) pause();
  CALL_OK(tcsetpgrp(slave, child)); // no group's number, but a process of the session
  group = tcgetpgrp(slave);
  say("foreground is the child: %d", group == child);
  struct winsize window = {10, 20, 0, 0};
  ioctl(slave, TIOCSWINSZ, &window);
  kill(child, SIGKILL);
  waitpid(child, &status, 0);
  say("still: %d", tcgetpgrp(slave) == child);
  signal(SIGTTOU, SIG_IGN);
  CALL(tcsetpgrp(slave, child));
  CALL(tcsetpgrp(slave, getpid()));
  CALL(ioctl(master, TIOCNOTTY));
  struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO};
  sigaction(SIGHUP, &action, NULL);
  CALL(ioctl(slave, TIOCNOTTY));
  say("SIGHUP %d by the caller: %d", signals, code == SI_USER && sender == getpid());
  CALL(tcgetpgrp(slave));
}

// After an open that a lock refused, the last close of the terminal does not hang the master up.
static void refused_open(void) {
  int lock = 1;
  struct pollfd entry = {.events = POLLIN | POLLOUT};
  char name[64];
  for (int is_refused = 0; is_refused < 2; is_refused++) {
    MUST(openpty(&master, &slave, name, NULL, NULL));
    MUST(ioctl(master, TIOCSPTLCK, &lock));
    if (is_refused) CALL(open(name, O_RDWR | O_NOCTTY));
    close(slave);
    entry.fd = master;
    poll(&entry, 1, 0);
    say("refused %d: poll %#x", is_refused, entry.revents);
    close(master);
  }
}

int main(void) {
  pid_t child = fork(); // no leader of a group, so that it can have a session
  if (child == 0) {
    setsid();
    echoes();
    own_queues();
    other_reader();
    controlling();
    refused_open();
    exit(0);
  }
  int status;
  waitpid(child, &status, 0);
  return status;
}
