// pid_namespaces(7): numbers inside and outside, what shows them, and what finds somebody by one.
// needs: root
#include "../lib/observe.h"
#include <linux/futex.h>
#include <linux/nsfs.h>
#include <linux/sched.h>
#include <sched.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/signalfd.h>
#include <sys/time.h>

#ifndef NS_GET_PID_FROM_PIDNS
#define NS_GET_PID_FROM_PIDNS _IOR(0xb7, 6, int)
#define NS_GET_TGID_FROM_PIDNS _IOR(0xb7, 7, int)
#define NS_GET_PID_IN_PIDNS _IOR(0xb7, 8, int)
#define NS_GET_TGID_IN_PIDNS _IOR(0xb7, 9, int)
#endif

// The value of a line of /proc/PATH, its numbers replaced by how many there are when they are the machine's.
static void show_line(const char *path, const char *key, bool counts) {
  char line[400];
  FILE *file = fopen(path, "r");
  if (!file) {
    show(path, -1);
    return;
  }
  size_t length = strlen(key);
  while (fgets(line, sizeof line, file)) {
    if (strncmp(line, key, length) || line[length] != ':') continue;
    int columns = 0;
    for (char *at = line + length; *at; at++)
      if (*at == '\t') columns++;
    if (counts) say("%s: %d numbers, the last %s", key, columns, quoted(strrchr(line, '\t') + 1, strlen(strrchr(line, '\t') + 1) - 1));
    else say("%s", quoted(line, strlen(line) - 1));
  }
  fclose(file);
}

static void show_status_lines(const char *path, bool counts) {
  const char *keys[] = {"NStgid", "NSpid", "NSpgid", "NSsid"};
  for (size_t i = 0; i < COUNT(keys); i++) show_line(path, keys[i], counts);
}

static int count_processes(void) {
  int count = 0;
  char path[40];
  for (int pid = 1; pid < 40; pid++) {
    snprintf(path, sizeof path, "/proc/%d", pid);
    if (access(path, F_OK) == 0) count++;
  }
  return count;
}

static void inside_proc(void) {
  char text[100];
  ssize_t length = readlink("/proc/self", text, sizeof text);
  show("/proc/self before a mount", length > 0 ? 1 : -1);
  MUST(unshare(CLONE_NEWNS));
  MUST(mount("proc", "/proc", "proc", 0, NULL));
  length = MUST(readlink("/proc/self", text, sizeof text));
  say("/proc/self: %s", quoted(text, length));
  length = MUST(readlink("/proc/thread-self", text, sizeof text));
  say("/proc/thread-self: %s", quoted(text, length));
  show_line("/proc/self/status", "Pid", false);
  show_line("/proc/self/status", "PPid", false);
  show_status_lines("/proc/self/status", false);
  int pid, parent, group, session;
  FILE *file = fopen("/proc/self/stat", "r");
  MUST(fscanf(file, "%d (%*[^)]) %*c %d %d %d", &pid, &parent, &group, &session) == 4 ? 0 : -1);
  fclose(file);
  say("stat: %d %d %d %d", pid, parent, group, session);
  say("%d processes", count_processes());
  file = fopen("/proc/sys/kernel/ns_last_pid", "r");
  MUST(fscanf(file, "%d", &pid) == 1 ? 0 : -1);
  fclose(file);
  say("last: %d", pid);
  int fd = MUST(open("/proc/sys/kernel/ns_last_pid", O_WRONLY));
  CALL(write(fd, "30\n", 3));
  close(fd);
  pid_t child = fork();
  if (child == 0) _exit(0);
  say("next: %d", child);
  show_wait("it", child);
}

static void locks(void) {
  int fd = MUST(open("locked", O_RDWR | O_CREAT, 0600));
  struct flock lock = {.l_type = F_WRLCK};
  MUST(fcntl(fd, F_SETLK, &lock));
  pid_t child = MUST(fork());
  if (child == 0) {
    CALL(fcntl(fd, F_GETLK, &lock));
    say("held by %d", lock.l_pid);
    _exit(0);
  }
  waitpid(child, NULL, 0);
}

