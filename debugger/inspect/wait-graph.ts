// Who sleeps, what for, and whose doing could end it: the wait graph of a machine that stands still.
// explore, `info wait` and the panels ask; nothing is changed by asking.
// A blocked thread is data: the queues it is parked on lead to files, and files to those who hold their other end.
import type { OpenFile } from '../../kernel/file/open-file.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import { glanceAt } from '../../kernel/mm/glance.ts';
import { SocketDescriptor } from '../../kernel/net/socket.ts';
import { peerOf, UnixListener } from '../../kernel/net/unix/states.ts';
import { unixSocketOf } from '../../kernel/net/unix/unix-file.ts';
import type { UnixSocket } from '../../kernel/net/unix/unix-socket.ts';
import { PipeEnd } from '../../kernel/pipe/pipe-end.ts';
import { Epoll } from '../../kernel/poll/epoll.ts';
import { FUTEX_TID_MASK } from '../../kernel/task/futex.ts';
import type { Thread } from '../../kernel/task/thread.ts';
import type { WaitQueue } from '../../kernel/wait.ts';
import type { Symbols } from '../symbols.ts';
import { shownFile } from './readable.ts';
import { filesInQueue } from './socket-table.ts';

/** One of the things a thread waits for. */
export interface WaitReason {
  /** In words that follow "waits for": `data on fd 3 (UNIX-STREAM:[5->6])`, `the lock at 0x7d000`. */
  readonly what: string;
  /** Who can end the wait; empty when nobody is left who could. */
  readonly wakers: readonly Thread[];
  /** False when `wakers` is only everybody who might, as for a signal or a name that anyone can connect to. */
  readonly isSpecific: boolean;
  /** The file it is about. */
  readonly file?: OpenFile;
  /** Descriptors under which the sleeper itself holds what it waits for somebody else to use: the other end. */
  readonly ownEnds?: readonly number[];
  /** The word of memory it is about. */
  readonly address?: number;
}

/** A thread that sleeps in a call. */
export interface Sleeper {
  readonly thread: Thread;
  readonly reasons: readonly WaitReason[];
  /** When it wakes by itself, monotonic ns; undefined = never. */
  readonly untilNs: number | undefined;
}

export interface WaitGraph {
  /** In order of thread. */
  readonly sleepers: readonly Sleeper[];
  /** Rings of threads that wait for each other and for nobody else: the first waits for the second, and so on. */
  readonly cycles: readonly (readonly Thread[])[];
}

type Side = 'data' | 'room' | 'events';

/** A queue's owner. */
interface Place {
  readonly file: OpenFile;
  readonly side: Side;
}

/** Who can make a file ready. */
interface Wakers {
  readonly threads: Thread[];
  readonly isSpecific: boolean;
  readonly ownEnds?: readonly number[];
}

/** Everybody who holds a file, and under which number. */
interface Holding {
  readonly thread: Thread;
  readonly fd: number;
}

/** Draws the graph as it is now; with symbols, locks are called by their names. */
export function waitGraph(kernel: Kernel, symbols?: Symbols): WaitGraph {
  const view = new View(kernel, symbols);
  const sleepers = view.threads
    .filter(({ state, call }) => state === 'blocked' && call !== undefined)
    .map((thread) => ({
      thread,
      reasons: view.reasons(thread),
      untilNs: thread.parkTimer?.fire === undefined ? undefined : thread.parkTimer.deadlineNs,
    }));
  return { sleepers, cycles: findCycles(sleepers) };
}

/** The machine's files and who holds them, looked up once. */
class View {
  readonly threads: readonly Thread[];
  readonly #holders = new Map<OpenFile, Holding[]>();
  readonly #places = new Map<WaitQueue, Place[]>();
  /** Files in flight, and the sockets whose messages have them. */
  readonly #carriers = new Map<OpenFile, UnixSocket[]>();
  readonly #symbols: Symbols | undefined;

