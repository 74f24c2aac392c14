// Process and thread ids: who has which number, and which is next.
// Numbers grow and wrap at pid_max as on Linux; an id stays taken until its process is reaped.
import { EAGAIN, EEXIST, EINVAL, fail } from '../errno.ts';
import type { Process } from './process.ts';
import type { ProcessGroup } from './session.ts';
import type { Thread } from './thread.ts';

/** /proc/sys/kernel/pid_max. */
export const PID_MAX = 4_194_304;

export class PidTable {
  readonly #processes = new Map<number, Process>();
  readonly #threads = new Map<number, Thread>();
  readonly #groups = new Map<number, ProcessGroup>();
  /** Ids that groups and sessions keep alive beyond their process, and tracers beyond their thread. */
  readonly #held = new Map<number, number>();
  #unseenCount = 0;
  #last = 0;

  /** True when no process is left, not even a zombie that someone could reap. */
  get isEmpty(): boolean {
    return this.#threads.size === 0;
  }

  get processCount(): number {
    return this.#processes.size;
  }

  /** With threads that have ended and whose tracers have not seen it. */
  get threadCount(): number {
    return this.#threads.size + this.#unseenCount;
  }

  /** The number given out last. */
  get last(): number {
    return this.#last;
  }

  /** A free number, higher than the last one given until it wraps. EAGAIN when all are taken. */
  allocate(): number {
    for (let tries = 0; tries < PID_MAX; tries++) {
      this.#last = this.#last >= PID_MAX ? 300 : this.#last + 1; // RESERVED_PIDS after the wrap
      const id = this.#last;
      if (!this.#processes.has(id) && !this.#threads.has(id) && !this.#held.has(id)) return id;
    }
    return fail(EAGAIN, 'no process id is free');
  }

  /** Exactly `id` (clone3's set_tid). EINVAL out of range, EEXIST when taken. */
  claim(id: number): number {
    if (!(id >= 1 && id < PID_MAX)) fail(EINVAL, 'no such process id');
    if (this.#processes.has(id) || this.#threads.has(id) || this.#held.has(id))
      fail(EEXIST, 'the id is in use');
    return id;
  }

  addProcess(process: Process): void {
    this.#processes.set(process.pid, process);
  }

  /** Reaped: the number may be used again. */
  removeProcess(process: Process): void {
    this.#processes.delete(process.pid);
  }

  addThread(thread: Thread): void {
    this.#threads.set(thread.tid, thread);
  }

  removeThread(thread: Thread): void {
    this.#threads.delete(thread.tid);
  }

  addGroup(group: ProcessGroup): void {
    this.#groups.set(group.id, group);
    this.hold(group.id);
  }

  removeGroup(group: ProcessGroup): void {
    this.#groups.delete(group.id);
    this.unhold(group.id);
  }

  group(id: number): ProcessGroup | undefined {
    return this.#groups.get(id);
  }

  /** A process group or session uses the number. */
  hold(id: number): void {
    this.#held.set(id, (this.#held.get(id) ?? 0) + 1);
  }

  unhold(id: number): void {
    const count = (this.#held.get(id) ?? 1) - 1;
    if (count === 0) this.#held.delete(id);
    else this.#held.set(id, count);
  }

  /** A thread has ended that is traced: its number stays taken until its tracer has seen it. */
  holdUnseen(tid: number): void {
    this.#unseenCount++;
    this.hold(tid);
  }

  unholdUnseen(tid: number): void {
    this.#unseenCount--;
    this.unhold(tid);
  }

  process(pid: number): Process | undefined {
    return this.#processes.get(pid);
  }

  thread(tid: number): Thread | undefined {
    return this.#threads.get(tid);
  }

  /** A thread, or what is left of one whose process is a zombie (find_task_by_vpid). */
  task(id: number): Thread | undefined {
    return this.#threads.get(id) ?? this.#processes.get(id)?.last?.thread;
  }

  processes(): IterableIterator<Process> {
    return this.#processes.values();
  }

  threads(): IterableIterator<Thread> {
    return this.#threads.values();
  }
}
