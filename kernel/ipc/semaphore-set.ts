// System V semaphores (sem_overview of svipc(7), ipc/sem.c): sets of counters changed together or not at all.
// syscalls/semaphores.ts calls it; exit.ts undoes what SEM_UNDO promised.
// Who cannot go on waits in a list; each change tries the list in order and completes for them what is possible now.
import { EAGAIN, EIDRM, ERANGE, fail } from '../errno.ts';
import type { Process } from '../task/process.ts';
import type { Thread } from '../task/thread.ts';
import { WaitQueue } from '../wait.ts';
import { IPC_NOWAIT, IpcObject, IpcTable, seconds } from './ipc-table.ts';

export const SEMMSL = 32_000;
export const SEMMNI = 32_000;
export const SEMMNS = 1_024_000_000;
export const SEMOPM = 500;
export const SEMVMX = 32_767;
export const SEM_UNDO = 0x1000;

export interface SemaphoreOperation {
  readonly num: number;
  readonly op: number;
  readonly flg: number;
}

interface Semaphore {
  value: number;
  /** Who changed it last. */
  pid: number;
}

/** Operations that cannot be done yet. */
export class SemaphoreWait {
  readonly set: SemaphoreSet;
  readonly thread: Thread;
  readonly operations: readonly SemaphoreOperation[];
  readonly done = new WaitQueue('a semaphore set');
  /** The operation that stands in the way. */
  blocking: SemaphoreOperation;
  /** 0 or an errno once the wait is over. */
  result: number | undefined;

  constructor(
    set: SemaphoreSet,
    thread: Thread,
    operations: readonly SemaphoreOperation[],
    blocking: SemaphoreOperation,
  ) {
    this.set = set;
    this.thread = thread;
    this.operations = operations;
    this.blocking = blocking;
  }
}

export class SemaphoreSet extends IpcObject {
  readonly semaphores: Semaphore[];
  /** Seconds since 1970 of the last successful semop. */
  operationTime = 0;
  readonly #waits = new Set<SemaphoreWait>();
  /** What SEM_UNDO will add at a process's exit, by semaphore. */
  readonly #undos = new Map<Process, number[]>();

  constructor(thread: Thread, id: number, key: number, mode: number, count: number) {
    super(thread, id, key, mode);
    this.semaphores = Array.from({ length: count }, () => ({ value: 0, pid: 0 }));
  }

  /** Does all operations or none. The wait to park on when it must sleep; EAGAIN, ERANGE. */
  operate(thread: Thread, operations: readonly SemaphoreOperation[]): SemaphoreWait | undefined {
    const blocking = this.#perform(thread, operations);
    if (blocking === undefined) {
      if (operations.some(({ op }) => op !== 0)) this.#completeWaits(thread);
      return undefined;
    }
    if ((blocking.flg & IPC_NOWAIT) !== 0) fail(EAGAIN, 'it cannot be done now, and IPC_NOWAIT');
    const wait = new SemaphoreWait(this, thread, operations, blocking);
    this.#waits.add(wait);
    return wait;
  }

  /** A wait ends undone: a signal, a timeout, death. */
  abandon(wait: SemaphoreWait): void {
    this.#waits.delete(wait);
  }

