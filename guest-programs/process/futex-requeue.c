// FUTEX_WAIT_REQUEUE_PI, FUTEX_CMP_REQUEUE_PI, and the calls of futex2: futex_wake, futex_wait, futex_requeue.
#include "../lib/observe.h"
#include <linux/futex.h>
#include <pthread.h>

#define FUTEX_WAKE_CALL 454
#define FUTEX_WAIT_CALL 455
#define FUTEX_REQUEUE_CALL 456
#define SIZE_U32 2u
#define PRIVATE 128u

static uint32_t condition, lock, other;

static long futex(uint32_t *word, int op, uint32_t value, const void *timeout, uint32_t *second, uint32_t third) {
  return syscall(SYS_futex, word, op | FUTEX_PRIVATE_FLAG, value, timeout, second, third);
}

static long wake2(void *word, uint64_t mask, int count, unsigned flags) {
  return syscall(FUTEX_WAKE_CALL, word, mask, count, flags);
}

static long wait2(void *word, uint64_t value, uint64_t mask, unsigned flags, const struct timespec *timeout, int clock) {
  return syscall(FUTEX_WAIT_CALL, word, value, mask, flags, timeout, clock);
}

static struct timespec soon(int clock) {
  struct timespec now;
  clock_gettime(clock, &now);
  now.tv_nsec += 3000000;
  if (now.tv_nsec >= 1000000000) now.tv_sec++, now.tv_nsec -= 1000000000;
  return now;
}

static int arrived;
struct waiter {
  pthread_t thread;
  long result;
  int error;
  int owns;
};

static void *waits_for_lock(void *argument) {
  struct waiter *self = argument;
  __atomic_add_fetch(&arrived, 1, __ATOMIC_SEQ_CST);
  self->result = futex(&condition, FUTEX_WAIT_REQUEUE_PI, 0, NULL, &lock, 0);
  self->error = errno;
  self->owns = (lock & FUTEX_TID_MASK) == (uint32_t)gettid();
  if (self->owns) futex(&lock, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0);
  return NULL;
}

static void *waits_plainly(void *argument) {
  struct waiter *self = argument;
  __atomic_add_fetch(&arrived, 1, __ATOMIC_SEQ_CST);
  self->result = wait2(&condition, 0, 0xf0, SIZE_U32 | PRIVATE, NULL, 0);
  self->error = errno;
  return NULL;
}

static struct waiter waiters[3];

static void start(void *(*run)(void *), int count) {
  arrived = 0;
  memset(waiters, 0, sizeof waiters);
  for (int i = 0; i < count; i++) pthread_create(&waiters[i].thread, NULL, run, &waiters[i]);
  while (__atomic_load_n(&arrived, __ATOMIC_SEQ_CST) < count) sleep_ms(1);
  sleep_ms(20);
}

static void finish(int count) {
  for (int i = 0; i < count; i++) {
    pthread_join(waiters[i].thread, NULL);
    say("  waiter: %ld, owned the lock: %d", waiters[i].result, waiters[i].owns);
  }
}

