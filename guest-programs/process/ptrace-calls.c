// ptrace(2) and system calls: syscall-stops, other numbers, arguments and results, restarts, registers, memory.
#include "../lib/trace.h"

static char word[] = "first";
static const char fixed[4096] __attribute__((aligned(4096))) = "fixed";

static void child(void) {
  TRACE_ME();
  kill(getpid(), SIGSTOP);
  syscall(SYS_umask, 2); // its entry looks like a SIGTRAP
  syscall(SYS_umask, 1);
  long answer = syscall(SYS_getppid);
  say("child: getppid was made %ld", answer);
  answer = syscall(SYS_close, 77);
  say("child: close was made %ld, %s", answer, errno_name(errno));
  errno = 0;
  answer = syscall(SYS_getpid);
  say("child: a call that was none gives %ld, %s", answer, errno_name(errno));
  answer = syscall(SYS_getpid);
  say("child: and with a result of its own %ld", answer);
  syscall(SYS_write, 1, word, 6);
  say("child: its word is now \"%s\", the fixed one \"%s\"", word, fixed);
  _exit(4);
}

static pid_t tracee;
static void step(const char *label) {
  MUST(ask(PTRACE_SYSCALL, tracee, 0, 0));
  show_stop(label, next_stop(tracee));
}
// To the next call of this number, quietly.
static void step_to(long number) {
  for (;;) {
    MUST(ask(PTRACE_SYSCALL, tracee, 0, 0));
    int status = next_stop(tracee);
    if (!WIFSTOPPED(status)) _exit(97);
    struct ptrace_syscall_info info = call_info(tracee);
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY && (long)info.entry.nr == number) return;
  }
}
static long set_info(struct ptrace_syscall_info info) {
  return ask(PTRACE_SET_SYSCALL_INFO, tracee, sizeof info, (unsigned long)&info);
}

static void sizes(void) {
  char buffer[1024];
  struct iovec all = {buffer, sizeof buffer}, part = {buffer, 16}, odd = {buffer, 17};
  show("registers", ask(PTRACE_GETREGSET, tracee, NT_PRSTATUS, (unsigned long)&all));
  say("of 64 bits: %d, fewer than asked for: %d", all.iov_len % 8 == 0, all.iov_len < sizeof buffer);
  show("back", ask(PTRACE_SETREGSET, tracee, NT_PRSTATUS, (unsigned long)&all));
  show("a part", ask(PTRACE_GETREGSET, tracee, NT_PRSTATUS, (unsigned long)&part));
  say("which has %zu bytes", part.iov_len);
  show("parts of registers", ask(PTRACE_GETREGSET, tracee, NT_PRSTATUS, (unsigned long)&odd));
  all.iov_len = sizeof buffer;
  show("floating point", ask(PTRACE_GETREGSET, tracee, NT_PRFPREG, (unsigned long)&all));
  show("no such set", ask(PTRACE_GETREGSET, tracee, 0x7777, (unsigned long)&all));
  show("no iovec", ask(PTRACE_GETREGSET, tracee, NT_PRSTATUS, 0));
  all = (struct iovec){NULL, 64};
  show("nowhere to", ask(PTRACE_GETREGSET, tracee, NT_PRSTATUS, (unsigned long)&all));
}

static void memory(void) {
  unsigned long value = 0;
  show("peek", ask(PTRACE_PEEKDATA, tracee, (unsigned long)word, (unsigned long)&value));
  say("it is %s", quoted(&value, 5));
  memcpy(&value, "other", 5);
  show("poke", ask(PTRACE_POKEDATA, tracee, (unsigned long)word, value));
  show("peek at what is read-only", ask(PTRACE_PEEKTEXT, tracee, (unsigned long)fixed, (unsigned long)&value));
  memcpy(&value, "moved", 5);
  show("poke", ask(PTRACE_POKETEXT, tracee, (unsigned long)fixed, value));
  show("peek at nothing", ask(PTRACE_PEEKDATA, tracee, 8, (unsigned long)&value));
  show("poke at nothing", ask(PTRACE_POKEDATA, tracee, 8, value));
  show("peek to nowhere", ask(PTRACE_PEEKDATA, tracee, (unsigned long)word, 8));
  char path[40];
  snprintf(path, sizeof path, "/proc/%d/mem", tracee);
  int fd = MUST(open(path, O_RDWR));
  char text[8] = "";
  show("read of /proc/PID/mem", pread(fd, text, 5, (long)word));
  say("it is %s", quoted(text, 5));
  show("write to what is read-only", pwrite(fd, "again", 5, (long)fixed));
  show("write to nothing", pwrite(fd, "again", 5, 8));
  close(fd);
  say("ours are \"%s\" and \"%s\"", word, fixed);
}

