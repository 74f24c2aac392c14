// Process and thread ids: who has which number, and which is next.
// Numbers grow and wrap at pid_max as on Linux; an id stays taken until its process is reaped.
import { EAGAIN, EEXIST, EINVAL, fail } from '../errno.ts';
import type { Process } from './process.ts';
import type { ProcessGroup } from './session.ts';
import type { Thread } from './thread.ts';

/** /proc/sys/kernel/pid_max. */
export const PID_MAX = 4_194_304;
/** Numbers go on here after the wrap. */
export const RESERVED_PIDS = 300;

/** What a pid namespace and those around it know of the kernel's numbers (namespaces/pid-namespace.ts). */
export interface PidNumbers {
  /** Its number here; 0 when there is none. */
  shown(id: number): number;
  /** The kernel's number; 0 when nobody has `number`. */
  toKernel(number: number): number;
  /** The number is free again. */
  release(id: number): void;
  /** The kernel's numbers will be used again: those that are free mean nobody any more. */
  forgetReleased(): void;
}

export class PidTable {
  readonly #processes = new Map<number, Process>();
  readonly #threads = new Map<number, Thread>();
  readonly #groups = new Map<number, ProcessGroup>();
  /** Ids that groups and sessions keep alive beyond their process, and tracers beyond their thread. */
  readonly #held = new Map<number, number>();
  /** In which pid namespace each number is that is not in the first one only; undefined while there is no other. */
  #places: Map<number, PidNumbers> | undefined;
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

  /** /proc/sys/kernel/ns_last_pid: where counting goes on. */
  set last(id: number) {
    this.#last = id;
  }

  /** A free number, higher than the last one given until it wraps. EAGAIN when all are taken. */
  allocate(): number {
    for (let tries = 0; tries < PID_MAX; tries++) {
      if (++this.#last >= PID_MAX) this.#wrap();
      if (!this.#isTaken(this.#last)) return this.#last;
    }
    return fail(EAGAIN, 'no process id is free');
  }

  /** Exactly `id` (clone3's set_tid). EINVAL out of range, EEXIST when taken. */
  claim(id: number): number {
    if (!(id >= 1 && id < PID_MAX)) fail(EINVAL, 'no such process id');
    if (this.#isTaken(id)) fail(EEXIST, 'the id is in use');
    return id;
  }

  #isTaken(id: number): boolean {
    return this.#processes.has(id) || this.#threads.has(id) || this.#held.has(id);
  }

  #wrap(): void {
    this.#last = RESERVED_PIDS;
    for (const namespace of new Set(this.#places?.values())) namespace.forgetReleased();
  }

  /** The number is of a thread in a pid namespace that is not the first. */
  place(id: number, namespace: PidNumbers): void {
    this.#places ??= new Map();
    this.#places.set(id, namespace);
  }

  /** Nothing uses the number any more, or nothing ever will. */
  release(id: number): void {
    if (this.#places === undefined || this.#isTaken(id)) return;
    this.#places.get(id)?.release(id);
    this.#places.delete(id);
  }

  addProcess(process: Process): void {
    this.#processes.set(process.pid, process);
  }

  /** Reaped: the number may be used again. */
  removeProcess(process: Process): void {
    this.#processes.delete(process.pid);
    this.release(process.pid);
  }

  addThread(thread: Thread): void {
    this.#threads.set(thread.tid, thread);
  }

  removeThread(thread: Thread): void {
    this.#threads.delete(thread.tid);
    this.release(thread.tid);
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
    if (count > 0) this.#held.set(id, count);
    else {
      this.#held.delete(id);
      this.release(id);
    }
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
