// Ends of tracees and of tracers (ptrace(2)): who sees a zombie first, in what order stops are told, what a tracer leaves
// behind that ends, and what SIGKILL does to whoever ends already.
#include "../lib/observe.h"
#include <sys/ptrace.h>
#include <sys/wait.h>

static int turn[2], back[2];

static void told(const char *label, pid_t pid, int options) {
  int status;
  pid_t got = waitpid(pid, &status, options);
  if (got < 0) say("%s: %s", label, errno_name(errno));
  else if (got == 0) say("%s: nothing", label);
  else say("%s: %#x", label, status);
}

static pid_t sleeper(void) {
  pid_t pid = MUST(fork());
  if (pid == 0)
    for (;;) pause();
  return pid;
}

static void tracer_field(const char *label, pid_t pid, pid_t tracer) {
  char path[40], line[200];
  snprintf(path, sizeof path, "/proc/%d/status", pid);
  FILE *file = fopen(path, "r");
  while (fgets(line, sizeof line, file))
    if (strncmp(line, "TracerPid:", 10) == 0) say("%s: %s", label, atoi(line + 10) == tracer ? "its tracer" : atoi(line + 10) ? "another" : "none");
  fclose(file);
}

// A zombie is its tracer's until that has seen it.
static void zombies(void) {
  say("-- zombies");
  pid_t traced = sleeper();
  char byte = 0;
  pid_t tracer = MUST(fork());
  if (tracer == 0) {
    MUST(ptrace(PTRACE_SEIZE, traced, 0, 0));
    MUST(write(back[1], &byte, 1));
    MUST(read(turn[0], &byte, 1));
    siginfo_t info = {0};
    MUST(waitid(P_PID, traced, &info, WEXITED | WNOWAIT | __WALL));
    say("tracer: code %d, status %d", info.si_code, info.si_status);
    CALL(ptrace(PTRACE_INTERRUPT, traced, 0, 0));
    CALL(ptrace(PTRACE_CONT, traced, 0, 0));
    CALL(waitid(P_PID, traced, &info, WSTOPPED | WNOHANG | __WALL));
    told("tracer", traced, __WALL);
    CALL(ptrace(PTRACE_INTERRUPT, traced, 0, 0));
    _exit(0);
  }
  MUST(read(back[0], &byte, 1));
  MUST(kill(traced, SIGTERM));
  usleep(20000);
  told("parent, before the tracer lets the signal through", traced, WNOHANG);
  MUST(kill(traced, SIGKILL));
  usleep(20000);
  tracer_field("traced by", traced, tracer);
  told("parent", traced, WNOHANG);
  siginfo_t info = {0};
  show("stops alone", waitid(P_PID, traced, &info, WSTOPPED | WNOHANG));
  MUST(write(turn[1], &byte, 1));
  told("the tracer", tracer, 0);
  told("parent", traced, 0);
}

// What nobody has waited for acts when the tracer ends, and what was waited for does not.
static void left_behind(int waits) {
  pid_t traced = sleeper();
  char byte = 0;
  pid_t tracer = MUST(fork());
  if (tracer == 0) {
    MUST(ptrace(PTRACE_SEIZE, traced, 0, 0));
    MUST(kill(traced, SIGTERM));
    usleep(20000);
    if (waits) told("tracer", traced, __WALL);
    MUST(write(back[1], &byte, 1));
    _exit(0);
  }
  MUST(read(back[0], &byte, 1));
  told("the tracer", tracer, 0);
  usleep(20000);
  told("tracee", traced, WNOHANG);
  kill(traced, SIGKILL);
  if (waits) told("killed", traced, 0);
}

// Children come first, in the order in which they were made; other tracees, the latest one first.
static void order(void) {
  say("-- order");
  pid_t first = sleeper(), second = sleeper();
  MUST(ptrace(PTRACE_SEIZE, first, 0, 0));
  MUST(kill(second, SIGKILL));
  usleep(20000);
  MUST(ptrace(PTRACE_INTERRUPT, first, 0, 0));
  usleep(20000);
  int status;
  pid_t got = MUST(waitpid(-1, &status, __WALL));
  say("the %s: %#x", got == first ? "first" : "second", status);
  got = MUST(waitpid(-1, &status, __WALL));
  say("the %s: %#x", got == first ? "first" : "second", status);
  siginfo_t info = {0};
  MUST(ptrace(PTRACE_GETSIGINFO, first, 0, &info));
  say("siginfo: signal %d, code %#x, of %s", info.si_signo, info.si_code, info.si_pid == first ? "itself" : "another");
  MUST(kill(first, SIGKILL));
  told("killed", first, 0);
  // grandchildren
  pid_t *others = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  char byte = 0;
  pid_t parent = MUST(fork());
  if (parent == 0) {
    for (int i = 0; i < 3; i++) others[i] = sleeper();
    MUST(write(back[1], &byte, 1));
    for (;;) pause();
  }
  MUST(read(back[0], &byte, 1));
  for (int i = 0; i < 3; i++) MUST(ptrace(PTRACE_SEIZE, others[i], 0, 0));
  for (int i = 0; i < 3; i++) MUST(ptrace(PTRACE_INTERRUPT, others[i], 0, 0));
  usleep(20000);
  for (int i = 0; i < 3; i++) {
    got = MUST(waitpid(-1, &status, __WALL));
    for (int k = 0; k < 3; k++)
      if (got == others[k]) say("grandchild %d", k);
  }
  for (int i = 0; i < 3; i++) kill(others[i], SIGKILL), told("killed", others[i], __WALL);
  kill(parent, SIGKILL);
  told("parent", parent, 0);
}

// Whoever stands in PTRACE_EVENT_EXIT ends already: SIGKILL does not hurry it.
static void dying(void) {
  say("-- dying");
  pid_t traced = sleeper();
  MUST(ptrace(PTRACE_SEIZE, traced, 0, PTRACE_O_TRACEEXIT));
  MUST(kill(traced, SIGKILL));
  told("the end begins", traced, 0);
  MUST(kill(traced, SIGKILL));
  usleep(20000);
  told("after another SIGKILL", traced, WNOHANG);
  CALL(ptrace(PTRACE_CONT, traced, 0, 0));
  told("the end", traced, 0);
}

int main(void) {
  MUST(pipe(turn)), MUST(pipe(back));
  zombies();
  say("-- a tracer that ends without having waited");
  left_behind(0);
  say("-- and one that has");
  left_behind(1);
  order();
  dying();
  return 0;
}
