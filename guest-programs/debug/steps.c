// Calls, a loop and a global variable, for debuggers to step through.
// flags: -g -O0
// exit: 12
#include <stdio.h>
#include <unistd.h>

int total;

static int twice(int n) {
  int result = n + n;
  return result;
}

static void add(int n) {
  total += twice(n); // steps: sum
}

int main(void) {
  for (int i = 1; i <= 3; i++)
    add(i);
  if (write(1, "added\n", 6) != 6)
    return 1;
  printf("total %d\n", total); // steps: print
  return total;
}
