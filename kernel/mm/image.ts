// Where exec put the parts of a program: what /proc/PID/stat, status, cmdline, environ and auxv report.

export interface ImageFacts {
  readonly startCode: number;
  readonly endCode: number;
  readonly startData: number;
  readonly endData: number;
  readonly startBrk: number;
  /** The stack pointer at entry. */
  readonly startStack: number;
  readonly argStart: number;
  readonly argEnd: number;
  readonly envStart: number;
  readonly envEnd: number;
  readonly entry: number;
  /** The auxiliary vector as in /proc/PID/auxv. */
  readonly auxv: Uint8Array;
}

export const EMPTY_IMAGE: ImageFacts = {
  startCode: 0,
  endCode: 0,
  startData: 0,
  endData: 0,
  startBrk: 0,
  startStack: 0,
  argStart: 0,
  argEnd: 0,
  envStart: 0,
  envEnd: 0,
  entry: 0,
  auxv: new Uint8Array(0),
};
