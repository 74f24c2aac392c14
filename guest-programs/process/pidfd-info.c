// PIDFD_GET_INFO on living, dead and reaped processes; what statx fills in; openat2 that must not create; PR_SET_IO_FLUSHER.
// needs: root
#include "../lib/observe.h"
#include <linux/openat2.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>

struct info {
  uint64_t mask, cgroup;
  uint32_t pid, tgid, ppid, ruid, rgid, euid, egid, suid, sgid, fsuid, fsgid;
  int32_t exit_code;
  uint64_t more[2];
};
#define REQUEST(size) _IOC(_IOC_READ | _IOC_WRITE, 0xff, 11, size)
#define PID_AND_CREDENTIALS 3
#define EXIT 8

static void ask(const char *label, int fd, uint64_t mask, pid_t pid, int size) {
  struct info info = {.mask = mask, .more = {1, 1}};
  int result = ioctl(fd, REQUEST(size), &info);
  if (result != 0) {
    show(label, result);
    return;
  }
  say("%s: mask %#lx, pid %d, tgid %d, parent is me %d, ids %u %u %u %u %u %u %u %u, exit code %#x", label,
      (long)info.mask & (PID_AND_CREDENTIALS | EXIT), info.pid == (uint32_t)pid, info.tgid == (uint32_t)pid,
      info.ppid == (uint32_t)getpid(), info.ruid, info.rgid, info.euid, info.egid, info.suid, info.sgid, info.fsuid,
      info.fsgid, info.exit_code);
}

static void processes(void) {
  int ends[2];
  MUST(pipe(ends));
  pid_t child = MUST(fork());
  if (child == 0) {
    if (getuid() == 0) {
      MUST(setresgid(1, 2, 3));
      MUST(setresuid(4, 5, 6));
    }
    MUST(write(ends[1], "", 1));
    pause();
  }
  char byte;
  MUST(read(ends[0], &byte, 1));
  int fd = MUST(syscall(SYS_pidfd_open, child, 0));
  struct stat status;
  MUST(fstat(fd, &status));
  say("mode %o", status.st_mode);
  ask("alive", fd, 3, child, 64);
  ask("nothing wanted", fd, 0, child, 64);
  ask("its exit wanted", fd, EXIT, child, 64);
  ask("a larger struct", fd, 3, child, sizeof(struct info));
  ask("a smaller struct", fd, 3, child, 56);
  CALL(ioctl(fd, REQUEST(64), NULL));
  CALL(ioctl(fd, REQUEST(64), (void *)8));
  CALL(ioctl(fd, _IOC(_IOC_NONE, 0xff, 99, 0), NULL));
  MUST(kill(child, SIGTERM));
  siginfo_t info;
  MUST(waitid(P_PIDFD, fd, &info, WEXITED | WNOWAIT));
  ask("a zombie", fd, 3 | EXIT, child, 64);
  MUST(waitid(P_PIDFD, fd, &info, WEXITED));
  ask("reaped", fd, 3, child, 64);
  ask("reaped, its exit wanted", fd, 3 | EXIT, child, 64);
}

static void others(void) {
  MUST(close(MUST(open("file", O_CREAT | O_RDWR, 0600))));
  unsigned masks[] = {0, STATX_SIZE, STATX_MTIME, STATX_CTIME, STATX_BTIME, STATX_BASIC_STATS, STATX_ALL};
  for (size_t i = 0; i < COUNT(masks); i++) {
    struct statx status;
    MUST(statx(AT_FDCWD, "file", 0, masks[i], &status));
    say("wanted %#x: times %#x", masks[i], status.stx_mask & (STATX_MTIME | STATX_CTIME));
  }
  unsigned long flags[] = {O_RDWR | O_CREAT, O_RDWR | O_TRUNC, O_RDWR | O_TMPFILE, O_RDONLY};
  for (size_t i = 0; i < COUNT(flags); i++) {
    struct open_how how = {.flags = flags[i], .mode = i % 2 == 0 ? 0600 : 0, .resolve = RESOLVE_CACHED};
    say("flags %#lo", flags[i] & ~(unsigned long)O_LARGEFILE & (O_CREAT | O_TRUNC));
    show_ok("openat2", syscall(SYS_openat2, AT_FDCWD, i == 2 ? "." : "file", &how, sizeof how));
  }
  CALL(prctl(PR_SET_IO_FLUSHER, 2, 0, 0, 0) == -1);
  CALL(prctl(PR_SET_IO_FLUSHER, 1, 1, 0, 0) == -1);
  CALL(prctl(PR_GET_IO_FLUSHER, 1, 0, 0, 0) == -1);
}

int main(void) {
  processes();
  others();
  return 0;
}
