// What tracing, debugging, recording and fault injection see of the running kernel.
// The kernel calls it at each event when one is attached; Machine joins several into one.
// An observer may change results only where a return value says so; otherwise the guest cannot tell it is there.

import type { Process } from './task/process.ts';
import type { SignalInfo } from './task/signal-info.ts';
import type { Call, Thread } from './task/thread.ts';
import type { Wait } from './wait.ts';

export interface KernelObserver {
  /** A call begins. A number skips the call and becomes its result (negative errno): fault injection. */
  syscallEnter?(thread: Thread, call: Call): number | undefined;
  /** A call parks; it will be tried again. */
  syscallBlocked?(thread: Thread, call: Call, reason: Wait): void;
  /** A call ends (also execve and exit, with 0). A returned number replaces the result. */
  syscallExit?(thread: Thread, call: Call, result: number): number | undefined;
  /** A signal is about to act on a thread: handler, death, stop. */
  signalDelivered?(thread: Thread, info: SignalInfo): void;
  /** A signal was sent and thrown away at once, since the receiver ignores it. `thread` stands for the receiver. */
  signalIgnored?(thread: Thread, info: SignalInfo): void;
  /** A thread has begun to exist (fork, clone, or the first one). */
  threadStarted?(thread: Thread): void;
  /** A thread has ended. */
  threadExited?(thread: Thread): void;
  /** A process is about to end; its threads and descriptors are still there. */
  processEnding?(process: Process): void;
  /** A process has become a zombie; `waitStatus` says how it ended. */
  processExited?(process: Process): void;
  /** execve succeeded; the thread has its new image. */
  executed?(thread: Thread): void;
}
