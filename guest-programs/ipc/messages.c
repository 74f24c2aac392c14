// msgget(2), msgop(2), msgctl(2): messages by type, full queues, and what wakes who waits.
// needs: root
#include "../lib/observe.h"
#include <grp.h>
#include <limits.h>
#include <sys/ipc.h>
#include <sys/msg.h>
#include <sys/time.h>

#ifndef MSG_COPY
#define MSG_COPY 040000
#endif
#define KEY 0x52697676

static struct {
  long type;
  char text[9000];
} message = {1, "hello"}, got;

static int queue;

static void handler(int signo) {
  (void)signo;
}

static void alarm_soon(void) {
  struct itimerval soon = {{0, 0}, {0, 20000}};
  setitimer(ITIMER_REAL, &soon, NULL);
}

static void receive(size_t size, long type, int flags) {
  char label[64];
  snprintf(label, sizeof label, "receive %d of type %ld, flags %#o", (int)size, type, flags);
  long length = show(label, msgrcv(queue, &got, size, type, flags | IPC_NOWAIT));
  if (length > 0) say("  type %ld, %c", got.type, got.text[0]);
}

static void drain(void) {
  while (msgrcv(queue, &got, sizeof got.text, 0, IPC_NOWAIT) >= 0) continue;
}

static pid_t receive_apart(size_t size, long type) {
  pid_t child = MUST(fork());
  if (child == 0) {
    long length = msgrcv(queue, &got, size, type, 0);
    _exit(length >= 0 ? length : errno == E2BIG ? 101 : errno == EIDRM ? 102 : 103);
  }
  await_state(child, "S");
  return child;
}

static void refusals(void) {
  CALL(msgget(KEY, 0));
  queue = MUST(msgget(KEY, IPC_CREAT | 0600));
  CALL(msgget(KEY, IPC_CREAT | IPC_EXCL));
  CALL(msgget(KEY, 0) == queue);
  CALL(msgsnd(queue, &message, 8193, 0));
  CALL(msgsnd(queue, &message, -1, 0));
  CALL(msgsnd(-1, &message, 1, 0));
  CALL(msgsnd(99999, &message, 1, 0));
  CALL(msgsnd(queue, (void *)8, 1, 0));
  message.type = 0;
  CALL(msgsnd(queue, &message, 1, 0));
  CALL(msgrcv(queue, &got, -1, 0, IPC_NOWAIT));
  CALL(msgrcv(99999, &got, 1, 0, IPC_NOWAIT));
  CALL(msgrcv(queue, &got, 1, 0, IPC_NOWAIT));
}

static void types(void) {
  for (int i = 1; i <= 6; i++) {
    message.type = i % 3 + 1;
    message.text[0] = '0' + i;
    MUST(msgsnd(queue, &message, i, 0));
  }
  receive(0, 0, 0);
  receive(1, 3, MSG_NOERROR);
  receive(100, -2, 0);
  receive(100, 2, MSG_EXCEPT);
  receive(100, 0, MSG_COPY);
  receive(100, 9, MSG_COPY);
  receive(1, 1, MSG_COPY);
  receive(1, 1, MSG_COPY | MSG_NOERROR);
  receive(100, 0, MSG_COPY | MSG_EXCEPT);
  CALL(msgrcv(queue, &got, 100, 0, MSG_COPY));
  receive(100, LONG_MIN, 0);
  drain();
}

static void full(void) {
  message.type = 1;
  for (int i = 0; i < 4; i++) MUST(msgsnd(queue, &message, 4096, 0));
  CALL(msgsnd(queue, &message, 1, IPC_NOWAIT));
  CALL(msgsnd(queue, &message, 0, IPC_NOWAIT));
  struct msqid_ds state;
  MUST(msgctl(queue, IPC_STAT, &state));
  say("%d messages of %d bytes", (int)state.msg_qnum, (int)state.msg_qbytes);
  alarm_soon();
  CALL(msgsnd(queue, &message, 1, 0));
  pid_t child = MUST(fork());
  if (child == 0) _exit(msgsnd(queue, &message, 10, 0) == 0 ? 0 : 1);
  await_state(child, "S");
  receive(9000, 0, 0);
  show_wait("sender", child);
  drain();
  state.msg_qbytes = 3;
  CALL(msgctl(queue, IPC_SET, &state));
  CALL(msgsnd(queue, &message, 3, IPC_NOWAIT));
  CALL(msgsnd(queue, &message, 0, IPC_NOWAIT));
  CALL(msgsnd(queue, &message, 1, IPC_NOWAIT));
  drain();
}

static void waiting(void) {
  alarm_soon();
  CALL(msgrcv(queue, &got, 100, 0, 0));
  pid_t child = receive_apart(2, 5);
  message.type = 4;
  MUST(msgsnd(queue, &message, 1, 0));
  sleep_ms(5);
  CALL(waitpid(child, NULL, WNOHANG));
  message.type = 5;
  MUST(msgsnd(queue, &message, 2, 0));
  show_wait("received", child);
  child = receive_apart(1, 5);
  MUST(msgsnd(queue, &message, 2, 0));
  show_wait("too long", child);
}

static void others(void) {
  struct msqid_ds state;
  MUST(msgctl(queue, IPC_STAT, &state));
  pid_t child = MUST(fork());
  if (child == 0) {
    MUST(setgroups(0, NULL));
    MUST(setresgid(1000, 1000, 1000));
    MUST(setresuid(1000, 1000, 1000));
    CALL(msgget(KEY, 0400));
    CALL(msgsnd(queue, &message, 1, 0));
    CALL(msgrcv(queue, &got, 1, 0, 0));
    CALL(msgctl(queue, IPC_STAT, &state));
    CALL(msgctl(queue, IPC_SET, &state));
    CALL(msgctl(queue, IPC_RMID, NULL));
    _exit(0);
  }
  show_wait("child", child);
  CALL(msgctl(queue, IPC_STAT, (void *)8));
  CALL(msgctl(queue, 99, &state));
  drain();
  child = receive_apart(1, 0);
  CALL(msgctl(queue, IPC_RMID, NULL));
  show_wait("receiver of a removed queue", child);
  CALL(msgsnd(queue, &message, 1, 0));
}

int main(void) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
  sigaction(SIGALRM, &action, NULL);
  refusals();
  types();
  full();
  waiting();
  others();
  return 0;
}
