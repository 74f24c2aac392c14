// The protocol of @@ in core_pattern: the kernel says what it can, the server what it is to do (linux/coredump.h, since 6.17).
// skip-native: it would change what the machine does with cores
#include "../lib/observe.h"
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>

struct request { uint32_t size, size_ack; uint64_t mask; };
struct ack { uint32_t size, spare; uint64_t mask; };
enum { KERNEL = 1, USERSPACE = 2, REJECT = 4, WAIT = 8 };

static const char pattern_file[] = "/proc/sys/kernel/core_pattern";
static char directory[200];
static int server;

static long set(const char *text) {
  int fd = open(pattern_file, O_WRONLY);
  if (fd < 0) return -1;
  long result = write(fd, text, strlen(text));
  close(fd);
  return result < 0 ? -1 : 0;
}

static rlim_t limit;
static volatile int *volatile nowhere = (int *)0x10;

static pid_t crash(void) {
  pid_t child = MUST(fork());
  if (child != 0) return child;
  struct rlimit core = {limit, RLIM_INFINITY};
  MUST(setrlimit(RLIMIT_CORE, &core));
  *nowhere = 1;
  _exit(0);
}

static void say_status(const char *label, pid_t child) {
  int status;
  MUST(waitpid(child, &status, 0));
  say("%s: %s, %s", label, signal_name(WTERMSIG(status)), WCOREDUMP(status) ? "dumped" : "not dumped");
}

static const char *state(pid_t child) {
  sleep_ms(50);
  siginfo_t info = {0};
  MUST(waitid(P_PID, child, &info, WEXITED | WNOHANG | WNOWAIT));
  return info.si_pid == 0 ? "not over" : "over";
}

static void say_mark(int fd) {
  uint32_t mark;
  ssize_t got = recv(fd, &mark, sizeof mark, MSG_WAITALL);
  if (got == sizeof mark) say("mark %u", mark);
  else show("mark", got);
}

// What the kernel's log says of `child` after `label`, without what depends on the run.
static void say_log(const char *label, pid_t child) {
  static char line[8192];
  char tag[40];
  snprintf(tag, sizeof tag, "coredump: %d(", child);
  int fd = MUST(open("/dev/kmsg", O_RDONLY | O_NONBLOCK));
  for (ssize_t got; (got = read(fd, line, sizeof line - 1)) > 0 || errno == EPIPE;) {
    if (got <= 0) continue;
    line[got] = 0;
    char *found = strstr(line, tag), *text = found ? strstr(found, "): ") : NULL;
    if (text == NULL) continue;
    text[strcspn(text, "\n")] = 0;
    char *path = strstr(text, directory);
    if (path) memmove(path, path + strlen(directory), strlen(path + strlen(directory)) + 1);
    say("%s: level %d%s", label, atoi(line), text + 1);
  }
  close(fd);
}

static void say_rest(int fd) {
  static char buffer[65536];
  size_t total = 0;
  bool is_elf = false;
  ssize_t got;
  while ((got = read(fd, buffer, sizeof buffer)) > 0) {
    if (total == 0) is_elf = got >= 4 && memcmp(buffer, "\177ELF", 4) == 0;
    total += got;
  }
  if (got < 0) show("rest", got);
  say("rest: %s", is_elf ? "a core" : total == 0 ? "nothing" : "something");
}

static int take(pid_t *child) {
  *child = crash();
  int fd = MUST(accept(server, NULL, NULL));
  struct request request = {0};
  MUST(recv(fd, &request, sizeof request, MSG_WAITALL));
  if (request.size != 16 || request.size_ack != 16 || request.mask != 15)
    say("request: size %u, of an ack %u, mask %#lx", request.size, request.size_ack, (long)request.mask);
  return fd;
}

static void answer(const char *label, struct ack ack, size_t length) {
  pid_t child;
  int fd = take(&child);
  char bytes[64] = {0};
  memcpy(bytes, &ack, sizeof ack);
  say("-- %s: %s", label, state(child));
  MUST(send(fd, bytes, length, 0));
  say_mark(fd);
  say_rest(fd);
  say("%s", state(child));
  close(fd);
  say_status("its end", child);
}

