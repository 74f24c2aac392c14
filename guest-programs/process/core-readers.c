// Cores that a program or a socket reads (core(5), "Piping core dumps to a program", "Socket").
// skip-native: it would change what the machine does with cores
#include "../lib/core.h"
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/sendfile.h>

static const char pattern_file[] = "/proc/sys/kernel/core_pattern";
static char program[220], directory[200];

static long set(const char *path, const char *text) {
  int fd = open(path, O_WRONLY);
  if (fd < 0) return -1;
  long result = write(fd, text, strlen(text));
  close(fd);
  return result < 0 ? -1 : 0;
}

// What the kernel runs: reads the core, and leaves what it saw in a file.
static int helper(int argc, char **argv) {
  MUST(chdir(argv[2]));
  int out = MUST(open("seen.new", O_CREAT | O_WRONLY | O_TRUNC, 0666));
  int copy = MUST(open("piped", O_CREAT | O_WRONLY | O_TRUNC, 0666));
  static char buffer[65536];
  size_t total = 0;
  for (ssize_t got; (got = read(0, buffer, sizeof buffer)) > 0; total += got) MUST(write(copy, buffer, got));
  char line[300], status[100] = "", path[64];
  snprintf(path, sizeof path, "/proc/%s/status", argv[3]);
  FILE *is = fopen(path, "r");
  bool is_awaited = strcmp(argv[4], "waited-for") == 0;
  while (is_awaited && is && fgets(status, sizeof status, is) && strncmp(status, "CoreDumping", 11) != 0) {
  }
  // who dumps to a program that is not waited for may be over by now
  if (strncmp(status, "CoreDumping", 11) != 0) strcpy(status, "not looked at\n");
  struct core core = read_core("piped");
  int length = snprintf(line, sizeof line, "%s: uid %d, %d arguments, signal %s, limit %s, literal %s, in root %d, whole %d, more than memory %d, %s",
                        argv[4], getuid(), argc, argv[5], argv[6], argv[7], access("/proc/self", F_OK) == 0,
                        total >= end_of(&core), total > 65536, status);
  MUST(write(out, line, length));
  MUST(rename("seen.new", "seen"));
  return 0;
}

static volatile int *volatile nowhere = (int *)0x10;
static void crash(void) {
  static char large[1 << 20];
  memset(large, 1, sizeof large);
  *nowhere = 1;
}

static pid_t start(rlim_t limit, void (*die)(void)) {
  pid_t child = MUST(fork());
  if (child != 0) return child;
  struct rlimit core = {limit, RLIM_INFINITY};
  MUST(setrlimit(RLIMIT_CORE, &core));
  die();
  _exit(0);
}

static void say_status(const char *label, pid_t child) {
  int status;
  MUST(waitpid(child, &status, 0));
  say("%s: %s, %s", label, signal_name(WTERMSIG(status)), WCOREDUMP(status) ? "dumped" : "not dumped");
}

static void say_seen(void) {
  for (int i = 0; i < 500 && access("seen", F_OK) != 0; i++) sleep_ms(10);
  char line[300];
  int fd = open("seen", O_RDONLY);
  ssize_t length = fd < 0 ? 0 : read(fd, line, sizeof line - 1);
  close(fd);
  line[length > 0 ? length - 1 : 0] = 0;
  say("seen: %s", line);
  unlink("seen");
}

// Where its path is short and has no spaces, which would end a word of the pattern.
static void copy_program(void) {
  snprintf(program, sizeof program, "%s/reader", directory);
  int from = MUST(open("/proc/self/exe", O_RDONLY)), to = MUST(open(program, O_CREAT | O_WRONLY, 0755));
  while (MUST(sendfile(to, from, NULL, 1 << 20)) > 0) {
  }
  close(from);
  close(to);
}

static void to_helper(const char *name) {
  char pattern[600];
  snprintf(pattern, sizeof pattern, "|%s helper %s %%p %s %%s %%c a%%%%b", program, directory, name);
  MUST(set(pattern_file, pattern));
}

static void stop_forever(void) {
  raise(SIGSTOP);
  crash();
}

static int listener(const char *path, int backlog) {
  struct sockaddr_un name = {.sun_family = AF_UNIX};
  strcpy(name.sun_path, path);
  unlink(path);
  int fd = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  MUST(bind(fd, (struct sockaddr *)&name, sizeof name));
  MUST(listen(fd, backlog));
  return fd;
}

static size_t drain(int fd, const char *path) {
  static char buffer[65536];
  int copy = MUST(open(path, O_CREAT | O_WRONLY | O_TRUNC, 0666));
  size_t total = 0;
  for (ssize_t got; (got = read(fd, buffer, sizeof buffer)) > 0; total += got) MUST(write(copy, buffer, got));
  close(copy);
  return total;
}

