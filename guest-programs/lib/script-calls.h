// The calls of fuzz/call-script.c outside sockets: any system call by its name, and what shows the state that calls leave.
// Included by it behind its own helpers. A line is NAME ARGUMENTS [=WHAT]: the result is kept as a descriptor (=f3) or as
// a variable (=v1), or shown as a process (=p), an address (=m) or not at all (=ok).
#pragma once
#include <sys/resource.h>
#include <sys/time.h>
#include "script-arguments.h"
#include "script-names.h"
#include "script-files.h"
#include "script-signals.h"

// Terminals hand on what is written to them a little later.
static int settles;
enum { SETTLING_US = 1000 };
static volatile sig_atomic_t barked;
static timer_t watchdog;
enum { WATCHDOG = 64, WATCHDOG_NS = 20000000 };

#include "script-processes.h"
#include "script-jobs.h"
#include "script-mounts.h"
#include "script-time.h"
#include "script-rings.h"

static void bark(int number) {
  (void)number;
  barked = 1;
}

// Interrupts the process again and again while it is set.
static void set_watchdog(int on) {
  struct itimerspec period = {{0, on ? WATCHDOG_NS : 0}, {0, on ? WATCHDOG_NS : 0}};
  barked = 0;
  timer_settime(watchdog, 0, &period, NULL);
}

static void start_watchdog(void) {
  struct sigaction action = {.sa_handler = bark};
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = WATCHDOG};
  if (is_sockets) return;
  sigaction(WATCHDOG, &action, NULL);
  if (timer_create(CLOCK_MONOTONIC, &event, &watchdog) < 0) _exit(3);
}

// What scripts may find out is the same everywhere.
static void prepare_limits(void) {
  static const struct {
    int resource;
    rlim_t soft, hard;
  } limits[] = {{RLIMIT_NOFILE, 1024, 4096}, {RLIMIT_CORE, 0, 0}, {RLIMIT_STACK, 8 << 20, 64 << 20}, {RLIMIT_NPROC, 500, 500},
                {RLIMIT_MEMLOCK, 65536, 1 << 20}, {RLIMIT_SIGPENDING, 100, 200}, {RLIMIT_MSGQUEUE, 819200, 819200},
                {RLIMIT_NICE, 0, 0}, {RLIMIT_RTPRIO, 0, 0}};
  for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
    setrlimit(limits[i].resource, &(struct rlimit){limits[i].soft, limits[i].hard});
}

static void prepare_calls(void) {
  struct sigaction action = {.sa_handler = SIG_DFL};
  sigaction(SIGPIPE, &action, NULL);
  sigaction(SIGALRM, &action, NULL);
  int here = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
  workplace = fcntl(here, F_DUPFD_CLOEXEC, OURS);
  close(here);
  syscall(SYS_keyctl, 1, NULL); // a session keyring of its own
  start_watchdog();
}

static void say_result(long got, const char *what) {
  while (*what == ' ') what++;
  if (got < 0 && got >= -4095) {
    errno = (int)-got;
    if (got == -EINTR && barked) say(" blocked");
    else result(-1);
  } else if (is(what, "=ok")) say(" ok");
  else if (is(what, "=p")) say(" %s", who((pid_t)got));
  else if (is(what, "=m")) say_place(got);
  else if (what[0] == '=' && what[1] == 'v') say(" kept"), variables[what[2] - '0'] = got;
  else say(" %ld", got);
  if (what[0] != '=' || what[1] != 'f' || got < 0) return;
  int isClosing = fcntl((int)got, F_GETFD) & FD_CLOEXEC;
  dup3((int)got, slot(what[2] - '0'), isClosing ? O_CLOEXEC : 0);
  close((int)got);
}

static long raw_call(long number, const long v[6]) {
  long got = syscall(number, v[0], v[1], v[2], v[3], v[4], v[5]);
  return got == -1 ? -errno : got;
}

static void act_on_line(const char *at, int may_wait) {
  const char *line_start = at;
  char call[32];
  int length = 0, count = 0;
  long v[6] = {0};
  if (sscanf(at, "%31s%n", call, &length) < 1) return;
  say("%s", call);
  taken = kept;
  shown_count = 0;
  at += length;
  while (*at == ' ') at++;
  for (; *at && *at != '=' && count < 6; count++) {
    v[count] = value(&at);
    while (*at == ' ') at++;
  }
  long number = number_of(call);
  if (!may_wait) set_watchdog(1);
  if (number >= 0) {
    long got = raw_call(number, v);
    if (is(call, "kcmp") && got == 2) got = 1; // the order of different objects is of no meaning
    say_result(got, at);
    say_shown();
  } else if (!act_on_files(call, v) && !act_on_signals(call, v) && !act_on_processes(call, v) &&
             !act_on_jobs(call, v) && !act_on_mounts(call) && !act_on_rings(call, v)) {
    read_numbers(line_start, call, a);
    if (!act_on_sockets(call)) say(" unknown call");
  }
  if (!may_wait) set_watchdog(0);
  // whoever got a signal may end of it, and tell
  if (sets_timer(call, v)) let_timers_pass();
  if (!may_wait && (settles || strstr(call, "kill") || strstr(call, "sig"))) usleep(SETTLING_US);
  if (is_jobs) say_caught();
  else say_log();
}
