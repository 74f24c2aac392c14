// The C library's mathematics, printing and parsing of numbers, through the processor's own arithmetic.
// flags: -ffp-contract=off
#include "../lib/observe.h"
#include <math.h>

int main(void) {
  static volatile double values[] = {0.1, 0.5, 1, 2, 3.14159, 10, 123.456};
  for (size_t i = 0; i < COUNT(values); i++) {
    double x = values[i];
    say("%g: sqrt %.12g floor %g ceil %g fmod %.12g hypot %.12g", x, sqrt(x), floor(x), ceil(x), fmod(x, 0.3), hypot(x, 1));
    say("  sin %.9f exp %.9g log %.9f pow %.9g", sin(x), exp(x), log(x), pow(x, 1.5));
    int exponent;
    double fraction = frexp(x, &exponent);
    say("  frexp %.12g %d, round %g, trunc %g, %a", fraction, exponent, round(x), trunc(x), x);
  }
  say("%.17g %.17g %.3e", strtod("0.1", NULL), strtod("1e-320", NULL), strtod("1.7976931348623157e308", NULL));
  say("%Lg", (long double)1 / 3);
  say("%s", strtod("1e999", NULL) == INFINITY ? "overflow is infinite" : "?");
  say("%ld %d", lround(2.5), (int)nearbyint(2.5));
  return 0;
}
