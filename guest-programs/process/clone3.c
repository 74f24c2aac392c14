// clone3: what it shares, the size of its arguments, and every way to ask for too much.
#include "../lib/observe.h"
#include <linux/sched.h>
#include <sched.h>

static struct clone_args args;
static char stack[65536] __attribute__((aligned(16)));

static long clone3(size_t size) { return syscall(SYS_clone3, &args, size); }

static void refuse(const char *label, size_t size) {
  long pid = clone3(size);
  if (pid == 0) _exit(77);
  if (pid > 0) {
    say("%s: made a child", label);
    waitpid(pid, NULL, __WALL);
  } else show(label, -1);
}

#define REFUSE(...)                              \
  do {                                           \
    args = (struct clone_args){__VA_ARGS__};     \
    refuse(#__VA_ARGS__, sizeof args);           \
  } while (0)

static void handler(int number) { (void)number; }

int main(void) {
  args = (struct clone_args){.exit_signal = SIGCHLD};
  pid_t child = MUST(clone3(sizeof args));
  if (child == 0) _exit(5);
  show_wait("like fork", child);
  child = MUST(clone3(64));
  if (child == 0) _exit(6);
  show_wait("first version of the arguments", child);
  refuse("too small", 56);
  refuse("too large", 5000);
  struct {
    struct clone_args args;
    uint64_t future[2];
  } big = {.args = {.exit_signal = SIGCHLD}};
  child = MUST(syscall(SYS_clone3, &big, sizeof big));
  if (child == 0) _exit(7);
  show_wait("of the future, zero", child);
  big.future[1] = 1;
  show("of the future, not zero", syscall(SYS_clone3, &big, sizeof big));
  show("no address", syscall(SYS_clone3, 8, sizeof args));
  REFUSE(.flags = CLONE_THREAD);
  REFUSE(.flags = CLONE_SIGHAND);
  REFUSE(.flags = CLONE_THREAD | CLONE_SIGHAND | CLONE_VM, .exit_signal = SIGCHLD);
  REFUSE(.flags = CLONE_PARENT, .exit_signal = SIGCHLD);
  REFUSE(.flags = CLONE_DETACHED);
  REFUSE(.flags = SIGCHLD);
  REFUSE(.flags = 1ULL << 60);
  REFUSE(.flags = CLONE_SIGHAND | CLONE_VM | CLONE_CLEAR_SIGHAND);
  REFUSE(.flags = CLONE_FS | CLONE_NEWNS);
  REFUSE(.exit_signal = 65);
  REFUSE(.exit_signal = SIGCHLD | 0x100);
  REFUSE(.exit_signal = SIGCHLD, .stack = (uintptr_t)stack);
  REFUSE(.exit_signal = SIGCHLD, .stack_size = sizeof stack);
  REFUSE(.exit_signal = SIGCHLD, .set_tid_size = 1);
  REFUSE(.exit_signal = SIGCHLD, .set_tid = (uintptr_t)stack);
  REFUSE(.exit_signal = SIGCHLD, .set_tid = (uintptr_t)stack, .set_tid_size = 33);
  REFUSE(.exit_signal = SIGCHLD, .flags = CLONE_PIDFD, .pidfd = 8);
  REFUSE(.exit_signal = SIGCHLD, .flags = CLONE_INTO_CGROUP, .cgroup = ~0ULL);

  signal(SIGUSR1, SIG_IGN);
  struct sigaction action = {.sa_handler = handler};
  sigaction(SIGUSR2, &action, NULL);
  args = (struct clone_args){.exit_signal = SIGCHLD, .flags = CLONE_CLEAR_SIGHAND};
  child = MUST(clone3(sizeof args));
  if (child == 0) {
    sigaction(SIGUSR1, NULL, &action);
    int ignored = action.sa_handler == SIG_IGN;
    sigaction(SIGUSR2, NULL, &action);
    _exit(ignored * 2 + (action.sa_handler == SIG_DFL));
  }
  show_wait("CLONE_CLEAR_SIGHAND", child);

  int pidfd = -1, parent_tid = 0, child_tid = 0;
  args = (struct clone_args){.exit_signal = SIGUSR1,
                             .flags = CLONE_PIDFD | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID,
                             .pidfd = (uintptr_t)&pidfd,
                             .parent_tid = (uintptr_t)&parent_tid,
                             .child_tid = (uintptr_t)&child_tid};
  child = MUST(clone3(sizeof args));
  if (child == 0) _exit(child_tid == getpid() ? 8 : 9);
  say("tid in the parent: %d, child's word untouched here: %d, pidfd close-on-exec: %d", parent_tid == child,
      child_tid == 0, fcntl(pidfd, F_GETFD));
  siginfo_t info;
  show("an ordinary wait does not see it", waitpid(child, NULL, 0));
  show("__WCLONE does", waitid(P_PIDFD, pidfd, &info, WEXITED | __WCLONE) == 0 ? info.si_status : -1);
  return 0;
}
