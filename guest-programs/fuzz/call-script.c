// Runs scripts of system calls from standard input and prints what each call gave: npm run fuzz:calls.
// part
// argv[1] names a directory under /dev/shm (and begins abstract names), argv[2] the family; all but sockets run in a jail. A line is PROCESS CALL ARGUMENTS;
// "&" before the call says that it may wait; "=" starts a script, which gets a fresh process and directory.
// One process acts at a time. What blocks without "&" is interrupted soon and prints "blocked".
// In the families "jobs" and "traces" any process makes any other ("spawn"), and they lie stopped or die as they may.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// PATIENCE_MS is for an answer; OURS is where the program's own descriptors lie
enum { SLOTS = 10, BASE = 100, OURS = 700, PROCESSES = 5, PATIENCE_MS = 3000, SCRIPT_SECONDS = 8 };
static const char *prefix;
static int script, is_sockets, is_jobs, is_mounts, orders[PROCESSES][2], answers[PROCESSES][2];
static int is_pending[PROCESSES], is_gone[PROCESSES], proc;
static pid_t *pids, first_pid; // all see of all which numbers they have
static long a[7];
static char buffer[240000], line[16384];
static size_t used;

struct order {
  int mute, may_wait;
  char text[2040];
};

__attribute__((format(printf, 1, 2))) static void say(const char *format, ...) {
  va_list list;
  va_start(list, format);
  int length = vsnprintf(line + used, sizeof line - used, format, list);
  va_end(list);
  used += length;
  if (used >= sizeof line) used = sizeof line - 1;
}

static long result(long value) {
  if (value < 0) say(" %s", strerrorname_np(errno));
  else say(" %ld", value);
  return value;
}

static int slot(long n) { return BASE + (int)n; }

static void keep(int fd, long n) {
  if (result(fd < 0 ? -1 : 0) < 0) return;
  dup2(fd, slot(n));
  close(fd);
}

static const char *who(pid_t pid) {
  static const char *const names[] = {"p0", "p1", "p2", "p3", "p4"};
  for (int i = 0; i < PROCESSES; i++)
    if (pid && pids[i] == pid) return names[i];
  return pid == 0 ? "none" : pid == first_pid ? "main" : "other";
}

static void say_data(const char *data, long length) {
  unsigned hash = 0;
  for (long i = 0; i < length; i++) hash = hash * 31 + (unsigned char)data[i];
  if (length > 0) say(" data=%08x", hash);
}

static void fill(long length, long seed) {
  for (long i = 0; i < length; i++) buffer[i] = (char)('a' + (seed + i) % 26);
}

static int is(const char *call, const char *name) { return strcmp(call, name) == 0; }

// Splits a line of numbers into the call and a[].
static void read_numbers(const char *text, char call[16], long numbers[7]) {
  int at = 0;
  call[0] = 0;
  sscanf(text, "%15s%n", call, &at);
  for (int i = 0; i < 7; i++) {
    char *end;
    numbers[i] = strtol(text + at, &end, 0);
    at = (int)(end - text);
  }
}

// The letter of a process's state in /proc/PID/stat.
static char state_of(pid_t pid) {
  char path[32], text[128] = "";
  snprintf(path, sizeof path, "%d/stat", (int)pid);
  int file = openat(proc, path, O_RDONLY);
  ssize_t got = file < 0 ? -1 : read(file, text, sizeof text - 1);
  close(file);
  const char *name = got > 0 ? strrchr(text, ')') : NULL;
  return name ? name[2] : 'Z';
}

#include "../lib/socket-script-calls.h"
#include "../lib/script-calls.h"
#include "../lib/script-jail.h"

// mute: sockets were passed, whose late end may send signals at any time.
static void finish(const struct order *order) {
  char call[16];
  used = 0;
  if (!is_sockets) {
    act_on_line(order->text, order->may_wait);
  } else {
    read_numbers(order->text, call, a);
    say("%s", call);
    if (!act_on_sockets(call)) say(" unknown call");
    size_t before = used;
    say_signals();
    if (order->mute) used = before;
  }
  say("\n");
}

