// ptrace(2) and threads: each is traced by itself, its end is reported, execve by any of them, tracers that are threads.
#include "../lib/trace.h"
#include <pthread.h>

static int turn[2], told[2];
static pid_t ids[4];

static void *thread(void *argument) {
  long number = (long)argument;
  ids[number] = gettid();
  hand_over(told[1]);
  await_turn(turn[0]);
  return argument;
}

static char **arguments;
static void *executes(void *argument) {
  hand_over(told[1]);
  await_turn(turn[0]);
  execv("/proc/self/exe", arguments);
  return argument;
}
static void *pauses(void *argument) {
  for (;;) pause();
  return argument;
}

static void child(bool runs) {
  pthread_t threads[2];
  TRACE_ME();
  kill(getpid(), SIGSTOP);
  if (runs) {
    MUST(pthread_create(&threads[0], NULL, pauses, NULL));
    MUST(pthread_create(&threads[1], NULL, executes, NULL));
    for (;;) pause();
  }
  for (long i = 0; i < 2; i++) MUST(pthread_create(&threads[i], NULL, thread, (void *)i));
  for (int i = 0; i < 2; i++) MUST(pthread_join(threads[i], NULL));
  await_turn(turn[0]);
  _exit(3);
}

static int count;
static pid_t seen[8];
static int number_of(pid_t pid) {
  for (int i = 0; i < count; i++)
    if (seen[i] == pid) return i;
  seen[count] = pid;
  return count++;
}
static char *name_of(pid_t pid) {
  static char name[20];
  snprintf(name, sizeof name, "thread %d", number_of(pid));
  return name;
}

static void *tracer(void *argument) {
  pid_t pid = (pid_t)(long)argument;
  show("another thread of the tracer", ask(PTRACE_CONT, pid, 0, 0));
  int status;
  show("has nothing to wait for", waitpid(pid, &status, WNOHANG | __WALL | __WNOTHREAD));
  return NULL;
}

static void each(pid_t leader) {
  long options = PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL | PTRACE_O_TRACESYSGOOD;
  count = 0;
  number_of(leader);
  show_next("leader", leader);
  pthread_t other;
  MUST(pthread_create(&other, NULL, tracer, (void *)(long)leader));
  MUST(pthread_join(other, NULL));
  MUST(ask(PTRACE_SETOPTIONS, leader, 0, options));
  MUST(ask(PTRACE_CONT, leader, 0, 0));
  for (int i = 1; i < 3; i++) {
    show_next("leader", leader);
    unsigned long message;
    MUST(ask(PTRACE_GETEVENTMSG, leader, 0, (unsigned long)&message));
    show_next(name_of(message), message);
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/task/%lu/status", leader, message);
    say("in /proc: %d, alone traced by us: %d", access(path, R_OK) == 0,
        atoi(status_field(message, "TracerPid:") + 10) == getpid());
    MUST(ask(PTRACE_CONT, message, 0, 0));
    await_turn(told[0]);
    MUST(ask(PTRACE_CONT, leader, 0, 0));
  }
  for (int i = 1; i < 3; i++) {
    hand_over(turn[1]);
    int status;
    pid_t pid = MUST(waitpid(-1, &status, __WALL));
    show_stop("a thread", status);
    if (pid == leader) say("the leader");
    unsigned long message;
    MUST(ask(PTRACE_GETEVENTMSG, pid, 0, (unsigned long)&message));
    say("with status %lu", message);
    MUST(ask(PTRACE_CONT, pid, 0, 0));
    show_next("it", pid);
  }
  hand_over(turn[1]);
  show_next("leader", leader);
  MUST(ask(PTRACE_CONT, leader, 0, 0));
  show_next("leader", leader);
}

// Signals to a process of several threads stop one of them; a stop all.
static void group(pid_t leader) {
  count = 0;
  number_of(leader);
  show_next("leader", leader);
  MUST(ask(PTRACE_SETOPTIONS, leader, 0, PTRACE_O_TRACECLONE | PTRACE_O_EXITKILL));
  pid_t others[2];
  MUST(ask(PTRACE_CONT, leader, 0, 0));
  for (int i = 0; i < 2; i++) {
    next_stop(leader);
    unsigned long message;
    MUST(ask(PTRACE_GETEVENTMSG, leader, 0, (unsigned long)&message));
    others[i] = message;
    show_next("its first stop", others[i]);
    MUST(ask(PTRACE_CONT, others[i], 0, 0));
    await_turn(told[0]);
    MUST(ask(PTRACE_CONT, leader, 0, 0));
  }
  await_state(others[0], "S");
  await_state(others[1], "S");
  await_state(leader, "S");
  MUST(syscall(SYS_tgkill, leader, others[1], SIGSTOP));
  show_next("the one that was meant", others[1]);
  MUST(ask(PTRACE_CONT, others[1], 0, SIGSTOP));
  show_next("leader", leader);
  show_next("first", others[0]);
  show_next("second", others[1]);
  MUST(kill(leader, SIGKILL));
  int ends = 0;
  for (;;) {
    int status;
    pid_t pid = waitpid(-1, &status, __WALL);
    if (pid == -1) break;
    if (WIFSIGNALED(status)) ends++;
  }
  say("ends: %d", ends);
}

// execve by a thread that is not the leader.
static void execution(pid_t leader) {
  long options = PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;
  show_next("leader", leader);
  MUST(ask(PTRACE_SETOPTIONS, leader, 0, options));
  MUST(ask(PTRACE_CONT, leader, 0, 0));
  pid_t others[2];
  for (int i = 0; i < 2; i++) {
    next_stop(leader);
    unsigned long message;
    MUST(ask(PTRACE_GETEVENTMSG, leader, 0, (unsigned long)&message));
    others[i] = message;
    next_stop(others[i]);
    MUST(ask(PTRACE_CONT, others[i], 0, 0));
    MUST(ask(PTRACE_CONT, leader, 0, 0));
  }
  await_turn(told[0]);
  hand_over(turn[1]);
  show_next("the one that paused", others[0]);
  show_next("leader", leader);
  unsigned long message;
  MUST(ask(PTRACE_GETEVENTMSG, leader, 0, (unsigned long)&message));
  say("it was the second: %d", (pid_t)message == others[1]);
  int status;
  show("whose number is gone", waitpid(others[1], &status, __WALL | WNOHANG));
  MUST(ask(PTRACE_CONT, leader, 0, 0));
  show_next("leader", leader);
  show("nobody is left", waitpid(-1, &status, __WALL));
}

int main(int argc, char **argv) {
  if (argc > 1) {
    say("  a new program, leader: %d", gettid() == getpid());
    return 7;
  }
  static char *again[] = {NULL, "again", NULL};
  again[0] = argv[0];
  arguments = again;
  void (*parts[])(pid_t) = {each, group, execution};
  for (size_t i = 0; i < COUNT(parts); i++) {
    MUST(pipe(turn));
    MUST(pipe(told));
    pid_t pid = MUST(fork());
    if (pid == 0) child(i == 2);
    parts[i](pid);
    for (int end = 0; end < 2; end++) {
      close(turn[end]);
      close(told[end]);
    }
  }
  return 0;
}
