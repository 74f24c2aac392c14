// Doubles and floats, bit for bit: arithmetic, rounding modes, exception flags, conversions, comparisons, fma.
// flags: -frounding-math -ffp-contract=off
#include "../lib/observe.h"
#include <fenv.h>
#include <math.h>

static uint64_t bits(double value) {
  if (value != value) return 0x7ff8000000000000; // which NaN it is differs between processors
  uint64_t result;
  memcpy(&result, &value, 8);
  return result;
}
static uint64_t float_bits(float value) {
  if (value != value) return 0x7fc00000;
  uint32_t result;
  memcpy(&result, &value, 4);
  return result;
}

static const char *flags(void) {
  static char text[8];
  int raised = fetestexcept(FE_ALL_EXCEPT);
  sprintf(text, "%s%s%s%s%s", raised & FE_INVALID ? "V" : "", raised & FE_DIVBYZERO ? "Z" : "", raised & FE_OVERFLOW ? "O" : "",
          raised & FE_UNDERFLOW ? "U" : "", raised & FE_INEXACT ? "X" : "");
  return text;
}

int main(void) {
  static volatile double values[] = {0.0, -0.0, 1.0, -1.5, 1.0 / 3, 1e308, -1e308, 5e-324, 2.2250738585072014e-308, INFINITY, -INFINITY, NAN, 1e16, 0.1};
  const int modes[] = {FE_TONEAREST, FE_TOWARDZERO, FE_DOWNWARD, FE_UPWARD};
  const char *names[] = {"nearest", "to zero", "down", "up"};
  for (int m = 0; m < 4; m++) {
    fesetround(modes[m]);
    for (size_t i = 0; i < COUNT(values); i++) {
      uint64_t hash = 0;
      char all[256] = "";
      feclearexcept(FE_ALL_EXCEPT);
      for (size_t j = 0; j < COUNT(values); j++) {
        volatile double a = values[i], b = values[j];
        volatile double r;
        r = a + b, hash = hash * 31 + bits(r);
        r = a - b, hash = hash * 31 + bits(r);
        r = a * b, hash = hash * 31 + bits(r);
        r = a / b, hash = hash * 31 + bits(r);
        r = fma(a, b, values[(i + j) % COUNT(values)]), hash = hash * 31 + bits(r);
        volatile float f = a, g = b, h;
        h = f + g, hash = hash * 31 + float_bits(h);
        h = f * g, hash = hash * 31 + float_bits(h);
        h = f / g, hash = hash * 31 + float_bits(h);
        hash = hash * 31 + (a < b) + (a <= b) * 2 + (a == b) * 4 + (isunordered(a, b)) * 8;
      }
      volatile double root = sqrt(values[i]);
      hash = hash * 31 + bits(root);
      strcat(all, flags());
      say("%s, %g: %016llx %s", names[m], values[i], (unsigned long long)hash, all);
    }
  }
  for (int m = 0; m < 4; m++) {
    fesetround(modes[m]);
    static volatile double reals[] = {0.5, 1.5, 2.5, -0.5, -1.5, 2147483646.5, -2147483648.0, 1e15 + 0.5};
    for (size_t i = 0; i < COUNT(reals); i++) {
      volatile double x = reals[i];
      feclearexcept(FE_ALL_EXCEPT);
      long rounded = lrint(x);
      const char *raised = flags();
      say("%s: lrint(%.1f) = %ld %s, truncated %ld", names[m], x, rounded, raised, (long)x);
    }
    static volatile long integers[] = {9007199254740993, -9007199254740993, INT64_MAX, INT64_MIN, 16777217};
    for (size_t i = 0; i < COUNT(integers); i++) {
      volatile double d = integers[i];
      volatile float f = integers[i];
      say("%s: %ld is %016llx and %08llx", names[m], integers[i], (unsigned long long)bits(d), (unsigned long long)float_bits(f));
    }
  }
  return 0;
}
