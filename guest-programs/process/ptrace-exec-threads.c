// Threads that an execve ends, as their tracer sees them: PTRACE_EVENT_EXIT, their ends, and the execve that waits for both.
#include "../lib/observe.h"
#include <pthread.h>
#include <sys/ptrace.h>

enum { TRACE_EXIT = PTRACE_O_TRACEEXIT, TRACE_EXEC = PTRACE_O_TRACEEXEC };

static const char *self;
static pid_t threads[4]; // the leader first, then in the order in which they were made
static int count;

static long ask(int request, pid_t pid, unsigned long data) { return syscall(SYS_ptrace, request, pid, 0, data); }

static unsigned long message_of(pid_t pid) {
  unsigned long message = 77;
  MUST(ask(PTRACE_GETEVENTMSG, pid, (unsigned long)&message));
  return message;
}

static int index_of(pid_t pid) {
  for (int i = 0; i < count; i++)
    if (threads[i] == pid) return i;
  threads[count] = pid;
  return count++;
}

static const char *name_of(pid_t pid) {
  static const char *names[] = {"leader", "first", "second", "third"};
  return names[index_of(pid)];
}

static void show_report(pid_t pid, int status) {
  if (!WIFSTOPPED(status)) show_status(name_of(pid), status);
  else say("%s: %s, event %d, message %#lx", name_of(pid), signal_name(WSTOPSIG(status)), status >> 16,
           status >> 16 == PTRACE_EVENT_EXEC ? (unsigned long)index_of(message_of(pid)) : message_of(pid));
}

// All further reports of the leader alone, until it is gone.
static void follow(pid_t leader) {
  for (;;) {
    int status;
    if (waitpid(leader, &status, __WALL) != leader) return;
    show_report(leader, status);
    if (WIFSTOPPED(status)) MUST(ask(PTRACE_CONT, leader, 0));
  }
}

static void *sleeper(void *unused) {
  for (;;) pause();
  return unused;
}

static void *executes(void *unused) {
  sleep_ms(30);
  execl("/proc/self/exe", self, "after", NULL);
  say("execve: %s", errno_name(errno));
  return unused;
}

// A process of two threads that sleep and of one, its leader or a third, that makes another program of it.
static pid_t begin(bool by_leader, unsigned long options) {
  pid_t leader = MUST(fork());
  if (leader == 0) {
    pthread_t thread;
    raise(SIGSTOP);
    pthread_create(&thread, NULL, sleeper, NULL);
    pthread_create(&thread, NULL, sleeper, NULL);
    if (by_leader) executes(NULL);
    pthread_create(&thread, NULL, executes, NULL);
    sleeper(NULL);
  }
  count = 0;
  index_of(leader);
  int status;
  MUST(waitpid(leader, &status, WUNTRACED));
  MUST(ask(PTRACE_SEIZE, leader, options | PTRACE_O_EXITKILL));
  MUST(kill(leader, SIGCONT));
  return leader;
}

// The next report that is not about the beginning of a thread.
static pid_t next(int *status) {
  for (;;) {
    pid_t pid = MUST(waitpid(-1, status, __WALL));
    if (!WIFSTOPPED(*status)) return pid;
    int event = *status >> 16;
    if (event == PTRACE_EVENT_CLONE) index_of(message_of(pid));
    else if (event != PTRACE_EVENT_STOP && WSTOPSIG(*status) != SIGCONT) return pid;
    MUST(ask(PTRACE_CONT, pid, 0));
  }
}

// Has `pid` (or, -1, any) nothing to report?
static void nothing_of(pid_t pid, const char *when) {
  int status;
  sleep_ms(30);
  say("%s: %d", when, waitpid(pid, &status, __WALL | WNOHANG) == 0);
}

// All stop for PTRACE_EVENT_EXIT, and each ends as its tracer lets it.
static void one_by_one(bool by_leader) {
  say("# one by one, %s executes", by_leader ? "the leader" : "a thread");
  pid_t leader = begin(by_leader, TRACE_EXIT | TRACE_EXEC | PTRACE_O_TRACECLONE);
  int dying = by_leader ? 2 : 3, status;
  bool has_stopped[4] = {false};
  for (int i = 0; i < dying; i++) {
    pid_t pid = next(&status);
    has_stopped[index_of(pid)] = status >> 16 == PTRACE_EVENT_EXIT;
  }
  nothing_of(-1, "nothing happens while they stand");
  for (int i = 0; i < count; i++) {
    if (!has_stopped[i]) continue;
    siginfo_t info;
    MUST(ask(PTRACE_GETSIGINFO, threads[i], (unsigned long)&info));
    say("%s dies: message %#lx, code %#x, of its own: %d", name_of(threads[i]), message_of(threads[i]), info.si_code,
        info.si_pid == threads[i]);
    MUST(ask(PTRACE_CONT, threads[i], 0));
    if (i == 0) {
      nothing_of(leader, "nothing is told of the leader");
      continue;
    }
    MUST(waitpid(threads[i], &status, __WALL));
    show_report(threads[i], status);
  }
  follow(leader);
}

// Without PTRACE_EVENT_EXIT the execve still waits until the ends were seen.
static void ends_are_seen(bool by_leader) {
  say("# ends, %s executes", by_leader ? "the leader" : "a thread");
  pid_t leader = begin(by_leader, TRACE_EXEC | PTRACE_O_TRACECLONE);
  int status;
  for (int i = 1; i < 3; i++) {
    pid_t pid = next(&status);
    if (pid == leader) say("too early");
    show_status("one of the others", status);
    if (i == 1) nothing_of(leader, "the execve waits");
  }
  follow(leader);
}

static void leader_alone_is_traced(void) {
  say("# the leader alone is traced");
  pid_t leader = begin(false, TRACE_EXIT | TRACE_EXEC);
  int status;
  next(&status);
  show_report(leader, status);
  MUST(ask(PTRACE_CONT, leader, 0));
  follow(leader);
}

// What ends the one that executes while it waits.
static void killed(bool by_detaching) {
  say("# %s", by_detaching ? "let go of" : "killed");
  pid_t leader = begin(true, TRACE_EXIT | TRACE_EXEC | PTRACE_O_TRACECLONE);
  int status;
  pid_t first = next(&status), second = next(&status);
  say("stopped: %d", first != leader && second != leader);
  if (by_detaching) {
    CALL(ask(PTRACE_DETACH, first, 0));
    CALL(ask(PTRACE_DETACH, second, 0));
  } else {
    MUST(kill(leader, SIGKILL));
    for (int i = 0; i < 2; i++) {
      MUST(waitpid(i == 0 ? first : second, &status, __WALL));
      show_status("one of the others", status);
    }
  }
  follow(leader);
}

int main(int argc, char **argv) {
  self = argv[0];
  if (argc > 1) {
    say("the new program runs %s, as the leader: %d", argv[1], getpid() == (pid_t)syscall(SYS_gettid));
    return 5;
  }
  one_by_one(true);
  one_by_one(false);
  ends_are_seen(true);
  ends_are_seen(false);
  leader_alone_is_traced();
  killed(true);
  killed(false);
}
