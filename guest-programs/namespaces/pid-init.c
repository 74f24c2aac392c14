// Process 1 of a pid namespace: which signals reach it, orphans, and that nobody outlives it.
// needs: root
#include "../lib/observe.h"
#include <sched.h>
#include <sys/prctl.h>

static volatile sig_atomic_t handled;

static void handler(int signo, siginfo_t *info, void *context) {
  (void)context;
  handled++;
  say("handler: %s from %d", signal_name(signo), info->si_pid);
}

// Forks into a new namespace; the child is its process 1.
static pid_t fork_first(void) {
  return syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0);
}

static void from_inside(void) {
  CALL(kill(1, SIGTERM));
  CALL(kill(1, SIGKILL));
  CALL(kill(1, SIGSTOP));
  CALL(raise(SIGINT));
  CALL(kill(1, SIGSEGV));
  pid_t child = MUST(fork());
  if (child == 0) {
    CALL(kill(1, SIGKILL));
    CALL(kill(1, SIGUSR1));
    CALL(kill(-1, SIGTERM));
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    sigaction(SIGUSR2, &action, NULL);
    CALL(kill(0, 0));
    _exit(0);
  }
  show_wait("child", child);
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  sigaction(SIGUSR1, &action, NULL);
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGTERM);
  sigprocmask(SIG_BLOCK, &set, NULL);
  child = MUST(fork());
  if (child == 0) {
    kill(1, SIGUSR1);
    kill(1, SIGTERM);
    _exit(0);
  }
  show_wait("child", child);
  sigset_t pending;
  sigpending(&pending);
  say("SIGTERM is pending: %d", sigismember(&pending, SIGTERM));
  sigprocmask(SIG_UNBLOCK, &set, NULL);
  say("still there");
  CALL(kill(-1, SIGTERM));
  CALL(syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0));
}

static void orphans(void) {
  pid_t child = MUST(fork());
  if (child == 0) {
    pid_t grandchild = MUST(fork());
    if (grandchild == 0) {
      while (getppid() == 2) sleep_ms(1);
      _exit(getppid());
    }
    _exit(0);
  }
  int status;
  for (int i = 0; i < 2; i++) {
    pid_t got = MUST(wait(&status));
    say("%d: exited %d", got == child ? 0 : 1, WEXITSTATUS(status));
  }
  CALL(wait(NULL));
}

// Waits, as process 1, for as long as anybody wants.
static void stay(int ready) {
  hand_over(ready);
  for (;;) pause();
}

int main(void) {
  int ready[2];
  MUST(pipe(ready));
  pid_t first = MUST(fork_first());
  if (first == 0) {
    from_inside();
    _exit(5);
  }
  show_wait("first", first);

  // the whole tree dies with it, deep or with other groups and sessions
  say("-- killed from outside");
  int alive[2];
  MUST(pipe(alive));
  first = MUST(fork_first());
  if (first == 0) {
    for (int i = 0; i < 3; i++) {
      pid_t child = MUST(i == 2 ? fork_first() : fork());
      if (child == 0) {
        if (i == 1) setsid();
        if (MUST(fork()) == 0 || i != 0) stay(ready[1]);
        _exit(0);
      }
    }
    stay(ready[1]);
  }
  for (int i = 0; i < 6; i++) await_turn(ready[0]);
  close(alive[1]);
  CALL(kill(first, SIGTERM));
  CALL(kill(first, SIGHUP));
  say("still there: %d", waitpid(first, NULL, WNOHANG));
  CALL(kill(first, SIGSTOP));
  int status;
  MUST(waitpid(first, &status, WUNTRACED));
  show_status("first", status);
  CALL(kill(first, SIGCONT));
  CALL(kill(first, SIGKILL));
  show_wait("first", first);
  char byte;
  CALL(read(alive[0], &byte, 1));
  CALL(wait(NULL));

  say("-- a fault");
  first = MUST(fork_first());
  if (first == 0) {
    *(volatile int *)8 = 1;
    _exit(0);
  }
  show_wait("first", first);

  say("-- orphans");
  first = MUST(fork_first());
  if (first == 0) {
    orphans();
    _exit(0);
  }
  show_wait("first", first);

  say("-- after its end");
  MUST(unshare(CLONE_NEWPID));
  first = MUST(fork());
  if (first == 0) _exit(0);
  show_wait("first", first);
  CALL(fork());
  CALL(syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0));
  CALL(unshare(CLONE_NEWPID));

  return 0;
}
