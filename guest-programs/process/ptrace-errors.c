// ptrace(2): who may trace whom, and which error comes first; process_vm_readv and /proc/PID/mem by the same rules.
// needs: root
#include "../lib/trace.h"
#include <grp.h>
#include <sys/uio.h>

static pid_t target;

static pid_t start(void) {
  int ready[2];
  MUST(pipe(ready));
  pid_t pid = MUST(fork());
  if (pid == 0) {
    hand_over(ready[1]);
    for (;;) pause();
  }
  await_turn(ready[0]);
  close(ready[0]);
  close(ready[1]);
  return pid;
}

static void become(uid_t uid) {
  MUST(setgroups(0, NULL));
  MUST(setresgid(uid, uid, uid));
  MUST(setresuid(uid, uid, uid));
  MUST(prctl(PR_SET_DUMPABLE, 1, 0, 0, 0));
}

static void requests(void) {
  show("an unknown pid", ask(PTRACE_ATTACH, 4000000, 0, 0));
  show("pid 0", ask(PTRACE_ATTACH, 0, 0, 0));
  show("a negative pid", ask(PTRACE_SEIZE, -5, 0, 0));
  show("oneself", ask(PTRACE_ATTACH, getpid(), 0, 0));
  show("seize oneself at an address", ask(PTRACE_SEIZE, getpid(), 8, 0));
  show("a stranger", ask(PTRACE_CONT, target, 0, 0));
  show("an unknown request about a stranger", ask(0x9999, target, 0, 0));
  show("an unknown request about nobody", ask(0x9999, 4000000, 0, 0));
  show("detach a stranger", ask(PTRACE_DETACH, target, 0, 0));
  show("kill a stranger", ask(PTRACE_KILL, target, 0, 0));
  pid_t dead = MUST(fork());
  if (dead == 0) _exit(0);
  siginfo_t info;
  MUST(waitid(P_PID, dead, &info, WEXITED | WNOWAIT));
  show("attach a zombie", ask(PTRACE_ATTACH, dead, 0, 0));
  show("seize it with unknown options", ask(PTRACE_SEIZE, dead, 0, 1 << 19));
  show_wait("it", dead);
  show("suspended seccomp needs more", ask(PTRACE_SEIZE, target, 0, 1 << 20 | 1 << 19));

  show("seize", ask(PTRACE_SEIZE, target, 0, 0));
  show("seize twice", ask(PTRACE_SEIZE, target, 0, 0));
  show("a request that needs a stop", ask(PTRACE_PEEKDATA, target, (long)&target, (long)&target));
  show("an unknown one", ask(0x9999, target, 0, 0));
  MUST(ask(PTRACE_INTERRUPT, target, 0, 0));
  next_stop(target);
  show("an unknown one of a stopped one", ask(0x9999, target, 0, 0));
  show("regset nowhere", ask(PTRACE_GETREGSET, target, NT_PRSTATUS, 8));
  show("eventmsg nowhere", ask(PTRACE_GETEVENTMSG, target, 0, 8));
  show("siginfo nowhere", ask(PTRACE_GETSIGINFO, target, 0, 8));
  show("siginfo from nowhere", ask(PTRACE_SETSIGINFO, target, 0, 8));
  show("mask nowhere", ask(PTRACE_GETSIGMASK, target, 8, 8));
  show("options", ask(PTRACE_SETOPTIONS, target, 0, 0xff));
  show("unknown options", ask(PTRACE_SETOPTIONS, target, 0, 0x100));
  show("syscall info nowhere", ask(PTRACE_GET_SYSCALL_INFO, target, 88, 8));
  show("a small syscall info", ask(PTRACE_SET_SYSCALL_INFO, target, 80, 8));
  show("syscall info from nowhere", ask(PTRACE_SET_SYSCALL_INFO, target, 88, 8));
  show("siginfos from nowhere", ask(PTRACE_PEEKSIGINFO, target, 8, 8));
  show("a bad signal", ask(PTRACE_CONT, target, 0, 65));
  show("and to detach with", ask(PTRACE_DETACH, target, 0, 65));
  show("detach", ask(PTRACE_DETACH, target, 0, 0));
  show("once more", ask(PTRACE_DETACH, target, 0, 0));
}

static int word = 7;
static void try_all(const char *who) {
  say("%s:", who);
  int copy = 0;
  struct iovec ours = {&copy, 4}, theirs = {&word, 4};
  show("  process_vm_readv", process_vm_readv(target, &ours, 1, &theirs, 1, 0));
  show("  process_vm_writev", process_vm_writev(target, &ours, 1, &theirs, 1, 0));
  char path[40];
  snprintf(path, sizeof path, "/proc/%d/mem", target);
  int fd = open(path, O_RDWR);
  if (fd == -1) show("  /proc/PID/mem", -1);
  else {
    show("  /proc/PID/mem", pread(fd, &copy, 4, (long)&word));
    close(fd);
  }
  if (show("  seize", ask(PTRACE_SEIZE, target, 0, 0)) == -1) return;
  MUST(ask(PTRACE_INTERRUPT, target, 0, 0));
  next_stop(target);
  show("  peek", ask(PTRACE_PEEKDATA, target, (long)&word, (long)&copy));
  show("  detach", ask(PTRACE_DETACH, target, 0, 0));
}

static void as_user(uid_t uid, const char *who) {
  pid_t pid = MUST(fork());
  if (pid == 0) {
    become(uid);
    try_all(who);
    _exit(0);
  }
  show_wait("so much for it", pid);
}

static void permissions(void) {
  as_user(1000, "a user and a process of root");
  kill(target, SIGKILL);
  next_stop(target);
  target = MUST(fork());
  if (target == 0) {
    become(1000);
    signal(SIGUSR1, SIG_IGN);
    for (;;) pause();
  }
  await_state(target, "S");
  try_all("root and a process of a user");
  as_user(1000, "the same user");
  as_user(1001, "another user");
  kill(target, SIGKILL);
  next_stop(target);
  target = MUST(fork());
  if (target == 0) {
    become(1000);
    MUST(prctl(PR_SET_DUMPABLE, 0, 0, 0, 0));
    for (;;) pause();
  }
  await_state(target, "S");
  as_user(1000, "one that is not dumpable");
  try_all("it and root");
  kill(target, SIGKILL);
  next_stop(target);
}

int main(void) {
  target = start();
  requests();
  permissions();
  show("PR_SET_PTRACER", prctl(PR_SET_PTRACER, getpid(), 0, 0, 0));
  pid_t pid = MUST(fork());
  if (pid == 0) {
    show("  trace me", ask(PTRACE_TRACEME, 0, 0, 0));
    show("  trace me twice", ask(PTRACE_TRACEME, 0, 0, 0));
    _exit(0);
  }
  show_wait("tracee", pid);
  return 0;
}
