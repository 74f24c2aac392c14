// One reader at a time (drivers/tty/n_tty.c, atomic_read_lock): who waits for input keeps all others from reading.
// Terminals and pty masters have one each. It is held while its holder sleeps on the queue for input, and no longer.
import { EAGAIN, fail } from '../errno.ts';
import { isNonblocking } from '../file/blocking.ts';
import type { OpenFile } from '../file/open-file.ts';
import type { Thread } from '../task/thread.ts';
import { isWait, type Wait, type WaitQueue, wait } from '../wait.ts';

export class ReadLock {
  readonly #input: WaitQueue;
  #holder: Thread | undefined;

  constructor(input: WaitQueue) {
    this.#input = input;
  }

  /** Reads, or waits for another reader to be through. EAGAIN: O_NONBLOCK, and another one waits. */
  read(thread: Thread, file: OpenFile, read: () => number | Wait): number | Wait {
    const holder = this.#holder;
    const isTaken =
      holder !== undefined &&
      holder !== thread &&
      holder.state === 'blocked' &&
      holder.parkedOn.includes(this.#input);
    if (isTaken) {
      if (isNonblocking(file)) fail(EAGAIN, 'another reader waits, and the descriptor is O_NONBLOCK');
      return wait(this.#input);
    }
    const answer = read();
    this.#holder = isWait(answer) ? thread : undefined;
    return answer;
  }
}
