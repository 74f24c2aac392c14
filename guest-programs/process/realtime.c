// SCHED_FIFO, SCHED_RR, nice values, and what PTHREAD_PRIO_INHERIT lends: who runs when, on one processor.
// needs: punctuality
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static pthread_attr_t attributes;

static void die(const char *what) {
  perror(what);
  exit(1);
}

static pthread_t start(int policy, int priority, void *(*body)(void *), void *argument) {
  pthread_t thread;
  struct sched_param parameters = {.sched_priority = priority};
  pthread_attr_setschedpolicy(&attributes, policy);
  pthread_attr_setschedparam(&attributes, &parameters);
  errno = pthread_create(&thread, &attributes, body, argument);
  if (errno) die("pthread_create");
  return thread;
}

static void become(int policy, int priority) {
  struct sched_param parameters = {.sched_priority = priority};
  if (sched_setscheduler(0, policy, &parameters)) die("sched_setscheduler");
}

static double now(clockid_t clock) {
  struct timespec time;
  clock_gettime(clock, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

// uses that much of the processor
static void work(double seconds) {
  double end = now(CLOCK_THREAD_CPUTIME_ID) + seconds;
  while (now(CLOCK_THREAD_CPUTIME_ID) < end) continue;
}

static void say(const char *what) { printf("  %s\n", what); }

static void *say_so(void *what) {
  say(what);
  return NULL;
}

static void starts(void) {
  puts("threads that are started, by one of priority 10");
  pthread_t low = start(SCHED_FIFO, 5, say_so, "priority 5"), same = start(SCHED_FIFO, 10, say_so, "priority 10"),
            high = start(SCHED_FIFO, 20, say_so, "priority 20");
  say("the starter");
  pthread_join(high, NULL);
  pthread_join(low, NULL);
  pthread_join(same, NULL);
}

static int channel[2], back[2];

static void *reader(void *what) {
  char byte;
  if (read(channel[0], &byte, 1) == 1) say(what);
  return NULL;
}

static void wakes(int priority, const char *what) {
  puts(what);
  if (pipe(channel)) die("pipe");
  pthread_t thread = start(SCHED_FIFO, priority, reader, "the reader");
  struct timespec little = {.tv_nsec = 20000000};
  nanosleep(&little, NULL);
  if (write(channel[1], "x", 1) != 1) die("write");
  say("the writer");
  pthread_join(thread, NULL);
  close(channel[0]);
  close(channel[1]);
}

static void *yielder(void *name) {
  for (int i = 0; i < 3; i++) {
    printf("  %s %d\n", (const char *)name, i);
    sched_yield();
  }
  return NULL;
}

static void yields(void) {
  puts("sched_yield between three equals, and one less urgent");
  pthread_t threads[] = {start(SCHED_FIFO, 8, yielder, "a"), start(SCHED_RR, 8, yielder, "b"),
                         start(SCHED_FIFO, 8, yielder, "c"), start(SCHED_FIFO, 7, yielder, "less")};
  for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
}

static volatile int has_begun, has_seen;
static double patience;

static void *spinner(void *gate) {
  char byte;
  if (read(*(int *)gate, &byte, 1) != 1) die("read");
  double end = now(CLOCK_MONOTONIC) + patience;
  while (!has_begun && now(CLOCK_MONOTONIC) < end) continue;
  has_seen = has_begun;
  return NULL;
}

static void *beginner(void *gate) {
  char byte;
  if (read(*(int *)gate, &byte, 1) != 1) die("read");
  has_begun = 1;
  return NULL;
}

// does one that works let another of its priority have a turn?
static void turns(int policy, double seconds, const char *name) {
  int gates[2][2];
  if (pipe(gates[0]) || pipe(gates[1])) die("pipe");
  has_begun = 0;
  patience = seconds;
  pthread_t one = start(policy, 6, spinner, &gates[0][0]), two = start(policy, 6, beginner, &gates[1][0]);
  struct timespec while_they_begin = {.tv_nsec = 20000000};
  nanosleep(&while_they_begin, NULL);
  if (write(gates[0][1], "x", 1) != 1 || write(gates[1][1], "x", 1) != 1) die("write");
  pthread_join(one, NULL);
  printf("%s: another of the same priority has a turn meanwhile: %s\n", name, has_seen ? "yes" : "no");
  pthread_join(two, NULL);
}

static void *lowered(void *unused) {
  (void)unused;
  say("was 20");
  become(SCHED_FIFO, 9);
  say("is 9");
  become(SCHED_OTHER, 0);
  say("is nothing special");
  return NULL;
}

static void changes(void) {
  puts("a thread lowers itself under its starter, who is 10 and becomes 8");
  pthread_t thread = start(SCHED_FIFO, 20, lowered, NULL);
  say("the starter");
  become(SCHED_FIFO, 8);
  say("the starter is 8");
  become(SCHED_FIFO, 10);
  pthread_join(thread, NULL);
}

static int word;

static void *sleeper(void *what) {
  syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
  say(what);
  return NULL;
}

static void wakes_in_order(void) {
  puts("futex waiters, woken together by one of priority 30");
  pthread_t threads[] = {start(SCHED_FIFO, 11, sleeper, "first, 11"), start(SCHED_FIFO, 12, sleeper, "second, 12"),
                         start(SCHED_FIFO, 11, sleeper, "third, 11"), start(SCHED_RR, 13, sleeper, "fourth, 13")};
  become(SCHED_FIFO, 30);
  for (int i = 0; i < 4; i++) {
    printf("woken: %ld\n", syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
    struct timespec little = {.tv_nsec = 10000000};
    nanosleep(&little, NULL);
  }
  become(SCHED_FIFO, 10);
  for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
}

static pthread_mutex_t lock, outer;

static int priority_of_caller(void) {
  char text[1024];
  FILE *file = fopen("/proc/thread-self/stat", "r");
  if (!file || !fgets(text, sizeof text, file)) die("/proc/thread-self/stat");
  fclose(file);
  char *at = strrchr(text, ')') + 2;
  for (int field = 3; field < 18; field++) at = strchr(at, ' ') + 1;
  return atoi(at);
}

static void *low(void *unused) {
  (void)unused;
  pthread_mutex_lock(&lock);
  if (write(back[1], "x", 1) != 1) die("write");
  work(0.05);
  printf("  low lets go, at priority %d\n", priority_of_caller());
  pthread_mutex_unlock(&lock);
  printf("  low goes on, at priority %d\n", priority_of_caller());
  return NULL;
}

static void *high(void *what) {
  pthread_mutex_lock(&lock);
  say(what);
  pthread_mutex_unlock(&lock);
  return NULL;
}

static void *middle(void *unused) {
  (void)unused;
  work(0.1);
  say("middle");
  return NULL;
}

static void make_lock(pthread_mutex_t *mutex, int protocol) {
  pthread_mutexattr_t kind;
  pthread_mutexattr_init(&kind);
  pthread_mutexattr_setprotocol(&kind, protocol);
  pthread_mutex_init(mutex, &kind);
}

// until `body` has its lock; the caller is 25 then
static pthread_t start_holder(int priority, void *(*body)(void *)) {
  char byte;
  if (pipe(back)) die("pipe");
  become(SCHED_FIFO, 40);
  pthread_t thread = start(SCHED_FIFO, priority, body, NULL);
  if (read(back[0], &byte, 1) != 1) die("read");
  become(SCHED_FIFO, 25);
  return thread;
}

static void inversion(int protocol, const char *name) {
  puts(name);
  make_lock(&lock, protocol);
  pthread_t threads[4];
  threads[0] = start_holder(10, low);
  threads[1] = start(SCHED_FIFO, 30, high, "high");
  threads[2] = start(SCHED_FIFO, 35, high, "highest");
  threads[3] = start(SCHED_FIFO, 20, middle, NULL);
  for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
  become(SCHED_FIFO, 10);
}

static volatile int has_given_up;

static void *patient_low(void *unused) {
  pthread_mutex_lock(&lock);
  if (write(back[1], "x", 1) != 1) die("write");
  printf("  low, at priority %d\n", priority_of_caller());
  while (!has_given_up) sched_yield(); // as urgent as who gives up, who has to run for that
  printf("  low, at priority %d\n", priority_of_caller());
  pthread_mutex_unlock(&lock);
  return unused;
}

static void *impatient(void *unused) {
  struct timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += (until.tv_nsec += 50000000) / 1000000000;
  until.tv_nsec %= 1000000000;
  int error = pthread_mutex_timedlock(&lock, &until);
  say(error == ETIMEDOUT ? "high gives up" : "high has the lock");
  has_given_up = 1;
  return unused;
}

static void gives_up(void) {
  puts("who waits for the lock gives up");
  make_lock(&lock, PTHREAD_PRIO_INHERIT);
  pthread_t one = start_holder(10, patient_low), two = start(SCHED_FIFO, 30, impatient, NULL);
  pthread_join(two, NULL);
  pthread_join(one, NULL);
  become(SCHED_FIFO, 10);
}

static void *holder(void *unused) {
  (void)unused;
  pthread_mutex_lock(&outer);
  if (write(back[1], "x", 1) != 1) die("write");
  pthread_mutex_lock(&lock); // low has it
  printf("  the one between has both, at priority %d\n", priority_of_caller());
  pthread_mutex_unlock(&lock);
  pthread_mutex_unlock(&outer);
  return NULL;
}

static void *chained(void *unused) {
  (void)unused;
  pthread_mutex_lock(&outer);
  say("high");
  pthread_mutex_unlock(&outer);
  return NULL;
}

static void chain(void) {
  puts("a lock whose holder waits for another lock");
  make_lock(&lock, PTHREAD_PRIO_INHERIT);
  make_lock(&outer, PTHREAD_PRIO_INHERIT);
  pthread_t threads[4];
  threads[0] = start_holder(10, low);
  threads[1] = start_holder(15, holder);
  threads[2] = start(SCHED_FIFO, 30, chained, NULL);
  threads[3] = start(SCHED_FIFO, 20, middle, NULL);
  for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
  become(SCHED_FIFO, 10);
}

static volatile int is_over;
static double used[3];

static void *hog(void *index) {
  long i = (long)index;
  if (setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), -5 + 5 * (int)i)) die("setpriority");
  while (!is_over) continue;
  used[i] = now(CLOCK_THREAD_CPUTIME_ID);
  return NULL;
}

static void shares(void) {
  puts("each of three gets three times what the next nicer one gets");
  pthread_t threads[3];
  for (long i = 0; i < 3; i++) threads[i] = start(SCHED_OTHER, 0, hog, (void *)i);
  struct timespec time = {.tv_sec = 2};
  nanosleep(&time, NULL);
  is_over = 1;
  for (int i = 0; i < 3; i++) pthread_join(threads[i], NULL);
  for (int i = 0; i < 2; i++) {
    double ratio = used[i] / used[i + 1];
    printf("  nice %d and %d: %s\n", -5 + 5 * i, 5 * i, ratio > 2 && ratio < 4.5 ? "yes" : "no");
  }
}

static volatile long rounds;

static void *counter(void *unused) {
  for (;;) rounds++;
  return unused;
}

static void throttled(void) {
  pthread_t thread = start(SCHED_OTHER, 0, counter, NULL);
  rounds = 0;
  double end = now(CLOCK_MONOTONIC) + 20;
  while (rounds == 0 && now(CLOCK_MONOTONIC) < end) continue;
  printf("others starve while a real-time thread works for seconds: %s\n", rounds == 0 ? "yes" : "no");
  (void)thread;
}

int main(void) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(0, &one);
  if (sched_setaffinity(0, sizeof one, &one)) die("sched_setaffinity");
  pthread_attr_init(&attributes);
  pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED);
  become(SCHED_FIFO, 10);
  starts();
  wakes(20, "a reader of priority 20, a writer of 10");
  wakes(5, "a reader of priority 5, a writer of 10");
  wakes(10, "both of 10");
  yields();
  turns(SCHED_FIFO, 0.3, "SCHED_FIFO");
  turns(SCHED_RR, 20, "SCHED_RR");
  changes();
  wakes_in_order();
  inversion(PTHREAD_PRIO_NONE, "low holds a plain lock that high and highest want, middle has work");
  inversion(PTHREAD_PRIO_INHERIT, "the same with a lock whose holder inherits");
  gives_up();
  chain();
  shares();
  throttled();
  return 0;
}
