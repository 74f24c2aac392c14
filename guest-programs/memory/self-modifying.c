// Code written at run time: run, changed in place after a flush, run again; W^X through mprotect.
#include "../lib/faults.h"

// Writes a function that returns `value` (0..255).
static void emit(unsigned char *code, int value) {
#if defined(__x86_64__)
  unsigned char bytes[] = {0xb8, value, 0, 0, 0, 0xc3}; // mov eax, value; ret
#elif defined(__riscv)
  unsigned instruction = 0x00000513 | value << 20; // li a0, value
  unsigned char bytes[] = {instruction, instruction >> 8, instruction >> 16, instruction >> 24, 0x82, 0x80}; // ret
#endif
  memcpy(code, bytes, sizeof bytes);
  __builtin___clear_cache((char *)code, (char *)code + 8);
}

int main(void) {
  catch_faults();
  const int rw = PROT_READ | PROT_WRITE;
  unsigned char *page = MUST(mmap(NULL, 8192, rw | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  int (*function)(void) = (int (*)(void))page;
  int sum = 0;
  for (int i = 0; i < 100; i++) {
    emit(page, i);
    for (int j = 0; j < 50; j++) sum += function();
  }
  say("sum: %d", sum);
  int (*across)(void) = (int (*)(void))(page + 4094);
  emit(page + 4094, 99);
  say("across a page edge: %d", across());
  MUST(mprotect(page, 8192, rw));
  if (sigsetjmp(fault_return, 1)) say_fault("not executable any more", page);
  else say("not executable any more: %d", function());
  emit(page, 55);
  MUST(mprotect(page, 8192, PROT_READ | PROT_EXEC));
  say("executable again: %d", function());
  try_write("and not writable", page);
  pid_t child = MUST(fork());
  if (child == 0) {
    MUST(mprotect(page, 8192, rw | PROT_EXEC));
    emit(page, 66);
    say("child's own code: %d", function());
    _exit(0);
  }
  show_wait("child", child);
  say("parent's code: %d", function());
  MUST(munmap(page, 8192));
  if (sigsetjmp(fault_return, 1)) say_fault("gone", page);
  else say("gone: %d", function());
  return 0;
}
