// Where a session stops: addresses, watched bytes, and catchpoints for calls, signals, forks and execs.
// `break`, `watch` and `catch` make them; the session asks them after each step of the machine.
// They are the person's, not the machine's: going back in time keeps them.
import { PAGE_SIZE } from '../../emulator/memory/layout.ts';
import type { Call, Thread } from '../../kernel/task/thread.ts';

interface Common {
  /** Counted from 1; negative for those that a command needs for itself, which no list shows. */
  readonly id: number;
  /** Gone after the first hit. */
  readonly isTemporary: boolean;
  /** Kept, but never hit. Change it with `setDisabled`. */
  readonly isDisabled?: boolean;
  hits: number;
  /** Hits that are to be counted only. */
  ignores?: number;
  /** Stops until it is disabled; absent = it stays. */
  remaining?: number;
  /** Of this thread only, for those at places and of memory. */
  readonly tid?: number;
}

/** What C++ does with exceptions, by the names that `catch` has for it. */
export type ExceptionEvent = 'throw' | 'catch' | 'rethrow';

/** One of the places of a breakpoint whose name or line has several. */
export interface BreakLocation {
  readonly address: number;
  readonly isDisabled?: boolean;
}

export interface Breakpoint extends Common {
  readonly kind: 'break';
  /** The first of its places. */
  readonly address: number;
  /** All of them, when there are several. */
  readonly locations?: readonly BreakLocation[];
  /** As typed, for listings. */
  readonly text: string;
  readonly condition: string | undefined;
  /** The format and arguments of printf that it prints instead of stopping. */
  readonly prints?: string;
  /** A catchpoint: it stands at the function of the C++ library that does this. */
  readonly exception?: ExceptionEvent;
  /** It stands where a frame returns to whose variable is watched: of that watchpoint, which is over then. */
  readonly endsWatch?: number;
  /** The program it belongs to, when the address alone does not say; absent = all. */
  readonly appliesTo?: (thread: Thread) => boolean;
}

/** `change`: other bytes than before, whoever wrote them. The others: an instruction reads, or reads or writes. */
export type WatchedFor = 'change' | 'read' | 'access';

export interface Watchpoint extends Common {
  readonly kind: 'watch';
  readonly watchedFor: WatchedFor;
  readonly address: number;
  readonly length: number;
  /** The process whose memory is watched. */
  readonly pid: number;
  /** As typed, and how its bytes are shown; absent for plain memory. */
  readonly text?: string;
  readonly show?: (bytes: Uint8Array) => string;
  readonly condition?: string | undefined;
  /** The frame that the variable is of; absent for what is always there. */
  readonly frame?: WatchedFrame;
  /** What was there last; undefined while nothing is mapped. */
  bytes: Uint8Array | undefined;
}

export interface WatchedFrame {
  readonly tid: number;
  /** Is the frame still, or already, on the thread's stack? */
  isThere(thread: Thread): boolean;
}

export interface CallCatch extends Common {
  readonly kind: 'catch-syscall';
  /** Empty = all. */
  readonly names: ReadonlySet<string>;
  /** Which of these calls, as those about one descriptor; absent = all. It sees the arguments, and changes nothing. */
  readonly concerns?: (thread: Thread, call: Call) => boolean;
  /** What `concerns` asks for, for listings. */
  readonly subject?: string;
}

export interface EventCatch extends Common {
  readonly kind: 'catch-signal' | 'catch-fork' | 'catch-vfork' | 'catch-thread' | 'catch-exec';
  /** Signals by number; absent = all. */
  readonly signals?: ReadonlySet<number>;
}

/** A breakpoint whose place is not there yet: in a library or a program that is not loaded. */
export interface PendingBreakpoint extends Common {
  readonly kind: 'pending';
  readonly text: string;
  readonly condition: string | undefined;
  readonly prints?: string;
  readonly exception?: ExceptionEvent;
}

export type StopPoint = Breakpoint | PendingBreakpoint | Watchpoint | CallCatch | EventCatch;

/** A stop point as it is made: without a number, never hit. */
export type NewStopPoint =
  | Omit<Breakpoint, 'id' | 'hits'>
  | Omit<PendingBreakpoint, 'id' | 'hits'>
  | Omit<Watchpoint, 'id' | 'hits'>
  | Omit<CallCatch, 'id' | 'hits'>
  | Omit<EventCatch, 'id' | 'hits'>;

export class StopPoints {
  readonly #points = new Map<number, StopPoint>();
  #last = 0;
  #lastInternal = 0;
  #derived: Derived | undefined;
  #revision = 0;