static void owners(int outer) {
  int pair[2];
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  struct ucred peer;
  socklen_t size = sizeof peer;
  MUST(getsockopt(pair[0], SOL_SOCKET, SO_PEERCRED, &peer, &size));
  say("peer: %d", peer.pid);
  MUST(getsockopt(outer, SOL_SOCKET, SO_PEERCRED, &peer, &size));
  say("outer peer: %d", peer.pid);
  CALL(fcntl(pair[0], F_SETOWN, getpid()));
  CALL(fcntl(pair[0], F_GETOWN));
  CALL(fcntl(pair[0], F_SETOWN, -getpgid(0)));
  struct f_owner_ex owner = {F_OWNER_TID, getpid()};
  CALL(fcntl(pair[0], F_SETOWN_EX, &owner));
  owner.pid = 0;
  MUST(fcntl(pair[0], F_GETOWN_EX, &owner));
  say("owner: %d %d", owner.type, owner.pid);
  CALL(fcntl(outer, F_GETOWN));
  owner.pid = 4000000;
  CALL(fcntl(pair[0], F_SETOWN_EX, &owner));
  int shm = MUST(shmget(IPC_PRIVATE, 4096, 0600));
  struct shmid_ds status;
  MUST(shmctl(shm, IPC_STAT, &status));
  say("shm: %d %d", status.shm_cpid, status.shm_lpid);
  MUST(shmctl(shm, IPC_RMID, NULL));
}

static void finding(void) {
  CALL(kill(1, 0));
  CALL(kill(2, 0));
  CALL(kill(1000000, 0));
  CALL(kill(-1000000, 0));
  CALL(getpgid(1));
  CALL(getsid(0));
  CALL(getpriority(PRIO_PROCESS, 1));
  CALL(getpriority(PRIO_PROCESS, 1000000));
  CALL(sched_getscheduler(1));
  CALL(sched_getscheduler(1000000));
  CALL(syscall(SYS_pidfd_open, 1000000, 0));
  int fd = MUST(syscall(SYS_pidfd_open, 1, 0));
  CALL(syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0));
  close(fd);
  CALL(syscall(SYS_tgkill, 1, 1, 0));
  CALL(syscall(SYS_tkill, 1, 0));
  CALL(waitpid(1000000, NULL, 0));
  CALL(syscall(SYS_set_tid_address, NULL));
  CALL(setpgid(0, 0));
  CALL(getpgrp());
  CALL(setsid());
  CALL(getsid(1));
}

// Numbers that the kernel writes: a child's, in its parent's view and its own.
static void written(void) {
  int *words = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  unsigned flags = CLONE_PARENT_SETTID | CLONE_CHILD_SETTID | CLONE_NEWPID;
  struct clone_args args = {.flags = flags, .exit_signal = SIGCHLD};
  args.parent_tid = (uintptr_t)&words[0];
  args.child_tid = (uintptr_t)&words[1];
  pid_t child = MUST(syscall(SYS_clone3, &args, sizeof args));
  if (child == 0) {
    words[2] = getpid();
    _exit(0);
  }
  waitpid(child, NULL, 0);
  say("clone3: %d, parent %d, child %d, getpid %d", child, words[0], words[1], words[2]);
}

// In the outermost namespace, where others run as well.
static pid_t free_number(void) {
  char path[32];
  pid_t number = 32000;
  do snprintf(path, sizeof path, "/proc/%d", --number);
  while (access(path, F_OK) == 0);
  return number;
}

static pid_t outermost_number;

static void wanted_numbers(void) {
  pid_t tids[] = {1, 25, outermost_number};
  struct clone_args args = {.flags = CLONE_NEWPID, .exit_signal = SIGCHLD, .set_tid = (uintptr_t)tids, .set_tid_size = 3};
  pid_t child = CALL(syscall(SYS_clone3, &args, sizeof args));
  if (child == 0) {
    say("made as %d", getpid());
    _exit(0);
  }
  if (child > 0) show_wait("it", child);
  tids[0] = 7;
  CALL(syscall(SYS_clone3, &args, sizeof args));
  args.flags = 0;
  args.set_tid_size = 1;
  tids[0] = 1;
  CALL(syscall(SYS_clone3, &args, sizeof args));
  tids[0] = 26;
  args.set_tid_size = 4;
  CALL(syscall(SYS_clone3, &args, sizeof args));
  args.set_tid_size = 1;
  child = CALL(syscall(SYS_clone3, &args, sizeof args));
  if (child == 0) _exit(0);
  siginfo_t info;
  CALL(waitid(P_PID, 26, &info, WEXITED));
  say("waitid: %d", info.si_pid);
  CALL(waitid(P_PID, 26, &info, WEXITED));
}

static void show_info(const char *label, siginfo_t *info) {
  say("%s: %s, code %d, from %d", label, signal_name(info->si_signo), info->si_code, info->si_pid);
}

