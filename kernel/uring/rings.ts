// All io_urings of the machine, and those that threads have registered for themselves (IORING_REGISTER_RING_FDS).
// The kernel owns one; exit and execve come here, for what a thread has submitted ends with it.
import type { OpenFile } from '../file/open-file.ts';
import type { Thread } from '../task/thread.ts';

/** A submitted entry, to look at. */
export interface SubmittedRequest {
  readonly thread: Thread;
  /** It was begun and waits, or will be tried again. */
  readonly isPending: boolean;
  readonly sqe: { readonly opcode: number; readonly fd: number };
  readonly usesRegisteredFile: boolean;
  readonly operation: { readonly needsFile: boolean };
  readonly userData: bigint;
  /** What the queues it waits on are about. */
  readonly waitsFor: readonly string[];
}

/** What the ends of threads, and those who look, mean to a ring. */
interface Ring {
  readonly requests: Iterable<SubmittedRequest>;
  cancelAll(thread: Thread): void;
}

export class Rings {
  readonly open = new Set<Ring>();
  /** By thread, then by index. */
  readonly registered = new Map<Thread, (OpenFile | undefined)[]>();

  /** The thread ends, or goes on with another program. */
  threadEnded(thread: Thread): void {
    for (const ring of this.open) ring.cancelAll(thread);
    const files = this.registered.get(thread);
    if (files === undefined) return;
    this.registered.delete(thread);
    for (const file of files) file?.release();
  }
}