static void serve(int process) {
  struct order order;
  pids[process] = getpid();
  if (!is_jobs) prctl(PR_SET_PDEATHSIG, SIGKILL);
  for (int i = 0; i < PROCESSES; i++)
    if (orders[i][1]) close(orders[i][1]), close(answers[i][0]), orders[i][1] = 0;
  start_watchdog();
  for (ssize_t got; (got = read(orders[process][0], &order, sizeof order)) != 0;) {
    if (got < 0 && is_jobs && errno == EINTR) continue;
    if (got < 0) break;
    finish(&order);
    if (write(answers[process][1], line, used) < 0) break;
  }
  _exit(0);
}

static void move_up(int pair[2]) {
  int low[2];
  if (pipe(low) < 0) exit(1);
  for (int i = 0; i < 2; i++) pair[i] = fcntl(low[i], F_DUPFD_CLOEXEC, OURS), close(low[i]);
}

static void fork_process(int child) {
  if (pids[child]) return (void)puts("fork again");
  move_up(orders[child]);
  move_up(answers[child]);
  pid_t pid = fork();
  if (pid == 0) serve(child);
  pids[child] = pid;
  close(orders[child][0]);
  close(answers[child][1]);
  puts("fork");
}

// Waits for an answer; false when the process sleeps and may, or is stopped. Whoever was woken runs at once, in its state at least.
static int is_answered(int process, int may_wait) {
  struct pollfd entry = {answers[process][0], POLLIN, 0};
  for (int tries = 0; tries < PATIENCE_MS * 5; tries++) {
    if (poll(&entry, 1, 0)) return 1;
    if (strchr(may_wait ? "STtZ" : "TtZ", state_of(pids[process]))) return poll(&entry, 1, 0);
    usleep(200);
  }
  return 0;
}

// What was done last may have woken or killed others: they sleep again, or are gone, before the next call.
static void await_rest(void) {
  for (int other = 1; other < PROCESSES; other++)
    for (int tries = 0; pids[other] && tries < PATIENCE_MS * 5; tries++) {
      char state = state_of(pids[other]);
      if (state == 'Z') is_gone[other] |= !is_pending[other];
      if (strchr("STtZ", state)) break;
      usleep(200);
    }
}

// Whoever stops, ends or goes on tells its parent behind that, which may wake it.
static void let_others_rest(void) {
  await_rest();
  if (!is_jobs) return;
  usleep(SETTLING_US / 2);
  await_rest();
}

// What a process answered just before a signal killed it is not heard: another time the signal is there first.
static int has_died(int process) {
  if (!is_jobs || state_of(pids[process]) != 'Z') return 0;
  is_pending[process] = 0;
  is_gone[process] = 1;
  return 1;
}

// Prints what a process answers.
static void hear(int process, int may_wait, const char *otherwise) {
  char answer[sizeof line + 1];
  is_pending[process] = !is_answered(process, may_wait);
  if (is_jobs) let_others_rest();
  if (has_died(process)) return (void)printf(otherwise ? "gone\n" : "%d later gone\n", process);
  if (is_pending[process]) {
    if (otherwise) puts(otherwise);
    return;
  }
  ssize_t got = read(answers[process][0], answer, sizeof line);
  is_gone[process] = got <= 0;
  if (got <= 0) got = sprintf(answer, "gone\n");
  answer[got] = 0;
  if (!otherwise) printf("%d later ", process);
  fputs(answer, stdout);
}

// Whoever waits or is stopped is killed, if the script left the right to.
static void end_process(int process) {
  int must_be_killed = is_pending[process] || state_of(pids[process]) == 'T';
  if (must_be_killed && kill(pids[process], SIGKILL) < 0) return;
  waitpid(pids[process], NULL, 0);
}

static void exit_process(int process) {
  close(orders[process][1]);
  close(answers[process][0]);
  orders[process][1] = 0;
  end_process(process);
  pids[process] = 0;
  is_pending[process] = is_gone[process] = 0;
  puts("exit");
}

