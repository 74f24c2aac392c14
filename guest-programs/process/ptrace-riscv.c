// ptrace(2) as riscv64 has it: registers in a call, breakpoints in code that ran already, no single steps.
// Natively the lines are what arch/riscv/kernel/ptrace.c and traps.c say; on riscv64 they are what happens.
#include "../lib/trace.h"

#ifdef __riscv
static pid_t tracee;
static unsigned long registers[32];
static double number = 1.5;

enum { PC = 0, SP = 2, A0 = 10, A1 = 11, A2 = 12, A7 = 17 };

__attribute__((noinline)) static int add(int a, int b) {
  __asm__ volatile("");
  return a + b;
}
__attribute__((noinline)) static void elsewhere(void) {
  say("  child: is elsewhere");
  _exit(6);
}
extern char at_ebreak[], at_short[], at_call[];

static void child(void) {
  TRACE_ME();
  say("  child: add gives %d", add(1, 2));
  kill(getpid(), SIGSTOP);
  say("  child: add gives %d", add(1, 2));
  say("  child: add gives %d", add(1, 2));
  __asm__ volatile("at_ebreak: .option push; .option norvc; ebreak; .option pop");
  __asm__ volatile("at_short: c.ebreak");
  register double f __asm__("fs0") = number;
  __asm__ volatile("csrw fcsr, zero; ebreak" : "+f"(f));
  unsigned long fcsr;
  __asm__ volatile("frcsr %0" : "=r"(fcsr));
  say("  child: the number is %g, fcsr %#lx", f, fcsr);
  register long a0 __asm__("a0") = 77, a7 __asm__("a7") = SYS_close;
  __asm__ volatile("at_call: ecall" : "+r"(a0) : "r"(a7) : "memory");
  say("  child: %ld", a0);
  a0 = 78;
  a7 = SYS_close;
  __asm__ volatile("ecall" : "+r"(a0) : "r"(a7) : "memory");
  say("  child: not reached");
  _exit(1);
}

static long get(long set, void *at, size_t size) {
  struct iovec part = {at, size};
  long result = ask(PTRACE_GETREGSET, tracee, set, (unsigned long)&part);
  return result == -1 ? -1 : (long)part.iov_len;
}
static void put(long set, void *at, size_t size) {
  struct iovec part = {at, size};
  MUST(ask(PTRACE_SETREGSET, tracee, set, (unsigned long)&part));
}
static void get_all(void) {
  MUST(get(NT_PRSTATUS, registers, sizeof registers));
}
static void put_all(void) {
  put(NT_PRSTATUS, registers, sizeof registers);
}
static void go_on(long request) {
  MUST(ask(request, tracee, 0, 0));
}
static void show_trap(const char *label, char *place) {
  show_next(label, tracee);
  siginfo_t info;
  MUST(ask(PTRACE_GETSIGINFO, tracee, 0, (unsigned long)&info));
  get_all();
  say("code %d, address and pc there: %d %d", info.si_code, info.si_addr == place, registers[PC] == (unsigned long)place);
}
static unsigned long peek(char *at) {
  unsigned long word = 0;
  MUST(ask(PTRACE_PEEKTEXT, tracee, (unsigned long)at, (unsigned long)&word));
  return word;
}
static void poke(char *at, unsigned long word) {
  MUST(ask(PTRACE_POKETEXT, tracee, (unsigned long)at, word));
}

