// Control groups that freeze: who stops, what cgroup.events tells to poll and inotify, what signals do to the frozen.
// needs: root
#include "cgroup.h"
#include <sys/inotify.h>

// As /proc shows it: R, S, T.
static char state_of(pid_t pid) {
  char path[40], text[400];
  sprintf(path, "/proc/%d/stat", pid);
  int fd = MUST(open(path, O_RDONLY));
  ssize_t length = MUST(read(fd, text, sizeof text - 1));
  close(fd);
  text[length] = 0;
  return strrchr(text, ')')[2];
}

// Counts in shared memory for ever.
static volatile long *count;

static void nothing(int signo) {
  count[1] = signo;
}

static pid_t counter(void) {
  pid_t pid = MUST(fork());
  signal(SIGUSR1, nothing);
  if (pid == 0)
    for (;;) {
      (*count)++;
      usleep(1000);
    }
  return pid;
}

static bool is_counting(void) {
  long before = *count;
  for (int i = 0; i < 300 && *count == before; i++) usleep(1000);
  return *count != before;
}

static int events;

// After what was told so far has been read.
static void set_freeze(const char *text) {
  char bytes[100];
  MUST(pread(events, bytes, sizeof bytes, 0));
  put("cg/rv-freezer/cgroup.freeze", text);
}

static void basics(void) {
  say("-- freezing");
  pid_t pid = counter();
  events = MUST(open("cg/rv-freezer/cgroup.events", O_RDONLY));
  show_change("before the first reading", events, 0);
  show_change("then", events, 0);
  put_pid("cg/rv-freezer/cgroup.procs", pid);
  show_change("populated", events, 5000);
  say("counts: %d", is_counting());
  set_freeze("1");
  show_change("frozen", events, 5000);
  usleep(20000);
  say("counts: %d", is_counting());
  say("state %c", state_of(pid));
  show_file("cg/rv-freezer/cgroup.freeze");
  set_freeze("1");
  show_change("again", events, 0);
  set_freeze("0");
  show_change("thawed", events, 5000);
  say("counts: %d", is_counting());
  say("-- signals");
  set_freeze("1");
  show_change("frozen", events, 5000);
  kill(pid, SIGUSR1);
  usleep(20000);
  CALL(waitpid(pid, NULL, WNOHANG));
  kill(pid, SIGCONT);
  usleep(20000);
  say("state %c, handled: %d, counts: %d", state_of(pid), count[1] == SIGUSR1, is_counting());
  set_freeze("0");
  for (int i = 0; i < 20; i++) usleep(1000);
  say("handled: %d, counts: %d", count[1] == SIGUSR1, is_counting());
  set_freeze("1");
  show_change("frozen", events, 5000);
  kill(pid, SIGTERM);
  show_wait("what kills kills at once", pid);
  show_file("cg/rv-freezer/cgroup.events");
  pid = counter();
  put_pid("cg/rv-freezer/cgroup.procs", pid);
  set_freeze("1");
  kill(pid, SIGKILL);
  show_wait("SIGKILL comes at once", pid);
  set_freeze("0");
}

static void stopped(void) {
  say("-- stopped and frozen");
  pid_t pid = counter();
  int status;
  put_pid("cg/rv-freezer/cgroup.procs", pid);
  kill(pid, SIGSTOP);
  MUST(waitpid(pid, &status, WUNTRACED));
  show_file("cg/rv-freezer/cgroup.events");
  put("cg/rv-freezer/cgroup.freeze", "1");
  usleep(20000);
  show_file("cg/rv-freezer/cgroup.events");
  say("state %c", state_of(pid));
  kill(pid, SIGCONT);
  usleep(20000);
  say("state %c, counts: %d", state_of(pid), is_counting());
  put("cg/rv-freezer/cgroup.freeze", "0");
  say("counts: %d", is_counting());
  kill(pid, SIGSTOP);
  MUST(waitpid(pid, &status, WUNTRACED));
  put("cg/rv-freezer/cgroup.freeze", "1");
  put("cg/rv-freezer/cgroup.freeze", "0");
  usleep(20000);
  say("state %c, counts: %d", state_of(pid), is_counting());
  end(pid);
}

