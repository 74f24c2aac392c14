// Control groups: threaded ones, CLONE_INTO_CGROUP, namespaces of them, and who may move whom.
// needs: root
// flags: -pthread
#include "cgroup.h"
#include <linux/sched.h>
#include <pthread.h>
#include <sys/prctl.h>

static volatile pid_t thread_id;

static void *pausing(void *unused) {
  (void)unused;
  thread_id = syscall(SYS_gettid);
  for (;;) pause();
  return NULL;
}

static void threads(void) {
  say("-- threaded groups");
  MUST(mkdir("cg/rv-threads/one", 0755));
  MUST(mkdir("cg/rv-threads/two", 0755));
  volatile pid_t *shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  pid_t pid = MUST(fork());
  if (pid == 0) {
    pthread_t thread;
    pthread_create(&thread, NULL, pausing, NULL);
    while (thread_id == 0) sched_yield();
    *shared = thread_id;
    for (;;) pause();
  }
  while (*shared == 0) usleep(1000);
  pid_t tid = *shared;
  put_pid("cg/rv-threads/cgroup.procs", pid);
  show_lines("cg/rv-threads/cgroup.procs");
  show_lines("cg/rv-threads/cgroup.threads");
  put_pid("cg/rv-threads/one/cgroup.threads", tid);
  put("cg/rv-threads/one/cgroup.type", "threaded");
  show_file("cg/rv-threads/cgroup.type");
  show_file("cg/rv-threads/one/cgroup.type");
  show_file("cg/rv-threads/two/cgroup.type");
  put("cg/rv-threads/one/cgroup.type", "threaded");
  put_pid("cg/rv-threads/two/cgroup.procs", pid);
  put_pid("cg/rv-threads/one/cgroup.threads", tid);
  show_lines("cg/rv-threads/cgroup.procs");
  show_lines("cg/rv-threads/cgroup.threads");
  show_lines("cg/rv-threads/one/cgroup.procs");
  show_lines("cg/rv-threads/one/cgroup.threads");
  char path[60], text[4000];
  sprintf(path, "/proc/%d/task/%d/cgroup", pid, tid);
  int fd = MUST(open(path, O_RDONLY));
  text[MUST(read(fd, text, sizeof text - 1))] = 0;
  close(fd);
  char *line = strstr(text, "0::");
  line[strcspn(line, "\n")] = 0;
  say("thread: %s", line);
  show_place("leader", pid);
  put("cg/rv-threads/one/cgroup.kill", "1");
  put_pid("cg/cgroup.threads", tid);
  MUST(mkdir("cg/rv-threads/one/three", 0755));
  show_file("cg/rv-threads/one/three/cgroup.type");
  put_pid("cg/rv-threads/one/three/cgroup.procs", pid);
  put("cg/rv-threads/one/three/cgroup.type", "threaded");
  put_pid("cg/rv-threads/one/three/cgroup.procs", pid);
  show_lines("cg/rv-threads/one/three/cgroup.threads");
  show_lines("cg/rv-threads/cgroup.procs");
  put("cg/rv-threads/cgroup.kill", "1");
  show_wait("killed", pid);
  put("cg/rv-threads/two/cgroup.type", "threaded");
  CALL(rmdir("cg/rv-threads/one/three"));
  CALL(rmdir("cg/rv-threads/one"));
  CALL(rmdir("cg/rv-threads/two"));
  show_file("cg/rv-threads/cgroup.type");
  MUST(mkdir("cg/rv-threads/one", 0755));
  pid = sleeper();
  put_pid("cg/rv-threads/one/cgroup.procs", pid);
  put("cg/rv-threads/one/cgroup.type", "threaded");
  end(pid);
  CALL(rmdir("cg/rv-threads/one"));
}

static pid_t clone_into(int fd, uint64_t flags) {
  struct clone_args args = {.flags = CLONE_INTO_CGROUP | flags, .exit_signal = SIGCHLD, .cgroup = fd};
  return syscall(SYS_clone3, &args, sizeof args);
}

static void born_inside(void) {
  say("-- CLONE_INTO_CGROUP");
  MUST(rmdir("cg/rv-threads")); // Linux 6.18 kills who is born into a group that was killed before
  MUST(mkdir("cg/rv-threads", 0755));
  int fd = MUST(open("cg/rv-threads", O_RDONLY | O_DIRECTORY)), path = MUST(open("cg/rv-threads", O_PATH)), other = MUST(open(".", O_RDONLY)),
      file = MUST(open("cg/rv-threads/cgroup.procs", O_RDONLY));
  CALL(clone_into(-1, 0));
  CALL(clone_into(99, 0));
  CALL(clone_into(other, 0));
  CALL(clone_into(file, 0));
  for (int i = 0; i < 2; i++) {
    pid_t pid = clone_into(i ? fd : path, 0);
    if (pid == 0) {
      show_place("child", getpid());
      show_lines("cg/rv-threads/cgroup.procs");
      _exit(0);
    }
    show_wait("child", pid);
  }
  MUST(rmdir("cg/rv-threads"));
  CALL(clone_into(fd, 0));
  MUST(mkdir("cg/rv-threads", 0755));
  close(fd);
  close(path);
  close(other);
  close(file);
}