int main(void) {
  char before[128] = "", path[300], pattern[400];
  int fd = MUST(open(pattern_file, O_RDONLY));
  MUST(read(fd, before, sizeof before - 1));
  close(fd);
  before[strcspn(before, "\n")] = 0;
  MUST(getcwd(directory, sizeof directory));
  snprintf(path, sizeof path, "%s/%%p-s", directory);
  struct sockaddr_un name = {.sun_family = AF_UNIX};
  strcpy(name.sun_path, path);
  unlink(path);
  server = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
  MUST(bind(server, (struct sockaddr *)&name, sizeof name));
  MUST(listen(server, 8));
  snprintf(pattern, sizeof pattern, "@@%s", path);
  MUST(set(pattern));

  pid_t child;
  fd = take(&child);
  say("request: the usual one");
  close(fd);
  say_status("no answer", child);
  answer("kernel", (struct ack){16, 0, KERNEL}, 16);
  answer("kernel, wait", (struct ack){16, 0, KERNEL | WAIT}, 16);
  answer("userspace", (struct ack){16, 0, USERSPACE}, 16);
  answer("userspace, wait", (struct ack){16, 0, USERSPACE | WAIT}, 16);
  answer("reject", (struct ack){16, 0, REJECT}, 16);
  answer("reject, wait", (struct ack){16, 0, REJECT | WAIT}, 16);
  answer("too small", (struct ack){15, 0, KERNEL}, 16);
  answer("too large", (struct ack){17, 0, KERNEL}, 17);
  answer("unknown bit", (struct ack){16, 0, KERNEL | 16}, 16);
  answer("nothing chosen", (struct ack){16, 0, 0}, 16);
  answer("wait alone", (struct ack){16, 0, WAIT}, 16);
  answer("two chosen", (struct ack){16, 0, KERNEL | REJECT}, 16);
  answer("unknown bit, and two", (struct ack){16, 0, KERNEL | REJECT | 16}, 16);
  answer("spare", (struct ack){16, 1, KERNEL}, 16);

  struct ack ack = {16, 0, USERSPACE};
  fd = take(&child);
  char more[sizeof ack + 4] = {0};
  memcpy(more, &ack, sizeof ack);
  MUST(send(fd, more, sizeof more, 0));
  say_mark(fd);
  say("more than it said: %s", state(child));
  say_rest(fd);
  close(fd);
  say_status("its end", child);
  fd = take(&child);
  for (size_t sent = 0, length = 4; sent < sizeof ack; sent += length, length = 6) {
    MUST(send(fd, (char *)&ack + sent, length, 0));
    say("after %zu bytes: %s", sent + length, state(child));
  }
  say_mark(fd);
  close(fd);
  say_status("in pieces", child);
  for (unsigned length = 2; length <= 8; length += 6) {
    fd = take(&child);
    MUST(send(fd, &ack, length, 0));
    MUST(shutdown(fd, SHUT_WR));
    say_mark(fd);
    say_rest(fd);
    close(fd);
    say_status("a part of an answer", child);
  }
  fd = take(&child);
  MUST(kill(child, SIGTERM));
  say("after SIGTERM: %s", state(child));
  MUST(kill(child, SIGKILL));
  say_mark(fd);
  close(fd);
  say_status("killed while it waits", child);
  ack.mask = USERSPACE | WAIT;
  fd = take(&child);
  MUST(send(fd, &ack, sizeof ack, 0));
  say_mark(fd);
  say_rest(fd);
  MUST(kill(child, SIGKILL));
  say_status("killed while it waits for the end", child);
  say_log("log", child);
  close(fd);

  ack.mask = USERSPACE | WAIT;
  fd = take(&child);
  MUST(send(fd, &ack, sizeof ack, 0));
  say_mark(fd);
  say_rest(fd);
  MUST(send(fd, "more", 4, 0));
  say_status("data at its end", child);
  say_log("log", child);
  close(fd);

  MUST(set(pattern + 1));
  child = crash();
  fd = MUST(accept(server, NULL, NULL));
  say_rest(fd);
  close(fd);
  say_status("without a protocol", child);
  unlink(path);
  child = crash();
  say_status("nobody is there", child);
  say_log("log", child);
  close(server);
  MUST(set("@/with space"));
  child = crash();
  say_status("a space", child);
  say_log("log", child);
  MUST(set("|"));
  child = crash();
  say_status("no name of a program", child);
  say_log("log", child);
  MUST(set("|/no/such/program with arguments"));
  child = crash();
  say_status("no such program", child);
  say_log("log", child);
  limit = 1;
  child = crash();
  say_status("limit 1", child);
  say_log("log", child);
  CALL(set("@@"));
  CALL(set("@@relative"));
  CALL(set("@@@/three"));
  CALL(set("@@/with/../dots"));
  char large[128] = "@@/";
  memset(large + 3, 'x', 108);
  CALL(set(large));
  MUST(set(before));
  return 0;
}
