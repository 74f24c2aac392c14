// How a machine waits without blocking its surroundings: the two things it needs of an event loop.
// cli/node-host.ts implements it for Node, a web page for itself; machine.ts is the only caller.
// `soon` must let pending input in before it calls back, or a busy guest starves its terminal.

export interface EventLoop {
  /** Calls `wake` once when at least `ms` have passed, unless the returned function was called first. */
  after(ms: number, wake: () => void): () => void;
  /** Calls `next` as soon as the loop has looked at its pending events. */
  soon(next: () => void): void;
}

/** The longest wait that every event loop takes: 2^31 - 1 ms, as setTimeout's limit. */
export const LONGEST_WAIT_MS = 0x7fff_ffff;
