// si_addr of faults at the very end of the address space, where a double has no room for the low bits.
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>

static sigjmp_buf back;
static volatile uintptr_t fault;
static volatile int code;

static void caught(int number, siginfo_t *info, void *context) {
  (void)number;
  (void)context;
  fault = (uintptr_t)info->si_addr;
  code = info->si_code;
  siglongjmp(back, 1);
}

int main(void) {
  struct sigaction action = {.sa_sigaction = caught, .sa_flags = SA_SIGINFO};
  sigaction(SIGSEGV, &action, NULL);
  static const uintptr_t addresses[] = {8, (uintptr_t)-1, (uintptr_t)-8, (uintptr_t)-4096 + 1, (uintptr_t)-65544};
  for (unsigned i = 0; i < sizeof addresses / sizeof *addresses; i++) {
    if (sigsetjmp(back, 1) == 0) *(volatile char *)addresses[i];
    printf("load  %#jx: code %d\n", (uintmax_t)fault, code);
    if (sigsetjmp(back, 1) == 0) *(volatile char *)addresses[i] = 1;
    printf("store %#jx: code %d\n", (uintmax_t)fault, code);
  }
  return 0;
}