int main(void) {
  tracee = MUST(fork());
  if (tracee == 0) child();
  show_next("first", tracee);
  say("%s", status_field(tracee, "State:"));
  say("TracerPid is ours: %d", atoi(status_field(tracee, "TracerPid:") + 10) == getpid());
  show("no call, but a kind of stop", call_info(tracee).op);
  show("size of that", ask(PTRACE_GET_SYSCALL_INFO, tracee, 0, 0));
  sizes();
  show("no options yet", ask(PTRACE_SETOPTIONS, tracee, 0, 0));
  MUST(ask(PTRACE_SYSCALL, tracee, 0, 0));
  show_next("without SYSGOOD", tracee);
  show_call("which", tracee);
  show("options", ask(PTRACE_SETOPTIONS, tracee, 0, PTRACE_O_TRACESYSGOOD));
  step_to(SYS_umask);
  show_call("entry", tracee);
  show_siginfo("its siginfo", tracee, tracee);
  unsigned long message = 0;
  show("message", ask(PTRACE_GETEVENTMSG, tracee, 0, (unsigned long)&message));
  say("is %lu", message);
  show("size of an entry", ask(PTRACE_GET_SYSCALL_INFO, tracee, 0, 0));
  step("exit");
  struct ptrace_syscall_info info = call_info(tracee);
  say("a result and no error: %d", info.op == PTRACE_SYSCALL_INFO_EXIT && !info.exit.is_error);
  show("size of an exit", ask(PTRACE_GET_SYSCALL_INFO, tracee, 0, 0));
  MUST(ask(PTRACE_GETEVENTMSG, tracee, 0, (unsigned long)&message));
  say("message is %lu", message);

  step_to(SYS_getppid);
  step("getppid");
  info = call_info(tracee);
  info.exit.rval = 4242;
  show("another result", set_info(info));
  step_to(SYS_close);
  step("close");
  show_call("close", tracee);
  info = call_info(tracee);
  info.exit.rval = -EXDEV;
  show("another error", set_info(info));

  step_to(SYS_getpid);
  info = call_info(tracee);
  info.entry.nr = -1;
  ((char *)&info)[2] = 1; // flags
  show("reserved fields", set_info(info));
  ((char *)&info)[2] = 0;
  info.op = PTRACE_SYSCALL_INFO_EXIT;
  show("another kind", set_info(info));
  info.op = PTRACE_SYSCALL_INFO_ENTRY;
  info.entry.nr = 1LL << 40;
  show("a large number", set_info(info));
  info.entry.nr = -1;
  show("no call", set_info(info));
  step("skipped");
  show_call("skipped", tracee);
  step_to(SYS_getpid);
  info = call_info(tracee);
  info.entry.nr = -1;
  MUST(set_info(info));
  step("skipped");
  info = call_info(tracee);
  info.exit.rval = 99;
  info.exit.is_error = 0;
  show("with a result", set_info(info));

  for (;;) {
    step_to(SYS_write);
    info = call_info(tracee);
    if (info.entry.args[2] == 6) break;
  }
  memory();
  info.entry.args[2] = 3;
  show("fewer bytes", set_info(info));
  step("write");
  show_call("write", tracee);
  say("!"); // ends the line of the three bytes
  MUST(ask(PTRACE_CONT, tracee, 0, 0));
  show_next("end", tracee);
  show("gone", ask(PTRACE_CONT, tracee, 0, 0));
  return 0;
}
