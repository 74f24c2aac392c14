// Calls of fuzz/call-script.c about signals and memory: handlers that keep a log, loads and stores that may fault, what is
// mapped in the area. Included by script-calls.h; v[] are the arguments.
#pragma once
#include <setjmp.h>
#include <sys/mman.h>
#include <ucontext.h>

enum { LOG_MAX = 32, DEFAULT = 0, IGNORE, RECORD, RAISE, BLOCK };

struct entry {
  int signo, code, depth, on_stack, value, status;
  pid_t pid;
  unsigned uid;
  unsigned long mask;
};
static struct entry entries[LOG_MAX];
static volatile sig_atomic_t entry_count, handler_depth;
static int handler_kinds[65];
static sigjmp_buf fault_return;
static siginfo_t fault_info;
static char *other_stack;

// Signals that carry no sender or value have those fields left at 0.
static void record(int number, siginfo_t *info, void *context) {
  struct entry entry = {.signo = number, .code = info->si_code, .depth = handler_depth};
  sigset_t now;
  char here;
  entry.on_stack = other_stack && &here >= other_stack && &here < other_stack + 16384;
  if (info->si_code <= 0 || number == SIGCHLD) entry.pid = info->si_pid, entry.uid = info->si_uid;
  if (info->si_code == SI_QUEUE || info->si_code == SI_TIMER || info->si_code == SI_MESGQ) entry.value = info->si_value.sival_int;
  if (info->si_code == SI_TIMER) entry.pid = 0, entry.uid = 0, entry.status = info->si_overrun;
  if (number == SIGCHLD && info->si_code > 0) entry.status = info->si_status;
  sigemptyset(&now);
  sigprocmask(SIG_BLOCK, NULL, &now);
  memcpy(&entry.mask, &now, sizeof entry.mask);
  if (entry_count < LOG_MAX) entries[entry_count++] = entry;
  handler_depth++;
  if (handler_kinds[number] == RAISE && number != SIGUSR2) raise(SIGUSR2);
  if (handler_kinds[number] == BLOCK) sigaddset(&((ucontext_t *)context)->uc_sigmask, SIGUSR1);
  handler_depth--;
}

static void say_log(void) {
  for (int i = 0; i < entry_count; i++) {
    const struct entry *e = &entries[i];
    say(" <%d %d depth=%d mask=%lx", e->signo, e->code, e->depth, e->mask & ~(3UL << 31) & ~(1UL << 63));
    if (e->pid) say(" %s", who(e->pid));
    if (e->uid) say(" uid=%u", e->uid);
    if (e->value || e->status) say(" %d/%d", e->value, e->status);
    say("%s>", e->on_stack ? " other stack" : "");
  }
  entry_count = 0;
}

// signal, what, flags, mask; RECORD and so on need SA_SIGINFO, which is added
static void set_handler(const long v[6]) {
  struct sigaction action = {0}, old;
  int number = (int)v[0];
  action.sa_flags = (int)v[2];
  memcpy(&action.sa_mask, &v[3], sizeof v[3]);
  if (v[1] < RECORD) action.sa_handler = v[1] == DEFAULT ? SIG_DFL : SIG_IGN;
  else action.sa_sigaction = record, action.sa_flags |= SA_SIGINFO;
  if (result(sigaction(number, &action, &old)) < 0) return;
  if (number > 0 && number < 65) handler_kinds[number] = (int)v[1];
  unsigned long mask;
  memcpy(&mask, &old.sa_mask, sizeof mask);
  say(" was %s %x %lx", old.sa_handler == SIG_DFL ? "default" : old.sa_handler == SIG_IGN ? "ignored" : "caught", old.sa_flags & ~0x4000000, mask);
}

static void on_fault(int number, siginfo_t *info, void *context) {
  (void)number, (void)context;
  fault_info = *info;
  siglongjmp(fault_return, 1);
}

// A load (or store of a byte) at an address; the handlers of faults are there only meanwhile.
static void touch(char *address, int is_store, long byte) {
  struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER}, old[2];
  sigaction(SIGSEGV, &action, &old[0]);
  sigaction(SIGBUS, &action, &old[1]);
  if (sigsetjmp(fault_return, 1)) {
    say(" %s %d", fault_info.si_signo == SIGSEGV ? "SIGSEGV" : "SIGBUS", fault_info.si_code);
    say_place((long)fault_info.si_addr);
  } else if (is_store) *(volatile char *)address = (char)byte, say(" stored");
  else say(" %d", *(volatile unsigned char *)address);
  sigaction(SIGSEGV, &old[0], NULL);
  sigaction(SIGBUS, &old[1], NULL);
}

// What /proc/self/maps has in the area; neighbours that look the same are one line, however they came to be.
static void say_maps(void) {
  char text[512], last_rights[8] = "", last_name[64] = "";
  unsigned long from, to, offset, start = 0, end = 0, last_offset = 0;
  FILE *maps = fopen("/proc/self/maps", "r");
  while (maps && fgets(text, sizeof text, maps)) {
    char rights[8], name[64] = "";
    if (sscanf(text, "%lx-%lx %7s %lx %*s %*s %63s", &from, &to, rights, &offset, name) < 4) continue;
    if (to <= AREA || from >= AREA + AREA_SIZE) continue;
    char *base = strrchr(name, '/');
    if (base) memmove(name, base, strlen(base) + 1);
    int is_same = from == end && is(rights, last_rights) && is(name, last_name) && (!name[0] || offset == last_offset + (end - start));
    if (!is_same) {
      if (end) say(" %lx-%lx %s %lx %s", start - AREA, end - AREA, last_rights, last_name[0] ? last_offset : 0, last_name);
      start = from, last_offset = offset;
      strcpy(last_rights, rights);
      strcpy(last_name, name);
    }
    end = to;
  }
  if (end) say(" %lx-%lx %s %lx %s", start - AREA, end - AREA, last_rights, last_name[0] ? last_offset : 0, last_name);
  if (maps) fclose(maps);
}

// flags of the stack, size
static void set_other_stack(const long v[6]) {
  if (!other_stack) other_stack = malloc(16384);
  stack_t stack = {.ss_sp = other_stack, .ss_flags = (int)v[0], .ss_size = (size_t)v[1]}, old;
  if (result(sigaltstack(&stack, &old)) == 0) say(" was %x %zu %s", old.ss_flags, old.ss_size, old.ss_sp ? "somewhere" : "nowhere");
}

// True when the call is one of these.
static int act_on_signals(const char *call, const long v[6]) {
  if (is(call, "handle")) set_handler(v);
  else if (is(call, "otherstack")) set_other_stack(v);
  else if (is(call, "load")) touch((char *)v[0], 0, 0);
  else if (is(call, "store")) touch((char *)v[0], 1, v[1]);
  else if (is(call, "maps")) say_maps();
  else return 0;
  return 1;
}
