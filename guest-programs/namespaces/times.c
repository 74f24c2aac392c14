// time_namespaces(7): offsets of the clocks since boot, and what waits for an absolute time of them.
// needs: root
#include "../lib/observe.h"
#include <linux/futex.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/sysinfo.h>
#include <sys/timerfd.h>

static const struct {
  const char *name;
  clockid_t id;
} CLOCKS[] = {{"realtime", CLOCK_REALTIME},       {"monotonic", CLOCK_MONOTONIC},
              {"raw", CLOCK_MONOTONIC_RAW},       {"coarse", CLOCK_MONOTONIC_COARSE},
              {"boottime", CLOCK_BOOTTIME},       {"cpu", CLOCK_PROCESS_CPUTIME_ID}};

static int64_t before[COUNT(CLOCKS)];

static void show_clocks(const char *label) {
  say("%s", label);
  for (size_t i = 0; i < COUNT(CLOCKS); i++) {
    int64_t moved = now_ms(CLOCKS[i].id) - before[i];
    if (moved >= 0 && moved < 60000) moved = 0; // a busy machine
    say("  %s: moved by about %d hours", CLOCKS[i].name, (int)((moved + (moved < 0 ? -1800000 : 1800000)) / 3600000));
  }
}

static void write_offsets(const char *path, const char *text) {
  int fd = MUST(open(path, O_WRONLY));
  long result = write(fd, text, strlen(text));
  if (result == -1) say("write %s: %s", quoted(text, strlen(text)), errno_name(errno));
  else say("write %s: %ld", quoted(text, strlen(text)), result);
  close(fd);
}

static void show_offsets(const char *path) {
  char text[200];
  int fd = MUST(open(path, O_RDONLY));
  ssize_t length = MUST(read(fd, text, sizeof text));
  close(fd);
  say("offsets: %s", quoted(text, length));
}

static double read_number(const char *path, const char *format) {
  double value = 0;
  char line[400];
  FILE *file = fopen(path, "r");
  while (fgets(line, sizeof line, file))
    if (sscanf(line, format, &value) == 1) break;
  fclose(file);
  return value;
}

static bool same_namespace(const char *one, const char *two) {
  char texts[2][100] = {"", ""};
  MUST(readlink(one, texts[0], sizeof texts[0]));
  MUST(readlink(two, texts[1], sizeof texts[1]));
  return !strcmp(texts[0], texts[1]);
}

// Absolute times of the own clock 20 ms ahead are 20 ms ahead, and those of an hour ago are past.
static void waiting(clockid_t clock) {
  struct timespec start, end, now;
  clock_gettime(clock, &start);
  struct timespec mark = start;
  mark.tv_nsec += 20000000;
  if (mark.tv_nsec >= 1000000000) mark.tv_nsec -= 1000000000, mark.tv_sec++;
  CALL(clock_nanosleep(clock, TIMER_ABSTIME, &mark, NULL));
  clock_gettime(clock, &end);
  say("  slept: %d", end.tv_sec > mark.tv_sec || (end.tv_sec == mark.tv_sec && end.tv_nsec >= mark.tv_nsec));
  say("  not for long: %d", end.tv_sec - start.tv_sec < 30);
  struct timespec past = {start.tv_sec > 3600 ? start.tv_sec - 3600 : 0, 0};
  CALL(clock_nanosleep(clock, TIMER_ABSTIME, &past, NULL));
  int fd = MUST(timerfd_create(clock, 0));
  clock_gettime(clock, &now);
  struct itimerspec setting = {.it_value = {now.tv_sec + 100, 0}};
  MUST(timerfd_settime(fd, TFD_TIMER_ABSTIME, &setting, NULL));
  MUST(timerfd_gettime(fd, &setting));
  say("  timerfd: in 100 s: %d", setting.it_value.tv_sec >= 70 && setting.it_value.tv_sec <= 100);
  timer_t timer;
  struct sigevent event = {.sigev_notify = SIGEV_NONE};
  MUST(timer_create(clock, &event, &timer));
  setting = (struct itimerspec){.it_value = {now.tv_sec + 100, 0}};
  MUST(timer_settime(timer, TIMER_ABSTIME, &setting, NULL));
  MUST(timer_gettime(timer, &setting));
  say("  timer: in 100 s: %d", setting.it_value.tv_sec >= 70 && setting.it_value.tv_sec <= 100);
}

