// Calls of fuzz/call-script.c that make children, and those whose structs differ by processor (epoll).
// Included by script-calls.h; v[] are the arguments.
#pragma once
#include <sched.h>
#include <sys/epoll.h>

// clone flags with the signal of the end, how the child ends (below 256 its status, else 256 + signal, with which it kills
// itself), variable for its pid. When this is through the child has ended or stopped.
static void make_child(const long v[6]) {
  siginfo_t info;
  long pid = syscall(SYS_clone, v[0], 0L, 0L, 0L, 0L);
  if (pid == 0) {
    if (v[1] >= 256) {
      struct sigaction action = {.sa_handler = SIG_DFL};
      sigset_t all;
      sigfillset(&all);
      sigaction((int)v[1] - 256, &action, NULL);
      sigprocmask(SIG_UNBLOCK, &all, NULL);
      raise((int)v[1] - 256);
    }
    _exit((int)v[1]);
  }
  if (pid < 0) return (void)result(-1);
  say(" child");
  variables[(unsigned long)v[2] % 10] = pid;
  while (waitid(P_PID, (id_t)pid, &info, WEXITED | WSTOPPED | WNOWAIT | __WALL) < 0 && errno == EINTR && !barked) {}
}

// The first process writes its lines itself, and what comes next begins a new one.
static void end_now(int status) {
  if (getpid() == pids[0] && write(1, "end\n", 4) < 4) _exit(1);
  _exit(status);
}

// epoll descriptor, operation, descriptor, events, number
static void control_epoll(const long v[6]) {
  struct epoll_event event = {.events = (unsigned)v[3], .data.u64 = (unsigned long)v[4]};
  result(syscall(SYS_epoll_ctl, (int)v[0], (int)v[1], (int)v[2], v[3] == -1 ? (void *)16 : &event));
}

// epoll descriptor, how many, timeout in ms
static void wait_epoll(const long v[6]) {
  struct epoll_event events[16];
  long got = syscall(SYS_epoll_pwait, (int)v[0], v[1] < -1 ? (void *)16 : events, (int)(v[1] > 16 ? 16 : v[1]), (int)v[2], NULL, 8);
  if (got < 0 && errno == EINTR && barked) say(" blocked");
  else result(got);
  for (long i = 0; i < got; i++) say(" %lu:%x", (unsigned long)events[i].data.u64, events[i].events);
}

// True when the call is one of these.
static int act_on_processes(const char *call, const long v[6]) {
  if (is(call, "child")) make_child(v);
  else if (is(call, "epoll_ctl")) control_epoll(v);
  else if (is(call, "epoll_wait")) wait_epoll(v);
  else if (is(call, "end")) end_now((int)v[0]);
  else return 0;
  return 1;
}
