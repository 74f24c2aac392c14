// U42: calls that wait keep their file when another thread closes or replaces the number; who is woken, and in which order.
// rows: U14 U15 U19
#include "../lib/unix-messages.h"
#include <pthread.h>

enum kind { READ, ACCEPT, CONNECT, SEND_TO };

struct job {
  enum kind kind;
  int fd;
  const char *name;
  pthread_t thread;
  volatile pid_t tid;
  volatile bool isDone;
  long result;
  int error;
  char data[16];
};

static void *run(void *argument) {
  struct job *job = argument;
  job->tid = gettid();
  switch (job->kind) {
    case READ: job->result = read(job->fd, job->data, sizeof job->data - 1); break;
    case ACCEPT: job->result = accept(job->fd, NULL, NULL) < 0 ? -1 : 0; break;
    case CONNECT: job->result = connect_to(job->fd, job->name); break;
    case SEND_TO: job->result = send_to(job->fd, "x", job->name, 0); break;
  }
  job->error = errno;
  job->isDone = true;
  return NULL;
}

static bool sleeps(pid_t tid) {
  char text[256] = "";
  int fd = open(words("/proc/self/task/%d/stat", tid), O_RDONLY);
  if (fd < 0) return false;
  if (read(fd, text, sizeof text - 1) < 0) text[0] = 0;
  close(fd);
  char *end = strrchr(text, ')');
  return end && end[2] == 'S';
}

static struct job *start(enum kind kind, int fd, const char *name) {
  struct job *job = calloc(1, sizeof *job);
  *job = (struct job){.kind = kind, .fd = fd, .name = name ? strdup(name) : NULL};
  MUST(-pthread_create(&job->thread, NULL, run, job));
  while (!job->isDone && (!job->tid || !sleeps(job->tid))) sleep_ms(1);
  return job;
}

static void show_job(const char *label, struct job *job) {
  for (int tries = 0; tries < 20 && !job->isDone; tries++) sleep_ms(2);
  if (!job->isDone) say("%s: waits", label);
  else if (job->result < 0) say("%s: %s", label, errno_name(job->error));
  else say("%s: %ld %s", label, job->result, job->data);
}

static void show_end(const char *label, struct job *job) {
  pthread_join(job->thread, NULL);
  show_job(label, job);
  free(job);
}

static void closed_meanwhile(int type) {
  int fds[2], other[2];
  pair_of(type, fds);
  struct job *job = start(READ, fds[0], NULL);
  MUST(close(fds[0]));
  show_job("the number closed", job);
  CALL(send(fds[1], "late", 4, MSG_NOSIGNAL));
  show_end("the reader", job);
  show("now the socket is closed", send(fds[1], "late", 4, MSG_NOSIGNAL));
  close(fds[1]);

  pair_of(type, fds);
  pair_of(type, other);
  job = start(READ, fds[0], NULL);
  MUST(write(other[1], "other", 5));
  MUST(dup2(other[0], fds[0]));
  show_job("the number replaced", job);
  CALL(send(fds[1], "this", 4, MSG_NOSIGNAL));
  show_end("the reader", job);
  show_read("the number", fds[0]);
  close(fds[0]), close(fds[1]), close(other[0]), close(other[1]);
}

static void two_readers(int type) {
  int fds[2];
  pair_of(type, fds);
  struct job *first = start(READ, fds[0], NULL), *second = start(READ, fds[0], NULL);
  MUST(write(fds[1], "abc", 3));
  while (!first->isDone && !second->isDone) sleep_ms(1);
  sleep_ms(5);
  say("readers that have read: %d", first->isDone + second->isDone);
  MUST(shutdown(fds[0], SHUT_RDWR));
  // which of two was first is not for a program to know
  bool isFirst = strcmp(first->data, "abc") == 0;
  show_end("one reader", isFirst ? first : second);
  show_end("the other reader", isFirst ? second : first);
  close(fds[0]), close(fds[1]);
}

