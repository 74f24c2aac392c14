// C11 atomics of 1, 2, 4 and 8 bytes by several threads: nothing is lost.
#include "../lib/observe.h"
#include <pthread.h>
#include <stdatomic.h>

static _Atomic uint8_t bytes;
static _Atomic uint16_t shorts;
static _Atomic uint32_t words;
static _Atomic uint64_t longs, maximum, bits_set, exchanged;
static atomic_flag spin = ATOMIC_FLAG_INIT;
static uint64_t guarded;

static void *work(void *argument) {
  uint64_t me = (uint64_t)argument;
  for (uint64_t i = 0; i < 3000; i++) {
    atomic_fetch_add(&bytes, 1);
    atomic_fetch_add(&shorts, 3);
    atomic_fetch_sub(&words, 5);
    atomic_fetch_add_explicit(&longs, i, memory_order_relaxed);
    uint64_t seen = atomic_load(&maximum);
    while (seen < i * 4 + me && !atomic_compare_exchange_weak(&maximum, &seen, i * 4 + me)) continue;
    atomic_fetch_xor(&bits_set, 1ull << (i % 64));
    atomic_fetch_add(&exchanged, atomic_exchange(&exchanged, 0) ? 0 : 0);
    while (atomic_flag_test_and_set(&spin)) continue;
    guarded += 7;
    atomic_flag_clear(&spin);
  }
  return NULL;
}

int main(void) {
  pthread_t threads[4];
  for (uint64_t i = 0; i < 4; i++) pthread_create(&threads[i], NULL, work, (void *)i);
  for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
  say("%u %u %u %lu", bytes, shorts, words, (long)longs);
  say("maximum %lu, bits %lx, guarded %lu", (long)maximum, (long)bits_set, (long)guarded);
  return 0;
}
