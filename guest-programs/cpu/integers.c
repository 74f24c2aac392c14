// Integer arithmetic of every width: wrap-around, shifts, multiplication's high half, division and remainder by sign.
#include "../lib/observe.h"

int main(void) {
  static volatile const int64_t values[] = {0, 1, -1, 2, -7, 7, 127, -128, 65537, -65536, INT32_MAX, INT32_MIN, 0x123456789abcdef0, INT64_MAX, INT64_MIN};
  uint64_t hash = 0;
  for (size_t i = 0; i < COUNT(values); i++) {
    for (size_t j = 0; j < COUNT(values); j++) {
      int64_t a = values[i], b = values[j];
      uint64_t ua = a, ub = b;
      uint64_t parts[] = {ua + ub, ua - ub, ua * ub, ua & ub, ua | ub, ua ^ ub, ua << (ub & 63), ua >> (ub & 63), (uint64_t)(a >> (b & 63)),
                          (uint32_t)a << (b & 31), (uint32_t)a >> (b & 31), (uint64_t)((int32_t)a >> (b & 31)), a < b, ua < ub, a == b,
                          (uint64_t)((__int128)a * b >> 64), (uint64_t)((unsigned __int128)ua * ub >> 64),
                          (uint64_t)((__int128)a * (unsigned __int128)ub >> 64), (uint64_t)(int32_t)(uint32_t)(ua + ub),
                          (uint64_t)(int32_t)(uint32_t)(ua * ub), (uint64_t)(int16_t)a, (uint64_t)(uint8_t)b};
      for (size_t k = 0; k < COUNT(parts); k++) hash = (hash ^ parts[k]) * 0x100000001b3;
      if (b != 0 && !(a == INT64_MIN && b == -1)) hash = (hash ^ (uint64_t)(a / b)) * 31 + (uint64_t)(a % b);
      if (ub != 0) hash = (hash ^ ua / ub) * 31 + ua % ub;
      int32_t x = a, y = b;
      if (y != 0 && !(x == INT32_MIN && y == -1)) hash = (hash ^ (uint64_t)(x / y)) * 31 + (uint64_t)(x % y);
      if (y != 0) hash = (hash ^ (uint32_t)x / (uint32_t)y) * 31 + (uint32_t)x % (uint32_t)y;
      hash = hash * 31 + __builtin_popcountll(ua) + (ua ? __builtin_clzll(ua) * 64 + __builtin_ctzll(ua) : 0);
      hash ^= __builtin_bswap64(ub) + __builtin_bswap32(a);
    }
    say("%lld: %016llx", (long long)values[i], (unsigned long long)hash);
  }
  return 0;
}