int main(void) {
  tracee = MUST(fork());
  if (tracee == 0) child();
  show_next("first", tracee);
  char buffer[1024];
  show("single step", ask(9, tracee, 0, 0));
  show("single block", ask(33, tracee, 0, 0));
  show("emulated calls", ask(31, tracee, 0, 0));
  show("peek at the user area", ask(3, tracee, 0, (unsigned long)buffer));
  show("poke to it", ask(6, tracee, 0, 0));
  show("registers as of old", ask(12, tracee, 0, (unsigned long)buffer));
  show("general registers", get(NT_PRSTATUS, buffer, sizeof buffer));
  show("floating point", get(NT_PRFPREG, buffer, sizeof buffer));
  show("vectors", get(0x901, buffer, sizeof buffer));

  unsigned long code = peek((char *)add);
  poke((char *)add, (code & ~0xffffUL) | 0x9002);
  go_on(PTRACE_CONT);
  show_trap("a breakpoint in code that ran", (char *)add);
  poke((char *)add, code);
  say("arguments %ld and %ld", registers[A0], registers[A1]);
  registers[A1] = 40;
  put_all();
  go_on(PTRACE_CONT);
  show_trap("ebreak", at_ebreak);
  registers[PC] += 4;
  put_all();
  go_on(PTRACE_CONT);
  show_trap("c.ebreak", at_short);
  registers[PC] += 2;
  put_all();
  go_on(PTRACE_CONT);
  show_next("ebreak", tracee);
  get_all();
  registers[PC] += peek((char *)registers[PC]) % 4 == 3 ? 4 : 2;
  put_all();
  double floats[33];
  show("floating point", get(NT_PRFPREG, floats, sizeof floats));
  say("the number is %g", floats[8]);
  floats[8] = 2.25;
  *(unsigned long *)&floats[32] = 0x43;
  put(NT_PRFPREG, floats, sizeof floats);

  MUST(ask(PTRACE_SETOPTIONS, tracee, 0, PTRACE_O_TRACESYSGOOD));
  do {
    go_on(PTRACE_SYSCALL);
    next_stop(tracee);
    get_all();
  } while (registers[A7] != SYS_close);
  say("a0 is %ld, pc behind the call: %d", registers[A0], registers[PC] == (unsigned long)at_call + 4);
  show_call("entry", tracee);
  registers[A0] = 12;
  put_all();
  show_call("a0 is no argument", tracee);
  registers[A7] = -1;
  put_all();
  go_on(PTRACE_SYSCALL);
  show_next("but the result where there is no call", tracee);
  show_call("exit", tracee);
  do {
    go_on(PTRACE_SYSCALL);
    next_stop(tracee);
    get_all();
  } while (registers[A7] != SYS_close);
  registers[PC] = (unsigned long)elsewhere;
  put_all();
  go_on(PTRACE_SYSCALL);
  show_next("pc is changed", tracee);
  get_all();
  say("pc is there: %d", registers[PC] == (unsigned long)elsewhere);
  show_call("the call is made", tracee);
  go_on(PTRACE_CONT);
  show_next("end", tracee);
  return 0;
}
#else
int main(void) {
  fputs("  child: add gives 3\n"
        "first: stopped by SIGSTOP\n"
        "single step: EIO\n"
        "single block: EIO\n"
        "emulated calls: EIO\n"
        "peek at the user area: EIO\n"
        "poke to it: EIO\n"
        "registers as of old: EIO\n"
        "general registers: 256\n"
        "floating point: 264\n"
        "vectors: EINVAL\n"
        "a breakpoint in code that ran: stopped by SIGTRAP\n"
        "code 1, address and pc there: 1 1\n"
        "arguments 1 and 2\n"
        "  child: add gives 41\n"
        "  child: add gives 3\n"
        "ebreak: stopped by SIGTRAP\n"
        "code 1, address and pc there: 1 1\n"
        "c.ebreak: stopped by SIGTRAP\n"
        "code 1, address and pc there: 1 1\n"
        "ebreak: stopped by SIGTRAP\n"
        "floating point: 264\n"
        "the number is 1.5\n"
        "  child: the number is 2.25, fcsr 0x43\n"
        "a0 is -38, pc behind the call: 1\n"
        "entry: enters close, first argument 77\n"
        "a0 is no argument: enters close, first argument 77\n"
        "but the result where there is no call: syscall-stop\n"
        "exit: leaves with 12\n"
        "  child: 12\n"
        "pc is changed: syscall-stop\n"
        "pc is there: 1\n"
        "the call is made: leaves with EBADF\n"
        "  child: is elsewhere\n"
        "end: exited 6\n",
        stdout);
  return 0;
}
#endif
