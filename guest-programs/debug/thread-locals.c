// Two threads with copies of thread-local variables, for debuggers to find: the C library's errno, and the program's own.
// flags: -g -O0
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

__thread char name[8] = "first";
static __thread long rounds = 10;

static long around(void) {
  static __thread int step = 3;
  step++;
  rounds += step;
  return rounds; // thread-locals: around
}

static void *worker(void *argument) {
  name[0] = 'F';
  errno = 0;
  close(-1);
  return (void *)(around() + *(long *)argument);
}

int main(void) {
  long more = 100;
  pthread_t thread;
  void *result;
  around();
  pthread_create(&thread, NULL, worker, &more);
  pthread_join(thread, &result);
  printf("%ld %ld %s\n", rounds, (long)result, name);
  return 0;
}