// What a pidfd of who crashed tells of its core (PIDFD_INFO_COREDUMP).
static void say_mask(const char *label, int fd) {
  struct { uint64_t mask, cgroup; uint32_t ids[11]; int32_t exit_code; uint32_t coredump, signal; } info = {.mask = 8 | 16};
  MUST(ioctl(fd, _IOC(_IOC_READ | _IOC_WRITE, 0xff, 11, sizeof info), &info));
  say("%s: exit code %#x, core %#x", label, info.exit_code, info.coredump);
}

static void over_socket(void) {
  char path[300], pattern[320];
  MUST(getcwd(path, sizeof path));
  strcat(path, "/cores");
  snprintf(pattern, sizeof pattern, "@%s/cores", directory);
  int fd = listener(path, 8);
  MUST(set(pattern_file, pattern));
  say_status("a link on the way", start(RLIM_INFINITY, crash));
  snprintf(pattern, sizeof pattern, "@%s", path);
  MUST(chmod(path, 0600));
  show("pattern of a socket", set(pattern_file, pattern));
  pid_t child = start(0, crash);
  int connection = MUST(accept(fd, NULL, NULL));
  struct ucred peer;
  socklen_t length = sizeof peer;
  MUST(getsockopt(connection, SOL_SOCKET, SO_PEERCRED, &peer, &length));
  say("peer: %s, uid %d", peer.pid == child ? "who crashed" : "another", peer.uid);
  int pidfd;
  length = sizeof pidfd;
  MUST(getsockopt(connection, SOL_SOCKET, 77 /* SO_PEERPIDFD */, &pidfd, &length));
  say_mask("its pidfd", pidfd);
  say("while it is written: %s", waitpid(child, NULL, WNOHANG) == 0 ? "not over" : "over");
  size_t total = drain(connection, "received");
  struct core core = read_core("received");
  say("received: %s", total > (1 << 20) && total >= end_of(&core) ? "whole" : "a part");
  show("write to it", send(connection, "x", 1, MSG_NOSIGNAL) == 1 ? 0 : -1);
  close(connection);
  say_status("over a socket", child);
  say_mask("its pidfd", pidfd);
  close(fd);
  say_status("nobody listens", start(RLIM_INFINITY, crash));
  unlink(path);
  say_status("no such path", start(RLIM_INFINITY, crash));
}

int main(int argc, char **argv) {
  if (argc > 1) return helper(argc, argv);
  char before[128] = "";
  int fd = MUST(open(pattern_file, O_RDONLY));
  MUST(read(fd, before, sizeof before - 1));
  close(fd);
  before[strcspn(before, "\n")] = 0;
  char here[400];
  MUST(getcwd(here, sizeof here));
  // a name is cut after 128 bytes (CORENAME_MAX_SIZE), and where we are may be long
  snprintf(directory, sizeof directory, "/tmp/readers.%d", getpid());
  MUST(symlink(here, directory));
  copy_program();
  MUST(chmod(".", 0777));

  to_helper("plain");
  say_status("to a program", start(RLIM_INFINITY, crash));
  say_seen();
  to_helper("no-limit-needed");
  say_status("limit 0", start(0, crash));
  say_seen();
  to_helper("nobody");
  say_status("limit 1", start(1, crash));
  CALL(access("seen", F_OK));
  MUST(set(pattern_file, "|/no/such/program"));
  say_status("no such program", start(RLIM_INFINITY, crash));
  MUST(set("/proc/sys/kernel/core_pipe_limit", "4"));
  to_helper("waited-for");
  say_status("to a program that is waited for", start(RLIM_INFINITY, crash));
  say_seen();
  pid_t child = start(RLIM_INFINITY, stop_forever);
  MUST(waitpid(child, NULL, WUNTRACED));
  MUST(kill(child, SIGCONT));
  say_status("after a stop", child);
  say_seen();
  MUST(set("/proc/sys/kernel/core_pipe_limit", "0"));

  over_socket();
  CALL(set(pattern_file, "@relative"));
  CALL(set(pattern_file, "@"));
  char name[300];
  snprintf(name, sizeof name, "%s/by-name.%%e.%%s.%%u.%%g.%%d.%%%%.%%q%%", directory);
  MUST(set(pattern_file, name));
  say_status("by name", start(RLIM_INFINITY, crash));
  CALL(access("by-name.core-readers.11.0.0.1.%.", F_OK));
  MUST(set(pattern_file, "named"));
  MUST(set("/proc/sys/kernel/core_uses_pid", "1"));
  child = start(RLIM_INFINITY, crash);
  say_status("with a number", child);
  snprintf(name, sizeof name, "named.%d", child);
  show("its file", access(name, F_OK));
  MUST(set("/proc/sys/kernel/core_uses_pid", "0"));
  MUST(set(pattern_file, before));
  MUST(unlink(directory));
  return 0;
}