  constructor(kernel: Kernel, symbols: Symbols | undefined) {
    this.#symbols = symbols;
    this.threads = [...kernel.processes]
      .flatMap(({ threads }) => [...threads.values()])
      .sort((a, b) => a.tid - b.tid);
    for (const thread of this.threads) {
      for (const [fd, file] of thread.files.entries()) this.#hold(file, { thread, fd });
    }
    for (const file of this.#holders.keys()) this.#placeQueues(file);
    for (const socket of kernel.net.unixSockets)
      for (const file of filesInQueue(socket))
        this.#carriers.set(file, [...(this.#carriers.get(file) ?? []), socket]);
  }

  reasons(thread: Thread): WaitReason[] {
    const reasons: WaitReason[] = [];
    const seen = new Set<OpenFile>();
    for (const queue of thread.parkedOn) {
      const places = this.#places.get(queue) ?? [];
      const own = places.filter(({ file }) => this.#fdOf(thread, file) !== undefined);
      for (const { file, side } of own.length > 0 ? own : places) {
        if (seen.has(file)) continue;
        seen.add(file);
        reasons.push(...this.#fileReasons(thread, file, side));
      }
      if (places.length === 0) reasons.push(this.#otherReason(thread, queue));
    }
    if (thread.parkedOn.length === 0 && thread.parkTimer?.fire === undefined) {
      reasons.push(this.#anybody(thread, 'a signal'));
    }
    return reasons;
  }

  #hold(file: OpenFile, holding: Holding): void {
    const holders = this.#holders.get(file);
    if (holders === undefined) this.#holders.set(file, [holding]);
    else holders.push(holding);
  }

  #placeQueues(file: OpenFile): void {
    const { descriptor } = file;
    const add = (queue: WaitQueue | undefined, side: Side): void => {
      if (queue === undefined) return;
      const places = this.#places.get(queue) ?? [];
      places.push({ file, side });
      this.#places.set(queue, places);
    };
    if (descriptor instanceof PipeEnd) {
      const { pipe, access } = descriptor;
      if (access.reads) add(pipe.readable, 'data');
      if (access.writes) add(pipe.writable, 'room');
      if (access.reads && access.writes) add(pipe.changed, 'events');
    } else if (descriptor instanceof SocketDescriptor) {
      const { core } = descriptor;
      add(core.readers, 'data');
      add(core.writers, 'room');
      add(core.changed, 'events');
      add(unixSocketOf(file)?.room, 'room');
    } else add(descriptor.changed, 'events');
    if (descriptor instanceof Epoll) add(descriptor.sleepers, 'events');
  }

  #fdOf(thread: Thread, file: OpenFile): number | undefined {
    return this.#holders.get(file)?.find((holding) => holding.thread === thread)?.fd;
  }

  #fileReasons(thread: Thread, file: OpenFile, side: Side): WaitReason[] {
    const { descriptor } = file;
    if (descriptor instanceof Epoll) {
      return [...descriptor.items()].flatMap((item) => this.#fileReasons(thread, item.file, 'events'));
    }
    const fd = this.#fdOf(thread, file);
    const name = `${fd === undefined ? 'a descriptor' : `fd ${fd}`} (${shownFile(thread, file)})`;
    const wakers = this.#wakersOf(thread, file, side);
    const noun = descriptor instanceof UnixListener ? 'a connection' : side;
    return [
      {
        what: `${noun} on ${name}`,
        wakers: wakers.threads,
        isSpecific: wakers.isSpecific,
        file,
        ownEnds: wakers.ownEnds ?? [],
      },
    ];
  }

  /** Who can make a file ready: those who hold the other end. */
  #wakersOf(thread: Thread, file: OpenFile, side: Side): Wakers {
    const { descriptor } = file;
    if (descriptor instanceof PipeEnd) {
      const { pipe } = descriptor;
      const isOther = (other: OpenFile): boolean =>
        other.descriptor instanceof PipeEnd &&
        other.descriptor.pipe === pipe &&
        (side === 'events' ||
          (side === 'data' ? other.descriptor.access.writes : other.descriptor.access.reads));
      return { ...this.#holdersWhere(thread, isOther), isSpecific: true };
    }
    const socket = unixSocketOf(file);
    const peer = socket === undefined ? undefined : peerOf(socket);
    if (peer !== undefined) {
      const isPeer = (other: OpenFile): boolean => other === peer.file;
      return { ...this.#holdersWhere(thread, isPeer, this.#waysTo(peer)), isSpecific: true };
    }
    if (descriptor instanceof SocketDescriptor) return { threads: this.#others(thread), isSpecific: false };
    const { threads } = this.#holdersWhere(thread, (other) => other === file);
    return { threads, isSpecific: true };
  }

  /** The files whose holders can have a socket: its own; of one to be accepted, the listener; sockets that it is in flight to. */
  #waysTo({ file, listener }: UnixSocket, ways = new Set<OpenFile>()): Set<OpenFile> {
    if (listener !== undefined) return this.#waysTo(listener, ways);
    if (file === undefined || ways.has(file)) return ways;
    ways.add(file);
    for (const carrier of this.#carriers.get(file) ?? []) this.#waysTo(carrier, ways);
    return ways;
  }

  /** Other threads that hold a file of those or can get one (by `ways`, or a message), and the thread's own descriptors of them. */
  #holdersWhere(
    thread: Thread,
    matches: (file: OpenFile) => boolean,
    ways = new Set<OpenFile>(),
  ): { threads: Thread[]; ownEnds: number[] } {
    const found = new Set<Thread>();
    const ownEnds: number[] = [];
    for (const [file, carriers] of this.#carriers)
      if (matches(file)) for (const carrier of carriers) this.#waysTo(carrier, ways);
    for (const [file, holders] of this.#holders) {
      const isEnd = matches(file);
      if (!isEnd && !ways.has(file)) continue;
      for (const holding of holders) {
        found.add(holding.thread);
        if (isEnd && holding.thread === thread) ownEnds.push(holding.fd);
      }
    }
    found.delete(thread);
    return { threads: [...found].sort((a, b) => a.tid - b.tid), ownEnds };
  }

  #others(thread: Thread): Thread[] {
    return this.threads.filter((other) => other !== thread);
  }

  #anybody(thread: Thread, what: string): WaitReason {
    return { what, wakers: this.#others(thread), isSpecific: false };
  }

  /** A queue that belongs to no file. */
  #otherReason(thread: Thread, queue: WaitQueue): WaitReason {
    const { process } = thread;
    if (queue === process.childChanged) {
      const wakers = [...process.children].flatMap(({ threads }) => [...threads.values()]);
      return { what: 'a child', wakers, isSpecific: true };
    }
    if (queue.label === 'futex') return this.#futexReason(thread);
    if (queue === process.vforkDone) {
      const wakers = [...process.children].flatMap(({ threads }) => [...threads.values()]);
      return { what: queue.label, wakers, isSpecific: true };
    }
    return this.#anybody(thread, queue.label === '' ? 'an event' : queue.label);
  }

  /**
   * A futex is only a word; who could wake it is known when the C library says so: the word or the one two words on
   * holds the owner's number (musl, glibc: pthread_mutex_t), or the word is cleared at the end of a thread (pthread_join).
   */
  #futexReason(thread: Thread): WaitReason {
    const address = Number(thread.call?.args.uaddr ?? 0);
    const variable = this.#symbols?.variable(thread, address);
    const offset = variable === undefined || variable.offset === 0 ? '' : `+${variable.offset}`;
    const at = variable === undefined ? `at 0x${address.toString(16)}` : `${variable.symbol}${offset}`;
    const siblings = this.#others(thread).filter(({ mm }) => mm === thread.mm);
    const ending = siblings.find(({ clearChildTid }) => clearChildTid === address);
    if (ending !== undefined) {
      return { what: `the end of thread ${ending.tid}`, wakers: [ending], isSpecific: true, address };
    }
    const owner = [readWord(thread, address + 8), readWord(thread, address) & FUTEX_TID_MASK]
      .map((tid) => [thread, ...siblings].find((other) => other.tid === tid))
      .find((found) => found !== undefined);
    if (owner === thread) {
      return { what: `the lock ${at}, which it holds itself`, wakers: [], isSpecific: true, address };
    }
    if (owner !== undefined) {
      return { what: `the lock ${at}`, wakers: [owner], isSpecific: true, address };
    }
    return { ...this.#anybody(thread, `a wake-up of the futex ${at}`), address };
  }
}

/** 0 where nothing is mapped. */
function readWord(thread: Thread, address: number): number {
  return glanceAt(thread.mm, () =>
    thread.user.accessible(address, 4, false) === 4 ? thread.user.readU32(address) : 0,
  );
}

/** Rings among those that sleep for ever and whose every waker does. */
function findCycles(sleepers: readonly Sleeper[]): Thread[][] {
  const edges = new Map<Thread, readonly Thread[]>();
  for (const { thread, reasons, untilNs } of sleepers) {
    if (untilNs !== undefined || reasons.some(({ isSpecific }) => !isSpecific)) continue;
    edges.set(thread, [...new Set(reasons.flatMap(({ wakers }) => wakers))]);
  }
  // whoever can be woken by one outside may go on, and so may those who wait for it
  for (let isShrinking = true; isShrinking; ) {
    isShrinking = false;
    for (const [thread, wakers] of edges) {
      if (wakers.length > 0 && wakers.every((waker) => edges.has(waker))) continue;
      edges.delete(thread);
      isShrinking = true;
    }
  }
  const cycles: Thread[][] = [];
  const seen = new Set<Thread>();
  for (const start of edges.keys()) {
    const path: Thread[] = [];
    let at: Thread | undefined = start;
    while (at !== undefined && !seen.has(at)) {
      seen.add(at);
      path.push(at);
      at = edges.get(at)?.[0];
    }
    const from = at === undefined ? -1 : path.indexOf(at);
    if (from >= 0) cycles.push(path.slice(from));
  }
  return cycles;
}

/** `pid 2 (server)`, `thread 3 (worker)` of a process with several. */
export function threadName(thread: Thread): string {
  const { tid, process, name } = thread;
  return tid === process.pid && process.threads.size === 1
    ? `pid ${tid} (${name})`
    : `thread ${tid} (${name})`;
}

/** Threads as few words: a process whose threads are all there is named once. */
function whoText(threads: readonly Thread[]): string {
  const names = threads.map(({ tid, process }) =>
    process.threads.size === 1 ? `pid ${tid}` : `thread ${tid}`,
  );
  return names.length > 4
    ? `${names.slice(0, 3).join(', ')} or ${names.length - 3} others`
    : names.join(' or ');
}

/** `data on fd 3 (…), from pid 4`. */
export function reasonText(reason: WaitReason): string {
  const { what, wakers, isSpecific } = reason;
  if (!isSpecific) return what;
  if (wakers.length > 0) return `${what}, which is up to ${whoText(wakers)}`;
  if (what.endsWith('itself')) return what;
  const [end] = reason.ownEnds ?? [];
  // a forgotten close: as long as it is open, no end of file comes either
  const why = end === undefined ? '' : `: the other end is its own fd ${end}`;
  return `${what}, which nobody else can bring${why}`;
}

/** `data on fd 3 (…), up to pid 4`. */
export function shortReasonText(reason: WaitReason): string {
  const { what, wakers, isSpecific } = reason;
  return isSpecific && wakers.length > 0 ? `${what}, up to ${whoText(wakers)}` : reasonText(reason);
}

/** `pid 2 waits for pid 3, which waits for pid 2`. */
export function cycleText(cycle: readonly Thread[]): string {
  const [first, ...others] = [...cycle, cycle[0] as Thread].map((thread) => whoText([thread]));
  return `${first} waits for ${others.join(', which waits for ')}`;
}
