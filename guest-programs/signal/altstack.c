// sigaltstack: used with SA_ONSTACK, SS_ONSTACK inside, not changeable while in use, SS_DISABLE, too small.
#include "../lib/observe.h"

static char stack_space[32768];

static void handler(int number) {
  char here;
  bool on = &here >= stack_space && &here < stack_space + sizeof stack_space;
  stack_t now, other = {.ss_sp = stack_space, .ss_size = sizeof stack_space};
  sigaltstack(NULL, &now);
  say("%s: on the alternate stack %d, SS_ONSTACK %d", signal_name(number), on, now.ss_flags == SS_ONSTACK);
  if (on) show("changing it now", sigaltstack(&other, NULL));
}

int main(void) {
  stack_t stack, old;
  sigaltstack(NULL, &old);
  say("at first disabled: %d", old.ss_flags == SS_DISABLE);
  stack = (stack_t){.ss_sp = stack_space, .ss_size = 100};
  show("too small", sigaltstack(&stack, NULL));
  stack = (stack_t){.ss_sp = stack_space, .ss_size = sizeof stack_space, .ss_flags = 77};
  show("bad flags", sigaltstack(&stack, NULL));
  stack.ss_flags = 0;
  show("set", sigaltstack(&stack, NULL));
  sigaltstack(NULL, &old);
  say("read back: %d %zu %d", old.ss_sp == stack_space, old.ss_size, old.ss_flags);
  struct sigaction action = {.sa_handler = handler, .sa_flags = SA_ONSTACK};
  sigaction(SIGUSR1, &action, NULL);
  action.sa_flags = 0;
  sigaction(SIGUSR2, &action, NULL);
  raise(SIGUSR1);
  raise(SIGUSR2);
  pid_t child = MUST(fork());
  if (child == 0) {
    say("child keeps it");
    raise(SIGUSR1);
    _exit(0);
  }
  show_wait("child", child);
  stack.ss_flags = SS_DISABLE;
  show("disable", sigaltstack(&stack, NULL));
  raise(SIGUSR1);
  return 0;
}
