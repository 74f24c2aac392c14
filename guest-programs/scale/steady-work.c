// Rounds of everything that could leave something behind: computing, the heap, maps, pipes, files, signals, threads.
// args: 3
#include "../lib/observe.h"
#include <pthread.h>
#include <sys/mman.h>

static volatile int caught;

static void handler(int number) { caught += number; }

static uint64_t mix(uint64_t state) {
  state ^= state << 13;
  state ^= state >> 7;
  return state ^ (state << 17);
}

// About 27 instructions a step on riscv64, most of them in the inner loop.
static uint64_t compute(uint64_t state, int steps) {
  static uint64_t table[4096];
  double sum = 0;
  for (int i = 0; i < steps; i++) {
    state = mix(state);
    table[state & 4095] += state >> 5;
    sum = sum * 0.5 + (double)(state & 1023);
    for (int j = 0; j < 3; j++) state += table[(state + (uint64_t)j) & 4095];
  }
  return state + (uint64_t)sum;
}

static void *thread(void *argument) {
  return (void *)(uintptr_t)compute((uintptr_t)argument, 1000);
}

static uint64_t heap(uint64_t state) {
  void *blocks[64] = {0};
  for (int i = 0; i < 500; i++) {
    state = mix(state);
    void **block = &blocks[state & 63];
    free(*block);
    size_t size = (state >> 8) & ((state >> 40) % 20 == 0 ? 0x3ffff : 0x7ff);
    *block = malloc(size + 1);
    memset(*block, (int)i, size + 1);
  }
  for (int i = 0; i < 64; i++) free(blocks[i]);
  return state;
}

static void system_calls(void) {
  int ends[2];
  char bytes[512] = {0};
  MUST(pipe(ends));
  for (int i = 0; i < 20; i++) {
    MUST(write(ends[1], bytes, sizeof bytes));
    MUST(read(ends[0], bytes, sizeof bytes));
  }
  close(ends[0]);
  close(ends[1]);
  char *map = mmap(NULL, 1 << 18, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (int i = 0; i < 1 << 18; i += 4096) map[i] = 1;
  munmap(map, 1 << 18);
  int file = MUST(memfd_create("steady", 0));
  MUST(ftruncate(file, 1 << 16));
  MUST(pwrite(file, bytes, sizeof bytes, 40000));
  close(file);
  raise(SIGUSR1);
}

int main(int argc, char **argv) {
  int rounds = argc > 1 ? atoi(argv[1]) : 3;
  signal(SIGUSR1, handler);
  uint64_t state = 88172645463325252;
  for (int round = 0; round < rounds; round++) {
    state = compute(state, 1000000);
    state = heap(state);
    system_calls();
    pthread_t other;
    pthread_create(&other, NULL, thread, (void *)(uintptr_t)(state >> 32));
    void *result;
    pthread_join(other, &result);
    state += (uintptr_t)result;
    say("round %d", round);
  }
  say("%016lx, %d", state, caught / SIGUSR1);
  return 0;
}
