// System-wide /proc files that programs parse: meminfo, stat, uptime, version, mounts, cpuinfo, loadavg, sys/kernel.
#include "../lib/observe.h"

static char text[262144];

static bool slurp(const char *path) {
  int fd = open(path, O_RDONLY);
  if (fd == -1) {
    show(path, -1);
    return false;
  }
  ssize_t total = 0, length;
  while ((length = read(fd, text + total, sizeof text - 1 - total)) > 0) total += length;
  close(fd);
  text[total] = 0;
  return true;
}

int main(void) {
  slurp("/proc/meminfo");
  unsigned long total = 0, available = 0;
  sscanf(text, "MemTotal: %lu kB", &total);
  sscanf(strstr(text, "MemAvailable:"), "MemAvailable: %lu kB", &available);
  say("meminfo: total %d, available within it %d, swap given %d", total > 0, available > 0 && available <= total,
      strstr(text, "SwapTotal:") != NULL);
  slurp("/proc/uptime");
  double up = -1, idle = -1;
  int numbers = sscanf(text, "%lf %lf", &up, &idle);
  say("uptime: %d numbers, sensible %d", numbers, up >= 0);
  slurp("/proc/loadavg");
  double load;
  int running, tasks, last;
  say("loadavg: %d", sscanf(text, "%lf %*f %*f %d/%d %d", &load, &running, &tasks, &last));
  slurp("/proc/version");
  say("version: %.14s", text);
  slurp("/proc/stat");
  say("stat: cpu line %d, btime %d", strncmp(text, "cpu ", 4) == 0, strstr(text, "\nbtime ") != NULL);
  slurp("/proc/cpuinfo");
  say("cpuinfo: processor line %d", strstr(text, "processor") != NULL);
  slurp("/proc/mounts");
  say("mounts: root %d, proc %d", strstr(text, " / ") != NULL, strstr(text, " /proc proc ") != NULL);
  slurp("/proc/filesystems");
  say("filesystems: tmpfs %d, proc %d", strstr(text, "\ttmpfs\n") != NULL, strstr(text, "\tproc\n") != NULL);
  slurp("/proc/sys/kernel/ostype");
  say("ostype: %s", quoted(text, strlen(text)));
  slurp("/proc/sys/kernel/pid_max");
  say("pid_max: %d", atoi(text) >= 32768);
  slurp("/proc/sys/kernel/osrelease");
  say("osrelease: %d", atoi(text) >= 5);
  slurp("/proc/sys/kernel/random/boot_id");
  say("boot_id: %zu characters", strlen(text));
  slurp("/proc/sys/net/unix/max_dgram_qlen");
  say("max_dgram_qlen a number: %d", atoi(text) > 0);
  slurp("/proc/sys/fs/pipe-max-size");
  say("pipe-max-size: %d", atoi(text));
  slurp("/proc/net/unix");
  say("net/unix: %.20s", text);
  char link[32];
  ssize_t length = readlink("/proc/self", link, sizeof link);
  link[length < 0 ? 0 : length] = 0;
  say("self: %d", atoi(link) == getpid());
  return 0;
}
