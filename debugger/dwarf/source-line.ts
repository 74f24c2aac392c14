// A row of a line table: which line of which file the instructions of a range come from.
// line-program.ts makes them, the debugger's stepping, breakpoints and listings use them.
// Addresses are the ELF file's until source-map.ts has moved them to where the file is mapped.

export interface SourceLine {
  /** First address, and the address after the last. */
  readonly start: number;
  readonly end: number;
  /** As the compiler knew it, with its directory. */
  readonly file: string;
  /** As it was named to the compiler, which is how gdb shows it. */
  readonly name: string;
  /** From 1; 0 = the compiler made it up. */
  readonly line: number;
  /** A good place for a breakpoint. */
  readonly isStatement: boolean;
}