static void perform(char *text) {
  struct order order = {0};
  char call[16];
  long numbers[7];
  int process, at = 0;
  if (sscanf(text, "%d %n", &process, &at) < 1 || process < 0 || process >= PROCESSES) return;
  order.may_wait = text[at] == '&';
  snprintf(order.text, sizeof order.text, "%s", text + at + order.may_wait);
  read_numbers(order.text, call, numbers);
  printf("%d ", process), fflush(stdout);
  settles |= strstr(order.text, "ptmx") != NULL;
  note_passed(process, call, numbers);
  order.mute = is_sockets && passed_count > 0;
  if (is(call, "fork")) fork_process(1 + (int)(numbers[0] % 2));
  else if (process == 0) {
    order.may_wait = 0;
    finish(&order);
    if (write(1, line, used) < 0) exit(1);
  } else if (!pids[process]) puts("absent");
  else if (is(call, "exit")) exit_process(process);
  else if (is_gone[process]) puts("gone before");
  else if (is_pending[process]) puts("busy");
  else if (write(orders[process][1], &order, sizeof order) < 0) puts("lost");
  else hear(process, order.may_wait, "waits");
  if (settles && order.may_wait) usleep(SETTLING_US);
  let_others_rest();
  for (int other = 1; other < PROCESSES; other++)
    if (other != process && is_pending[other]) hear(other, 1, NULL);
  let_collect();
}

static void run_script(char *text) {
  char directory[32];
  snprintf(directory, sizeof directory, "s%d", script);
  if (mkdir(directory, 0755) < 0 || chdir(directory) < 0 || mkdir("w", 0755) < 0 || chdir("w") < 0) exit(1);
  if (is_sockets) setpgid(0, 0);
  else setsid();
  syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL, 0, 0, 0); /* or the session's keyring would be the user's, which stays */
  pids = mmap(NULL, PROCESSES * sizeof *pids, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  pids[0] = getpid();
  int directory_of_processes = open("/proc", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  proc = fcntl(directory_of_processes, F_DUPFD_CLOEXEC, OURS);
  close(directory_of_processes);
  sigset_t signals;
  if (is_sockets) block_signals(&signals);
  else prepare_calls();
  printf("= %d\n", script);
  if (is_jobs)
    for (int i = 1; i < PROCESSES; i++) move_up(orders[i]), move_up(answers[i]);
  for (char *next; text && *text && *text != '='; text = next) {
    next = strchr(text, '\n');
    if (next) *next++ = 0;
    perform(text);
    fflush(stdout);
  }
  for (int i = 1; i < PROCESSES && !is_jobs; i++)
    if (pids[i]) close(orders[i][1]), close(answers[i][0]), end_process(i);
  _exit(0);
}

static pid_t running;

static void give_up(int number) {
  (void)number;
  kill(-running, SIGKILL);
  kill(running, SIGKILL);
}

// The same start everywhere: a session of its own, no descriptors but the standard ones, limits that cannot be passed.
static void prepare(void) {
  char directory[64];
  if (!is_sockets) enter_jail();
  setsid();
  first_pid = getpid();
  close_range(3, ~0U, 0);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGALRM, give_up);
  umask(022);
  if (!is_sockets) {
    prepare_limits();
    give_up_capabilities();
    prctl(PR_SET_CHILD_SUBREAPER, is_jobs);
  }
  snprintf(directory, sizeof directory, "/dev/shm/%s", prefix);
  if (mkdir(directory, 0755) < 0 || chdir(directory) < 0) perror(directory), exit(1);
}

int main(int argc, char **argv) {
  static char scripts[4 << 20];
  size_t length = 0;
  ssize_t got;
  prefix = argc > 1 ? argv[1] : "fuzz";
  is_sockets = argc <= 2 || is(argv[2], "sockets");
  is_jobs = argc > 2 && (is(argv[2], "jobs") || is(argv[2], "traces"));
  is_mounts = argc > 2 && is(argv[2], "mounts");
  prepare();
  while ((got = read(0, scripts + length, sizeof scripts - 1 - length)) > 0) length += (size_t)got;
  for (char *at = scripts; (at = strstr(at, "=\n"));) {
    at += 2;
    fflush(stdout);
    running = fork();
    if (running == 0) run_script(at);
    int status;
    alarm(SCRIPT_SECONDS);
    while (waitpid(running, &status, WUNTRACED) < 0 && errno == EINTR) {}
    alarm(0);
    kill(-running, SIGKILL);
    if (WIFSTOPPED(status)) kill(running, SIGKILL), waitpid(running, NULL, 0);
    if (is_jailed()) kill(-1, SIGKILL); // whatever is left of the script
    // those that trace each other may need that more than once
    for (pid_t ended; (ended = waitpid(-1, NULL, WNOHANG)) >= 0 && (is_jobs || ended > 0);)
      if (ended == 0) kill(-1, SIGKILL), usleep(SETTLING_US / 2);
    if (status) printf("ended %x\n", status), fflush(stdout);
    script++;
  }
}
