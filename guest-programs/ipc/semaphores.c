// semget(2), semop(2), semctl(2): sets changed together or not at all, who waits, what is undone at exit.
// needs: root
#include "../lib/observe.h"
#include <grp.h>
#include <sys/ipc.h>
#include <sys/sem.h>
#include <sys/time.h>

union semun {
  int val;
  struct semid_ds *buf;
  unsigned short *array;
  struct seminfo *info;
};

#define OPS(...) \
  ({ struct sembuf list[] = {__VA_ARGS__}; show("semop " #__VA_ARGS__, semop(id, list, COUNT(list))); })
#define CHILD(body) ({ pid_t child = MUST(fork()); if (child == 0) { body; _exit(0); } show_wait("child", child); })
#define KEY 0x52697675

static int id;

static void handler(int signo) {
  (void)signo;
}

static void values(const char *label) {
  unsigned short list[3];
  MUST(semctl(id, 0, GETALL, (union semun){.array = list}));
  say("%s: %d %d %d", label, list[0], list[1], list[2]);
}

static void set(int num, int value) {
  MUST(semctl(id, num, SETVAL, (union semun){.val = value}));
}

static void await_count(int num, int command, int count) {
  while (semctl(id, num, command) != count) sleep_ms(1);
}

static pid_t operate_apart(struct sembuf operation) {
  pid_t child = MUST(fork());
  if (child == 0) _exit(semop(id, &operation, 1) == 0 ? 0 : errno == EIDRM ? 2 : 1);
  await_count(operation.sem_num, operation.sem_op == 0 ? GETZCNT : GETNCNT, 1);
  return child;
}

static void make(void) {
  CALL(semget(KEY, -1, IPC_CREAT | 0600));
  CALL(semget(KEY, 0, IPC_CREAT | 0600));
  CALL(semget(KEY, 32001, IPC_CREAT | 0600));
  CALL(semget(KEY, 1, 0600));
  id = MUST(semget(KEY, 3, IPC_CREAT | IPC_EXCL | 0600));
  CALL(semget(KEY, 3, IPC_CREAT | IPC_EXCL | 0600));
  CALL(semget(KEY, 4, 0));
  CALL(semget(KEY, 0, 0) == id);
  struct semid_ds state;
  MUST(semctl(id, 0, IPC_STAT, (union semun){.buf = &state}));
  say("%d semaphores, mode %o, changed %d", (int)state.sem_nsems, state.sem_perm.mode, state.sem_ctime > 0);
}

static void control(void) {
  CALL(semctl(id, 0, SETVAL, (union semun){.val = -1}));
  CALL(semctl(id, 0, SETVAL, (union semun){.val = 32768}));
  show("SETVAL of -1 in a whole register", syscall(SYS_semctl, id, 0, SETVAL, -1L));
  show("SETVAL of 3 below other bits", syscall(SYS_semctl, id, 0, SETVAL, 0x7a5a5a5a00000003L));
  CALL(semctl(id, 0, GETVAL));
  CALL(semctl(id, 3, SETVAL, (union semun){.val = 1}));
  CALL(semctl(99999, 0, SETVAL, (union semun){.val = 1}));
  CALL(semctl(id, 0, SETVAL, (union semun){.val = 1}));
  CALL(semctl(id, 3, GETVAL));
  CALL(semctl(id, 0, GETPID) == getpid());
  CALL(semctl(id, 0, 99));
  unsigned short list[3] = {1, 40000, 3};
  CALL(semctl(id, 0, SETALL, (union semun){.array = list}));
  CALL(semctl(id, 0, SETALL, (union semun){.array = (void *)8}));
  list[1] = 2;
  CALL(semctl(id, 99, SETALL, (union semun){.array = list}));
  values("set");
}

static void together(void) {
  OPS({0, -1, 0});
  OPS({0, -1, IPC_NOWAIT});
  OPS({1, 0, IPC_NOWAIT});
  OPS({1, -1, 0}, {1, -1, 0});
  OPS({0, 1, 0}, {2, -4, IPC_NOWAIT});
  OPS({3, 1, 0});
  OPS({0, 32767, 0});
  OPS({0, 1, 0});
  OPS({0, -32767, 0});
  OPS({0, -1, IPC_NOWAIT}, {0, 2, 0});
  OPS({0, 2, 0}, {0, -1, IPC_NOWAIT});
  values("after");
  struct sembuf many[501] = {{0, 0, 0}};
  CALL(semop(id, many, 0));
  CALL(semop(id, many, 501));
  CALL(semop(id, (void *)8, 1));
  CALL(semop(99999, many, 1));
  struct sembuf take = {1, -1, 0};
  struct timespec limit = {0, 1000000};
  CALL(semtimedop(id, &take, 1, &limit));
  limit.tv_nsec = 1000000000;
  CALL(semtimedop(id, &take, 1, &limit));
  struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
  sigaction(SIGALRM, &action, NULL);
  struct itimerval soon = {{0, 0}, {0, 20000}};
  setitimer(ITIMER_REAL, &soon, NULL);
  CALL(semop(id, &take, 1));
}

static void wait_for(void) {
  set(0, 0);
  pid_t child = operate_apart((struct sembuf){0, -2, 0});
  OPS({0, 1, 0});
  CALL(semctl(id, 0, GETNCNT));
  OPS({0, 1, 0});
  show_wait("taker", child);
  CALL(semctl(id, 0, GETPID) == child);
  set(0, 1);
  child = operate_apart((struct sembuf){0, 0, 0});
  OPS({0, -1, 0});
  show_wait("waiter for zero", child);
  child = operate_apart((struct sembuf){0, -2, 0});
  kill(child, SIGKILL);
  show_wait("killed", child);
  CALL(semctl(id, 0, GETNCNT));
}

static void undo(void) {
  set(0, 0);
  set(1, 5);
  CHILD({
    OPS({0, 3, SEM_UNDO}, {1, -2, SEM_UNDO});
    values("done");
  });
  values("undone");
  CHILD({
    OPS({0, 3, SEM_UNDO});
    set(0, 1);
  });
  values("SETVAL forgets");
  set(2, 0);
  CHILD({
    OPS({2, 4, SEM_UNDO});
    CHILD(OPS({2, -3, 0}));
  });
  values("not below zero");
}

static void others(void) {
  struct semid_ds state;
  MUST(semctl(id, 0, IPC_STAT, (union semun){.buf = &state}));
  CHILD({
    MUST(setgroups(0, NULL));
    MUST(setresgid(1000, 1000, 1000));
    MUST(setresuid(1000, 1000, 1000));
    CALL(semget(KEY, 1, 0400));
    CALL(semget(KEY, 1, 0) == id);
    CALL(semctl(id, 9, GETVAL));
    CALL(semctl(id, 9, SETVAL, (union semun){.val = 1}));
    CALL(semctl(id, 0, SETVAL, (union semun){.val = 1}));
    CALL(semctl(id, 0, IPC_STAT, (union semun){.buf = &state}));
    CALL(semctl(id, 0, IPC_SET, (union semun){.buf = &state}));
    CALL(semctl(id, 0, IPC_RMID));
    OPS({0, 0, 0});
    OPS({9, 0, 0});
  });
  state.sem_perm.mode = 0666;
  CALL(semctl(id, 0, IPC_SET, (union semun){.buf = &state}));
  pid_t child = operate_apart((struct sembuf){0, -20, 0});
  CALL(semctl(id, 0, IPC_RMID));
  show_wait("waiter of a removed set", child);
  CALL(semctl(id, 0, IPC_RMID));
}

int main(void) {
  make();
  control();
  together();
  wait_for();
  undo();
  others();
  return 0;
}