static void root_of_mount(const char *label, const char *place) {
  char line[1000], want[200];
  FILE *mounts = fopen("/proc/self/mountinfo", "r");
  char cwd[100];
  getcwd(cwd, sizeof cwd);
  snprintf(want, sizeof want, " %s/%s ", cwd, place);
  while (fgets(line, sizeof line, mounts)) {
    char *found = strstr(line, want);
    if (!found) continue;
    *found = 0;
    say("%s: %s", label, strrchr(line, ' ') + 1);
  }
  fclose(mounts);
}

static void namespaces(void) {
  say("-- namespaces");
  MUST(mkdir("cg/rv-threads/one", 0755));
  MUST(mkdir("cg/rv-threads/one/two", 0755));
  pid_t outside = sleeper();
  pid_t pid = MUST(fork());
  if (pid == 0) {
    put("cg/rv-threads/one/cgroup.procs", "0");
    MUST(unshare(CLONE_NEWCGROUP));
    show_place("inside", getpid());
    show_place("outside", outside);
    put("cg/rv-threads/one/two/cgroup.procs", "0");
    show_place("below", getpid());
    put("cg/rv-threads/cgroup.procs", "0");
    show_place("above", getpid());
    MUST(mkdir("inner", 0755));
    MUST(mount("none", "inner", "cgroup2", 0, NULL));
    CALL(access("inner/two", F_OK));
    CALL(access("inner/rv-threads", F_OK));
    show_file("inner/cgroup.type");
    root_of_mount("mount", "inner");
    root_of_mount("first mount", "cg");
    put_pid("inner/two/cgroup.procs", outside);
    show_place("moved", outside);
    put("inner/cgroup.procs", "0");
    show_place("at the root", getpid());
    _exit(0);
  }
  show_wait("child", pid);
  show_place("seen from outside", outside);
  end(outside);
  MUST(rmdir("cg/rv-threads/one/two"));
  MUST(rmdir("cg/rv-threads/one"));
}

static void delegated(void) {
  say("-- delegation");
  MUST(mkdir("cg/rv-threads/mine", 0755));
  MUST(mkdir("cg/rv-threads/other", 0755));
  MUST(chown("cg/rv-threads/mine", 1000, 1000));
  MUST(chown("cg/rv-threads/mine/cgroup.procs", 1000, 1000));
  MUST(chown("cg/rv-threads/other/cgroup.procs", 1000, 1000));
  int early = MUST(open("cg/rv-threads/mine/cgroup.procs", O_WRONLY));
  pid_t pid = MUST(fork());
  if (pid == 0) {
    put("cg/rv-threads/mine/cgroup.procs", "0");
    MUST(setresgid(1000, 1000, 1000));
    MUST(setresuid(1000, 1000, 1000));
    MUST(prctl(PR_SET_DUMPABLE, 1));
    CALL(mkdir("cg/rv-threads/x", 0755));
    CALL(mkdir("cg/rv-threads/mine/a", 0755));
    CALL(mkdir("cg/rv-threads/mine/b", 0755));
    struct stat status;
    MUST(stat("cg/rv-threads/mine/a/cgroup.procs", &status));
    say("of %d:%d, mode %o", status.st_uid, status.st_gid, status.st_mode);
    put("cg/rv-threads/mine/a/cgroup.procs", "0");
    put("cg/rv-threads/mine/b/cgroup.procs", "0");
    put("cg/rv-threads/other/cgroup.procs", "0");
    put("cg/rv-threads/cgroup.procs", "0");
    put("cg/rv-threads/mine/cgroup.freeze", "0");
    put("cg/rv-threads/mine/a/cgroup.freeze", "0");
    put_pid("cg/rv-threads/mine/cgroup.procs", getppid());
    char text[20];
    sprintf(text, "%d", getppid());
    show_ok("with a descriptor of root's", write(early, text, strlen(text)));
    put("cg/rv-threads/mine/cgroup.procs", "0");
    CALL(rmdir("cg/rv-threads/mine/a"));
    CALL(rmdir("cg/rv-threads/mine/b"));
    _exit(0);
  }
  show_wait("child", pid);
  show_place("moved by the child", getpid());
  put("cg/cgroup.procs", "0");
  MUST(rmdir("cg/rv-threads/mine"));
  MUST(rmdir("cg/rv-threads/other"));
}

int main(void) {
  umask(022);
  mount_cgroups();
  MUST(mkdir("cg/rv-threads", 0755));
  threads();
  born_inside();
  namespaces();
  delegated();
  CALL(rmdir("cg/rv-threads"));
  return 0;
}
