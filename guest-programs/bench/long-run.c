// A run of 10^9 instructions: of computing alone, or of two processes with a million system calls between them.
// args: --check
#include "../lib/bench.h"

#define WORDS 1024

static uint32_t table[WORDS];

// One round is 13 instructions.
__attribute__((noinline)) static uint32_t churn(uint32_t seed, long rounds) {
  uint32_t word = seed;
  for (long i = 0; i < rounds; i++) {
    word = word * 1664525u + 1013904223u;
    table[(word >> 16) % WORDS] += word;
  }
  return word;
}

// Beside the hot loop, and called once in a thousand of its calls: what a person sets a breakpoint at.
__attribute__((noinline)) uint32_t rarely(uint32_t word) {
  __asm__ volatile("" : "+r"(word));
  return word ^ table[word % WORDS];
}

static uint32_t compute(long calls, long rounds) {
  uint32_t word = 1;
  for (long i = 1; i <= calls; i++) {
    word = churn(word, rounds);
    if (i % 1000 == 500) word = rarely(word);
  }
  return word;
}

// Each round trip is four calls of the system.
static uint32_t talk(long trips, long rounds) {
  int ends[2];
  uint32_t word = 1;
  MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, ends));
  pid_t child = MUST(fork());
  for (long i = 1; i <= trips; i++) {
    if (child != 0) MUST(write(ends[0], &word, sizeof word));
    MUST(read(ends[child == 0], &word, sizeof word));
    word = churn(word, rounds);
    if (child == 0) MUST(write(ends[1], &word, sizeof word));
    if (i % 10000 == 5000) word = rarely(word);
  }
  if (child == 0) _exit(0);
  waitpid(child, NULL, 0);
  return word;
}

int main(int argc, char **argv) {
  const char *what = argc > 1 ? argv[1] : "--check";
  if (strcmp(what, "--check") == 0) {
    printf("%u\n", compute(2000, 10));
    printf("%u\n", talk(200, 10));
  } else if (strcmp(what, "compute") == 0) printf("%u\n", compute(10000, 7700));
  else if (strcmp(what, "calls") == 0) printf("%u\n", talk(250000, 154));
  return 0;
}
