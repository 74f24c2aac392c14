// A handler can read and change the interrupted registers through ucontext; sigreturn restores everything.
#include "../lib/observe.h"
#include <ucontext.h>

static volatile int steps;

static void skip(int number, siginfo_t *info, void *context) {
  ucontext_t *saved = context;
  steps++;
#if defined(__x86_64__)
  saved->uc_mcontext.gregs[REG_RIP] += 2; // ud2
#elif defined(__riscv)
  saved->uc_mcontext.__gregs[REG_PC] += 4; // unimp, written out in full
#endif
  say("%s: code %d, address is the instruction's: %d", signal_name(number), info->si_code == ILL_ILLOPN || info->si_code == ILL_ILLOPC,
      info->si_addr != NULL);
}

int main(void) {
  struct sigaction action = {.sa_sigaction = skip, .sa_flags = SA_SIGINFO};
  sigaction(SIGILL, &action, NULL);
  volatile double real = 1.5;
  volatile long whole = 41;
  double kept = real * 2;
  long sum = whole + 1;
#if defined(__x86_64__)
  __asm__ volatile("ud2" ::: "memory");
#elif defined(__riscv)
  __asm__ volatile(".word 0xc0001073" ::: "memory");
#endif
  say("went on: %ld %.1f, steps %d", sum, kept, steps);
  ucontext_t here;
  volatile int times = 0;
  getcontext(&here);
  if (++times < 3) setcontext(&here);
  say("getcontext and setcontext: %d", times);
  return 0;
}
