// execve by a second thread: the process keeps its number, other threads and timers end, pending signals and alarms stay.
#include "../lib/observe.h"
#include <pthread.h>
#include <sys/time.h>

static pid_t main_pid;
static volatile int ready;

static void *executes(void *unused) {
  (void)unused;
  while (!ready) sleep_ms(1);
  char pid[16];
  snprintf(pid, sizeof pid, "%d", main_pid);
  say("the second thread is another: %d", syscall(SYS_gettid) != main_pid);
  execl("/proc/self/exe", "exec-thread", pid, NULL);
  say("execl: %s", errno_name(errno));
  _exit(1);
}

static void *waits(void *unused) {
  for (;;) pause();
  return unused;
}

static int second_life(const char *pid) {
  say("same pid: %d, leader: %d", getpid() == atoi(pid), syscall(SYS_gettid) == getpid());
  sigset_t pending;
  sigpending(&pending);
  say("still pending for the process: %d, for the thread: %d", sigismember(&pending, SIGUSR1),
      sigismember(&pending, SIGUSR2));
  struct itimerval left;
  getitimer(ITIMER_REAL, &left);
  say("alarm goes on: %d", left.it_value.tv_sec > 90);
  struct itimerspec spec;
  show("POSIX timer", syscall(SYS_timer_gettime, 0, &spec));
  stack_t stack;
  sigaltstack(NULL, &stack);
  say("no alternate stack: %d", stack.ss_flags == SS_DISABLE);
  struct sigaction action;
  sigaction(SIGHUP, NULL, &action);
  say("handler reset: %d", action.sa_handler == SIG_DFL);
  sigaction(SIGINT, NULL, &action);
  say("ignored stays: %d", action.sa_handler == SIG_IGN);
  return 3;
}

static void handler(int number) { (void)number; }

int main(int argc, char **argv) {
  if (argc > 1) return second_life(argv[1]);
  pid_t child = MUST(fork());
  if (child == 0) {
    main_pid = getpid();
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGHUP, handler);
    signal(SIGINT, SIG_IGN);
    static char space[16384];
    sigaltstack(&(stack_t){.ss_sp = space, .ss_size = sizeof space}, NULL);
    setitimer(ITIMER_REAL, &(struct itimerval){.it_value = {100, 0}}, NULL);
    int timer;
    syscall(SYS_timer_create, CLOCK_MONOTONIC, NULL, &timer);
    pthread_t thread;
    pthread_create(&thread, NULL, waits, NULL);
    pthread_create(&thread, NULL, executes, NULL);
    kill(getpid(), SIGUSR1);
    pthread_kill(thread, SIGUSR2);
    ready = 1;
    for (;;) pause();
  }
  show_wait("child", child);
  return 0;
}
