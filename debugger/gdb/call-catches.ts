// Catching system calls for gdb: one stop point of the session, set by QCatchSyscalls or by `monitor catch`.
// Only calls of processes that gdb holds count.
import { syscallRow } from '../../kernel/syscalls/table.ts';
import type { GdbTarget } from './target.ts';

export class CallCatches {
  readonly #target: GdbTarget;
  #id: number | undefined;
  /** gdb itself asked, and knows what to do with such a stop. */
  isKnownToClient = false;

  constructor(target: GdbTarget) {
    this.#target = target;
  }

  /** Catches the calls of these names; all when there are none. */
  set(names: readonly string[], isKnownToClient: boolean): void {
    this.clear();
    this.isKnownToClient = isKnownToClient;
    const { session, watch } = this.#target;
    const point = session.points.add({
      kind: 'catch-syscall',
      isTemporary: false,
      names: new Set(names),
      concerns: (thread) => watch.holds(thread.process.pid),
    });
    this.#id = point.id;
  }

  /** By number, as QCatchSyscalls has them. Numbers of no call are passed over; false when there is none left. */
  setNumbers(numbers: readonly number[]): boolean {
    const names = numbers.map((n) => syscallRow(n)?.name).filter((name) => name !== undefined);
    if (numbers.length > 0 && names.length === 0) return false;
    this.set(names, true);
    return true;
  }

  clear(): void {
    if (this.#id !== undefined) this.#target.session.points.delete(this.#id);
    this.#id = undefined;
    this.isKnownToClient = false;
  }
}
