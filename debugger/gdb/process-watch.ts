// Which processes gdb holds, and what became of them: forks, execs, ends. The target asks after each turn of the machine.
// It looks instead of observing, so that it works on whatever machine the session has after going back in time.
// A process that gdb has detached runs on and is not spoken of again.
import type { Kernel } from '../../kernel/kernel.ts';
import type { Mm } from '../../kernel/mm/mm.ts';
import type { Process } from '../../kernel/task/process.ts';
import type { Thread } from '../../kernel/task/thread.ts';

export type ProcessEvent =
  /** `thread` has made a process whose first thread is `child`. */
  | { readonly kind: 'fork' | 'vfork'; readonly thread: Thread; readonly child: Thread }
  /** The child of `thread` no longer uses its memory. */
  | { readonly kind: 'vforkdone' | 'exec'; readonly thread: Thread }
  | { readonly kind: 'exited'; readonly process: Process };

interface Held {
  readonly process: Process;
  mm: Mm;
}

export class ProcessWatch {
  /** Whether children of held processes are held too; gdb says so with fork-events. */
  followsForks = false;
  readonly #held = new Map<number, Held>();
  readonly #detached = new Set<number>();
  /** By the child's number. */
  readonly #vforks = new Map<number, { readonly child: Process; readonly parent: Thread }>();
  #seen = new WeakSet<Process>();
  #lastPid = 0;

  /** The machine is another one, or at another moment: all that is alive is held unless it was detached. */
  reset(kernel: Kernel): void {
    this.#held.clear();
    this.#vforks.clear();
    this.#seen = new WeakSet();
    this.#lastPid = kernel.pids.last;
    for (const process of kernel.processes) {
      this.#seen.add(process);
      if (process.isInit || process.state !== 'alive' || this.#detached.has(process.pid)) continue;
      this.#hold(process);
    }
  }

  /** In the order in which they began. */
  get processes(): Process[] {
    return [...this.#held.values()].map(({ process }) => process);
  }

  get threads(): Thread[] {
    return this.processes.flatMap((process) => [...process.threads.values()]);
  }

  holds(pid: number): boolean {
    return this.#held.has(pid);
  }

  /** Another run of the program begins, of which nothing was detached. */
  forgetDetached(): void {
    this.#detached.clear();
  }

  /** False when gdb does not hold it. */
  detach(pid: number): boolean {
    this.#detached.add(pid);
    return this.#held.delete(pid);
  }

  /** What has happened since the last time; `running` had the turn. */
  poll(kernel: Kernel, running: Thread | undefined): ProcessEvent[] {
    const events: ProcessEvent[] = [];
    if (kernel.pids.last !== this.#lastPid) this.#lookForNew(kernel, running, events);
    for (const [pid, held] of this.#held) {
      const { process } = held;
      if (process.state !== 'alive') {
        this.#held.delete(pid);
        events.push({ kind: 'exited', process });
      } else if (process.mm !== held.mm) {
        held.mm = process.mm;
        if (process.leader !== undefined) events.push({ kind: 'exec', thread: process.leader });
      }
    }
    for (const [pid, { child, parent }] of this.#vforks) {
      if (child.vforkDone !== undefined) continue;
      this.#vforks.delete(pid);
      if (parent.state !== 'dead' && this.holds(parent.process.pid))
        events.push({ kind: 'vforkdone', thread: parent });
    }
    return events;
  }

  #lookForNew(kernel: Kernel, running: Thread | undefined, events: ProcessEvent[]): void {
    this.#lastPid = kernel.pids.last;
    for (const process of kernel.processes) {
      if (this.#seen.has(process)) continue;
      this.#seen.add(process);
      this.#detached.delete(process.pid);
      const child = process.leader;
      if (running === undefined || child === undefined) continue;
      if (!this.followsForks || !this.holds(running.process.pid)) {
        this.#detached.add(process.pid);
        continue;
      }
      this.#hold(process);
      const kind = process.vforkDone === undefined ? 'fork' : 'vfork';
      if (kind === 'vfork') this.#vforks.set(process.pid, { child: process, parent: running });
      events.push({ kind, thread: running, child });
    }
  }

  #hold(process: Process): void {
    this.#held.set(process.pid, { process, mm: process.mm });
  }
}
