// ptrace(2) events: fork, vfork, clone, exec and exit are reported, children are traced too, or go free; SECCOMP_RET_TRACE.
// needs: root
#include "../lib/trace.h"
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>

static int count;
static pid_t seen[8];

static const char *who(pid_t pid) {
  static const char *const names[] = {"tracee", "child 1", "child 2", "child 3", "child 4", "child 5"};
  for (int i = 0; i < count; i++)
    if (seen[i] == pid) return names[i];
  seen[count++] = pid;
  return names[count - 1];
}

static void own_child(int status) {
  _exit(status);
}

static int in_clone(void *argument) {
  (void)argument;
  syscall(SYS_exit, 5);
  return 0;
}

static void run(char **arguments) {
  TRACE_ME();
  kill(getpid(), SIGSTOP);
  int status;
  pid_t pid = fork();
  if (pid == 0) own_child(1);
  waitpid(pid, &status, 0);
  show_status("  forked", status);
  pid = vfork();
  if (pid == 0) _exit(2);
  waitpid(pid, &status, 0);
  show_status("  vforked", status);
  static char stack[65536] __attribute__((aligned(16)));
  pid = clone(in_clone, stack + sizeof stack, CLONE_VM | CLONE_FS | CLONE_FILES, NULL);
  waitpid(pid, &status, __WCLONE);
  show_status("  cloned", status);
  execv("/proc/self/exe", arguments);
  _exit(9);
}

// Lets everything go on, and tells what stops.
static void watch(pid_t tracee, long options, bool seizes) {
  count = 0;
  who(tracee);
  for (;;) {
    int status;
    pid_t pid = waitpid(-1, &status, __WALL);
    if (pid == -1) {
      show("nobody is left", -1);
      return;
    }
    const char *name = who(pid);
    show_stop(name, status);
    if (!WIFSTOPPED(status)) continue;
    int event = status >> 16, signo = WSTOPSIG(status);
    unsigned long message = 0;
    if (event) {
      MUST(ask(PTRACE_GETEVENTMSG, pid, 0, (unsigned long)&message));
      if (event == PTRACE_EVENT_EXIT) say("  with status %#lx", message);
      else if (event == PTRACE_EVENT_EXEC) say("  it was %s", who(message));
      else if (event != PTRACE_EVENT_STOP) {
        // the child's first stop may come at any time: it is taken now, once
        const char *child = who(message);
        say("  of %s", child);
        if (event != PTRACE_EVENT_VFORK_DONE && (options & (1 << event))) {
          int first = next_stop(message);
          show_stop(child, first);
          MUST(ask(PTRACE_CONT, message, 0, 0));
        }
      }
    }
    if (signo == SIGSTOP && !event) {
      MUST(ask(PTRACE_SETOPTIONS, pid, 0, options));
      signo = 0;
    }
    MUST(ask(PTRACE_CONT, pid, 0, event || signo == SIGTRAP || seizes ? 0 : signo));
  }
}

static void trace_filter(long number, unsigned data) {
  struct sock_filter filter[] = {
      BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
      BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRACE | data),
      BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  struct sock_fprog program = {COUNT(filter), filter};
  MUST(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
  MUST(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &program));
}

static void filtered(void) {
  trace_filter(SYS_getppid, 33);
  show("  nobody traces", syscall(SYS_getppid));
  TRACE_ME();
  kill(getpid(), SIGSTOP);
  say("  it passes: %d", syscall(SYS_getppid) == getppid());
  show("  it is another call", syscall(SYS_getppid));
  show("  it is none", syscall(SYS_getppid));
  say("  with syscall-stops: %d", syscall(SYS_getppid) > 0);
  _exit(0);
}

static void suspended(void) {
  trace_filter(SYS_getppid, 33);
  trace_filter(SYS_getuid, 34);
  TRACE_ME();
  kill(getpid(), SIGSTOP);
  say("  suspended: %d", syscall(SYS_getppid) > 0);
  kill(getpid(), SIGSTOP);
  show("  not suspended", syscall(SYS_getppid));
  _exit(0);
}

