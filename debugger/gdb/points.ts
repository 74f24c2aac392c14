// gdb's breakpoints and watchpoints as stop points of the session: one for each process, address and kind.
// Z and z packets set and clear them; a forked process has its parent's, as gdb expects of a copied memory.
// Nothing is written into the guest's memory for them.
import type { Process } from '../../kernel/task/process.ts';
import type { WatchedFor } from '../session/breakpoints.ts';
import type { Session } from '../session/session.ts';

/** Z packets' first digit. */
export const PointType = { SOFTWARE: 0, HARDWARE: 1, WRITE: 2, READ: 3, ACCESS: 4 } as const;
const WATCHED_FOR: Readonly<Record<number, WatchedFor>> = { 2: 'change', 3: 'read', 4: 'access' };
/** Longer watched ranges are refused; gdb then steps instead. */
const LONGEST_WATCH = 4096;

interface Point {
  readonly id: number;
  readonly pid: number;
  readonly type: number;
  readonly address: number;
  readonly length: number;
}

export class GdbPoints {
  readonly #session: Session;
  readonly #points = new Map<string, Point>();

  constructor(session: Session) {
    this.#session = session;
  }

  /** False when this kind is not supported; setting one twice is setting it once. */
  insert(process: Process, type: number, address: number, length: number): boolean {
    if (type > PointType.ACCESS) return false;
    if (type >= PointType.WRITE && (length < 1 || length > LONGEST_WATCH)) return false;
    const key = keyOf(process.pid, type, address, length);
    if (!this.#points.has(key)) this.#add(key, process, type, address, length);
    return true;
  }

  remove(process: Process, type: number, address: number, length: number): boolean {
    if (type > PointType.ACCESS) return false;
    const key = keyOf(process.pid, type, address, length);
    const point = this.#points.get(key);
    if (point !== undefined) this.#session.points.delete(point.id);
    this.#points.delete(key);
    return true;
  }

  /** The child of a fork has its parent's breakpoints. */
  copy(parent: Process, child: Process): void {
    for (const { pid, type, address, length } of [...this.#points.values()]) {
      if (pid === parent.pid && type < PointType.WRITE) this.insert(child, type, address, length);
    }
  }

  /** The process is detached, or its memory is gone. */
  removeAll(pid?: number): void {
    for (const [key, point] of this.#points) {
      if (pid !== undefined && point.pid !== pid) continue;
      this.#session.points.delete(point.id);
      this.#points.delete(key);
    }
  }

  #add(key: string, process: Process, type: number, address: number, length: number): void {
    const { pid, leader } = process;
    const { points } = this.#session;
    const common = { address, isTemporary: false } as const;
    const watchedFor = WATCHED_FOR[type];
    const { id } =
      watchedFor !== undefined
        ? points.add({
            kind: 'watch',
            watchedFor,
            ...common,
            length,
            pid,
            bytes: leader && this.#session.read(leader, address, length),
          })
        : points.add({
            kind: 'break',
            ...common,
            text: `*0x${address.toString(16)}`,
            condition: undefined,
            appliesTo: (thread) => thread.process.pid === pid,
          });
    this.#points.set(key, { id, pid, type, address, length });
  }
}

function keyOf(pid: number, type: number, address: number, length: number): string {
  return type < PointType.WRITE ? `${pid}:${type}:${address}` : `${pid}:${type}:${address}:${length}`;
}
