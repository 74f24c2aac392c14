// Mutexes of dead owners: robust ones say EOWNERDEAD, also between processes; priority inheritance works as a lock.
#include "../lib/observe.h"
#include <pthread.h>

static pthread_mutex_t *make(int protocol, int kind, bool robust) {
  pthread_mutex_t *mutex = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  pthread_mutexattr_t attr;
  pthread_mutexattr_init(&attr);
  pthread_mutexattr_setpshared(&attr, PTHREAD_PROCESS_SHARED);
  pthread_mutexattr_setprotocol(&attr, protocol);
  pthread_mutexattr_settype(&attr, kind);
  if (robust) pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
  say("init: %s", errno_name(pthread_mutex_init(mutex, &attr)));
  return mutex;
}

static const char *result(int number) { return number == 0 ? "ok" : errno_name(number); }

static void *lock_and_end(void *mutex) {
  pthread_mutex_lock(mutex);
  return NULL;
}

static void *lock_and_unlock(void *mutex) {
  int got = pthread_mutex_lock(mutex);
  pthread_mutex_unlock(mutex);
  return (void *)(long)got;
}

static void try_kind(const char *label, int protocol) {
  say("%s", label);
  pthread_mutex_t *mutex = make(protocol, PTHREAD_MUTEX_ERRORCHECK, true);
  pthread_t thread;
  pthread_create(&thread, NULL, lock_and_end, mutex);
  pthread_join(thread, NULL);
  say("after a thread: %s", result(pthread_mutex_lock(mutex)));
  say("consistent: %s", result(pthread_mutex_consistent(mutex)));
  say("again: %s", result(pthread_mutex_lock(mutex)));
  say("unlock: %s", result(pthread_mutex_unlock(mutex)));
  pid_t child = MUST(fork());
  if (child == 0) {
    pthread_mutex_lock(mutex);
    kill(getpid(), SIGKILL);
  }
  show_wait("child", child);
  say("after a process: %s", result(pthread_mutex_trylock(mutex)));
  say("unlock without consistent: %s", result(pthread_mutex_unlock(mutex)));
  say("then: %s", result(pthread_mutex_lock(mutex)));
  mutex = make(protocol, PTHREAD_MUTEX_NORMAL, true);
  int fds[2];
  MUST(pipe(fds));
  child = MUST(fork());
  if (child == 0) {
    pthread_mutex_lock(mutex);
    hand_over(fds[1]);
    sleep_ms(20);
    _exit(0);
  }
  await_turn(fds[0]);
  say("waiting while the owner dies: %s", result(pthread_mutex_lock(mutex)));
  pthread_mutex_consistent(mutex);
  void *got;
  pthread_create(&thread, NULL, lock_and_unlock, mutex);
  sleep_ms(5);
  say("unlock: %s", result(pthread_mutex_unlock(mutex)));
  pthread_join(thread, &got);
  say("the waiter: %s", result((int)(long)got));
  struct timespec soon;
  pthread_mutex_lock(mutex);
  child = MUST(fork());
  if (child == 0) {
    clock_gettime(CLOCK_REALTIME, &soon);
    soon.tv_nsec += 5000000;
    if (soon.tv_nsec >= 1000000000) soon.tv_sec++, soon.tv_nsec -= 1000000000;
    say("timed lock: %s", result(pthread_mutex_timedlock(mutex, &soon)));
    _exit(0);
  }
  show_wait("child", child);
}

int main(void) {
  try_kind("plain", PTHREAD_PRIO_NONE);
  try_kind("priority inheritance", PTHREAD_PRIO_INHERIT);
  return 0;
}
