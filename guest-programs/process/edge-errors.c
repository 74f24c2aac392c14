// Process calls at their edges: which check comes first, and what a negative id means.
// needs: root
#include "../lib/observe.h"
#include <linux/membarrier.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/time.h>

static void identifiers(void) {
  siginfo_t info = {.si_code = 1};
  unsigned long mask = 1;
  CALL(syscall(SYS_rt_tgsigqueueinfo, 0, 1, 0, &info));
  CALL(sched_setaffinity(-1, sizeof mask, (cpu_set_t *)&mask));
  CALL(sched_getaffinity(-1, sizeof mask, (cpu_set_t *)&mask));
  CALL(setpgid(-1, 0));
  CALL(setpgid(0, -1));
}

static void leave_idle(void) {
  pid_t child = MUST(fork());
  if (child == 0) {
    MUST(setresuid(1000, 1000, 1000));
    struct sched_param none = {0};
    CALL(sched_setscheduler(0, SCHED_IDLE, &none));
    CALL(sched_setscheduler(0, SCHED_OTHER, &none));
    CALL(syscall(SYS_settimeofday, NULL, NULL));
    _exit(0);
  }
  show_wait("child", child);
}

static void memory(void) {
  char *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CALL(msync(page, -1, MS_SYNC));
  CALL(mlock(page, 1));
  CALL(madvise(page, 4096, MADV_FREE));
  CALL(munlock(page, 1));
  CALL(madvise(page, 4096, MADV_FREE));
  struct iovec local = {page, (size_t)-1}, remote = {page, 4};
  CALL(process_vm_readv(getpid(), &local, 1, &remote, 1, 0));
  CALL(syscall(SYS_futex, page, 3 /* FUTEX_REQUEUE */, 1, -1L, page, 0));
}

static void clocks(void) {
  struct timespec value = {0, 1};
  clockid_t own_thread = -2, ticks = -4; // ~0 << 3 | CPUCLOCK_PERTHREAD | kind
  CALL(clock_getres(ticks, &value) == 0 && value.tv_nsec > 1);
  value = (struct timespec){0, 1};
  CALL(syscall(SYS_clock_nanosleep, own_thread, 0, &value, NULL));
}

int main(void) {
  identifiers();
  leave_idle();
  memory();
  clocks();
  CALL(prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0));
  CALL(prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0));
  CALL(prctl(PR_GET_THP_DISABLE, 1, 0, 0, 0));
  CALL(prctl(PR_TASK_PERF_EVENTS_DISABLE));
  CALL(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ, 0, 0));
  CALL(syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ, 0, 0));
  CALL(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ, MEMBARRIER_CMD_FLAG_CPU, 0));
  CALL(syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, MEMBARRIER_CMD_FLAG_CPU, 0));
  return 0;
}
