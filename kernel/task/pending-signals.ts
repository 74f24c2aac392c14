// Signals sent but not yet delivered: a set, and the queued siginfo of those that have one.
// Each thread has one and each process has one; send-signal.ts adds, delivery, sigtimedwait and signalfd take.
// A bit without a queue entry is legal: the siginfo was lost to RLIMIT_SIGPENDING (kernel/signal.c, collect_signal).
import { SI_USER, SYNCHRONOUS_SIGNALS, signalBit } from '../abi/signal.ts';
import type { SignalInfo } from './signal-info.ts';

/** A queued siginfo and the user it is charged to. */
export interface QueuedSignal {
  readonly info: SignalInfo;
  /** Gives the entry back to RLIMIT_SIGPENDING; undefined when not charged. */
  readonly uncharge: (() => void) | undefined;
  /** Whoever sent it hears that it is taken, and completes it (POSIX timers: the overrun) or calls it back. */
  readonly taken?: ((info: SignalInfo) => SignalInfo | undefined) | undefined;
  readonly dropped?: (() => void) | undefined;
}

export class PendingSignals {
  /** Bit n - 1: signal n waits. */
  set = 0n;
  readonly #queue: QueuedSignal[] = [];

  has(signo: number): boolean {
    return (this.set & signalBit(signo)) !== 0n;
  }

  /** How many siginfo entries wait. */
  get count(): number {
    return this.#queue.length;
  }

  add(entry: QueuedSignal): void {
    this.#queue.push(entry);
    this.set |= signalBit(entry.info.signo);
  }

  /** Marks the signal without its siginfo. */
  mark(signo: number): void {
    this.set |= signalBit(signo);
  }

  /** At most `count` siginfos from the one numbered `first` on; they stay. */
  queued(first: number, count: number): SignalInfo[] {
    return this.#queue.slice(first, first + count).map(({ info }) => info);
  }

  /** Takes the oldest entry of `signo`; a lost siginfo reads as SI_USER from nobody. undefined: it no longer counts. */
  take(signo: number): SignalInfo | undefined {
    const at = this.#queue.findIndex((entry) => entry.info.signo === signo);
    if (at < 0) {
      this.set &= ~signalBit(signo);
      return lostInfo(signo);
    }
    const [entry] = this.#queue.splice(at, 1) as [QueuedSignal];
    entry.uncharge?.();
    if (!this.#queue.some((other) => other.info.signo === signo)) this.set &= ~signalBit(signo);
    return entry.taken === undefined ? entry.info : entry.taken(entry.info);
  }

  /** What `take` would give next, of the signals outside `blocked`; it stays. */
  peek(blocked: bigint): SignalInfo | undefined {
    const set = this.set & ~blocked;
    if (set === 0n) return undefined;
    const signo = nextSignal(set);
    return this.#queue.find(({ info }) => info.signo === signo)?.info ?? lostInfo(signo);
  }

  /** The synchronous signal raised by the running instruction, if one waits outside `blocked`. */
  takeSynchronous(blocked: bigint): SignalInfo | undefined {
    if ((this.set & SYNCHRONOUS_SIGNALS & ~blocked) === 0n) return undefined;
    const found = this.#queue.find(
      ({ info }) => info.code > SI_USER && (signalBit(info.signo) & SYNCHRONOUS_SIGNALS & ~blocked) !== 0n,
    );
    return found && this.take(found.info.signo);
  }

  /** Drops all signals of `set` (flush_sigqueue_mask). */
  flush(set: bigint): void {
    if ((this.set & set) === 0n) return;
    this.set &= ~set;
    for (let at = this.#queue.length - 1; at >= 0; at--) {
      const entry = this.#queue[at] as QueuedSignal;
      if ((signalBit(entry.info.signo) & set) === 0n) continue;
      this.#queue.splice(at, 1);
      entry.uncharge?.();
      entry.dropped?.();
    }
  }
}

function lostInfo(signo: number): SignalInfo {
  return { signo, code: SI_USER, pid: 0, uid: 0 };
}

/** The signal that goes first: the lowest number, after synchronous ones (next_signal). */
export function nextSignal(set: bigint): number {
  const first = (set & SYNCHRONOUS_SIGNALS) !== 0n ? set & SYNCHRONOUS_SIGNALS : set;
  const low = Number(first & 0xffff_ffffn);
  if (low !== 0) return 32 - Math.clz32(low & -low);
  const high = Number(first >> 32n);
  return 64 - Math.clz32(high & -high);
}