static void requeue_pi(void) {
  say("requeue to a lock");
  CALL(futex(&condition, FUTEX_CMP_REQUEUE_PI, 1, (void *)1, &lock, 0));
  CALL(futex(&condition, FUTEX_CMP_REQUEUE_PI, 1, (void *)1, &condition, 0));
  CALL(futex(&condition, FUTEX_CMP_REQUEUE_PI, 2, (void *)1, &lock, 0));
  CALL(futex(&condition, FUTEX_CMP_REQUEUE_PI, 1, (void *)-1, &lock, 0));
  CALL(futex(&condition, FUTEX_CMP_REQUEUE_PI, 1, (void *)1, &lock, 5));
  CALL(futex(&condition, FUTEX_CMP_REQUEUE_PI, 1, (void *)1, NULL, 0));
  CALL(futex(&condition, FUTEX_WAIT_REQUEUE_PI, 0, NULL, &condition, 0));
  CALL(futex(&condition, FUTEX_WAIT_REQUEUE_PI, 1, NULL, &lock, 0));
  struct timespec at = soon(CLOCK_MONOTONIC);
  CALL(futex(&condition, FUTEX_WAIT_REQUEUE_PI, 0, &at, &lock, 0));

  start(waits_for_lock, 3);
  CALL(futex(&condition, FUTEX_WAKE, 1, NULL, NULL, 0));
  CALL(futex(&condition, FUTEX_REQUEUE, 1, (void *)1, &other, 0));
  CALL(futex(&condition, FUTEX_CMP_REQUEUE_PI, 1, (void *)1, &other, 0));
  CALL(futex(&condition, FUTEX_CMP_REQUEUE_PI, 1, (void *)INT32_MAX, &lock, 0));
  finish(3);
  say("free again: %d", lock == 0);

  say("the lock is taken");
  CALL(futex(&lock, FUTEX_LOCK_PI, 0, NULL, NULL, 0));
  start(waits_for_lock, 3);
  CALL(futex(&condition, FUTEX_CMP_REQUEUE_PI, 1, (void *)0, &lock, 0));
  CALL(futex(&condition, FUTEX_CMP_REQUEUE_PI, 1, (void *)5, &lock, 0));
  CALL(futex(&condition, FUTEX_CMP_REQUEUE_PI, 1, (void *)5, &lock, 0));
  say("others wait: %d", (lock & FUTEX_WAITERS) != 0);
  CALL(futex(&lock, FUTEX_WAKE, 1, NULL, NULL, 0));
  CALL(futex(&lock, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
  finish(3);
  say("free again: %d", lock == 0);
}

static void wake_and_wait(void) {
  say("futex_wake, futex_wait");
  CALL(wake2(&other, 1, 1, SIZE_U32));
  CALL(wake2(&other, 1, 1, 0));
  CALL(wake2(&other, 1, 1, 3));
  CALL(wake2(&other, 0, 1, SIZE_U32));
  CALL(wake2(&other, 1ull << 32, 1, SIZE_U32));
  CALL(wake2(&other, 1, 1, SIZE_U32 | 0x40));
  CALL(wake2((char *)&other + 1, 1, 1, SIZE_U32));
  CALL(wake2(NULL, 1, 1, SIZE_U32));
  CALL(wait2(&other, 1, 1, SIZE_U32, NULL, 0));
  CALL(wait2(&other, 0, 0, SIZE_U32, NULL, 0));
  CALL(wait2(&other, 1ull << 32, 1, SIZE_U32, NULL, 0));
  CALL(wait2(&other, 0, 1ull << 32, SIZE_U32, NULL, 0));
  CALL(wait2(&other, 0, 1, 1, NULL, 0));
  struct timespec at = {0, 1};
  CALL(wait2(&other, 0, 1, SIZE_U32, &at, CLOCK_PROCESS_CPUTIME_ID));
  CALL(wait2(&other, 0, 1, SIZE_U32, &at, CLOCK_MONOTONIC));
  CALL(wait2(&other, 0, 1, SIZE_U32, &at, CLOCK_REALTIME));
  CALL(wait2(&other, 0, 1, SIZE_U32, (void *)-1, CLOCK_REALTIME));
  at.tv_nsec = -1;
  CALL(wait2(&other, 0, 1, SIZE_U32, &at, CLOCK_REALTIME));
  at = soon(CLOCK_REALTIME);
  CALL(wait2(&other, 0, 1, SIZE_U32 | PRIVATE, &at, CLOCK_REALTIME));
  start(waits_plainly, 3);
  CALL(wake2(&condition, 0x0f, 9, SIZE_U32 | PRIVATE));
  CALL(wake2(&condition, 0x10, 1, SIZE_U32 | PRIVATE));
  CALL(wake2(&condition, 0x10, 0, SIZE_U32 | PRIVATE));
  CALL(wake2(&condition, 0x10, 9, SIZE_U32 | PRIVATE));
  finish(3);
}

static void requeue2(void) {
  say("futex_requeue");
  struct { uint64_t value, address; uint32_t flags, reserved; } pair[2] = {
      {0, (uintptr_t)&condition, SIZE_U32 | PRIVATE, 0}, {9, (uintptr_t)&other, SIZE_U32 | PRIVATE, 0}};
  CALL(syscall(FUTEX_REQUEUE_CALL, pair, 0, 1, 1));
  CALL(syscall(FUTEX_REQUEUE_CALL, pair, 1, 1, 1));
  CALL(syscall(FUTEX_REQUEUE_CALL, NULL, 0, 1, 1));
  CALL(syscall(FUTEX_REQUEUE_CALL, (void *)8, 0, 1, 1));
  CALL(syscall(FUTEX_REQUEUE_CALL, pair, 0, -1, 1));
  CALL(syscall(FUTEX_REQUEUE_CALL, pair, 0, 1, -1));
  pair[1].reserved = 1;
  CALL(syscall(FUTEX_REQUEUE_CALL, pair, 0, 1, 1));
  pair[1].reserved = 0, pair[0].value = 7;
  CALL(syscall(FUTEX_REQUEUE_CALL, pair, 0, 1, 1));
  pair[0].value = 0;
  start(waits_plainly, 3);
  CALL(syscall(FUTEX_REQUEUE_CALL, pair, 0, 1, 1));
  CALL(wake2(&condition, 0xff, 9, SIZE_U32 | PRIVATE));
  CALL(wake2(&other, 0xff, 9, SIZE_U32 | PRIVATE));
  finish(3);
}

int main(void) {
  requeue_pi();
  wake_and_wait();
  requeue2();
  return 0;
}