static void filters(void) {
  pid_t pid = MUST(fork());
  if (pid == 0) suspended();
  show_next("first", pid);
  struct sock_filter program[16];
  long length = show("filter", ask(PTRACE_SECCOMP_GET_FILTER, pid, 0, (unsigned long)program));
  say("the first compares with getppid: %d", length == 4 && program[1].k == SYS_getppid && program[2].k == (SECCOMP_RET_TRACE | 33));
  show("its length", ask(PTRACE_SECCOMP_GET_FILTER, pid, 1, 0));
  show("a third", ask(PTRACE_SECCOMP_GET_FILTER, pid, 2, 0));
  show("to nowhere", ask(PTRACE_SECCOMP_GET_FILTER, pid, 0, 8));
  uint64_t facts[2] = {1, 99};
  show("facts", ask(PTRACE_SECCOMP_GET_METADATA, pid, sizeof facts, (unsigned long)facts));
  say("number %d, flags %d", (int)facts[0], (int)facts[1]);
  show("facts in little room", ask(PTRACE_SECCOMP_GET_METADATA, pid, 4, (unsigned long)facts));
  facts[0] = 2;
  show("facts of a third", ask(PTRACE_SECCOMP_GET_METADATA, pid, sizeof facts, (unsigned long)facts));
  show("suspend", ask(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_SUSPEND_SECCOMP | PTRACE_O_EXITKILL));
  MUST(ask(PTRACE_CONT, pid, 0, 0));
  show_next("second", pid);
  show("no longer", ask(PTRACE_SETOPTIONS, pid, 0, 0));
  MUST(ask(PTRACE_CONT, pid, 0, 0));
  show_next("end", pid);
}

static void seccomp_events(void) {
  pid_t pid = MUST(fork());
  if (pid == 0) filtered();
  show_next("first", pid);
  show("without the option", ask(PTRACE_SETOPTIONS, pid, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACESECCOMP));
  for (int turn = 0; turn < 4; turn++) {
    MUST(ask(PTRACE_CONT, pid, 0, 0));
    int status = show_next("seccomp", pid);
    if (!WIFSTOPPED(status)) return;
    show_call("it", pid);
    show("size", ask(PTRACE_GET_SYSCALL_INFO, pid, 0, 0));
    struct ptrace_syscall_info info = call_info(pid);
    info.seccomp.nr = turn == 2 ? SYS_umask : turn == 3 ? -1 : SYS_getppid;
    info.seccomp.args[0] = 022;
    if (turn == 1) continue; // getppid's own second try in getppid() == ...
    show("changed", ask(PTRACE_SET_SYSCALL_INFO, pid, sizeof info, (unsigned long)&info));
  }
  MUST(ask(PTRACE_SYSCALL, pid, 0, 0));
  for (int stops = 0; stops < 40; stops++) {
    int status = next_stop(pid);
    if (!WIFSTOPPED(status)) break;
    struct ptrace_syscall_info info = call_info(pid);
    if (info.op == PTRACE_SYSCALL_INFO_SECCOMP || (info.op == PTRACE_SYSCALL_INFO_ENTRY && info.entry.nr == SYS_getppid)) {
      show_stop("stop", status);
      show_call("stop", pid);
    }
    ask(PTRACE_SYSCALL, pid, 0, 0);
  }
}

int main(int argc, char **argv) {
  if (argc > 1) {
    say("  a new program");
    return 6;
  }
  char *arguments[] = {argv[0], "again", NULL};
  long options[] = {0,
                    PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC,
                    PTRACE_O_TRACEVFORKDONE | PTRACE_O_TRACEEXIT | PTRACE_O_TRACEEXEC};
  for (size_t i = 0; i < COUNT(options); i++) {
    say("options %#lx", options[i]);
    pid_t tracee = MUST(fork());
    if (tracee == 0) run(arguments);
    watch(tracee, options[i], false);
  }
  say("seized:");
  int turn[2];
  MUST(pipe(turn));
  pid_t tracee = MUST(fork());
  if (tracee == 0) {
    await_turn(turn[0]);
    pid_t pid = fork();
    if (pid == 0) own_child(1);
    int status;
    waitpid(pid, &status, 0);
    show_status("  forked", status);
    execv("/proc/self/exe", arguments);
  }
  show("seize", ask(PTRACE_SEIZE, tracee, 0, options[1]));
  hand_over(turn[1]);
  watch(tracee, options[1], true);
  say("seccomp:");
  seccomp_events();
  filters();
  return 0;
}
