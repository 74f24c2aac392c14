// Jumps into memory that holds no code, may not be executed, or whose bytes are no instruction.
#include "../lib/faults.h"

int main(void) {
  catch_faults();
  static char zeros[64];
  if (sigsetjmp(fault_return, 1)) say("data: %s", signal_name(fault_signal));
  else ((void (*)(void))(void *)zeros)();
  char *page = MUST(mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
#if defined(__x86_64__)
  page[0] = 0x0f, page[1] = 0x0b; // ud2
#endif
  if (sigsetjmp(fault_return, 1)) say("zeros as an instruction: %s, address right: %d", signal_name(fault_signal), fault_address == page);
  else ((void (*)(void))(void *)page)();
  if (sigsetjmp(fault_return, 1)) say("past the mapping: %s", signal_name(fault_signal));
  else ((void (*)(void))(void *)(page + 4096))();
  if (sigsetjmp(fault_return, 1)) say("a wild address: %s", signal_name(fault_signal));
  else ((void (*)(void))0x7fff12345678)();
  return 0;
}
