// Why a program may not run: the errno of BPF_PROG_LOAD, and the line that goes to its log.

export class Rejection {
  readonly errno: number;
  readonly line: string;

  constructor(errno: number, line: string) {
    this.errno = errno;
    this.line = line;
  }
}

/** Ends the verification, with Linux's words where it has some. */
export function reject(errno: number, line: string): never {
  throw new Rejection(errno, line);
}
