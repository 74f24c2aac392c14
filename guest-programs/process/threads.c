// pthreads: mutex, condition, join, thread-local storage, one pid and different tids, exit of the first thread.
#include "../lib/observe.h"
#include <pthread.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t turn_changed = PTHREAD_COND_INITIALIZER;
static long counter;
static int turn;
static __thread int private;
static pid_t ids[4];

static void *worker(void *argument) {
  long me = (long)argument;
  private = 100 + me;
  ids[me] = gettid();
  for (int i = 0; i < 20000; i++) {
    pthread_mutex_lock(&lock);
    counter++;
    pthread_mutex_unlock(&lock);
  }
  pthread_mutex_lock(&lock);
  while (turn != me) pthread_cond_wait(&turn_changed, &lock);
  say("thread %ld: private %d, same process %d", me, private, getpid() == getpid());
  turn++;
  pthread_cond_broadcast(&turn_changed);
  pthread_mutex_unlock(&lock);
  return (void *)(me * 11);
}

int main(void) {
  pthread_t threads[4];
  private = 7;
  for (long i = 0; i < 4; i++) pthread_create(&threads[i], NULL, worker, (void *)i);
  void *results[4];
  for (int i = 0; i < 4; i++) pthread_join(threads[i], &results[i]);
  for (int i = 0; i < 4; i++) say("joined %d: %ld", i, (long)results[i]);
  say("counter: %ld, main's private: %d", counter, private);
  bool distinct = true;
  for (int i = 0; i < 4; i++) {
    for (int j = 0; j < i; j++) distinct &= ids[i] != ids[j];
    distinct &= ids[i] != getpid();
  }
  say("tids distinct: %d", distinct);
  pthread_exit(NULL);
}
