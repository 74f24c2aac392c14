// wait4 and waitid: whom they mean, options they refuse, bad addresses, threads that wait for each other's children.
#include "../lib/observe.h"
#include <pthread.h>
#include <sys/resource.h>

static pid_t leave(int status) {
  pid_t child = MUST(fork());
  if (child == 0) _exit(status);
  return child;
}

static void *wait_here(void *argument) {
  int status;
  pid_t child = *(pid_t *)argument;
  return (void *)(long)(waitpid(child, &status, 0) == child ? WEXITSTATUS(status) : -1);
}

int main(void) {
  siginfo_t info;
  struct rusage usage;
  CALL(waitpid(-1, NULL, 0));
  CALL(waitpid(getpid(), NULL, 0));
  CALL(waitpid(-1, NULL, 0x80));
  CALL(wait4(-1, NULL, WEXITED, NULL));
  CALL(syscall(SYS_wait4, INT32_MIN, NULL, 0, NULL));
  CALL(waitid(P_ALL, 0, &info, 0));
  CALL(waitid(P_ALL, 0, &info, WEXITED));
  CALL(waitid(99, 0, &info, WEXITED));
  CALL(waitid(P_PID, 0, &info, WEXITED));
  CALL(waitid(P_PGID, -1, &info, WEXITED));
  CALL(waitid(P_PIDFD, -1, &info, WEXITED));
  CALL(waitid(P_PIDFD, 99, &info, WEXITED));
  CALL(waitid(P_PIDFD, 0, &info, WEXITED));
  CALL(waitid(P_ALL, 0, &info, WEXITED | 0x100));

  pid_t child = leave(3);
  show("status to nowhere", syscall(SYS_wait4, child, 8, 0, NULL));
  show("the child is gone all the same", waitpid(child, NULL, 0));
  child = leave(4);
  show("usage to nowhere", syscall(SYS_wait4, child, NULL, 0, 8));
  child = leave(5);
  say("group 0: %d", waitpid(0, NULL, 0) == child);
  child = leave(6);
  say("own group: %d", waitpid(-getpgrp(), NULL, 0) == child);
  child = leave(7);
  setpgid(child, child);
  show("not in the group", waitpid(0, NULL, 0));
  say("in its own: %d", waitpid(-child, NULL, 0) == child);
  child = leave(8);
  memset(&info, 0x55, sizeof info);
  memset(&usage, 0x55, sizeof usage);
  say("waitid: %d", (int)syscall(SYS_waitid, P_PGID, 0, &info, WEXITED | WNOWAIT, &usage));
  say("status %d, code %d, signal %d, errno %d, swaps %ld", info.si_status, info.si_code, info.si_signo, info.si_errno,
      usage.ru_nswap);
  say("no information wanted: %d", waitid(P_PID, child, NULL, WEXITED));
  child = MUST(fork());
  if (child == 0) {
    for (;;) pause();
  }
  memset(&info, 0x55, sizeof info);
  show("WNOHANG", waitid(P_ALL, 0, &info, WEXITED | WNOHANG));
  say("pid %d, signal %d", info.si_pid, info.si_signo);
  show("WNOHANG", waitpid(child, NULL, WNOHANG));
  pthread_t thread;
  void *got;
  pthread_create(&thread, NULL, wait_here, &child);
  sleep_ms(5);
  kill(child, SIGKILL);
  pthread_join(thread, &got);
  say("waited in a thread: %ld", (long)got);
  child = leave(9);
  pthread_create(&thread, NULL, wait_here, &child);
  pthread_join(thread, &got);
  say("a thread waits for the main thread's child: %ld", (long)got);
  struct sigaction action = {.sa_handler = SIG_DFL, .sa_flags = SA_NOCLDWAIT};
  sigaction(SIGCHLD, &action, NULL);
  child = leave(1);
  show("SA_NOCLDWAIT", waitpid(child, NULL, 0));
  show("getrusage", getrusage(RUSAGE_CHILDREN, &usage));
  show("getrusage 5", getrusage(5, &usage));
  return 0;
}
