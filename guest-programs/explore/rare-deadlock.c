// Two threads that deadlock under about one schedule in a thousand: each makes transfers among deposits, they take the
// two locks in different orders, and both must be stopped between their locks. `rivulet explore` finds it.
// (docs/explore.md walks through it.)
// flags: -g -fno-inline
#include "../lib/observe.h"
#include <pthread.h>

struct account {
  pthread_mutex_t lock;
  long balance;
};

static struct account savings = {PTHREAD_MUTEX_INITIALIZER, 1000};
static struct account checking = {PTHREAD_MUTEX_INITIALIZER, 1000};

enum { ROUNDS = 6, WORK = 10, SAVING_ROUND = 3, SPENDING_ROUND = 4 };

static void deposit(struct account *account, long amount) {
  pthread_mutex_lock(&account->lock);
  account->balance += amount;
  pthread_mutex_unlock(&account->lock);
}

static void transfer(struct account *from, struct account *to, long amount) {
  pthread_mutex_lock(&from->lock);
  pthread_mutex_lock(&to->lock);
  from->balance -= amount;
  to->balance += amount;
  pthread_mutex_unlock(&to->lock);
  pthread_mutex_unlock(&from->lock);
}

// Stands for what a real program does between two payments.
static long compute(long seed) {
  for (volatile int i = 0; i < WORK; i++) seed = seed * 1103515245 + 12345;
  return (seed >> 16) % 10;
}

static void *save(void *unused) {
  for (int round = 0; round < ROUNDS; round++) {
    compute(round);
    if (round >= SAVING_ROUND) transfer(&checking, &savings, 100);
    else deposit(&savings, 10);
  }
  return unused;
}

static void *spend(void *unused) {
  for (int round = 0; round < ROUNDS; round++) {
    compute(round);
    if (round == SPENDING_ROUND) transfer(&savings, &checking, 100); // the other order
    else deposit(&checking, -10);
  }
  return unused;
}

int main(void) {
  pthread_t threads[2];
  pthread_create(&threads[0], NULL, save, NULL);
  pthread_create(&threads[1], NULL, spend, NULL);
  for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
  say("savings %ld, checking %ld", savings.balance, checking.balance);
  return 0;
}
