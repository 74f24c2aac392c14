// ptrace(2) and signals: each is seen before it acts, may be taken away, replaced or changed, and calls are made again.
#include "../lib/trace.h"
#include <poll.h>
#include <sys/time.h>

static pid_t tracee;
static int back[2];

static void handler(int signo, siginfo_t *info, void *context) {
  (void)context;
  say("  handler: %s, code %d, from %s, value %d", signal_name(signo), info->si_code,
      info->si_pid == getpid() ? "itself" : info->si_pid == getppid() ? "its tracer" : "another", info->si_value.sival_int);
}

static void install(int signo, int flags) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags};
  MUST(sigaction(signo, &action, NULL));
}

static void child(void) {
  TRACE_ME();
  install(SIGUSR1, 0);
  install(SIGUSR2, SA_RESTART);
  signal(SIGHUP, SIG_IGN);
  kill(getpid(), SIGUSR1); // passed on
  kill(getpid(), SIGUSR1); // taken away
  say("  child: not seen");
  kill(getpid(), SIGUSR1); // another
  kill(getpid(), SIGUSR1); // with another siginfo
  kill(getpid(), SIGHUP);  // ignored, and seen
  kill(getpid(), SIGWINCH);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigprocmask(SIG_BLOCK, &set, NULL);
  kill(getpid(), SIGUSR1); // not seen as long as it is blocked
  union sigval value = {.sival_int = 7};
  sigqueue(getpid(), SIGUSR2, value);
  kill(getpid(), SIGUSR1);
  say("  child: unblocks");
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  kill(getpid(), SIGTERM); // would kill
  say("  child: lives");
  sigprocmask(SIG_BLOCK, &set, NULL);
  value.sival_int = 1;
  sigqueue(getpid(), SIGRTMIN + 1, value); // its handler is missing: taken away
  kill(getpid(), SIGSTOP);
  sigprocmask(SIG_UNBLOCK, &set, NULL);

  struct timespec rest = {0, 700000000};
  say("  child: sleeps");
  long answer = syscall(SYS_nanosleep, &rest, &rest);
  say("  child: %ld", answer);
  rest = (struct timespec){50, 0};
  answer = syscall(SYS_nanosleep, &rest, &rest);
  say("  child: %ld, %s, most is left: %d", answer, errno_name(errno), rest.tv_sec >= 30);
  char byte;
  say("  child: reads");
  answer = syscall(SYS_read, back[0], &byte, 1);
  say("  child: %ld", answer);
  answer = syscall(SYS_read, back[0], &byte, 1);
  say("  child: %ld, %s", answer, errno_name(errno));
  struct pollfd none = {back[0], POLLIN, 0};
  rest = (struct timespec){50, 0};
  answer = syscall(SYS_ppoll, &none, 1, &rest, NULL, 8);
  say("  child: %ld, %s", answer, errno_name(errno));
  kill(getpid(), SIGSEGV);
  _exit(1);
}

static void go_on(int signo) {
  MUST(ask(PTRACE_CONT, tracee, 0, signo));
}
static void call_on(int signo) {
  MUST(ask(PTRACE_SYSCALL, tracee, 0, signo));
}

static void show_mask(const char *label) {
  unsigned long mask = 0;
  if (ask(PTRACE_GETSIGMASK, tracee, 8, (unsigned long)&mask) == -1) show(label, -1);
  else say("%s: %#lx", label, mask);
}

// To the entry of a call of this number.
static void call_to(long number) {
  for (;;) {
    call_on(0);
    int status = next_stop(tracee);
    if (!WIFSTOPPED(status)) _exit(97);
    if (WSTOPSIG(status) != (SIGTRAP | 0x80)) {
      show_stop("unexpected", status);
      _exit(96);
    }
    struct ptrace_syscall_info info = call_info(tracee);
    if (info.op == PTRACE_SYSCALL_INFO_ENTRY && (long)info.entry.nr == number) return;
  }
}

// The tracee enters a call in which it waits; a signal comes.
static void interrupt_call(int signo) {
  show_call("entry", tracee);
  call_on(0);
  await_state(tracee, "S");
  kill(tracee, signo);
  show_next("interrupted", tracee);
  show_call("which", tracee);
  call_on(0);
  show_next("then", tracee);
}

