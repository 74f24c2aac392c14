// F_SETLEASE: a signal when another opens or truncates the file, and how long that one waits (fcntl(2), Leases).
// needs: root
#include "../lib/observe.h"
#include <sys/prctl.h>

static volatile int count, code, band, fd_told;
static void told(int signo, siginfo_t *info, void *context) {
  (void)signo, (void)context;
  count++;
  code = info->si_code;
  band = info->si_band;
  fd_told = info->si_fd;
}

static const char *kind(int type) {
  return type == F_RDLCK ? "read" : type == F_WRLCK ? "write" : type == F_UNLCK ? "none" : "error";
}

static void lease_lines(const char *label) {
  char text[4096], *line = text;
  int fd = MUST(open("/proc/locks", O_RDONLY));
  ssize_t length = MUST(read(fd, text, sizeof text - 1));
  MUST(close(fd));
  text[length] = 0;
  int lines = 0;
  for (char *end; (end = strchr(line, '\n')); line = end + 1) {
    *end = 0;
    char type[16], state[16], mode[16], from[16], to[16];
    int pid;
    unsigned long major, minor, inode;
    if (sscanf(line, "%*d: %15s %15s %15s %d %lx:%lx:%lu %15s %15s", type, state, mode, &pid, &major, &minor, &inode,
               from, to) != 9 ||
        strcmp(type, "LEASE") || pid != getpid())
      continue;
    say("%s: %s %s %s, %s to %s", label, type, state, mode, from, to);
    lines++;
  }
  if (lines == 0) say("%s: no lease", label);
}

