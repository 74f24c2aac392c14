// Catching SIGSEGV and SIGBUS: touch(address, …) says which signal, si_code and offset a load or store gets.
#pragma once
#include "observe.h"
#include <setjmp.h>

static sigjmp_buf fault_return;
static volatile sig_atomic_t fault_signal, fault_code;
static void *volatile fault_address;

static void on_fault(int number, siginfo_t *info, void *context) {
  (void)context;
  fault_signal = number;
  fault_code = info->si_code;
  fault_address = info->si_addr;
  siglongjmp(fault_return, 1);
}

MAYBE_UNUSED static void catch_faults(void) {
  struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER};
  sigaction(SIGSEGV, &action, NULL);
  sigaction(SIGBUS, &action, NULL);
  sigaction(SIGILL, &action, NULL);
  sigaction(SIGTRAP, &action, NULL);
}

MAYBE_UNUSED static void say_fault(const char *label, const void *expected) {
  const char *code = fault_signal == SIGSEGV && fault_code == SEGV_MAPERR   ? "SEGV_MAPERR"
                     : fault_signal == SIGSEGV && fault_code == SEGV_ACCERR ? "SEGV_ACCERR"
                     : fault_signal == SIGBUS && fault_code == BUS_ADRERR   ? "BUS_ADRERR"
                                                                            : "other";
  say("%s: %s, %s, address right: %d", label, signal_name(fault_signal), code, fault_address == expected);
}

MAYBE_UNUSED static void try_read(const char *label, const void *address) {
  if (sigsetjmp(fault_return, 1)) say_fault(label, address);
  else say("%s: reads %d", label, *(const volatile unsigned char *)address);
}

MAYBE_UNUSED static void try_write(const char *label, void *address) {
  if (sigsetjmp(fault_return, 1)) {
    say_fault(label, address);
    return;
  }
  *(volatile unsigned char *)address = 7;
  say("%s: written", label);
}
