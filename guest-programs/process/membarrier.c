// membarrier: registrations belong to the memory, so a fork's copy has them, vfork shares them and execve drops them.
#include "../lib/observe.h"
#include <linux/membarrier.h>
#include <sched.h>

enum { GET_REGISTRATIONS = 1 << 9 };  // linux/membarrier.h of older systems does not have it

static int barrier(int command) { return syscall(SYS_membarrier, command, 0, 0); }

static void ask(const char *who) {
  show(who, barrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED));
  show("registered", barrier(GET_REGISTRATIONS));
}

static int in_shared_memory(void *unused) {
  (void)unused;
  ask("shares memory");
  CALL(barrier(MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED));
  return 0;
}

int main(int argc, char **argv) {
  (void)argv;
  if (argc > 1) {
    ask("after execve");
    return 0;
  }
  ask("unregistered");
  CALL(barrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED));
  ask("registered");
  fflush(stdout);
  pid_t child = MUST(fork());
  if (child == 0) {
    ask("forked");
    CALL(barrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ));
    ask("forked, another registration");
    exit(0);
  }
  show_wait("child", child);
  ask("parent of it");
  static char stack[1 << 16] __attribute__((aligned(16)));
  child = MUST(clone(in_shared_memory, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, NULL));
  show_wait("child", child);
  ask("parent of it");
  fflush(stdout);
  execl("/proc/self/exe", "membarrier", "again", NULL);
  return 1;
}