static void inner(int outer, int go) {
  say("getpid %d, gettid %d, getppid %d, group %d, session %d", getpid(), (int)syscall(SYS_gettid), getppid(), getpgrp(),
      getsid(0));
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGUSR1);
  sigaddset(&set, SIGUSR2);
  sigaddset(&set, SIGCHLD);
  sigprocmask(SIG_BLOCK, &set, NULL);
  hand_over(outer);
  siginfo_t info;
  MUST(sigwaitinfo(&set, &info));
  show_info("from outside", &info);
  kill(1, SIGUSR1);
  MUST(sigwaitinfo(&set, &info));
  show_info("own", &info);
  int fd = MUST(signalfd(-1, &set, 0));
  pid_t child = MUST(fork());
  if (child == 0) {
    kill(1, SIGUSR2);
    _exit(3);
  }
  struct signalfd_siginfo record;
  for (int i = 0; i < 2; i++) {
    MUST(read(fd, &record, sizeof record));
    say("signalfd: %s from %d", signal_name(record.ssi_signo), record.ssi_pid);
  }
  show_wait("child", child);
  finding();
  owners(outer);
  locks();
  inside_proc();
  written();
  wanted_numbers();
  hand_over(outer);
  await_turn(go);
}

static void answer(int fd, const char *label, unsigned long request, int number, int known) {
  int result = ioctl(fd, request, number);
  if (result > 0 && result == known) say("%s: the same", label);
  else show(label, result);
}

int main(void) {
  outermost_number = free_number();
  MUST(unshare(CLONE_NEWNS | CLONE_NEWIPC));
  MUST(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL));
  char link[100], other[100];
  ssize_t length = MUST(readlink("/proc/self/ns/pid", link, sizeof link));
  CALL(unshare(CLONE_NEWPID));
  CALL(unshare(CLONE_NEWPID));
  CALL(readlink("/proc/self/ns/pid_for_children", other, sizeof other));
  CALL(readlink("/proc/self/ns/pid", other, sizeof other) == length && !memcmp(link, other, length));
  CALL(syscall(SYS_clone, CLONE_THREAD | CLONE_SIGHAND | CLONE_VM | SIGCHLD, 0, 0, 0, 0));
  int go[2], pair[2];
  MUST(pipe(go));
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
  MUST(fcntl(pair[1], F_SETOWN, getpid()));
  pid_t child = MUST(fork());
  if (child == 0) {
    close(go[1]);
    inner(pair[1], go[0]);
    _exit(7);
  }
  await_turn(pair[0]);
  kill(child, SIGUSR1);
  await_turn(pair[0]);
  char path[60];
  snprintf(path, sizeof path, "/proc/%d/status", child);
  show_status_lines(path, true);
  snprintf(path, sizeof path, "/proc/%d/ns/pid", child);
  int fd = MUST(open(path, O_RDONLY)), parent = CALL_OK(ioctl(fd, NS_GET_PARENT));
  show_ok("NS_GET_USERNS", ioctl(fd, NS_GET_USERNS));
  CALL(ioctl(parent, NS_GET_PARENT));
  answer(fd, "pid of 1", NS_GET_PID_FROM_PIDNS, 1, child);
  answer(fd, "tgid of 1", NS_GET_TGID_FROM_PIDNS, 1, child);
  answer(fd, "pid of 17", NS_GET_PID_FROM_PIDNS, 17, child);
  answer(fd, "pid of the child", NS_GET_PID_IN_PIDNS, child, child);
  answer(fd, "tgid of the child", NS_GET_TGID_IN_PIDNS, child, child);
  answer(fd, "pid of the parent", NS_GET_PID_IN_PIDNS, getpid(), getpid());
  CALL(ioctl(parent, NS_GET_NSTYPE) == CLONE_NEWPID);

  // into the namespace from outside, where others of the same parent are
  CALL(setns(parent, CLONE_NEWPID));
  CALL(setns(fd, CLONE_NEWPID));
  pid_t visitor = MUST(fork());
  if (visitor == 0) {
    say("visitor: %d, parent %d, group %d", getpid(), getppid(), getpgrp());
    CALL(kill(1, 0));
    CALL(setns(parent, CLONE_NEWPID));
    CALL(setns(fd, CLONE_NEWPID));
    _exit(0);
  }
  show_wait("visitor", visitor);
  hand_over(go[1]);
  show_wait("child", child);
  CALL(fork());
  CALL(setns(parent, 0));
  child = MUST(fork());
  if (child == 0) _exit(0);
  show_wait("outside again", child);
  return 0;
}
