// Random numbers that are the same in every run: a linear congruential generator (Knuth's MMIX), the upper bits of it.
#pragma once
#include <stdint.h>

static uint64_t seed;

static unsigned long random_number(void) {
  seed = seed * 6364136223846793005u + 1442695040888963407u;
  return seed >> 33;
}

static unsigned long below(unsigned long limit) {
  return random_number() % limit;
}
