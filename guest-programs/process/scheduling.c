// Priorities, policies and affinity: what is stored, what is refused, what a child inherits.
// needs: root
#include "../lib/observe.h"
#include <linux/capability.h>
#include <sched.h>
#include <sys/resource.h>

static void show_policy(const char *label) {
  struct sched_param param;
  int policy = sched_getscheduler(0);
  sched_getparam(0, &param);
  say("%s: policy %#x, priority %d", label, policy, param.sched_priority);
}

// Root without capabilities, and a child of root's that has them.
static void without_capabilities(void) {
  struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
  struct __user_cap_data_struct none[2] = {0};
  struct sched_param param = {0};
  cpu_set_t cpus;
  pid_t child = fork();
  if (child == 0) pause();
  CPU_ZERO(&cpus);
  CPU_SET(0, &cpus);
  MUST(syscall(SYS_capset, &header, none));
  CALL(setpriority(PRIO_PROCESS, child, 5));
  CALL(sched_setscheduler(child, SCHED_BATCH, &param));
  CALL(sched_setaffinity(child, sizeof cpus, &cpus));
  CALL(syscall(SYS_ioprio_set, 1, child, 0x4005));
  CALL(syscall(SYS_ioprio_set, 1, 0, 0x4005));
  kill(child, SIGKILL);
  waitpid(child, NULL, 0);
}

int main(void) {
  show_policy("start");
  struct sched_param param = {10};
  CALL(sched_setscheduler(0, SCHED_OTHER, &param));
  CALL(sched_setscheduler(0, 99, &param));
  CALL(sched_setscheduler(-1, SCHED_FIFO, &param));
  CALL(sched_setscheduler(0x3ffffff, SCHED_FIFO, &param));
  CALL(sched_setscheduler(0, SCHED_FIFO, NULL));
  param.sched_priority = 0;
  CALL(sched_setscheduler(0, SCHED_BATCH, &param));
  show_policy("batch");
  CALL(sched_setscheduler(0, SCHED_OTHER | SCHED_RESET_ON_FORK, &param));
  show_policy("reset on fork");
  CALL(sched_setscheduler(0, SCHED_OTHER, &param));
  CALL(sched_setparam(0, NULL));
  CALL(sched_getparam(0, NULL));
  CALL(sched_get_priority_max(SCHED_RR));
  CALL(sched_get_priority_min(SCHED_RR));
  CALL(sched_get_priority_max(SCHED_IDLE));
  CALL(sched_get_priority_max(77));
  CALL(sched_yield());
  CALL(syscall(SYS_getpriority, PRIO_PROCESS, 0));
  CALL(setpriority(PRIO_PROCESS, 0, 5));
  CALL(syscall(SYS_getpriority, PRIO_PROCESS, 0));
  pid_t child = MUST(fork());
  if (child == 0) {
    CALL(syscall(SYS_getpriority, PRIO_PROCESS, 0));
    MUST(setresuid(1000, 1000, 1000));
    CALL(setpriority(PRIO_PROCESS, 0, 7));
    CALL(setpriority(PRIO_PROCESS, 0, 6));
    CALL(setpriority(PRIO_PROCESS, getppid(), 9));
    param.sched_priority = 1;
    CALL(sched_setscheduler(0, SCHED_FIFO, &param));
    param.sched_priority = 0;
    CALL(sched_setscheduler(0, SCHED_IDLE, &param));
    CALL(sched_setscheduler(getppid(), SCHED_OTHER, &param) == -1 && errno == EPERM);
    _exit(0);
  }
  show_wait("child", child);
  CALL(setpriority(PRIO_PROCESS, 0, -100));
  CALL(syscall(SYS_getpriority, PRIO_PROCESS, 0));
  CALL(setpriority(PRIO_PROCESS, 0, 0));
  CALL(syscall(SYS_getpriority, 77, 0));
  CALL(syscall(SYS_getpriority, PRIO_PROCESS, 0x3ffffff));
  CALL(setpriority(PRIO_PGRP, 0, 1));
  CALL(syscall(SYS_getpriority, PRIO_PGRP, 0));
  CALL(setpriority(PRIO_PGRP, 0, 0));
  struct {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime, deadline, period;
    uint32_t util_min, util_max;
  } attr = {.size = sizeof attr, .nice = 3};
  CALL(syscall(SYS_sched_setattr, 0, &attr, 0));
  memset(&attr, 0, sizeof attr);
  CALL(syscall(SYS_sched_getattr, 0, &attr, sizeof attr, 0));
  say("attr: size %u, policy %u, nice %d", attr.size, attr.policy, attr.nice);
  for (int i = 0; i < 3; i++) {
    attr.runtime = (unsigned long[]){5000000, 5, 500000000000}[i];
    CALL(syscall(SYS_sched_setattr, 0, &attr, 0));
    MUST(syscall(SYS_sched_getattr, 0, &attr, sizeof attr, 0));
    say("slice %lu", (unsigned long)attr.runtime);
  }
  CALL(sched_getaffinity(1, sizeof(cpu_set_t), &(cpu_set_t){{0}}));
  CALL(syscall(SYS_sched_getattr, 1, &attr, sizeof attr, 0));
  CALL(syscall(SYS_sched_getattr, 0, &attr, 20, 0));
  CALL(syscall(SYS_sched_setattr, 0, NULL, 0));
  cpu_set_t cpus;
  CPU_ZERO(&cpus);
  CALL(sched_setaffinity(0, sizeof cpus, &cpus));
  CPU_SET(0, &cpus);
  CALL(sched_setaffinity(0, sizeof cpus, &cpus));
  CPU_ZERO(&cpus);
  CALL(sched_getaffinity(0, sizeof cpus, &cpus));
  say("on CPU 0 only: %d", CPU_COUNT(&cpus) == 1 && CPU_ISSET(0, &cpus));
  CALL(syscall(SYS_sched_getaffinity, 0, 3, &cpus));
  CALL(sched_getaffinity(0x3ffffff, sizeof cpus, &cpus));
  unsigned cpu = 9, node = 9;
  CALL(syscall(SYS_getcpu, &cpu, &node, NULL));
  say("cpu %u, node %u", cpu, node);
  struct timespec interval = {-1, -1};
  CALL(sched_rr_get_interval(-1, &interval));
  CALL(sched_rr_get_interval(0x3ffffff, &interval));
  CALL(sched_rr_get_interval(0, NULL));
  // the slice of SCHED_OTHER is shorter than a jiffy, in which it is told
  static const struct {
    const char *name;
    int policy, priority;
  } policies[] = {{"other", SCHED_OTHER, 0}, {"RR", SCHED_RR, 1}, {"FIFO", SCHED_FIFO, 1}, {"batch", SCHED_BATCH, 0}, {"idle", SCHED_IDLE, 0}};
  for (size_t i = 0; i < COUNT(policies); i++) {
    param.sched_priority = policies[i].priority;
    MUST(sched_setscheduler(0, policies[i].policy, &param));
    CALL(sched_rr_get_interval(0, &interval));
    say("%s: %ld.%09ld", policies[i].name, (long)interval.tv_sec, interval.tv_nsec);
  }
  without_capabilities();
  return 0;
}
