// setns(2): the namespaces that a process is in may be entered again, by their files or by a process.
// needs: root
#include "../lib/observe.h"
#include <pthread.h>
#include <sched.h>
#include <sys/syscall.h>

static const struct {
  const char *name;
  int kind;
} SPACES[] = {{"mnt", CLONE_NEWNS},       {"net", CLONE_NEWNET},    {"uts", CLONE_NEWUTS},
              {"ipc", CLONE_NEWIPC},      {"pid", CLONE_NEWPID},    {"pid_for_children", CLONE_NEWPID},
              {"cgroup", CLONE_NEWCGROUP}, {"user", CLONE_NEWUSER}, {"time", CLONE_NEWTIME}};

static void enter_all(const int *files) {
  for (size_t i = 0; i < COUNT(SPACES); i++) {
    say("%s", SPACES[i].name);
    CALL(setns(files[i], 0));
    CALL(setns(files[i], SPACES[i].kind));
    CALL(setns(files[i], CLONE_NEWNS | CLONE_NEWNET));
  }
}

static void *waiter(void *barrier) {
  pthread_barrier_wait(barrier);
  pthread_barrier_wait(barrier);
  return NULL;
}

int main(void) {
  int files[COUNT(SPACES)];
  for (size_t i = 0; i < COUNT(SPACES); i++) {
    char path[64];
    snprintf(path, sizeof path, "/proc/self/ns/%s", SPACES[i].name);
    files[i] = MUST(open(path, O_RDONLY | O_CLOEXEC));
  }
  enter_all(files);

  say("what is no namespace");
  int null = MUST(open("/dev/null", O_RDONLY)), self = MUST(syscall(SYS_pidfd_open, getpid(), 0));
  CALL(setns(-1, CLONE_FS));
  CALL(setns(null, 0));
  CALL(setns(null, CLONE_FS));
  say("a process");
  CALL(setns(self, 0));
  CALL(setns(self, CLONE_FS));
  CALL(setns(self, CLONE_NEWUSER));
  CALL(setns(self, CLONE_NEWNET | CLONE_NEWUTS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWCGROUP | CLONE_NEWTIME));
  pid_t child = MUST(fork());
  if (child == 0) _exit(0);
  int gone = MUST(syscall(SYS_pidfd_open, child, 0));
  siginfo_t info;
  MUST(waitid(P_PID, child, &info, WEXITED | WNOWAIT));
  CALL(setns(gone, CLONE_NEWNET));
  MUST(waitpid(child, NULL, 0));
  CALL(setns(gone, CLONE_NEWNET));

  say("the root and the working directory are those of the mount namespace");
  char here[4096], there[4096];
  MUST(getcwd(here, sizeof here) == NULL ? -1 : 0);
  MUST(mkdir("jail", 0700)), MUST(chroot("jail"));
  CALL(setns(files[0], 0));
  say("in %s", getcwd(there, sizeof there));
  MUST(chdir(here)), MUST(rmdir("jail"));

  say("several threads");
  pthread_t thread;
  pthread_barrier_t barrier;
  pthread_barrier_init(&barrier, NULL, 2);
  pthread_create(&thread, NULL, waiter, &barrier);
  pthread_barrier_wait(&barrier);
  enter_all(files);
  pthread_barrier_wait(&barrier);
  pthread_join(thread, NULL);

  say("another user");
  MUST(setresuid(1000, 1000, 1000));
  enter_all(files);
  CALL(setns(self, CLONE_NEWNET));
  CALL(setns(null, 0));
  return 0;
}
