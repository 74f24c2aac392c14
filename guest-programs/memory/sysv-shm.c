// System V shared memory: two processes see one segment; IPC_RMID takes effect with the last detach.
#include "../lib/observe.h"
#include <sys/ipc.h>
#include <sys/shm.h>

int main(void) {
  int id = shmget(IPC_PRIVATE, 5000, IPC_CREAT | 0600);
  show_ok("shmget", id);
  char *memory = shmat(id, NULL, 0);
  show_ok("shmat", (long)memory);
  struct shmid_ds info;
  CALL(shmctl(id, IPC_STAT, &info));
  say("size %zu, attached %lu, mode %o, mine %d", info.shm_segsz, (long)info.shm_nattch, info.shm_perm.mode & 0777,
      info.shm_cpid == getpid());
  pid_t child = MUST(fork());
  if (child == 0) {
    strcpy(memory + 100, "from the child");
    char *second = shmat(id, NULL, SHM_RDONLY);
    say("child: %s", second + 100);
    shmctl(id, IPC_STAT, &info);
    say("child: attached %lu", (long)info.shm_nattch);
    _exit(0);
  }
  show_wait("child", child);
  say("parent: %s", memory + 100);
  CALL(shmctl(id, IPC_RMID, NULL));
  say("still there: %s", memory + 100);
  CALL(shmdt(memory));
  CALL(shmdt(memory));
  show("after the end", (long)shmat(id, NULL, 0));
  return 0;
}
