// gdb's own numbers of signals, which are the same on all systems, and Linux's. Stop replies and vCont use them.
// Source: gdb's include/gdb/signals.def; asm-generic/signal.h.

/** gdb's number by Linux's; 0 where gdb has none. */
const GDB_NUMBERS = [
  0, 1, 2, 3, 4, 5, 6, 10, 8, 9, 30, 11, 31, 13, 14, 15, 0, 20, 19, 17, 18, 21, 22, 16, 24, 25, 26, 27, 28,
  23, 32, 12,
];
const UNKNOWN = 143;
const FIRST_REALTIME = 32;
const LAST_REALTIME = 64;

export function gdbSignal(signo: number): number {
  if (signo < FIRST_REALTIME) return GDB_NUMBERS[signo] || UNKNOWN;
  if (signo === FIRST_REALTIME) return 77;
  if (signo === LAST_REALTIME) return 78;
  return signo < LAST_REALTIME ? signo + 12 : UNKNOWN;
}

/** Linux's number; 0 for none and for what Linux has not. */
export function linuxSignal(number: number): number {
  if (number === 0) return 0;
  for (let signo = 1; signo <= LAST_REALTIME; signo++) if (gdbSignal(signo) === number) return signo;
  return 0;
}
