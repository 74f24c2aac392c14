// The buffers of a read or a write: guest memory that bytes are put to or taken from, piece by piece.
// user-memory.ts makes them, descriptors see a Sink or a Source.
// One object for the commonest case, a single buffer, since every read and write makes one.
import type { GuestMemory } from '../../emulator/memory/guest-memory.ts';
import { EFAULT, fail } from '../errno.ts';
import type { Sink, Source } from '../file/file-descriptor.ts';
import type { Iovec, UserMemory } from './user-memory.ts';

export class UserTransfer implements Sink, Source {
  remaining: number;
  readonly #user: UserMemory;
  readonly #memory: GuestMemory;
  readonly #iovecs: readonly Iovec[];
  /** Of the iovec that is at hand; -1 before the first. */
  #index = -1;
  #base: number;
  #length: number;
  /** Bytes of it that were moved. */
  #done = 0;

  /** The buffer at `base`, then `iovecs`. */
  constructor(user: UserMemory, memory: GuestMemory, iovecs: readonly Iovec[], base = 0, length = 0) {
    this.#user = user;
    this.#memory = memory;
    this.#iovecs = iovecs;
    this.#base = base;
    this.#length = length;
    let total = length;
    for (const iovec of iovecs) total += iovec.length;
    this.remaining = total;
  }

  put(bytes: Uint8Array, start = 0, end = bytes.length): number {
    let at = start;
    while (at < end && this.#hasMore()) {
      const target = this.#base + this.#done;
      const run = this.#user.accessible(target, Math.min(this.#length - this.#done, end - at), true);
      if (run === 0) {
        if (at === start) fail(EFAULT, 'buffer not writable');
        break;
      }
      this.#memory.copyIn(target, bytes, at, at + run);
      this.#moved(run);
      at += run;
    }
    return at - start;
  }

  take(max: number): Uint8Array {
    const run = this.#readable(max);
    if (run === 0) return new Uint8Array(0);
    const from = this.#base + this.#done;
    this.#moved(run);
    return this.#memory.bytes(from, run);
  }

  copyTo(target: Uint8Array, offset: number, max: number): number {
    const run = this.#readable(max);
    this.#memory.copyOut(this.#base + this.#done, run, target, offset);
    this.#moved(run);
    return run;
  }

  giveBack(count: number): void {
    let left = count;
    this.remaining += count;
    while (left > this.#done) {
      left -= this.#done;
      this.#take(--this.#index);
      this.#done = this.#length;
    }
    this.#done -= left;
  }

  /** How many bytes can be read at once, at most `max`; 0 at the end. EFAULT. */
  #readable(max: number): number {
    if (max === 0 || !this.#hasMore()) return 0;
    const run = this.#user.accessible(
      this.#base + this.#done,
      Math.min(this.#length - this.#done, max),
      false,
    );
    if (run === 0) fail(EFAULT, 'buffer not readable');
    return run;
  }

  #moved(count: number): void {
    this.#done += count;
    this.remaining -= count;
  }

  /** Goes on to the next buffer that is not empty, if this one is through. */
  #hasMore(): boolean {
    while (this.#done === this.#length) {
      if (this.#index + 1 >= this.#iovecs.length) return false;
      this.#take(++this.#index);
    }
    return true;
  }

  #take(index: number): void {
    const iovec = this.#iovecs[index];
    this.#base = iovec?.base ?? 0;
    this.#length = iovec?.length ?? 0;
    this.#done = 0;
  }
}
