// Where a session stops: addresses, watched bytes, and catchpoints for calls, signals, forks and execs.
// `break`, `watch` and `catch` make them; the session asks them after each step of the machine.
// They are the person's, not the machine's: going back in time keeps them.
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import type { Guards } from '../../kernel/stepper.ts';
import type { Thread } from '../../kernel/task/thread.ts';

interface Common {
  readonly id: number;
  /** Gone after the first hit. */
  readonly isTemporary: boolean;
  hits: number;
}

export interface Breakpoint extends Common {
  readonly kind: 'break';
  readonly address: number;
  /** As typed, for listings. */
  readonly text: string;
  readonly condition: string | undefined;
}

export interface Watchpoint extends Common {
  readonly kind: 'watch';
  readonly address: number;
  readonly length: number;
  /** The process whose memory is watched. */
  readonly pid: number;
  /** What was there last; undefined while nothing is mapped. */
  bytes: Uint8Array | undefined;
}

export interface CallCatch extends Common {
  readonly kind: 'catch-syscall';
  /** Empty = all. */
  readonly names: ReadonlySet<string>;
}

export interface EventCatch extends Common {
  readonly kind: 'catch-signal' | 'catch-fork' | 'catch-exec';
}

export type StopPoint = Breakpoint | Watchpoint | CallCatch | EventCatch;

/** A stop point as it is made: without a number, never hit. */
export type NewStopPoint =
  | Omit<Breakpoint, 'id' | 'hits'>
  | Omit<Watchpoint, 'id' | 'hits'>
  | Omit<CallCatch, 'id' | 'hits'>
  | Omit<EventCatch, 'id' | 'hits'>;

export class StopPoints {
  readonly #points = new Map<number, StopPoint>();
  #last = 0;
  #guards: Guards | undefined;

  get all(): readonly StopPoint[] {
    return [...this.#points.values()];
  }

  add(point: NewStopPoint): StopPoint {
    const added = { ...point, id: ++this.#last, hits: 0 } as StopPoint;
    this.#points.set(added.id, added);
    this.#guards = undefined;
    return added;
  }

  /** False when there is no such number. */
  delete(id: number): boolean {
    this.#guards = undefined;
    return this.#points.delete(id);
  }

  clear(): void {
    this.#guards = undefined;
    this.#points.clear();
  }

  /** Breakpoints at `address`. */
  breaksAt(address: number): Breakpoint[] {
    const found: Breakpoint[] = [];
    for (const point of this.#points.values()) {
      if (point.kind === 'break' && point.address === address) found.push(point);
    }
    return found;
  }

  get watches(): Watchpoint[] {
    return this.all.filter((point) => point.kind === 'watch');
  }

  catching(kind: EventCatch['kind']): EventCatch | undefined {
    return this.all.find((point): point is EventCatch => point.kind === kind);
  }

  /** The catchpoint for a call of this name. */
  catchingCall(name: string): CallCatch | undefined {
    return this.all.find(
      (point): point is CallCatch =>
        point.kind === 'catch-syscall' && (point.names.size === 0 || point.names.has(name)),
    );
  }

  /** Pages that the stepper must not run through. An instruction may begin on the page before. */
  get guards(): Guards {
    if (this.#guards !== undefined) return this.#guards;
    const execute = new Set<number>();
    const write = new Set<number>();
    for (const point of this.#points.values()) {
      if (point.kind === 'break') execute.add(Math.floor(point.address / PAGE_SIZE));
      if (point.kind !== 'watch') continue;
      const last = Math.floor((point.address + point.length - 1) / PAGE_SIZE);
      for (let page = Math.floor(point.address / PAGE_SIZE); page <= last; page++) write.add(page);
    }
    this.#guards = { execute, write };
    return this.#guards;
  }
}

/** The watched bytes of `thread`'s process as they are; undefined when not mapped. The caller glances. */
export function watchedBytes(thread: Thread, point: Watchpoint): Uint8Array | undefined {
  const { user } = thread;
  return user.accessible(point.address, point.length, false) < point.length
    ? undefined
    : user.read(point.address, point.length);
}
