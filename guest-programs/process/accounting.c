// acct: a record for each process that ends, with its status, flags, name, users and times.
// needs: root
#include "../lib/observe.h"
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>

struct record {
  uint8_t flag, version;
  uint16_t tty;
  uint32_t exit_code, uid, gid, pid, ppid, begun;
  float lived;
  uint16_t user, system, memory, io, rw, minor, major, swaps;
  char name[16];
};

// A child of that name ends as `status` says: an exit code, or a signal as a negative number.
static pid_t child(const char *name, int status) {
  pid_t pid = MUST(fork());
  if (pid == 0) {
    prctl(PR_SET_NAME, name);
    if (status < 0) {
      setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
      signal(-status, SIG_DFL), raise(-status);
    }
    MUST(setresgid(77, 78, 79));
    MUST(setresuid(66, 67, 68));
    _exit(status);
  }
  show_wait(name, pid);
  return pid;
}

int main(int argc, char **argv) {
  (void)argv;
  if (argc > 1) return 5;
  CALL(syscall(SYS_acct, "nothing"));
  CALL(syscall(SYS_acct, "."));
  CALL(syscall(SYS_acct, "/dev/null"));
  CALL(syscall(SYS_acct, "/proc/sys/kernel/hostname"));
  CALL(syscall(SYS_acct, 8));
  CALL(syscall(SYS_acct, NULL));
  int fd = MUST(open("records", O_RDWR | O_CREAT | O_TRUNC, 0600));
  MUST(write(fd, "before", 6));
  CALL(syscall(SYS_acct, "records"));
  child("acct-exits", 3);
  child("acct-killed", -SIGKILL);
  child("acct-a-long-name-is-cut", 0);
  pid_t pid = MUST(fork());
  if (pid == 0) execl("/proc/self/exe", "again", "child", NULL), _exit(1);
  show_wait("execs", pid);
  pid_t unprivileged = MUST(fork());
  if (unprivileged == 0) {
    prctl(PR_SET_NAME, "acct-no-rights");
    MUST(setresuid(66, 66, 66));
    CALL(syscall(SYS_acct, "records"));
    CALL(syscall(SYS_acct, NULL));
    _exit(0);
  }
  show_wait("without rights", unprivileged);
  CALL(syscall(SYS_acct, NULL));
  child("acct-unseen", 1);
  struct record record;
  say("record: %zu bytes", sizeof record);
  MUST(lseek(fd, 6, SEEK_SET));
  while (MUST(read(fd, &record, sizeof record)) == sizeof record) {
    if ((pid_t)record.ppid != getpid()) continue; // of others
    const char *name = (pid_t)record.pid == pid ? "again" : record.name;
    // ASU, 2, says whether rights of root were needed
    say("%s: flags %#x, version %d, status %#x, uid %u, gid %u", name, record.flag & ~2, record.version, record.exit_code,
        record.uid, record.gid);
    say("times: %d %d %d", record.begun > 1600000000, record.lived >= 0 && record.lived < 6000, record.memory > 0);
    say("unused: %d %d %d", record.tty, record.rw, record.swaps);
  }
}
