// The one door to the outside: time, randomness, files and the terminal of whoever runs the machine.
// The kernel calls it; cli/ implements it for Node, web/ for a browser, tests and replay with plain objects.
// Nothing below cli/ may reach the host in another way, so what comes through here is all a recording holds.

export interface Host {
  /** Monotonic time since an arbitrary start, in ns, as a safe integer. */
  monotonicNs(): number;
  /** Time since 1970, in ns. */
  realtimeNs(): bigint;
  /** Fills `bytes` with entropy. With --seed the kernel uses its own generator and never calls this. */
  random(bytes: Uint8Array): void;
  /** The host's files for mounts; absent where there are none (browser). */
  readonly files: HostFiles | undefined;
  /** The person's terminal or pipes; absent when the embedding program feeds terminals itself. */
  readonly terminal: HostTerminal | undefined;
  /** One clear line for the person: limits reached, missing parts. Not guest output. */
  warn(line: string): void;
}

/** Host file system access by absolute host path. Errors are HostError with a Linux errno name. */
export interface HostFiles {
  lstat(path: string): HostStat;
  readdir(path: string): readonly string[];
  readlink(path: string): string;
  open(path: string, write: boolean, create?: { mode: number; exclusive: boolean }): HostFile;
  mkdir(path: string, mode: number): void;
  rmdir(path: string): void;
  unlink(path: string): void;
  rename(from: string, to: string): void;
  link(from: string, to: string): void;
  symlink(target: string, path: string): void;
  chmod(path: string, mode: number): void;
  chown(path: string, uid: number, gid: number): void;
  utimes(path: string, atimeNs: bigint, mtimeNs: bigint): void;
  statfs(path: string): {
    blockSize: number;
    blocks: number;
    blocksFree: number;
    files: number;
    filesFree: number;
  };
}

export interface HostFile {
  read(into: Uint8Array, position: number): number;
  write(bytes: Uint8Array, position: number): number;
  truncate(size: number): void;
  sync(): void;
  stat(): HostStat;
  close(): void;
}

export interface HostStat {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly ino: number;
  readonly dev: number;
  readonly nlink: number;
  readonly rdev: number;
  readonly atimeNs: bigint;
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
}

/** Thrown by HostFiles: a Linux errno number (see errno.ts) for the guest. */
export interface HostError {
  readonly hostErrno: number;
  readonly message: string;
}

/** Standard streams of the host side. Input is pushed by the embedder (`Machine`), never awaited here. */
export interface HostTerminal {
  /** Writes guest output; 1 = stdout, 2 = stderr. Must not lose bytes. Returns false when the reader is gone (EPIPE). */
  write(stream: 1 | 2, bytes: Uint8Array): boolean;
  /** Which of 0, 1, 2 are a terminal. */
  isTerminal(stream: 0 | 1 | 2): boolean;
  size(): { rows: number; columns: number };
  /** The guest changed termios so that the host's line discipline must be raw (or cooked again). */
  setRaw(raw: boolean): void;
}
