// A fault with a stack pointer that points nowhere: the handler cannot be entered, so the program dies of SIGSEGV.
// exit: 139
#include "../lib/observe.h"

static void handler(int number) { say("never reached: %d", number); }

int main(void) {
  signal(SIGSEGV, handler);
  say("stack pointer to nowhere");
#if defined(__x86_64__)
  __asm__ volatile("mov $0x1000, %%rsp; push %%rax" ::: "memory");
#elif defined(__riscv)
  __asm__ volatile("li sp, 0x1000; sd a0, -8(sp)" ::: "memory");
#endif
  return 0;
}
