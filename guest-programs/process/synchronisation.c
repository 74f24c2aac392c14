// Semaphores between processes, read-write locks, barriers, timed waits, process-shared and robust mutexes, once, cancel.
#include "../lib/observe.h"
#include <pthread.h>
#include <semaphore.h>

static struct {
  sem_t semaphore;
  pthread_mutex_t mutex;
  int value;
} *shared;

static pthread_rwlock_t lock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_barrier_t barrier;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static int once_runs, readings, serial;

static void run_once(void) { once_runs++; }

static void *reader(void *argument) {
  (void)argument;
  pthread_once(&once, run_once);
  pthread_rwlock_rdlock(&lock);
  __atomic_fetch_add(&readings, 1, __ATOMIC_SEQ_CST);
  pthread_rwlock_unlock(&lock);
  if (pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD) __atomic_fetch_add(&serial, 1, __ATOMIC_SEQ_CST);
  return NULL;
}

static void cleanup(void *argument) { *(int *)argument = 1; }

static void *cancelled(void *argument) {
  pthread_cleanup_push(cleanup, argument);
  for (;;) pause();
  pthread_cleanup_pop(0);
  return NULL;
}

static void in(struct timespec *deadline, long ms) {
  clock_gettime(CLOCK_REALTIME, deadline);
  deadline->tv_nsec += ms * 1000000;
  deadline->tv_sec += deadline->tv_nsec / 1000000000;
  deadline->tv_nsec %= 1000000000;
}

int main(void) {
  shared = MUST(mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
  sem_init(&shared->semaphore, 1, 0);
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
  pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST);
  pthread_mutex_init(&shared->mutex, &attributes);
  pid_t children[3];
  for (int i = 0; i < 3; i++) {
    children[i] = MUST(fork());
    if (children[i] != 0) continue;
    for (int j = 0; j < 500; j++) {
      pthread_mutex_lock(&shared->mutex);
      shared->value++;
      pthread_mutex_unlock(&shared->mutex);
    }
    sem_post(&shared->semaphore);
    _exit(0);
  }
  for (int i = 0; i < 3; i++) sem_wait(&shared->semaphore);
  for (int i = 0; i < 3; i++) waitpid(children[i], NULL, 0);
  say("counted by three processes: %d", shared->value);
  struct timespec deadline;
  in(&deadline, 10);
  show("sem_timedwait", sem_timedwait(&shared->semaphore, &deadline));
  show("sem_trywait", sem_trywait(&shared->semaphore));
  pid_t child = MUST(fork());
  if (child == 0) {
    pthread_mutex_lock(&shared->mutex);
    _exit(0);
  }
  waitpid(child, NULL, 0);
  say("robust mutex of a dead owner: %s", errno_name(pthread_mutex_lock(&shared->mutex)));
  pthread_mutex_consistent(&shared->mutex);
  say("unlock: %d", pthread_mutex_unlock(&shared->mutex));
  say("lock: %d", pthread_mutex_lock(&shared->mutex));
  pthread_t threads[4];
  pthread_barrier_init(&barrier, NULL, 4);
  pthread_rwlock_wrlock(&lock);
  for (int i = 0; i < 4; i++) pthread_create(&threads[i], NULL, reader, NULL);
  sleep_ms(5);
  say("readers wait for the writer: %d", readings);
  pthread_rwlock_unlock(&lock);
  for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
  say("readings %d, once %d, serial threads %d", readings, once_runs, serial);
  pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
  pthread_cond_t condition = PTHREAD_COND_INITIALIZER;
  pthread_mutex_lock(&mutex);
  in(&deadline, 10);
  say("pthread_cond_timedwait: %s", errno_name(pthread_cond_timedwait(&condition, &mutex, &deadline)));
  in(&deadline, 5);
  say("pthread_mutex_timedlock: %s", errno_name(pthread_mutex_timedlock(&mutex, &deadline)));
  int cleaned = 0;
  void *result;
  pthread_create(&threads[0], NULL, cancelled, &cleaned);
  sleep_ms(5);
  pthread_cancel(threads[0]);
  pthread_join(threads[0], &result);
  say("cancelled: %d, cleaned up: %d", result == PTHREAD_CANCELED, cleaned);
  return 0;
}
