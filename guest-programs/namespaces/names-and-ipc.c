// uts_namespaces(7) and ipc_namespaces(7): host names, System V objects and POSIX queues that are a namespace's own.
// needs: root
#include "../lib/observe.h"
#include <mqueue.h>
#include <sched.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/utsname.h>

static void show_names(const char *label) {
  struct utsname names;
  MUST(uname(&names));
  char text[100];
  int fd = MUST(open("/proc/sys/kernel/hostname", O_RDONLY));
  ssize_t length = MUST(read(fd, text, sizeof text));
  close(fd);
  say("%s: %s, %s, %s", label, names.nodename, names.domainname, quoted(text, length));
}

static int lines(const char *path) {
  FILE *file = fopen(path, "r");
  char line[400];
  int count = 0;
  while (fgets(line, sizeof line, file)) count++;
  fclose(file);
  return count;
}

static void unprivileged(int home) {
  MUST(setresuid(1000, 1000, 1000));
  CALL(sethostname("x", 1));
  CALL(unshare(CLONE_NEWUTS));
  CALL(unshare(CLONE_NEWIPC));
  CALL(setns(home, 0));
  CALL(unshare(CLONE_NEWUSER | CLONE_NEWUTS | CLONE_NEWIPC));
  CALL(sethostname("inside", 6));
  show_names("inside");
  CALL(setns(home, CLONE_NEWUTS));
  CALL(unshare(CLONE_NEWUSER));
  CALL(sethostname("y", 1));
}

int main(void) {
  int uts = MUST(open("/proc/self/ns/uts", O_RDONLY)), ipc = MUST(open("/proc/self/ns/ipc", O_RDONLY));
  CALL(unshare(CLONE_NEWUTS));
  CALL(sethostname("first", 5));
  CALL(setdomainname("example.org", 11));
  show_names("first");
  CALL(unshare(CLONE_NEWUTS));
  show_names("a copy");
  int copy = MUST(open("/proc/self/ns/uts", O_RDONLY));
  CALL(sethostname("second", 6));
  show_names("changed");
  CALL(setns(uts, CLONE_NEWUTS));
  CALL(setns(copy, CLONE_NEWUTS));
  show_names("back");

  CALL(unshare(CLONE_NEWIPC));
  int shm_lines = lines("/proc/sysvipc/shm");
  say("shm table: %d", shm_lines);
  int shm = CALL(shmget(0x1234, 5000, IPC_CREAT | 0600));
  int msg = CALL(msgget(0x1234, IPC_CREAT | 0600));
  int sem = CALL(semget(0x1234, 1, IPC_CREAT | 0600));
  struct mq_attr limits = {.mq_maxmsg = 2, .mq_msgsize = 10};
  mqd_t queue = CALL_OK(mq_open("/rivulet", O_CREAT | O_RDWR, 0600, &limits));
  CALL(mq_send(queue, "first", 5, 0));
  char *memory = shmat(shm, NULL, 0);
  strcpy(memory, "kept");
  struct sembuf up = {0, 3, SEM_UNDO};
  CALL(semop(sem, &up, 1));
  int inner = MUST(open("/proc/self/ns/ipc", O_RDONLY));
  say("shm table: %d, msg %d, sem %d", lines("/proc/sysvipc/shm"), lines("/proc/sysvipc/msg"), lines("/proc/sysvipc/sem"));
  CALL(unshare(CLONE_NEWIPC));
  say("shm table: %d, msg %d, sem %d", lines("/proc/sysvipc/shm"), lines("/proc/sysvipc/msg"), lines("/proc/sysvipc/sem"));
  CALL(shmget(0x1234, 0, 0));
  CALL(msgget(0x1234, 0));
  CALL(semget(0x1234, 0, 0));
  struct msqid_ds status;
  CALL(msgctl(msg, IPC_STAT, &status));
  CALL(mq_open("/rivulet", O_RDWR));
  CALL(mq_send(queue, "more", 4, 0));
  say("memory: %s", memory);
  CALL(shmat(shm, NULL, 0) == (void *)-1);
  CALL(setns(inner, CLONE_NEWIPC));
  CALL(semctl(sem, 0, GETVAL));
  char bytes[10];
  mqd_t again = CALL_OK(mq_open("/rivulet", O_RDWR));
  CALL(mq_receive(again, bytes, sizeof bytes, NULL));
  CALL(mq_receive(again, bytes, sizeof bytes, NULL));
  CALL(shmdt(memory));
  CALL(shmctl(shm, IPC_RMID, NULL));
  CALL(syscall(SYS_clone, CLONE_NEWIPC | CLONE_SYSVSEM | SIGCHLD, 0, 0, 0, 0));
  pid_t child = MUST(fork());
  if (child == 0) {
    unprivileged(ipc);
    _exit(0);
  }
  show_wait("child", child);
  show_names("unchanged");
  return 0;
}
