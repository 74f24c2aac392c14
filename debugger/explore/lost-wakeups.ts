// Lost wake-ups: why somebody sleeps for ever although what should have woken them did happen.
// explore runs a schedule that ends in a standstill once more with this watching, and prints what it says.
// Lost is: what last made ready the thing a thread waits for came while the thread was awake, the thread took it before it
// went to sleep, and whoever brought it sleeps until the thread acts. Futexes, signals and edges have forms of their own.
import { POLLIN } from '../../kernel/abi/poll.ts';
import { signalName } from '../../kernel/abi/signal.ts';
import type { OpenFile } from '../../kernel/file/open-file.ts';
import type { Kernel } from '../../kernel/kernel.ts';
import type { KernelObserver } from '../../kernel/observer.ts';
import { Epoll } from '../../kernel/poll/epoll.ts';
import { FutexWaiter } from '../../kernel/task/futex.ts';
import type { SignalInfo } from '../../kernel/task/signal-info.ts';
import type { Call, Thread } from '../../kernel/task/thread.ts';
import { type Sleeper, threadName, type WaitGraph, type WaitReason } from '../inspect/wait-graph.ts';
import { callStack } from '../stack.ts';
import type { Symbols } from '../symbols.ts';
import { threadsOf } from './trial.ts';

/** A call that did something, and when in the order of all. */
interface Deed {
  readonly order: number;
  readonly thread: Thread;
  /** `recvfrom at drain+0x1c (its call 16)`. */
  readonly text: string;
  /** Threads that slept at that moment. */
  readonly sleeping: ReadonlySet<Thread>;
}

interface FileHistory {
  isReady: boolean;
  /** What last made it readable, and what last made it no longer so. */
  filled?: Deed;
  emptied?: Deed;
}

/** Files asked for their state over the whole run, at most: a look-back is for small programs. */
const MOST_LOOKS = 5_000_000;

export class WakeWatch implements KernelObserver {
  readonly #kernel: Kernel;
  readonly #symbols: Symbols;
  readonly #files = new Map<OpenFile, FileHistory>();
  /** The last signal that ran a handler of each thread. */
  readonly #handled = new Map<Thread, { info: SignalInfo; deed: Deed }>();
  /** When each thread went to sleep last, in which call. */
  readonly #slept = new Map<Thread, Deed>();
  #order = 0;
  #looks = 0;

  constructor(kernel: Kernel, symbols: Symbols) {
    this.#kernel = kernel;
    this.#symbols = symbols;
  }

