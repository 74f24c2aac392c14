// Two threads and the first one meet at a barrier; the last to come finds the others asleep in it.
// flags: -g -O0
#include <pthread.h>
#include <stdio.h>

static pthread_barrier_t barrier;

static void meet(int number) {
  (void)number;
  pthread_barrier_wait(&barrier);
}

static void *worker(void *argument) {
  meet(*(int *)argument);
  return argument;
}

int main(void) {
  int numbers[] = {1, 2};
  pthread_t threads[2];
  pthread_barrier_init(&barrier, NULL, 3);
  for (int i = 0; i < 2; i++)
    pthread_create(&threads[i], NULL, worker, &numbers[i]);
  meet(0);
  for (int i = 0; i < 2; i++)
    pthread_join(threads[i], NULL);
  puts("all met");
  return 0;
}