static void futexes(void) {
  uint32_t word = 0;
  struct timespec mark;
  clock_gettime(CLOCK_MONOTONIC, &mark);
  mark.tv_sec += 1;
  int64_t start = now_ms(CLOCK_REALTIME);
  CALL(syscall(SYS_futex, &word, FUTEX_WAIT_BITSET, 0, &mark, NULL, FUTEX_BITSET_MATCH_ANY));
  int64_t slept = now_ms(CLOCK_REALTIME) - start;
  say("about a second: %d", slept >= 900 && slept < 30000);
  CALL(syscall(SYS_futex, &word, FUTEX_WAIT_BITSET, 0, &mark, NULL, FUTEX_BITSET_MATCH_ANY));
}

int main(int argc, char **argv) {
  (void)argv;
  if (argc > 1) {
    say("own and children's after execve: %d", same_namespace("/proc/self/ns/time", "/proc/self/ns/time_for_children"));
    return 0;
  }
  for (size_t i = 0; i < COUNT(CLOCKS); i++) before[i] = now_ms(CLOCKS[i].id);
  double uptime = read_number("/proc/uptime", "%lf"), btime = read_number("/proc/stat", "btime %lf");
  show_offsets("/proc/self/timens_offsets");
  write_offsets("/proc/self/timens_offsets", "monotonic 1 0\n");
  int home = MUST(open("/proc/self/ns/time", O_RDONLY));
  CALL(unshare(CLONE_NEWTIME));
  say("own and children's: %d", same_namespace("/proc/self/ns/time", "/proc/self/ns/time_for_children"));
  const char *wrong[] = {"monotonic\n", "realtime 1 0\n", "monotonic 1 1000000000\n", "0 1 1\n", "monotonic -9999999999 0\n",
                         "monotonic 9999999999 0\n", "boottime -999999999 0\n", "monotonic 1 0\nboottime\n", ""};
  for (size_t i = 0; i < COUNT(wrong); i++) write_offsets("/proc/self/timens_offsets", wrong[i]);
  show_offsets("/proc/self/timens_offsets");
  write_offsets("/proc/self/timens_offsets", "7 3600 5\n");
  write_offsets("/proc/self/timens_offsets", "monotonic 720000 999999999\nboottime 36000 0\n");
  show_offsets("/proc/self/timens_offsets");
  show_clocks("the maker stays");
  pid_t child = MUST(fork());
  if (child == 0) {
    show_clocks("a child");
    say("own and children's: %d", same_namespace("/proc/self/ns/time", "/proc/self/ns/time_for_children"));
    say("uptime moved by about %d hours", (int)((read_number("/proc/uptime", "%lf") - uptime + 1800) / 3600));
    say("btime moved by about %d hours", (int)((read_number("/proc/stat", "btime %lf") - btime - 1800) / 3600));
    struct sysinfo info;
    sysinfo(&info);
    say("sysinfo as /proc/uptime: %d", abs((int)(info.uptime - read_number("/proc/uptime", "%lf"))) < 20);
    say("monotonic");
    waiting(CLOCK_MONOTONIC);
    say("boottime");
    waiting(CLOCK_BOOTTIME);
    futexes();
    write_offsets("/proc/self/timens_offsets", "monotonic 1 0\n");
    CALL(unshare(CLONE_NEWTIME));
    show_offsets("/proc/self/timens_offsets");
    CALL(setns(home, CLONE_NEWTIME));
    show_clocks("back");
    show_offsets("/proc/self/timens_offsets");
    MUST(setresuid(1000, 1000, 1000));
    MUST(prctl(PR_SET_DUMPABLE, 1)); // else its files in /proc are root's
    CALL(unshare(CLONE_NEWTIME));
    CALL(setns(home, CLONE_NEWTIME));
    CALL(unshare(CLONE_NEWUSER | CLONE_NEWTIME));
    write_offsets("/proc/self/timens_offsets", "monotonic 100000 0\n");
    show_offsets("/proc/self/timens_offsets");
    _exit(0);
  }
  show_wait("child", child);
  write_offsets("/proc/self/timens_offsets", "monotonic 1 0\n");
  CALL(unshare(CLONE_NEWTIME));
  child = MUST(vfork());
  if (child == 0) {
    execl("/proc/self/exe", "clocks", "again", NULL);
    _exit(1);
  }
  show_wait("vfork", child);
  struct clone_args args = {.flags = CLONE_NEWTIME, .exit_signal = SIGCHLD};
  child = CALL_OK(syscall(SYS_clone3, &args, sizeof args));
  if (child == 0) _exit(0);
  if (child > 0) show_wait("clone3", child);
  show_clocks("at the end");
  return 0;
}
