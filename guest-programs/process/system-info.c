// uname, sysinfo, getrandom, sched_getaffinity, getcpu, times: their shapes and errors.
#include "../lib/observe.h"
#include <sched.h>
#include <sys/random.h>
#include <sys/sysinfo.h>
#include <sys/times.h>
#include <sys/utsname.h>

int main(void) {
  struct utsname name;
  CALL(uname(&name));
  int major = atoi(name.release);
  say("system: %s, release at least 5: %d, machine known: %d", name.sysname, major >= 5,
      !strcmp(name.machine, "x86_64") || !strcmp(name.machine, "riscv64"));
  struct sysinfo info;
  CALL(sysinfo(&info));
  say("memory: %d, free within total: %d, processes: %d", info.totalram > 0, info.freeram <= info.totalram, info.procs > 0);
  char data[64] = {0};
  CALL(getrandom(data, 64, 0));
  int sum = 0;
  for (int i = 0; i < 64; i++) sum |= data[i];
  say("random bytes came: %d", sum != 0);
  CALL(getrandom(data, 16, GRND_NONBLOCK | GRND_RANDOM));
  CALL(getrandom(data, 16, 0x80));
  CALL(getrandom((void *)8, 16, 0));
  cpu_set_t set;
  CALL(sched_getaffinity(0, sizeof set, &set));
  say("at least one processor: %d", CPU_COUNT(&set) >= 1);
  unsigned cpu = 999, node = 999;
  CALL(getcpu(&cpu, &node));
  say("cpu in the set: %d", CPU_ISSET(cpu, &set) != 0);
  CALL(sched_yield());
  struct tms tms;
  say("times: %d", times(&tms) != -1);
  say("page size: %ld, clock ticks: %ld", sysconf(_SC_PAGESIZE), sysconf(_SC_CLK_TCK));
  CALL(sched_getscheduler(0));
  CALL(sched_get_priority_max(SCHED_FIFO));
  char host[2];
  say("gethostname fits: %d", gethostname(host, 1) == -1);
  CALL(syscall(9999));
  return 0;
}
