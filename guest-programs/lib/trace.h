// For guest programs that trace others: requests that must work, stops in words, calls as PTRACE_GET_SYSCALL_INFO tells them.
// Everything here is the same on all processors; registers are counted and passed on, never named.
#pragma once
#include "observe.h"
#include <elf.h>
#include <linux/ptrace.h>
#include <sys/prctl.h>

#ifndef PTRACE_SET_SYSCALL_INFO // Linux 6.16
#define PTRACE_SET_SYSCALL_INFO 0x4212
#endif

// <sys/ptrace.h> and <linux/ptrace.h> do not go together.
static long ask(long request, pid_t pid, unsigned long address, unsigned long data) {
  return syscall(SYS_ptrace, request, (long)pid, address, data);
}
#define TRACE_ME() MUST(ask(PTRACE_TRACEME, 0, 0, 0))

MAYBE_UNUSED static const char *event_name(int event) {
  static const char *const names[] = {"",     "FORK",       "VFORK", "CLONE",
                                      "EXEC", "VFORK_DONE", "EXIT",  "SECCOMP"};
  if (event == PTRACE_EVENT_STOP) return "STOP";
  return event > 0 && event < (int)COUNT(names) ? names[event] : "?";
}

// "stopped by SIGTRAP, event CLONE", "syscall-stop", "exited 3".
MAYBE_UNUSED static void show_stop(const char *label, int status) {
  if (!WIFSTOPPED(status)) show_status(label, status);
  else if (WSTOPSIG(status) == (SIGTRAP | 0x80)) say("%s: syscall-stop", label);
  else if (status >> 16)
    say("%s: stopped by %s, event %s", label, signal_name(WSTOPSIG(status)), event_name(status >> 16));
  else say("%s: stopped by %s", label, signal_name(WSTOPSIG(status)));
}

// Waits for `pid`; the status, or -1 with "label: ECHILD".
MAYBE_UNUSED static int next_stop(pid_t pid) {
  int status = 0;
  pid_t got;
  do got = waitpid(pid, &status, __WALL);
  while (got == -1 && errno == EINTR);
  if (got == -1) {
    show("waitpid", -1);
    return -1;
  }
  return status;
}

MAYBE_UNUSED static int show_next(const char *label, pid_t pid) {
  int status = next_stop(pid);
  if (status != -1) show_stop(label, status);
  return status;
}

MAYBE_UNUSED static void show_siginfo(const char *label, pid_t pid, pid_t sender) {
  siginfo_t info;
  memset(&info, 0, sizeof info);
  if (ask(PTRACE_GETSIGINFO, pid, 0, (unsigned long)&info) == -1) show(label, -1);
  else
    say("%s: %s, code %#x, errno %d, from %s", label, signal_name(info.si_signo), info.si_code, info.si_errno,
        info.si_pid == sender ? "it" : info.si_pid == getpid() ? "us" : info.si_pid == 0 ? "nobody" : "another");
}

MAYBE_UNUSED static struct ptrace_syscall_info call_info(pid_t pid) {
  struct ptrace_syscall_info info;
  memset(&info, 0, sizeof info);
  MUST(ask(PTRACE_GET_SYSCALL_INFO, pid, sizeof info, (unsigned long)&info));
  return info;
}

MAYBE_UNUSED static const char *call_name(long number) {
  static char text[24];
  switch (number) {
    case SYS_getpid: return "getpid";
    case SYS_getppid: return "getppid";
    case SYS_write: return "write";
    case SYS_read: return "read";
    case SYS_close: return "close";
    case SYS_kill: return "kill";
    case SYS_nanosleep: return "nanosleep";
    case SYS_restart_syscall: return "restart_syscall";
    case SYS_rt_sigreturn: return "rt_sigreturn";
    case SYS_execve: return "execve";
    case SYS_exit_group: return "exit_group";
    case SYS_ppoll: return "ppoll";
    case SYS_prctl: return "prctl";
    case SYS_umask: return "umask";
  }
  if (number == -1) return "none";
  snprintf(text, sizeof text, "another");
  return text;
}

// What the stop is: "enters write(1, …)", "leaves with EBADF", "no syscall-stop".
MAYBE_UNUSED static void show_call(const char *label, pid_t pid) {
  struct ptrace_syscall_info info = call_info(pid);
  if (info.op == PTRACE_SYSCALL_INFO_ENTRY && info.entry.args[0] > 10000)
    say("%s: enters %s", label, call_name(info.entry.nr)); // an address
  else if (info.op == PTRACE_SYSCALL_INFO_ENTRY)
    say("%s: enters %s, first argument %lld", label, call_name(info.entry.nr), (long long)info.entry.args[0]);
  else if (info.op == PTRACE_SYSCALL_INFO_SECCOMP)
    say("%s: seccomp, %s, data %u", label, call_name(info.seccomp.nr), info.seccomp.ret_data);
  else if (info.op != PTRACE_SYSCALL_INFO_EXIT) say("%s: no syscall-stop", label);
  else if (!info.exit.is_error) say("%s: leaves with %lld", label, (long long)info.exit.rval);
  else if (info.exit.rval <= -512) say("%s: leaves with %lld", label, (long long)info.exit.rval);
  else say("%s: leaves with %s", label, errno_name(-info.exit.rval));
}

// One field of /proc/PID/status.
MAYBE_UNUSED static const char *status_field(pid_t pid, const char *key) {
  static char line[80];
  char path[40], text[4096] = "";
  snprintf(path, sizeof path, "/proc/%d/status", pid);
  int fd = open(path, O_RDONLY);
  if (fd < 0) return "gone";
  MUST(read(fd, text, sizeof text - 1));
  close(fd);
  const char *at = strstr(text, key);
  snprintf(line, sizeof line, "%.*s", at ? (int)strcspn(at, "\n") : 4, at ? at : "none");
  return line;
}