  /** Returns the operation that stands in the way; undefined when all are done (perform_atomic_semop). ERANGE. */
  #perform(thread: Thread, operations: readonly SemaphoreOperation[]): SemaphoreOperation | undefined {
    const values = new Map<number, number>();
    const adjustments = new Map<number, number>();
    const undo = this.#undos.get(thread.process);
    for (const operation of operations) {
      const { num, op, flg } = operation;
      const old = values.get(num) ?? this.semaphores[num]?.value ?? 0;
      if (op === 0 ? old !== 0 : old + op < 0) return operation;
      if (old + op > SEMVMX) fail(ERANGE, 'a semaphore would exceed SEMVMX');
      values.set(num, old + op);
      if ((flg & SEM_UNDO) === 0) continue;
      const adjustment = (adjustments.get(num) ?? undo?.[num] ?? 0) - op;
      if (adjustment < -SEMVMX - 1 || adjustment > SEMVMX) fail(ERANGE, 'the undo would exceed SEMAEM');
      adjustments.set(num, adjustment);
    }
    for (const [num, value] of values) this.#assign(num, value, thread.process.pid);
    if (adjustments.size > 0) {
      const kept = undo ?? this.semaphores.map(() => 0);
      for (const [num, adjustment] of adjustments) kept[num] = adjustment;
      this.#undos.set(thread.process, kept);
    }
    this.operationTime = seconds(thread);
    return undefined;
  }

  #assign(num: number, value: number, pid: number): void {
    const semaphore = this.semaphores[num];
    if (semaphore === undefined) return;
    semaphore.value = value;
    semaphore.pid = pid;
  }

  /** Tries the waits in order, again from the start after each one that changed something (update_queue). */
  #completeWaits(cause: Thread): void {
    for (let isChanged = true; isChanged; ) {
      isChanged = false;
      for (const wait of [...this.#waits]) {
        let blocking: SemaphoreOperation | undefined;
        try {
          blocking = this.#perform(wait.thread, wait.operations);
        } catch {
          this.#finish(wait, ERANGE);
          continue;
        }
        if (blocking !== undefined) {
          wait.blocking = blocking;
          if ((blocking.flg & IPC_NOWAIT) !== 0) this.#finish(wait, EAGAIN);
          continue;
        }
        this.operationTime = seconds(cause);
        this.#finish(wait, 0);
        if (wait.operations.some(({ op }) => op !== 0)) {
          isChanged = true;
          break;
        }
      }
    }
  }

  #finish(wait: SemaphoreWait, result: number): void {
    this.#waits.delete(wait);
    wait.result = result;
    wait.done.wake();
  }

  /** SETVAL, SETALL: new values by semaphore; nobody undoes what was before. */
  assign(thread: Thread, values: ReadonlyMap<number, number>): void {
    for (const [num, value] of values) {
      this.#assign(num, value, thread.process.pid);
      for (const undo of this.#undos.values()) undo[num] = 0;
    }
    this.changeTime = seconds(thread);
    this.#completeWaits(thread);
  }

  /** GETNCNT and GETZCNT: who waits for this semaphore to grow, or to become zero. */
  countWaits(num: number, forZero: boolean): number {
    let count = 0;
    for (const { blocking } of this.#waits) {
      if (blocking.num === num && (blocking.op === 0) === forZero) count++;
    }
    return count;
  }

  /** IPC_RMID. */
  removed(): void {
    for (const wait of [...this.#waits]) this.#finish(wait, EIDRM);
  }

  hasUndo(process: Process): boolean {
    return this.#undos.has(process);
  }

  /** The process of `last` ends: its promised undoing is done as far as it goes (exit_sem). */
  undoFor(last: Thread): void {
    const { process } = last;
    const undo = this.#undos.get(process);
    if (undo === undefined) return;
    this.#undos.delete(process);
    for (const [num, adjustment] of undo.entries()) {
      if (adjustment === 0) continue;
      const value = (this.semaphores[num]?.value ?? 0) + adjustment;
      this.#assign(num, Math.max(0, Math.min(SEMVMX, value)), process.pid);
    }
    this.#completeWaits(last);
  }
}

/** All sets of a machine. */
export class SemaphoreTable extends IpcTable<SemaphoreSet> {
  constructor() {
    super(SEMMNI);
  }

  get semaphoreCount(): number {
    let total = 0;
    for (const { semaphores } of this.objects) total += semaphores.length;
    return total;
  }

  /** Some set has something to undo when the process ends. */
  hasUndo(process: Process): boolean {
    return [...this.objects].some((set) => set.hasUndo(process));
  }

  /** A thread ends, perhaps while it waits. */
  forgetWait({ call }: Thread): void {
    if (call?.data instanceof SemaphoreWait) call.data.set.abandon(call.data);
  }

  /** The last thread of a process ends. */
  processEnded(last: Thread): void {
    if (this.count > 0) for (const set of this.objects) set.undoFor(last);
  }
}