int main(void) {
  int fd = MUST(open("f", O_CREAT | O_RDWR, 0600)), reader = MUST(open("f", O_RDONLY)), directory = MUST(open(".", O_RDONLY));
  int pipe_fds[2], back[2];
  MUST(pipe(pipe_fds));
  MUST(pipe(back));
  struct sigaction action = {.sa_sigaction = told, .sa_flags = SA_SIGINFO | SA_RESTART};
  MUST(sigaction(SIGIO, &action, 0));
  MUST(sigaction(SIGRTMIN, &action, 0));

  CALL(fcntl(directory, F_SETLEASE, F_RDLCK));
  CALL(fcntl(pipe_fds[0], F_SETLEASE, F_RDLCK));
  CALL(fcntl(pipe_fds[0], F_GETLEASE));
  CALL(fcntl(reader, F_SETLEASE, 7));
  CALL(fcntl(reader, F_SETLEASE, F_UNLCK));
  CALL(fcntl(directory, F_SETLEASE, F_UNLCK));
  CALL(fcntl(reader, F_SETLEASE, F_RDLCK));
  CALL(fcntl(fd, F_SETLEASE, F_WRLCK));
  MUST(close(fd));
  CALL(fcntl(reader, F_SETLEASE, F_WRLCK));
  say("held: %s", kind(fcntl(reader, F_GETLEASE)));
  lease_lines("locks");
  CALL(fcntl(reader, F_SETLEASE, F_RDLCK));
  say("held: %s", kind(fcntl(reader, F_GETLEASE)));
  lease_lines("locks");
  CALL(fcntl(reader, F_GETOWN) == getpid());
  int second = MUST(open("f", O_RDONLY));
  CALL(fcntl(second, F_SETLEASE, F_RDLCK));
  CALL(fcntl(second, F_SETLEASE, F_WRLCK));
  say("second: %s", kind(fcntl(second, F_GETLEASE)));
  MUST(close(second));
  CALL(fcntl(reader, F_SETSIG, SIGRTMIN));

  say("# a read lease, and a writer that does not wait");
  CALL(open("f", O_WRONLY | O_NONBLOCK));
  say("told: %d, code %d, band %#x, the lease's %s", count, code, band, fd_told == reader ? "yes" : "no");
  count = 0;
  say("held: %s", kind(fcntl(reader, F_GETLEASE)));
  lease_lines("locks");
  CALL(open("f", O_WRONLY | O_NONBLOCK));
  say("told again: %d", count);
  CALL(fcntl(reader, F_SETLEASE, F_UNLCK));
  say("owner afterwards: %d, signal %d", fcntl(reader, F_GETOWN), fcntl(reader, F_GETSIG));
  lease_lines("locks");

  say("# a write lease, and a reader that waits");
  CALL(fcntl(reader, F_SETSIG, SIGRTMIN));
  CALL(fcntl(reader, F_SETLEASE, F_WRLCK));
  pid_t child = MUST(fork());
  if (child == 0) {
    MUST(prctl(PR_SET_PDEATHSIG, SIGKILL));
    hand_over(back[1]);
    int opened = open("f", O_RDONLY);
    await_turn(pipe_fds[0]);
    show("child: opened", opened >= 0);
    _exit(0);
  }
  await_turn(back[0]);
  await_state(child, "S");
  say("told: %d", count);
  count = 0;
  say("held: %s", kind(fcntl(reader, F_GETLEASE)));
  lease_lines("locks");
  CALL(fcntl(reader, F_SETLEASE, F_RDLCK));
  hand_over(pipe_fds[1]);
  show_wait("child", child);
  say("held: %s", kind(fcntl(reader, F_GETLEASE)));

  say("# truncate waits as well, and is interrupted");
  child = MUST(fork());
  if (child == 0) {
    struct sigaction plain = {.sa_sigaction = told, .sa_flags = SA_SIGINFO};
    MUST(sigaction(SIGUSR1, &plain, 0));
    hand_over(back[1]);
    show("child: truncate", truncate("f", 0));
    show("child: unlink does not wait", unlink("f"));
    _exit(0);
  }
  await_turn(back[0]);
  await_state(child, "S");
  say("told: %d", count);
  MUST(kill(child, SIGUSR1));
  show_wait("child", child);
  say("held: %s", kind(fcntl(reader, F_GETLEASE)));
  CALL(fcntl(reader, F_SETLEASE, F_RDLCK));
  say("held: %s", kind(fcntl(reader, F_GETLEASE)));
  MUST(close(reader));
  lease_lines("closed");

  say("# execve opens the program");
  int program = MUST(open("p", O_CREAT | O_WRONLY, 0755));
  MUST(write(program, "no program\n", 11));
  MUST(close(program));
  int holder = MUST(open("p", O_RDONLY));
  CALL(fcntl(holder, F_SETLEASE, F_WRLCK));
  count = 0;
  child = MUST(fork());
  if (child == 0) {
    char *arguments[] = {"p", 0};
    hand_over(back[1]);
    show("child: execve", execve("./p", arguments, arguments + 1));
    _exit(0);
  }
  await_turn(back[0]);
  await_state(child, "S");
  say("told: %d, held: %s", count, kind(fcntl(holder, F_GETLEASE)));
  CALL(fcntl(holder, F_SETLEASE, F_RDLCK));
  show_wait("child", child);
  say("held: %s", kind(fcntl(holder, F_GETLEASE)));
  MUST(close(holder));

  say("# nobody gives way: the lease is taken");
  int lease_time = open("/proc/sys/fs/lease-break-time", O_RDWR);
  char old[16];
  ssize_t length = MUST(read(lease_time, old, sizeof old));
  MUST(pwrite(lease_time, "1\n", 2, 0));
  MUST(close(MUST(open("g", O_CREAT | O_RDWR, 0600))));
  reader = MUST(open("g", O_RDONLY));
  CALL(fcntl(reader, F_SETLEASE, F_RDLCK));
  count = 0;
  int64_t start = now_ms(CLOCK_MONOTONIC);
  int writer;
  do writer = open("g", O_WRONLY);
  while (writer < 0 && errno == EINTR);
  int64_t took = now_ms(CLOCK_MONOTONIC) - start;
  MUST(pwrite(lease_time, old, length, 0));
  say("opened: %d, about a second: %s", writer >= 0, took > 900 && took < 3000 ? "yes" : "no");
  say("told: %d, held: %s", count, kind(fcntl(reader, F_GETLEASE)));

  say("# others' files");
  MUST(close(writer));
  MUST(chmod("g", 0666));
  child = MUST(fork());
  if (child == 0) {
    int other = MUST(open("g", O_RDONLY));
    MUST(setuid(1000));
    CALL(fcntl(other, F_SETLEASE, F_RDLCK));
    CALL(fcntl(other, F_SETLEASE, F_UNLCK));
    _exit(0);
  }
  show_wait("child", child);
  return 0;
}
