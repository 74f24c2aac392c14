// What can still be asked about a process that has ended and was not waited for, and futexes and attributes that are refused;
// what looking into others and setting ids depend on.
// needs: root
#include "../lib/observe.h"
#include <linux/capability.h>
#include <linux/futex.h>
#include <sched.h>
#include <sys/fsuid.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { OWNER = 4321 }; // whom nothing else belongs to

struct attributes {
  unsigned size, policy;
  unsigned long flags;
  int nice;
  unsigned priority;
  unsigned long runtime, deadline, period;
  unsigned util_min, util_max;
};

static long kcmp(pid_t one, pid_t other, int type) {
  long order = syscall(SYS_kcmp, one, other, type, 0, 0);
  return order == 2 ? 1 : order; // which comes first is of no meaning
}

int main(void) {
  struct sched_param parameters = {0};
  struct attributes attributes;
  struct rlimit limit;
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct sets[2];
  pid_t child = fork();
  if (child == 0) _exit(3);
  pid_t other = fork();
  if (other == 0) setuid(OWNER), setpgid(0, 0), _exit(4);
  siginfo_t info;
  waitid(P_PID, child, &info, WEXITED | WNOWAIT);
  waitid(P_PID, other, &info, WEXITED | WNOWAIT);
  // priorities of a user and of a group that only a zombie has
  CALL(getpriority(PRIO_USER, OWNER));
  CALL(setpriority(PRIO_USER, OWNER, 7));
  CALL(getpriority(PRIO_USER, OWNER));
  CALL(getpriority(PRIO_PROCESS, other));
  CALL(setpriority(PRIO_PGRP, other, 9));
  CALL(getpriority(PRIO_PGRP, other));
  header.pid = child;
  CALL(sched_getscheduler(child));
  CALL(sched_getparam(child, &parameters));
  CALL(syscall(SYS_sched_getattr, child, &attributes, sizeof attributes, 0));
  CALL(getpriority(PRIO_PROCESS, child));
  CALL(setpriority(PRIO_PROCESS, child, 5));
  CALL(getpriority(PRIO_PROCESS, child));
  CALL(prlimit(child, RLIMIT_CORE, NULL, &limit));
  CALL(syscall(SYS_capget, &header, sets));
  header.pid = 0x3ffffe;
  CALL(syscall(SYS_capget, &header, sets));
  CALL(syscall(SYS_capget, &header, NULL));
  CALL(kcmp(child, other, 2)); // KCMP_FILES: both have none any more
  CALL(kcmp(child, getpid(), 2));
  CALL(kcmp(child, other, 4)); // KCMP_SIGHAND
  CALL(kcmp(child, getpid(), 6)); // KCMP_SYSVSEM: nothing to undo
  CALL_OK(syscall(SYS_pidfd_open, child, 128)); // PIDFD_THREAD
  waitpid(other, NULL, 0);
  CALL(getpriority(PRIO_USER, OWNER));
  CALL(getpriority(PRIO_PGRP, other));
  waitpid(child, NULL, 0);
  CALL(sched_getscheduler(child));

  struct attributes wanted = {.size = 48, .flags = 0x40};
  CALL(syscall(SYS_sched_setattr, 0, &wanted, 0));
  wanted.flags = 0x80;
  CALL(syscall(SYS_sched_setattr, 0x3ffffe, &wanted, 0));
  CALL(syscall(SYS_sched_setattr, 0, &wanted, 0));

  int *word = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  struct timespec wrong = {-1, 0}, none = {0, 0};
  CALL(syscall(SYS_futex, word, FUTEX_WAIT | FUTEX_CLOCK_REALTIME, 0, &wrong, NULL, 0));
  CALL(syscall(SYS_futex, word, FUTEX_WAIT | FUTEX_CLOCK_REALTIME, 0, &none, NULL, 0));
  *word = 0x3ffffe;
  CALL(syscall(SYS_futex, word, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
  say("word %x", *word); // the bit for waiters stays
  *word = 0;
  pid_t waiter = fork();
  if (waiter == 0) _exit((int)syscall(SYS_futex, word, FUTEX_WAIT, 0, NULL, NULL, 0));
  await_state(waiter, "S");
  CALL(syscall(SYS_futex, word, FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0)); // who waits there waits for no lock
  CALL(syscall(SYS_futex, word, FUTEX_WAKE, 1, NULL, NULL, 0));

  // ids that stay as they are leave those of the file system alone
  setfsgid(OWNER);
  CALL(setresgid(-1, -1, 0));
  CALL(setfsgid(-1));
  CALL(setresgid(-1, getegid(), -1));
  CALL(setfsgid(-1));
  setfsuid(OWNER);
  CALL(setresuid(-1, -1, 0));
  CALL(setfsuid(-1));
  CALL(setresuid(-1, geteuid(), -1));
  CALL(setfsuid(-1));

  // SCHED_RESET_ON_FORK takes real-time policies from children, and no others
  struct attributes idle = {.size = 48, .policy = 5, .flags = 1};
  CALL(syscall(SYS_sched_setattr, 0, &idle, 0));
  child = fork();
  if (child == 0) _exit(0);
  CALL(sched_getscheduler(child));
  waitpid(child, NULL, 0);

  // a process with more capabilities is not looked into, even when it has ended
  child = fork();
  if (child == 0) _exit(0);
  waitid(P_PID, child, &info, WEXITED | WNOWAIT);
  int pidfd = (int)syscall(SYS_pidfd_open, child, 0);
  CALL(syscall(SYS_pidfd_getfd, pidfd, 0, 0));
  CALL(kcmp(child, getpid(), 0));
  header.pid = 0;
  syscall(SYS_capget, &header, sets);
  sets[0].permitted = sets[0].effective = 0xff;
  CALL(syscall(SYS_capset, &header, sets));
  CALL(syscall(SYS_pidfd_getfd, pidfd, 0, 0));
  CALL(kcmp(child, getpid(), 0));
  return 0;
}
