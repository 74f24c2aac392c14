// The stack grows by itself down to its limit; recursion past it is SIGSEGV, seen on an alternate stack.
#include "../lib/observe.h"
#include <sys/resource.h>

static char alternate[65536];

static void on_overflow(int number, siginfo_t *info, void *context) {
  (void)context;
  char here;
  bool on_alternate = &here >= alternate && &here < alternate + sizeof alternate;
  say("%s on the alternate stack: %d, code %d", signal_name(number), on_alternate, info->si_code == SEGV_MAPERR);
  _exit(0);
}

__attribute__((noinline)) static int dive(volatile char *above, int depth) {
  volatile char frame[4096];
  frame[0] = above[0] + 1;
  if (depth == 0) return frame[0];
  return dive(frame, depth - 1) + frame[0];
}

int main(void) {
  volatile char first[1] = {0};
  struct rlimit limit;
  getrlimit(RLIMIT_STACK, &limit);
  say("limit: %lu KiB", limit.rlim_cur / 1024);
  dive(first, 1500);
  say("six MiB deep and back");
  char big[1 << 20];
  big[0] = 1;
  say("a page far below is there: %d", ((volatile char *)big)[0]);
  stack_t stack = {.ss_sp = alternate, .ss_size = sizeof alternate};
  MUST(sigaltstack(&stack, NULL));
  struct sigaction action = {.sa_sigaction = on_overflow, .sa_flags = SA_SIGINFO | SA_ONSTACK};
  sigaction(SIGSEGV, &action, NULL);
  dive(first, 1 << 28);
  return 1;
}