int main(void) {
  MUST(pipe(back));
  tracee = MUST(fork());
  if (tracee == 0) child();
  show_next("1", tracee);
  show_siginfo("its siginfo", tracee, tracee);
  MUST(ask(PTRACE_SETOPTIONS, tracee, 0, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL));
  go_on(SIGUSR1);
  show_next("2", tracee);
  go_on(0);
  show_next("3", tracee);
  go_on(SIGUSR2);
  show_next("4", tracee);
  siginfo_t info;
  MUST(ask(PTRACE_GETSIGINFO, tracee, 0, (unsigned long)&info));
  info.si_code = SI_QUEUE;
  info.si_value.sival_int = 99;
  show("siginfo changed", ask(PTRACE_SETSIGINFO, tracee, 0, (unsigned long)&info));
  go_on(SIGUSR1);
  show_next("ignored", tracee);
  go_on(SIGHUP);
  show_next("ignored by default", tracee);
  go_on(0);
  show_next("past a blocked one", tracee);
  struct __attribute__((packed)) {
    uint64_t off;
    uint32_t flags;
    int32_t nr;
  } which = {0, 0, 4};
  siginfo_t infos[4];
  memset(infos, 0, sizeof infos);
  show("pending for the thread", ask(PTRACE_PEEKSIGINFO, tracee, (unsigned long)&which, (unsigned long)infos));
  which.flags = 1;
  show("pending for the process", ask(PTRACE_PEEKSIGINFO, tracee, (unsigned long)&which, (unsigned long)infos));
  say("the first is %s", signal_name(infos[0].si_signo));
  which.off = 5;
  show("behind the last", ask(PTRACE_PEEKSIGINFO, tracee, (unsigned long)&which, (unsigned long)infos));
  which.flags = 2;
  show("unknown flags", ask(PTRACE_PEEKSIGINFO, tracee, (unsigned long)&which, (unsigned long)infos));
  which.flags = 0;
  which.nr = -1;
  show("a negative number", ask(PTRACE_PEEKSIGINFO, tracee, (unsigned long)&which, (unsigned long)infos));
  show_mask("mask");
  unsigned long mask = ~0UL;
  show("of another size", ask(PTRACE_GETSIGMASK, tracee, 4, (unsigned long)&mask));
  go_on(SIGUSR2);
  show_next("unblocked", tracee);
  go_on(SIGUSR1);
  show_next("deadly", tracee);
  show("no such signal", ask(PTRACE_CONT, tracee, 0, 65));
  go_on(0);
  show_next("real time", tracee);
  siginfo_t real;
  MUST(ask(PTRACE_GETSIGINFO, tracee, 0, (unsigned long)&real));
  say("its value: %d", real.si_value.sival_int);
  show("mask of all", ask(PTRACE_SETSIGMASK, tracee, 8, (unsigned long)&mask));
  show_mask("but two");
  mask = 0;
  MUST(ask(PTRACE_SETSIGMASK, tracee, 8, (unsigned long)&mask));
  go_on(0);
  show_next("SIGSTOP", tracee);
  say("%s", status_field(tracee, "State:"));

  say("a sleep:");
  call_to(SYS_nanosleep);
  interrupt_call(SIGWINCH);
  show_siginfo("the signal", tracee, tracee);
  call_on(0);
  show_next("taken away", tracee);
  show_call("again", tracee);
  call_on(0);
  show_next("over", tracee);
  show_call("over", tracee);
  say("a sleep and a handler:");
  call_to(SYS_nanosleep);
  interrupt_call(SIGUSR2);
  call_on(SIGUSR2);
  for (;;) {
    show_next("handled", tracee);
    struct ptrace_syscall_info call = call_info(tracee);
    if (call.op == PTRACE_SYSCALL_INFO_ENTRY && (long)call.entry.nr == SYS_rt_sigreturn) break;
    call_on(0);
  }
  call_on(0);
  show_next("back from the handler", tracee);
  show_call("with", tracee);
  say("a read and a handler with SA_RESTART:");
  call_to(SYS_read);
  interrupt_call(SIGUSR2);
  call_on(SIGUSR2);
  for (;;) {
    int status = next_stop(tracee);
    if (!WIFSTOPPED(status)) return 1;
    struct ptrace_syscall_info call = call_info(tracee);
    if (call.op == PTRACE_SYSCALL_INFO_ENTRY && (long)call.entry.nr == SYS_read) break;
    call_on(0);
  }
  show_call("again", tracee);
  MUST(write(back[1], "x", 1));
  call_on(0);
  show_next("over", tracee);
  show_call("over", tracee);
  say("a read and a handler without:");
  call_to(SYS_read);
  interrupt_call(SIGUSR1);
  go_on(SIGUSR1);
  await_state(tracee, "S");
  kill(tracee, SIGWINCH);
  show_next("in ppoll", tracee);
  show_call("without stops", tracee);
  go_on(SIGUSR1);
  show_next("last", tracee);
  go_on(SIGSEGV);
  int status = next_stop(tracee);
  say("killed by %s", signal_name(WTERMSIG(status)));
  return 0;
}
