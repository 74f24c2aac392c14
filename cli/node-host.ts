// The Host for Node: clocks, entropy, files, the terminal and the event loop of this process.
// The command line makes one; programs that embed a Machine under Node import `nodeHost` as 'rivulet/node'.
// Output is written at once and completely; a full pipe makes us wait, a closed one is reported, never thrown.
import fs from 'node:fs';
import type { Host, HostTerminal } from '../kernel/host.ts';
import type { EventLoop } from '../machine/event-loop.ts';
import { IS_WINDOWS } from './host-paths.ts';
import { NodeFiles } from './node-files.ts';

const BOOT = performance.now();

/** The device number of the null device: Linux's, or that of systems that have another. */
const DEV_NULL = { darwin: 0x300_0002, win32: 0x15_0000 }[process.platform as string] ?? 0x103;

/** How long to sleep before a full pipe is tried again. */
const RETRY_MS = 2;

/** Random bytes that nobody got yet, from the start; every program that is started asks for a few. */
const unused = new Uint8Array(256);
let unusedLength = 0;

function fillRandom(bytes: Uint8Array): void {
  const { length } = bytes;
  if (length > unused.length / 4) {
    readRandom(bytes);
    return;
  }
  if (unusedLength < length) {
    readRandom(unused);
    unusedLength = unused.length;
  }
  unusedLength -= length;
  const taken = unused.subarray(unusedLength, unusedLength + length);
  bytes.set(taken);
  taken.fill(0);
}

/** Entropy from the system's device where there is one: loading node:crypto takes longer than a short program runs. */
function readRandom(bytes: Uint8Array): void {
  let device: number | undefined;
  try {
    device = fs.openSync('/dev/urandom', 'r');
    let done = 0;
    while (done < bytes.length) done += fs.readSync(device, bytes, done, bytes.length - done, null);
  } catch {
    process.getBuiltinModule('node:crypto').randomFillSync(bytes); // Windows
  } finally {
    if (device !== undefined) fs.closeSync(device);
  }
}

/**
 * Writes all of `bytes`; false when the reader has gone. A pipe that a parent made non-blocking can be full (EAGAIN):
 * then this process has nothing better to do than to wait, as a blocking write would.
 */
export function writeAll(fd: number, bytes: Uint8Array): boolean {
  return whyUnwritten(fd, bytes) === undefined;
}

/** As writeAll; what it returns is undefined, or the code of the error: EPIPE when the reader has gone. */
export function whyUnwritten(fd: number, bytes: Uint8Array): string | undefined {
  if (IS_WINDOWS && (fd === 1 || fd === 2) && isTerminal(fd)) {
    // bytes for a console there go through its code page, and escape sequences to the screen, unless Node writes them
    (fd === 1 ? process.stdout : process.stderr).write(bytes);
    return undefined;
  }
  let done = 0;
  while (done < bytes.length) {
    try {
      done += fs.writeSync(fd, bytes, done);
    } catch (thrown) {
      const { code } = thrown as NodeJS.ErrnoException;
      if (code !== 'EAGAIN') return code ?? 'EIO'; // EPIPE, EIO of a hung-up terminal, ENOSPC
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, RETRY_MS);
    }
  }
  return undefined;
}

/** Whether our stdin is the null device; Node opens it where there was no stdin at all. */
export function isInputNull(): boolean {
  try {
    const stats = fs.fstatSync(0);
    return stats.isCharacterDevice() && stats.rdev === DEV_NULL;
  } catch {
    return false; // closed meanwhile
  }
}

/** Whether 0, 1 or 2 is a terminal. Node's tty module takes milliseconds to load, so it is asked about devices only. */
export function isTerminal(fd: 0 | 1 | 2): boolean {
  try {
    const stats = fs.fstatSync(fd);
    return (
      stats.isCharacterDevice() && stats.rdev !== DEV_NULL && process.getBuiltinModule('node:tty').isatty(fd)
    );
  } catch {
    return false; // closed
  }
}

/** The person's terminal, or whatever 0, 1 and 2 of this process are. */
export class NodeTerminal implements HostTerminal {
  #isRaw = false;

  write(stream: 1 | 2, bytes: Uint8Array): boolean {
    return writeAll(stream, bytes);
  }

  isTerminal(stream: 0 | 1 | 2): boolean {
    return isTerminal(stream);
  }

  size(): { rows: number; columns: number } {
    for (const stream of [process.stdout, process.stderr]) {
      if (stream.isTTY && stream.columns > 0) return { rows: stream.rows, columns: stream.columns };
    }
    return { rows: 24, columns: 80 };
  }

  setRaw(raw: boolean): void {
    if (raw === this.#isRaw || !isTerminal(0)) return;
    this.#isRaw = raw;
    process.stdin.setRawMode(raw);
  }

  /** Gives the terminal back as it was; safe to call at any time, any number of times. */
  restore(): void {
    try {
      this.setRaw(false);
    } catch {
      // the terminal has gone (hang-up)
    }
  }
}

export interface NodeHost extends Host, EventLoop {
  readonly terminal: NodeTerminal;
}

/** The host that this process is. `prefix` starts every warning line on stderr. */
export function nodeHost(prefix = 'rivulet: '): NodeHost {
  return {
    // the clock of process.hrtime, without the bigints, which every switch of threads would leave to the collector
    monotonicNs: () => Math.round((performance.now() - BOOT) * 1e6),
    realtimeNs: () => BigInt(Date.now()) * 1_000_000n,
    random: (bytes) => {
      fillRandom(bytes);
    },
    files: new NodeFiles(),
    terminal: new NodeTerminal(),
    warn: (line) => {
      writeAll(2, Buffer.from(`${prefix}${line}\n`));
    },
    after: (ms, wake) => {
      const timer = setTimeout(wake, ms);
      return () => clearTimeout(timer);
    },
    soon: (next) => {
      setImmediate(next);
    },
  };
}