static void inherited(void) {
  say("-- groups below");
  MUST(mkdir("cg/rv-freezer/one", 0755));
  pid_t pid = counter();
  put_pid("cg/rv-freezer/one/cgroup.procs", pid);
  pread(events, (char[100]){0}, 100, 0);
  put("cg/rv-freezer/cgroup.freeze", "1");
  show_change("above", events, 5000);
  show_file("cg/rv-freezer/one/cgroup.events");
  show_file("cg/rv-freezer/one/cgroup.freeze");
  MUST(mkdir("cg/rv-freezer/new", 0755));
  show_file("cg/rv-freezer/new/cgroup.events");
  put("cg/rv-freezer/one/cgroup.freeze", "1");
  put("cg/rv-freezer/cgroup.freeze", "0");
  show_file("cg/rv-freezer/cgroup.events");
  show_file("cg/rv-freezer/one/cgroup.events");
  show_file("cg/rv-freezer/new/cgroup.events");
  say("counts: %d", is_counting());
  put_pid("cg/rv-freezer/new/cgroup.procs", pid);
  say("moved out, counts: %d", is_counting());
  show_file("cg/rv-freezer/one/cgroup.events");
  put_pid("cg/rv-freezer/one/cgroup.procs", pid);
  usleep(20000);
  say("moved in, counts: %d", is_counting());
  put("cg/rv-freezer/cgroup.kill", "1");
  show_wait("killed while frozen", pid);
  MUST(rmdir("cg/rv-freezer/one"));
  MUST(rmdir("cg/rv-freezer/new"));
}

static void calls(void) {
  say("-- calls of the frozen");
  int pipes[2];
  MUST(pipe(pipes));
  pid_t pid = MUST(fork());
  if (pid == 0) {
    char byte;
    ssize_t got = read(pipes[0], &byte, 1);
    struct timespec wish = {0, 50000000}, rest = {7, 7};
    int slept = nanosleep(&wish, &rest);
    struct pollfd poller = {.fd = pipes[0], .events = POLLIN};
    int polled = poll(&poller, 1, 100);
    usleep(200000);
    say("read %zd, slept %d, polled %d", got, slept, polled);
    _exit(0);
  }
  put_pid("cg/rv-freezer/cgroup.procs", pid);
  usleep(20000);
  put("cg/rv-freezer/cgroup.freeze", "1");
  usleep(20000);
  MUST(write(pipes[1], "x", 1));
  usleep(20000);
  show_file("cg/rv-freezer/cgroup.events");
  put("cg/rv-freezer/cgroup.freeze", "0");
  usleep(10000);
  put("cg/rv-freezer/cgroup.freeze", "1");
  usleep(100000);
  put("cg/rv-freezer/cgroup.freeze", "0");
  show_wait("child", pid);
  pid_t self = MUST(fork());
  if (self == 0) {
    put("cg/rv-freezer/cgroup.procs", "0");
    put("cg/rv-freezer/cgroup.freeze", "1");
    say("thawed");
    _exit(0);
  }
  for (int i = 0; i < 500 && strstr(text_of("cg/rv-freezer/cgroup.events"), "frozen 1") == NULL; i++) usleep(1000);
  show_file("cg/rv-freezer/cgroup.events");
  put("cg/rv-freezer/cgroup.freeze", "0");
  show_wait("froze itself", self);
}

static void watched(void) {
  say("-- inotify");
  int fd = MUST(inotify_init1(IN_NONBLOCK));
  int one = MUST(inotify_add_watch(fd, "cg/rv-freezer/cgroup.events", IN_MODIFY));
  MUST(inotify_add_watch(fd, "cg/rv-freezer", IN_MODIFY | IN_CREATE | IN_DELETE));
  pid_t pid = sleeper();
  put_pid("cg/rv-freezer/cgroup.procs", pid);
  MUST(mkdir("cg/rv-freezer/one", 0755));
  end(pid);
  MUST(rmdir("cg/rv-freezer/one"));
  usleep(100000);
  char bytes[2000];
  ssize_t length = MUST(read(fd, bytes, sizeof bytes));
  int file_events = 0;
  for (ssize_t at = 0; at < length;) {
    struct inotify_event *event = (void *)(bytes + at);
    at += sizeof *event + event->len;
    if (event->wd == one) file_events++;
    else if (event->mask & IN_ISDIR) say("%s%s %s", event->mask & IN_CREATE ? "create" : "", event->mask & IN_DELETE ? "delete" : "", event->name);
  }
  say("the file was changed: %d", file_events > 0);
  close(fd);
}

int main(void) {
  mount_cgroups();
  count = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  MUST(mkdir("cg/rv-freezer", 0755));
  basics();
  stopped();
  inherited();
  calls();
  watched();
  CALL(rmdir("cg/rv-freezer"));
  return 0;
}