  syscallBlocked(thread: Thread, call: Call): void {
    this.#order++;
    if (this.#slept.get(thread)?.text !== this.#text(thread, call)) this.#look(thread, call);
    this.#slept.set(thread, this.#deed(thread, call));
  }

  syscallExit(thread: Thread, call: Call): undefined {
    this.#order++;
    this.#look(thread, call);
  }

  signalDelivered(thread: Thread, info: SignalInfo): void {
    this.#order++;
    if (thread.call !== undefined && this.#slept.get(thread)?.text === this.#text(thread, thread.call)) {
      this.#handled.delete(thread); // it ends a sleep, as it should
      return;
    }
    const text = `after its call ${thread.syscallCount}`;
    this.#handled.set(thread, { info, deed: { order: this.#order, thread, text, sleeping: new Set() } });
  }

  /** One line for each wake-up that was lost. */
  explain({ sleepers }: WaitGraph): string[] {
    return sleepers.flatMap((sleeper) => {
      if (sleeper.untilNs !== undefined) return [];
      return [
        ...this.#lostSignal(sleeper),
        ...sleeper.reasons.flatMap((reason) => [
          ...this.#lostData(sleeper, reason, sleepers),
          ...lostFutex(sleeper),
        ]),
        ...lostEdges(sleeper),
      ].slice(0, 1);
    });
  }

  /** Which files became readable or stopped being so by this call. */
  #look(thread: Thread, call: Call): void {
    if (this.#looks > MOST_LOOKS) return;
    let deed: Deed | undefined;
    const seen = new Set<OpenFile>();
    for (const { files } of threadsOf(this.#kernel)) {
      for (const [, file] of files.entries()) {
        if (seen.has(file)) continue;
        seen.add(file);
        this.#looks++;
        const isReady = (file.descriptor.poll(file) & POLLIN) !== 0;
        const known = this.#files.get(file);
        if (known === undefined) {
          this.#files.set(file, { isReady });
          continue;
        }
        if (known.isReady === isReady) continue;
        known.isReady = isReady;
        deed ??= this.#deed(thread, call);
        if (isReady) known.filled = deed;
        else known.emptied = deed;
      }
    }
  }

  #deed(thread: Thread, call: Call): Deed {
    const sleeping = new Set(threadsOf(this.#kernel).filter(({ state }) => state === 'blocked'));
    return { order: this.#order, thread, text: this.#text(thread, call), sleeping };
  }

  #text(thread: Thread, call: Call): string {
    const [here = 0, caller = here] = callStack(thread, this.#symbols);
    const place = this.#symbols.place(thread, caller);
    const where = place?.symbol === undefined ? '' : ` at ${place.symbol}+0x${place.offset.toString(16)}`;
    return `${call.syscall.name}${where} (its call ${thread.syscallCount})`;
  }

  #lostData({ thread }: Sleeper, { file, wakers }: WaitReason, sleepers: readonly Sleeper[]): string[] {
    const history = file && this.#files.get(file);
    const slept = this.#slept.get(thread);
    if (history?.filled === undefined || history.emptied === undefined || slept === undefined) return [];
    const { filled, emptied } = history;
    const bringer = filled.thread;
    const isTaken = filled.order < emptied.order && emptied.order < slept.order;
    if (!isTaken || bringer === thread || emptied.thread.process !== thread.process) return [];
    if (filled.sleeping.has(thread) || !wakers.includes(bringer)) return [];
    const other = sleepers.find((sleeper) => sleeper.thread === bringer);
    if (other === undefined || !other.reasons.some((reason) => reason.wakers.includes(thread))) return [];
    return [
      `lost wake-up of ${threadName(thread)}: ${filled.text} of ${threadName(bringer)} came while it was awake, ` +
        `its own ${emptied.text} took that away, then it slept in ${slept.text}; nothing has come since`,
    ];
  }

  #lostSignal({ thread, reasons }: Sleeper): string[] {
    const handled = this.#handled.get(thread);
    const slept = this.#slept.get(thread);
    const waitsForSignal = reasons.some(({ file, address }) => file === undefined && address === undefined);
    if (handled === undefined || slept === undefined || !waitsForSignal) return [];
    const { info, deed } = handled;
    const from = info.pid === undefined || info.pid === 0 ? '' : ` from pid ${info.pid}`;
    return [
      `lost wake-up of ${threadName(thread)}: ${signalName(info.signo)}${from} was handled ${deed.text}, ` +
        `before it slept in ${slept.text}; no signal has come since`,
    ];
  }
}

/** The word is not what it was when the thread went to sleep, and nobody has woken it. */
function lostFutex({ thread, reasons }: Sleeper): string[] {
  const { call } = thread;
  const address = reasons.find((reason) => reason.address !== undefined)?.address;
  if (address === undefined || call === undefined || !(call.data instanceof FutexWaiter)) return [];
  const expected = call.args.val ?? 0;
  if (thread.user.accessible(address, 4, false) < 4) return [];
  const now = thread.user.readU32(address);
  if (now === expected >>> 0) return [];
  return [
    `lost wake-up of ${threadName(thread)}: it sleeps on the futex at 0x${address.toString(16)} because that was ` +
      `${expected}; it is ${now} now, and nobody has woken it`,
  ];
}

/** Something is ready, but its edge was reported before (epoll(7), "Level-triggered and edge-triggered"). */
function lostEdges({ thread }: Sleeper): string[] {
  const epoll = thread.files.lookup(thread.call?.args.epfd ?? -1)?.descriptor;
  if (!(epoll instanceof Epoll)) return [];
  return [...epoll.items()].flatMap((item) => {
    const ready = item.file.descriptor.poll(item.file) & POLLIN;
    if (ready === 0 || !(item.isEdgeTriggered || item.isDisabled)) return [];
    const why = item.isDisabled
      ? 'its one shot (EPOLLONESHOT) was reported and it was not armed again'
      : 'its edge (EPOLLET) was reported before, and it was not read until EAGAIN';
    return [`lost wake-up of ${threadName(thread)}: fd ${item.fd} is readable, but ${why}`];
  });
}
