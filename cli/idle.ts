// Work for the time in which nobody wants anything: between two lines of a prompt, between two packets of gdb.
// debug.ts, debug-terminal.ts and gdb.ts use it. The host's events come first after every piece.
// A piece must be short, for a key that is pressed waits for its end.

/** Calls `work` again and again until it returns false, or the function returned here is called. */
export function whileIdle(work: () => boolean): () => void {
  let isOver = false;
  const next = (): void => {
    if (!isOver && work()) setImmediate(next);
  };
  setImmediate(next);
  return () => {
    isOver = true;
  };
}
