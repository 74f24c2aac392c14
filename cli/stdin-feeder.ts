// Moves this process's stdin into the guest's: files as they are read, pipes and terminals as bytes arrive.
// session.ts makes one; reading starts only once the guest had its first turn, for most programs need none of it.
// Never more than a little ahead of the guest: the source is paused until what was given has been read.
import fs from 'node:fs';
import type { GuestProcess } from '../machine/guest-process.ts';

const CHUNK = 256 * 1024;

export class StdinFeeder {
  readonly #guest: GuestProcess;
  /** stdin is a regular file, read synchronously from here on. */
  #filePosition: number | undefined;
  #hasStarted = false;
  #hasEnded = false;
  #isPaused = false;

  constructor(guest: GuestProcess) {
    this.#guest = guest;
    try {
      const stats = fs.fstatSync(0);
      if (stats.isFile()) this.#filePosition = 0;
    } catch {
      this.#end(); // stdin is closed
    }
    if (this.#filePosition !== undefined) this.#readFile();
  }

  /** Called between the machine's turns. */
  topUp(): void {
    if (this.#hasEnded) return;
    if (this.#filePosition !== undefined) {
      this.#readFile();
      return;
    }
    if (!this.#hasStarted) this.#startStream();
    if (this.#isPaused && this.#guest.pendingInput < CHUNK / 2) {
      this.#isPaused = false;
      process.stdin.resume();
    }
  }

  /** The guest is over. */
  close(): void {
    this.#hasEnded = true;
  }

  #readFile(): void {
    if (this.#guest.pendingInput >= CHUNK / 2) return;
    const buffer = Buffer.alloc(CHUNK);
    let count = 0;
    try {
      count = fs.readSync(0, buffer, 0, CHUNK, null);
    } catch {
      // a directory, or gone: the guest sees the end of its input
    }
    if (count === 0) this.#end();
    else this.#guest.write(buffer.subarray(0, count));
  }

  #startStream(): void {
    this.#hasStarted = true;
    const { stdin } = process;
    stdin.on('data', (bytes: Buffer) => {
      this.#guest.write(bytes);
      if (this.#guest.pendingInput < CHUNK) return;
      this.#isPaused = true;
      stdin.pause();
    });
    stdin.on('end', () => this.#end());
    stdin.on('error', () => this.#end());
  }

  #end(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    this.#guest.end();
  }
}
