// Job control in scripts of fuzz/call-script.c: processes that any process makes, and what /proc says of all of them.
// Included by script-calls.h; v[] are the arguments.
#pragma once
#include <sys/ioctl.h>

static void serve(int process);

// the number that the new process is known by
static void spawn(const long v[6]) {
  int child = 1 + (int)(v[0] - 1) % (PROCESSES - 1);
  if (pids[child]) return say(" again");
  pid_t pid = fork();
  if (pid == 0) {
    entry_count = 0;
    is_pending[child] = 0;
    serve(child);
  }
  if (pid < 0) return (void)result(-1);
  pids[child] = pid;
  say(" spawned");
}

// A terminal is known by the slot of its master in the first process, which has seen it open.
static void say_terminal(int device) {
  static int numbers[SLOTS], is_known[SLOTS];
  for (int i = 0; i < SLOTS; i++)
    if (ioctl(slot(i), TIOCGPTN, &numbers[i]) == 0) is_known[i] = 1;
  int number = (device & 0xff) | (device >> 12 & 0xfff00);
  if (device == 0) return say(" none");
  for (int i = 0; i < SLOTS; i++)
    if (is_known[i] && numbers[i] == number) return say(" f%d", i);
  say(" other");
}

// The process that traces another, or 0.
static pid_t tracer_of(pid_t pid) {
  char path[32], text[2048] = "";
  snprintf(path, sizeof path, "%d/status", (int)pid);
  int file = openat(proc, path, O_RDONLY);
  ssize_t got = file < 0 ? -1 : read(file, text, sizeof text - 1);
  close(file);
  const char *at = got > 0 ? strstr(text, "TracerPid:") : NULL;
  return at ? (pid_t)atoi(at + 10) : 0;
}

// Parent, group, session, terminal and its foreground group of each process, and who traces it.
static void say_processes(void) {
  for (int i = 1; i < PROCESSES; i++) {
    char path[32], text[512] = "";
    int parent, group, session, terminal, foreground;
    if (!pids[i]) continue;
    snprintf(path, sizeof path, "%d/stat", (int)pids[i]);
    int file = openat(proc, path, O_RDONLY);
    ssize_t got = file < 0 ? -1 : read(file, text, sizeof text - 1);
    close(file);
    const char *rest = got > 0 ? strrchr(text, ')') : NULL;
    if (!rest || sscanf(rest + 4, "%d %d %d %d %d", &parent, &group, &session, &terminal, &foreground) < 5) continue;
    say(" <p%d %c %s", i, rest[2], who(parent));
    say(" %s %s", who(group), who(session));
    say_terminal(terminal);
    say(" %s", foreground > 0 ? who(foreground) : foreground == 0 ? "0" : "-1");
    pid_t tracer = tracer_of(pids[i]);
    if (tracer) say(" of %s", who(tracer));
    say(">");
  }
}

static int by_signal(const void *one, const void *other) {
  const struct entry *a = one, *b = other;
  if (a->signo != b->signo) return a->signo - b->signo;
  return a->pid != b->pid ? a->pid - b->pid : a->code - b->code;
}

// Which signals were caught, of whom: in what order they came and how many children are told of at once is a matter of chance.
static void say_caught(void) {
  qsort(entries, entry_count, sizeof *entries, by_signal);
  for (int i = 0; i < entry_count; i++) {
    const struct entry *e = &entries[i], *before = i ? e - 1 : NULL;
    if (before && before->signo == e->signo && (e->signo == SIGCHLD || by_signal(before, e) == 0)) continue;
    if (e->signo == SIGCHLD) say(" <%d>", e->signo);
    else say(" <%d %d%s%s>", e->signo, e->code, e->pid ? " " : "", e->pid ? who(e->pid) : "");
  }
  entry_count = 0;
}

// True when the call is one of these.
static int act_on_jobs(const char *call, const long v[6]) {
  if (is(call, "spawn")) spawn(v);
  else if (is(call, "processes")) say_processes();
  else return 0;
  return 1;
}
