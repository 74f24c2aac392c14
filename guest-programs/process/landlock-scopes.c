// landlock(7): TCP ports, and what a scoped domain reaches outside of it: signals, SIGIO of files, ptrace and its kin.
// needs: root
#include "../lib/landlock.h"
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

static int inet(int family, int type) { return MUST(socket(family, type, 0)); }

static int bind4(int fd, int family, uint32_t address, uint16_t port, socklen_t length) {
  struct sockaddr_in name = {.sin_family = family, .sin_port = htons(port), .sin_addr.s_addr = htonl(address)};
  return bind(fd, (void *)&name, length);
}

static int connect4(int fd, int family, uint16_t port, socklen_t length) {
  struct sockaddr_in name = {.sin_family = family, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  return connect(fd, (void *)&name, length);
}

static int bind6(int fd, uint16_t port, socklen_t length) {
  struct sockaddr_in6 name = {.sin6_family = AF_INET6, .sin6_port = htons(port), .sin6_addr = IN6ADDR_LOOPBACK_INIT};
  return bind(fd, (void *)&name, length);
}

enum { MINE = 21001, OTHER = 21002, SERVED = 21003 };

static void ports(void) {
  int server = inet(AF_INET, SOCK_STREAM), one = 1;
  MUST(setsockopt(server, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one));
  MUST(bind4(server, AF_INET, INADDR_LOOPBACK, SERVED, 16));
  MUST(listen(server, 9));
  int rules = handling(0, BIND_TCP | CONNECT_TCP, 0);
  allow_port(rules, MINE, BIND_TCP);
  allow_port(rules, SERVED, CONNECT_TCP);
  allow_port(rules, 0, BIND_TCP);
  enforce(rules);
  CALL(bind4(inet(AF_INET, SOCK_STREAM), AF_INET, INADDR_LOOPBACK, MINE, 16));
  CALL(bind4(inet(AF_INET, SOCK_STREAM), AF_INET, INADDR_LOOPBACK, OTHER, 16));
  CALL(bind4(inet(AF_INET, SOCK_STREAM), AF_INET, INADDR_LOOPBACK, 0, 16));
  CALL(bind4(inet(AF_INET, SOCK_STREAM), AF_INET, INADDR_LOOPBACK, OTHER, 15));
  CALL(bind4(inet(AF_INET, SOCK_STREAM), AF_INET, INADDR_LOOPBACK, OTHER, 2));
  CALL(bind4(inet(AF_INET, SOCK_STREAM), AF_INET, INADDR_LOOPBACK, OTHER, 1));
  CALL(bind4(inet(AF_INET, SOCK_STREAM), AF_UNSPEC, INADDR_LOOPBACK, OTHER, 16));
  CALL(bind4(inet(AF_INET, SOCK_STREAM), AF_UNSPEC, INADDR_ANY, OTHER, 16));
  CALL(bind4(inet(AF_INET, SOCK_STREAM), AF_UNIX, INADDR_ANY, OTHER, 16));
  CALL(bind4(inet(AF_INET, SOCK_STREAM), AF_INET6, INADDR_ANY, OTHER, 16));
  CALL(bind4(inet(AF_INET6, SOCK_STREAM), AF_INET, INADDR_ANY, OTHER, 16));
  CALL(bind4(inet(AF_INET6, SOCK_STREAM), AF_UNSPEC, INADDR_ANY, OTHER, 16));
  CALL(bind6(inet(AF_INET6, SOCK_STREAM), MINE + 100, 28));
  CALL(bind6(inet(AF_INET6, SOCK_STREAM), MINE, 23));
  CALL(bind6(inet(AF_INET6, SOCK_STREAM), MINE, 24));
  CALL(bind4(inet(AF_INET, SOCK_DGRAM), AF_INET, INADDR_LOOPBACK, OTHER, 16)); // only TCP is confined
  CALL(listen(inet(AF_INET, SOCK_STREAM), 1)); // takes a port by itself
  int client = inet(AF_INET, SOCK_STREAM);
  CALL(connect4(client, AF_INET, MINE, 16));
  CALL(connect4(client, AF_INET, SERVED, 15));
  CALL(connect4(client, AF_INET6, SERVED, 16));
  CALL(connect4(client, AF_UNIX, MINE, 16));
  CALL(connect4(client, AF_UNSPEC, MINE, 16));
  CALL(connect4(client, AF_INET, SERVED, 16));
  CALL(connect4(client, AF_INET, MINE, 16));
  CALL(connect4(inet(AF_INET, SOCK_DGRAM), AF_INET, MINE, 16));
  rules = handling(0, CONNECT_TCP, 0);
  enforce(rules);
  say("confined further");
  CALL(connect4(inet(AF_INET, SOCK_STREAM), AF_INET, SERVED, 16));
  CALL(bind4(inet(AF_INET, SOCK_STREAM), AF_INET, INADDR_LOOPBACK, MINE + 0, 2));
  pid_t child = MUST(fork());
  if (child == 0) {
    show("the child connects", connect4(inet(AF_INET, SOCK_STREAM), AF_INET, SERVED, 16));
    _exit(0);
  }
  show_wait("child", child);
}

// A child that lives until it is told to end.
static pid_t sleeper(uint64_t scoped, int *gate) {
  int ends[2], ready[2];
  MUST(pipe(ends)), MUST(pipe(ready));
  pid_t child = MUST(fork());
  if (child == 0) {
    char byte = 0;
    close(ends[1]);
    signal(SIGUSR1, SIG_IGN), signal(SIGIO, SIG_IGN), signal(SIGURG, SIG_IGN);
    if (scoped) enforce(handling(0, 0, scoped));
    if (write(ready[1], &byte, 1) != 1) _exit(1);
    if (read(ends[0], &byte, 1) < 0) _exit(2);
    _exit(0);
  }
  char byte;
  close(ends[0]);
  MUST(read(ready[0], &byte, 1));
  close(ready[0]), close(ready[1]);
  *gate = ends[1];
  return child;
}

static long process_read(pid_t pid) {
  char here[8], there[8] = "there";
  struct iovec local = {here, 5}, remote = {there, 5};
  return process_vm_readv(pid, &local, 1, &remote, 1, 0);
}

static void reach(const char *who, pid_t pid) {
  char label[60];
  snprintf(label, sizeof label, "%s: signal 0", who), show(label, kill(pid, 0));
  snprintf(label, sizeof label, "%s: SIGUSR1", who), show(label, kill(pid, SIGUSR1));
  snprintf(label, sizeof label, "%s: SIGCONT", who), show(label, kill(pid, SIGCONT));
  snprintf(label, sizeof label, "%s: bad signal", who), show(label, kill(pid, 99));
  snprintf(label, sizeof label, "%s: tgkill", who), show(label, syscall(SYS_tgkill, pid, pid, SIGUSR1));
  union sigval value = {0};
  snprintf(label, sizeof label, "%s: sigqueue", who), show(label, sigqueue(pid, SIGUSR1, value));
  int pidfd = MUST(syscall(SYS_pidfd_open, pid, 0));
  snprintf(label, sizeof label, "%s: pidfd", who), show(label, syscall(SYS_pidfd_send_signal, pidfd, SIGUSR1, NULL, 0));
  snprintf(label, sizeof label, "%s: pidfd_getfd", who), show_ok(label, syscall(SYS_pidfd_getfd, pidfd, 0, 0));
  close(pidfd);
  snprintf(label, sizeof label, "%s: process_vm_readv", who), show(label, process_read(pid));
  char path[40];
  snprintf(path, sizeof path, "/proc/%d/mem", pid);
  snprintf(label, sizeof label, "%s: mem", who), show_ok(label, open(path, O_RDONLY));
  snprintf(path, sizeof path, "/proc/%d/cwd", pid);
  char target[400];
  snprintf(label, sizeof label, "%s: cwd", who), show_ok(label, readlink(path, target, sizeof target));
  snprintf(path, sizeof path, "/proc/%d/stat", pid);
  snprintf(label, sizeof label, "%s: stat", who), show_ok(label, open(path, O_RDONLY));
  long seized = ptrace(PTRACE_SEIZE, pid, 0, 0);
  snprintf(label, sizeof label, "%s: ptrace", who), show(label, seized);
}

static void scopes(uint64_t scoped) {
  int gates[3];
  pid_t outside = sleeper(0, &gates[0]), parent = getpid();
  pid_t actor = MUST(fork());
  if (actor == 0) {
    signal(SIGUSR1, SIG_IGN);
    enforce(handling(scoped ? 0 : READ_FILE, 0, scoped));
    pid_t inside = sleeper(0, &gates[1]), deeper = sleeper(SCOPE_SIGNAL, &gates[2]);
    reach("outside", outside), reach("the parent", parent), reach("inside", inside), reach("deeper", deeper);
    show("own", kill(getpid(), SIGUSR1));
    show("the own group", kill(0, SIGUSR1));
    show("all", kill(-1, 0));
    _exit(0);
  }
  show_wait("child", actor);
  close(gates[0]);
  waitpid(outside, NULL, 0);
}

// Who is told that a file is ready: not those outside of the domain of whoever said so.
static void owners(void) {
  int pair[2];
  sigset_t set;
  struct timespec soon = {0, 200000000};
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  sigemptyset(&set), sigaddset(&set, SIGIO);
  sigprocmask(SIG_BLOCK, &set, NULL);
  pid_t parent = getpid();
  for (int scoped = 0; scoped < 2; scoped++) {
    pid_t child = MUST(fork());
    if (child == 0) {
      if (scoped) enforce(handling(0, 0, SCOPE_SIGNAL));
      show("F_SETOWN", fcntl(pair[0], F_SETOWN, parent));
      show("O_ASYNC", fcntl(pair[0], F_SETFL, O_ASYNC));
      _exit(0);
    }
    show_wait("child", child);
    MUST(write(pair[1], "x", 1));
    say("scoped %d: %s", scoped, sigtimedwait(&set, NULL, &soon) == SIGIO ? "told" : "not told");
  }
}

static void traced_by_parent(void) {
  for (int both = 0; both < 2; both++) {
    pid_t parent = MUST(fork());
    if (parent == 0) {
      int rules = handling(READ_FILE, 0, 0), gate[2];
      MUST(pipe(gate));
      pid_t child = MUST(fork());
      if (child == 0) {
        char byte;
        close(gate[1]);
        MUST(read(gate[0], &byte, 1));
        if (both) enforce(rules);
        show(both ? "traceme, of a domain of its own" : "traceme", ptrace(PTRACE_TRACEME, 0, 0, 0));
        _exit(0);
      }
      enforce(handling(READ_FILE, 0, 0));
      close(gate[1]);
      show_wait("grandchild", child);
      _exit(0);
    }
    show_wait("child", parent);
  }
}

int main(void) {
  signal(SIGUSR1, SIG_IGN);
  CONFINED("ports", ports());
  CONFINED("scope of signals", setpgid(0, 0); scopes(SCOPE_SIGNAL));
  CONFINED("scope of sockets", setpgid(0, 0); scopes(SCOPE_ABSTRACT));
  CONFINED("no scope", setpgid(0, 0); scopes(0));
  owners();
  traced_by_parent();
}