  get all(): readonly StopPoint[] {
    return [...this.#points.values()];
  }

  /** Of the one that the person made last; 0 before the first. */
  get lastNumber(): number {
    return this.#last;
  }

  add(point: NewStopPoint, isInternal = false): StopPoint {
    const id = isInternal ? --this.#lastInternal : ++this.#last;
    const added = { ...point, id, hits: 0 } as StopPoint;
    this.#points.set(added.id, added);
    this.#changed();
    return added;
  }

  get(id: number): StopPoint | undefined {
    return this.#points.get(id);
  }

  /** False when there is no such number. */
  delete(id: number): boolean {
    this.#changed();
    for (const point of this.#points.values())
      if (point.kind === 'break' && point.endsWatch === id) this.#points.delete(point.id);
    return this.#points.delete(id);
  }

  /** False when there is no such number. */
  setDisabled(id: number, isDisabled: boolean): boolean {
    const point = this.#points.get(id);
    if (point === undefined) return false;
    this.#changed();
    this.#points.set(id, { ...point, isDisabled });
    return true;
  }

  /** Puts `point` in the place of the one with this number. */
  replace(id: number, point: StopPoint): void {
    this.#changed();
    this.#points.set(id, point);
  }

  /** It has stopped: one stop less, the last disables it. */
  counted(point: StopPoint): void {
    if (point.remaining === undefined) return;
    const remaining = point.remaining - 1;
    if (remaining > 0) point.remaining = remaining;
    else {
      const { remaining: _, ...rest } = point;
      this.replace(point.id, { ...rest, isDisabled: true } as StopPoint);
    }
  }

  /** A hit that is not to stop: what is known of the hits before no longer holds. */
  ignored(point: Breakpoint | Watchpoint): void {
    point.ignores = (point.ignores ?? 0) - 1;
    this.#changed();
  }

  clear(): void {
    this.#changed();
    this.#points.clear();
  }

  /** Another one whenever a point came, went or became another. */
  get revision(): number {
    return this.#revision;
  }

  /** A condition may ask for what is not the machine's. */
  get asksForVariables(): boolean {
    return this.#facts.asksForVariables;
  }

  #changed(): void {
    this.#derived = undefined;
    this.#revision++;
  }

  /** Breakpoints of `thread`'s program at `address`. */
  breaksAt(thread: Thread, address: number): Breakpoint[] {
    const found: Breakpoint[] = [];
    for (const point of this.#points.values()) {
      if (point.kind !== 'break' || point.isDisabled === true) continue;
      if (!placesOf(point).includes(address)) continue;
      if (point.tid !== undefined && point.tid !== thread.tid) continue;
      if (point.appliesTo?.(thread) !== false) found.push(point);
    }
    return found;
  }

  get watches(): readonly Watchpoint[] {
    return this.#facts.watches;
  }

  /** The catchpoint for an event; of a signal, its number. With `isListed` not one that a command needs for itself. */
  catching(kind: EventCatch['kind'], signo?: number, isListed = false): EventCatch | undefined {
    return this.#enabled.find(
      (point): point is EventCatch =>
        point.kind === kind &&
        (!isListed || point.id > 0) &&
        (signo === undefined || point.signals?.has(signo) !== false),
    );
  }

  /** The catchpoint for a call that `thread` begins or ends. */
  catchingCall(thread: Thread, call: Call): CallCatch | undefined {
    return this.#enabled.find(
      (point): point is CallCatch =>
        point.kind === 'catch-syscall' &&
        (point.names.size === 0 || point.names.has(call.syscall.name)) &&
        point.concerns?.(thread, call) !== false,
    );
  }

  /** Where code is to stop: the same set until something changes. */
  get addresses(): ReadonlySet<number> {
    return this.#facts.addresses;
  }

  /** Pages, by number, with bytes that are watched for changes. */
  get watchedPages(): ReadonlySet<number> {
    return this.#facts.watchedPages;
  }

  /** Pages with bytes that are watched for being read, or read and written. */
  get readPages(): ReadonlySet<number> {
    return this.#facts.readPages;
  }

  /** Breakpoints that wait for code to be loaded. */
  get pending(): readonly PendingBreakpoint[] {
    return this.#facts.pending;
  }

  /** May anything stop at the entry of a call of this name, or at its end? */
  mayCatch(name: string): boolean {
    const { callNames } = this.#facts;
    return callNames === 'all' || callNames.has(name);
  }

  get #enabled(): readonly StopPoint[] {
    return this.#facts.enabled;
  }

  get #facts(): Derived {
    this.#derived ??= derive(this.all.filter(({ isDisabled }) => isDisabled !== true));
    return this.#derived;
  }
}

/** What is asked often, until a point comes, goes or changes. */
interface Derived {
  readonly enabled: readonly StopPoint[];
  readonly addresses: ReadonlySet<number>;
  readonly pending: readonly PendingBreakpoint[];
  readonly watches: readonly Watchpoint[];
  readonly watchedPages: ReadonlySet<number>;
  readonly readPages: ReadonlySet<number>;
  readonly callNames: ReadonlySet<string> | 'all';
  readonly asksForVariables: boolean;
}

function derive(enabled: readonly StopPoint[]): Derived {
  const watches = enabled.filter((point) => point.kind === 'watch');
  const watchedPages = new Set<number>();
  const readPages = new Set<number>();
  for (const { address, length, watchedFor } of watches) {
    const pages = watchedFor === 'change' ? watchedPages : readPages;
    const last = Math.floor((address + length - 1) / PAGE_SIZE);
    for (let page = Math.floor(address / PAGE_SIZE); page <= last; page++) pages.add(page);
  }
  const catches = enabled.filter((point) => point.kind === 'catch-syscall');
  return {
    enabled,
    addresses: new Set(enabled.flatMap((point) => (point.kind === 'break' ? placesOf(point) : []))),
    pending: enabled.filter((point) => point.kind === 'pending'),
    watches,
    watchedPages,
    readPages,
    callNames: catches.some(({ names }) => names.size === 0)
      ? 'all'
      : new Set(catches.flatMap(({ names }) => [...names])),
    asksForVariables: enabled.some(
      (point) => 'condition' in point && point.condition?.includes('$') === true,
    ),
  };
}

/** Where a breakpoint stops. */
export function placesOf({ address, locations }: Pick<Breakpoint, 'address' | 'locations'>): number[] {
  if (locations === undefined) return [address];
  return locations.filter(({ isDisabled }) => isDisabled !== true).map((location) => location.address);
}

/** The watched bytes of `thread`'s process as they are; undefined when not mapped. The caller glances. */
export function watchedBytes(thread: Thread, point: Watchpoint): Uint8Array | undefined {
  const { user } = thread;
  return user.accessible(point.address, point.length, false) < point.length
    ? undefined
    : user.read(point.address, point.length);
}
