// Where things lie in a fuzzing program, and what a record of results holds.
// Shared by the generator (which aims at page boundaries), the program writer and whoever reads the results.
// Everything is below 2 GiB, so that `lui` reaches it.

export const PAGE = 4096;
/** The runner and the signal handler. */
export const RUNNER = 0x1_0000;
/** Writable: control block, signal stack, results. No round number: cases that store there by chance end the runner. */
export const CONTROL = 0x7d_3000;
/** Read-only: the initial contents of the spots, structures for system calls, then the states. */
export const DATA = 0x100_0000;
/** The cases' code; not writable. */
export const TEXT = 0x200_0000;
/** The code of cases that change themselves. */
export const WRITABLE_TEXT = 0x300_0000;
/** Two writable pages; before them one that is read-only, around them nothing. */
export const WINDOW = 0x400_0000;
export const WINDOW_SIZE = 2 * PAGE;

/** An executable page of which the last instruction goes on in the next page, where nothing is. */
export const EDGE = 0x500_0000;

/** What each pass restores and records: the window's begin, its middle and its end. */
export const SPOT_SIZE = 256;
export const SPOTS: readonly number[] = [
  WINDOW,
  WINDOW + PAGE - SPOT_SIZE / 2,
  WINDOW + WINDOW_SIZE - SPOT_SIZE,
];

/** Each case runs so often: interpreted, then as a new region, then as a known one. */
export const PASSES = 3;

/** Offsets in a state: x1 to x31 at 8 × number, with the entry in the place of x31; f0 to f31; fcsr. */
export const State = { F: 256, FCSR: 512, SIZE: 520 } as const;

/** Offsets in a record. x1 to x31 follow `PC` in the order of a signal frame. */
export const Record = { SIGNAL: 0, CODE: 4, ADDRESS: 8, PC: 16, F: 272, FCSR: 528, SPOTS: 536 } as const;
/** The last eight bytes: ticks that the case took. qemu has none, the interpreter and the JIT agree about them. */
export const TICKS = Record.SPOTS + SPOTS.length * SPOT_SIZE;
export const RECORD_SIZE = TICKS + 8;
export const CASE_RESULT_SIZE = PASSES * RECORD_SIZE;
