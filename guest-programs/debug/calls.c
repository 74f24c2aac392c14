// Functions for a debugger to call by hand, with arguments and results of all sorts.
// flags: -g -O0
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct point {
  int x, y;
};
struct mixed {
  float share;
  int count;
};
struct two {
  double first, second;
};
struct large {
  long all[5];
};
enum colour { RED, GREEN, BLUE };

int total;

static int count(int n) {
  total += n;
  return total;
}
static int fact(int n) { return n <= 1 ? 1 : n * fact(n - 1); }
static void nothing(void) { total += 100; }
static struct point make(int x) {
  struct point p = {x, 2 * x};
  return p;
}
static struct mixed mix(struct mixed m, int k) {
  m.share *= k;
  m.count += k;
  return m;
}
static struct two swapped(struct two t) {
  struct two swapped = {t.second, t.first};
  return swapped;
}
static struct large larger(struct large l, long by) {
  for (int i = 0; i < 5; i++)
    l.all[i] += by;
  return l;
}
static long weighed(int a, long b, char c, short d, unsigned e, long f, long g, long h, long i, int j) {
  return a + b + c + d + e + f + g + h + 10 * i + 100 * j;
}
static int takes(struct point p, const char *text, double d) { return p.x + (int)strlen(text) + (int)d; }
static long text_length(const char *text) { return (long)strlen(text); }
static const char *name(int n) { return n ? "yes" : "no"; }
static double half(int n) { return n / 2.0; }
static float sum(float a, double b) { return a + (float)b; }
static long double product(long double a, int b) { return a * b; }
static unsigned char up(unsigned char c) { return c + 1; }
static signed char down(signed char c) { return c - 1; }
static unsigned same(unsigned u) { return u; }
static _Bool truth(void) { return 1; }
static enum colour next(enum colour c) { return c + 1; }
static int load(const int *at) { return *at; }

int main(void) {
  struct point p = make(3);
  struct mixed m = {1.5, 2};
  struct two t = {1, 2};
  struct large l = {{1, 2, 3, 4, 5}};
  printf("%d\n", fact(4)); // calls: here
  if (total > 1000) { // all of them are used
    nothing();
    printf("%d %d %g %g %ld %ld\n", count(1), mix(m, 2).count, mix(m, 2).share, swapped(t).first,
           larger(l, 1).all[4], weighed(1, 2, 3, 4, 5, 6, 7, 8, 9, 10));
    printf("%d %ld %s %g %g %Lg\n", takes(p, "abc", 1.5), text_length("abc"), name(1), half(3), sum(1, 2),
           product(2, 3));
    printf("%d %d %u %d %d %d\n", up(1), down(1), same(1), truth(), next(RED), load(&total));
  }
  return 0;
}
