// What siginfo_t says for each way a signal is sent: kill, tgkill, sigqueue, a child, a timer, a fault.
#include "../lib/observe.h"
#include <sys/time.h>
#include <ucontext.h>

static siginfo_t seen;
static volatile int count;

static void handler(int number, siginfo_t *info, void *context) {
  (void)context;
  seen = *info;
  count++;
  say("%s: si_signo right %d, si_errno %d, si_code %d", signal_name(number), info->si_signo == number, info->si_errno,
      info->si_code);
}

static void fault_handler(int number, siginfo_t *info, void *context) {
  (void)context;
  say("%s: si_code %d, si_addr %#lx", signal_name(number), info->si_code, (unsigned long)info->si_addr);
  _exit(number == SIGSEGV ? 11 : 12);
}

static void sender(const char *how) {
  say("%s: from me %d, uid right %d", how, seen.si_pid == getpid(), seen.si_uid == getuid());
}

static void child_report(const char *how, int code) {
  say("%s: code right %d, status %d, uid right %d", how, seen.si_code == code, seen.si_status, seen.si_uid == getuid());
}

int main(void) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigaction(SIGUSR1, &action, NULL);
  sigaction(SIGALRM, &action, NULL);
  sigaction(SIGCHLD, &action, NULL);
  kill(getpid(), SIGUSR1);
  sender("kill");
  syscall(SYS_tgkill, getpid(), getpid(), SIGUSR1);
  sender("tgkill");
  sigqueue(getpid(), SIGUSR1, (union sigval){.sival_ptr = (void *)0x123456789abcdef});
  sender("sigqueue");
  say("value %lx", (unsigned long)seen.si_value.sival_ptr);
  union {
    siginfo_t info;
    unsigned char bytes[sizeof(siginfo_t)];
  } own = {0};
  for (size_t i = 12; i < 48; i++) own.bytes[i] = i;
  own.info.si_code = -77;
  show("own siginfo", syscall(SYS_rt_sigqueueinfo, getpid(), SIGUSR1, &own));
  say("same bytes %d", memcmp((char *)&own + 16, (char *)&seen + 16, sizeof own - 16) == 0);
  own.bytes[100] = 1;
  show("more than the kernel keeps, with a code it does not know", syscall(SYS_rt_sigqueueinfo, getpid(), SIGUSR1, &own));
  setitimer(ITIMER_REAL, &(struct itimerval){.it_value = {0, 1000}}, NULL);
  pause();
  pid_t child = MUST(fork());
  if (child == 0) _exit(21);
  while (count < 6) pause();
  child_report("exit", CLD_EXITED);
  say("pid right %d", seen.si_pid == child);
  show_wait("child", child);
  child = MUST(fork());
  if (child == 0) {
    raise(SIGSTOP);
    pause();
  }
  while (count < 7) pause();
  child_report("stop", CLD_STOPPED);
  kill(child, SIGCONT);
  while (count < 8) pause();
  child_report("continue", CLD_CONTINUED);
  kill(child, SIGTERM);
  while (count < 9) pause();
  child_report("kill", CLD_KILLED);
  show_wait("child", child);
  signal(SIGCHLD, SIG_DFL);
  action.sa_sigaction = fault_handler;
  sigaction(SIGSEGV, &action, NULL);
  sigaction(SIGILL, &action, NULL);
  child = MUST(fork());
  if (child == 0) *(volatile int *)0x10 = 1;
  show_wait("not mapped", child);
  void *page = mmap((void *)0x10000000, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
  say("page there %d", page == (void *)0x10000000);
  child = MUST(fork());
  if (child == 0) *(volatile int *)page = 1;
  show_wait("read-only", child);
  sigset_t all;
  sigfillset(&all);
  child = MUST(fork());
  if (child == 0) {
    sigprocmask(SIG_BLOCK, &all, NULL);
    *(volatile int *)0x10 = 1;
  }
  show_wait("blocked fault", child);
  child = MUST(fork());
  if (child == 0) {
    signal(SIGSEGV, SIG_IGN);
    *(volatile int *)0x10 = 1;
  }
  show_wait("ignored fault", child);
  // the end of a child told by another signal
  sigset_t told;
  siginfo_t info;
  sigemptyset(&told);
  sigaddset(&told, SIGUSR1);
  sigprocmask(SIG_BLOCK, &told, NULL);
  for (int is_killed = 0; is_killed < 2; is_killed++) {
    child = MUST(syscall(SYS_clone, SIGUSR1, 0, 0, 0, 0));
    if (child == 0) {
      if (is_killed) kill(getpid(), SIGKILL);
      _exit(7);
    }
    int signo = sigwaitinfo(&told, &info);
    say("signal %d, code %d, from it %d, uid %d, status %d", signo, info.si_code, info.si_pid == child, (int)info.si_uid, info.si_status);
    MUST(waitpid(child, NULL, __WALL));
  }
  return 0;
}