static void waiting_connects(int type) {
  static const char *EVENTS[] = {"one accept", "two accepts", "close", "SHUT_RD", "SHUT_RD and an accept"};
  for (size_t event = 0; event < COUNT(EVENTS); event++) {
    const char *name = words("@u42-%d-%d-%zu", getpid(), type, event);
    int listener = bound_socket(type, name), clients[4];
    struct job *jobs[4] = {0};
    MUST(listen(listener, 0));
    for (int i = 0; i < 4; i++) clients[i] = MUST(socket(AF_UNIX, type, 0));
    MUST(connect_to(clients[0], name));
    for (int i = 1; i < 4; i++) jobs[i] = start(CONNECT, clients[i], name);
    say("- %s", EVENTS[event]);
    if (event == 3 || event == 4) MUST(shutdown(listener, SHUT_RD));
    for (int i = 0; i < (event == 1 ? 2 : event == 0 || event == 4 ? 1 : 0); i++) {
      close(MUST(accept(listener, NULL, NULL)));
      sleep_ms(5);
    }
    if (event == 2) MUST(close(listener));
    for (int i = 1; i < 4; i++) show_job(words("client %d", i), jobs[i]);
    if (event != 2) MUST(close(listener));
    for (int i = 1; i < 4; i++) show_end(words("client %d at last", i), jobs[i]);
    for (int i = 0; i < 4; i++) close(clients[i]);
  }
}

static void waiting_accepts(int type) {
  const char *name = words("@u42-accept-%d-%d", getpid(), type);
  int listener = bound_socket(type, name), client = MUST(socket(AF_UNIX, type, 0)), late = MUST(socket(AF_UNIX, type, 0));
  MUST(listen(listener, 5));
  struct job *first = start(ACCEPT, listener, NULL), *second = start(ACCEPT, listener, NULL);
  MUST(connect_to(client, name));
  show_job("first accept", first);
  show_job("second accept", second);
  MUST(close(listener));
  show("connect, the listener's number closed", connect_to(late, name));
  show_end("first accept", first);
  show_end("second accept", second);
  close(client);
  close(late);
}

static void waiting_datagrams(void) {
  static const char *EVENTS[] = {"one read", "two reads", "a peek", "close", "another peer"};
  for (size_t event = 0; event < COUNT(EVENTS); event++) {
    const char *name = words("@u42-full-%d-%zu", getpid(), event);
    int receiver = bound_socket(SOCK_DGRAM, name), other = bound_socket(SOCK_DGRAM, words("@u42-other-%d-%zu", getpid(), event)), senders[3];
    struct job *jobs[3];
    char byte;
    for (int i = 0; i < 3; i++) senders[i] = MUST(socket(AF_UNIX, SOCK_DGRAM, 0));
    for (int i = 0; i < 11; i++) MUST(send_to(senders[0], "f", name, 0));
    for (int i = 0; i < 3; i++) jobs[i] = start(SEND_TO, senders[i], name);
    say("- %s", EVENTS[event]);
    for (size_t i = 0; i <= event && event < 2; i++) MUST(recv(receiver, &byte, 1, 0)), sleep_ms(5);
    if (event == 2) MUST(recv(receiver, &byte, 1, MSG_PEEK));
    if (event == 3) MUST(close(receiver));
    if (event == 4) MUST(connect_to(receiver, words("@u42-other-%d-%zu", getpid(), event)));
    for (int i = 0; i < 3; i++) show_job(words("sender %d", i), jobs[i]);
    if (event != 3) MUST(close(receiver));
    for (int i = 0; i < 3; i++) show_end(words("sender %d at last", i), jobs[i]), close(senders[i]);
    close(other);
  }
}

int main(void) {
  for (int i = 0; i < 3; i++) {
    int type = ALL_TYPES[i];
    say("-- %s", type_name(type));
    closed_meanwhile(type);
    two_readers(type);
    if (type == SOCK_DGRAM) waiting_datagrams();
    else waiting_connects(type), waiting_accepts(type);
  }
  return 0;
}
