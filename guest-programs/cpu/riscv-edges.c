// What RISC-V defines and C leaves open: division by zero, overflow, conversions out of range, NaN results, shifts.
// Natively the lines are what the RISC-V unprivileged ISA says; on riscv64 they are what the instructions give.
#include "../lib/observe.h"
#include <math.h>

#ifdef __riscv
#define INTEGER(label, instruction, a, b, expected)                                                   \
  do {                                                                                                \
    uint64_t result;                                                                                  \
    __asm__ volatile(instruction " %0, %1, %2" : "=r"(result) : "r"((uint64_t)(a)), "r"((uint64_t)(b))); \
    say("%s %s: %llx", instruction, label, (unsigned long long)result);                               \
  } while (0)
#define CONVERT(label, instruction, value, expected)                                                  \
  do {                                                                                                \
    uint64_t result, raised;                                                                          \
    __asm__ volatile("fsflags x0\n" instruction " %0, %2, rtz\nfrflags %1" : "=&r"(result), "=r"(raised) : "f"((double)(value))); \
    say("%s %s: %llx", instruction, label, (unsigned long long)result);                               \
  } while (0)
#else
#define INTEGER(label, instruction, a, b, expected) \
  say("%s %s: %llx", instruction, label, (unsigned long long)(expected))
#define CONVERT(label, instruction, value, expected) \
  say("%s %s: %llx", instruction, label, (unsigned long long)(expected))
#endif

int main(void) {
  INTEGER("by zero", "div", 7, 0, -1ll);
  INTEGER("by zero", "divu", 7, 0, -1ll);
  INTEGER("by zero", "rem", -7, 0, -7ll);
  INTEGER("by zero", "remu", 7, 0, 7);
  INTEGER("overflow", "div", INT64_MIN, -1, INT64_MIN);
  INTEGER("overflow", "rem", INT64_MIN, -1, 0);
  INTEGER("by zero", "divw", 9, 0, -1ll);
  INTEGER("by zero", "divuw", 9, 0, -1ll);
  INTEGER("by zero", "remw", 0x80000000, 0, (int64_t)INT32_MIN);
  INTEGER("by zero", "remuw", 0x80000001, 0, (int64_t)(int32_t)0x80000001);
  INTEGER("overflow", "divw", INT32_MIN, -1, (int64_t)INT32_MIN);
  INTEGER("overflow", "remw", INT32_MIN, -1, 0);
  INTEGER("by 64", "sll", 5, 64, 5);
  INTEGER("by 65", "sra", -8, 65, -4ll);
  INTEGER("by 33", "sllw", 1, 33, 2);
  INTEGER("sign extends", "sllw", 1, 31, (int64_t)INT32_MIN);
  INTEGER("sign extends", "addw", 0x7fffffff, 1, (int64_t)INT32_MIN);
  INTEGER("high half", "mulh", INT64_MIN, INT64_MIN, 0x4000000000000000);
  INTEGER("high half", "mulhu", -1ll, -1ll, 0xfffffffffffffffe);
  INTEGER("high half", "mulhsu", -1ll, -1ll, -1ll);
  CONVERT("of NaN", "fcvt.w.d", NAN, 0x7fffffff);
  CONVERT("too large", "fcvt.w.d", 1e20, 0x7fffffff);
  CONVERT("too small", "fcvt.w.d", -1e20, (int64_t)INT32_MIN);
  CONVERT("of NaN", "fcvt.wu.d", NAN, -1ll);
  CONVERT("negative", "fcvt.wu.d", -1.0, 0);
  CONVERT("just below zero", "fcvt.wu.d", -0.9, 0);
  CONVERT("of NaN", "fcvt.l.d", NAN, INT64_MAX);
  CONVERT("infinite", "fcvt.l.d", -INFINITY, INT64_MIN);
  CONVERT("of NaN", "fcvt.lu.d", NAN, -1ll);
  CONVERT("large", "fcvt.lu.d", 1.8e19, 18000000000000000000ull);
  CONVERT("negative", "fcvt.lu.d", -5.0, 0);
  return 0;
}
