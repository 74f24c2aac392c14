// Optimised code: inlined functions, values in registers, in pieces and gone, for debuggers to find.
// flags: -g -O2
#include <stdio.h>
#include <stdlib.h>

struct pair {
  long first, second;
};

static volatile int sink;

static inline __attribute__((always_inline)) int square(int x) {
  int result = x * x;
  sink = result; // optimized: square
  return result;
}

static inline __attribute__((always_inline)) int sum_of_squares(int a, int b) {
  int left = square(a);
  int right = square(b);
  return left + right;
}

static __attribute__((noinline)) long consume(long value, struct pair pair) {
  sink += value + pair.first; // optimized: consume
  return sink + pair.second;
}

static __attribute__((noinline)) int distance(int count, const char *label) {
  int total = 0;
  int unused __attribute__((unused)) = count * 3;
  for (int i = 0; i < count; i++)
    total += sum_of_squares(i, count);
  struct pair pair = {total, total + 1};
  total += (int)consume(count, pair); // optimized: call
  sink = label[0];
  return total;
}

static __attribute__((noinline)) int gone(int used, int dead __attribute__((unused))) {
  sink = used;
  puts("gone"); // optimized: gone
  return 1;
}

int main(int argc, char **argv __attribute__((unused))) {
  int result = distance(argc + 2, "label");
  result += gone(argc, argc * 7);
  if (argc > 5)
    abort();
  printf("%d\n", result);
  return 0;
}
