// clone(2) with CLONE_VM, CLONE_FILES, CLONE_FS, CLONE_SIGHAND, CLONE_PARENT_SETTID, CLONE_CHILD_CLEARTID; clone3.
#include "../lib/observe.h"
#include <linux/futex.h>
#include <linux/sched.h>
#include <sched.h>

static char stack[65536] __attribute__((aligned(16)));
static volatile int shared;
static int opened;

static int child(void *argument) {
  (void)argument;
  shared = 77;
  opened = open("/dev/null", O_RDONLY);
  umask(0123);
  return 4;
}

int main(void) {
  umask(022);
  pid_t parent_tid = -1, child_tid = -1;
  int flags = CLONE_VM | CLONE_FILES | CLONE_FS | CLONE_PARENT_SETTID | SIGCHLD;
  pid_t pid = clone(child, stack + sizeof stack, flags, NULL, &parent_tid, NULL, &child_tid);
  show_wait("sharing child", pid);
  say("memory %d, file seen %d, umask %o, parent tid set %d", shared, fcntl(opened, F_GETFD) == 0, umask(022),
      parent_tid == pid);
  shared = 0;
  pid = clone(child, stack + sizeof stack, SIGCHLD | CLONE_CHILD_SETTID, NULL, NULL, NULL, &child_tid);
  show_wait("copying child", pid);
  say("memory %d, umask %o, our tid field %d", shared, umask(022), child_tid);
  pid = clone(child, stack + sizeof stack, CLONE_VM, NULL);
  int status;
  show("wait without a signal", waitpid(pid, &status, WNOHANG) >= 0 ? 0 : -1);
  show("wait __WCLONE", waitpid(pid, &status, __WCLONE) == pid ? 0 : -1);
  show("CLONE_THREAD alone", syscall(SYS_clone, CLONE_THREAD | SIGCHLD, 0, 0, 0, 0));
  show("CLONE_SIGHAND alone", syscall(SYS_clone, CLONE_SIGHAND | SIGCHLD, 0, 0, 0, 0));
  struct clone_args args = {.exit_signal = SIGCHLD};
  pid = syscall(SYS_clone3, &args, sizeof args);
  if (pid == 0) _exit(12);
  show_wait("clone3", pid);
  show("clone3 too small", syscall(SYS_clone3, &args, 8));
  args.flags = 1ull << 60;
  show("clone3 unknown flag", syscall(SYS_clone3, &args, sizeof args));
  return 0;
}
