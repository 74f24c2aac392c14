// The machine's clocks: real ones read through the Host, or virtual ones that only ticks and syscalls advance.
// Everything in the kernel that needs the time asks here; nothing else may ask the Host.
// Monotonic time starts near zero at boot, so that it is a safe integer; real time is a bigint.

import type { Host } from '../host.ts';
import { WaitQueue } from '../wait.ts';

/** Virtual time: what one tick and one system call are worth (about a 200 MHz in-order core). */
const TICK_NS = 10;
const SYSCALL_NS = 200;

export interface ClockOptions {
  /** Time advances with ticks and syscalls only, and jumps when all threads sleep. */
  readonly virtual: boolean;
  /** Real time at boot for a virtual clock, ns since 1970. */
  readonly epochNs?: bigint;
}

/** What adjtimex(2) keeps (kernel/time/ntp.c), in its units. */
export interface Discipline {
  frequency: number;
  maxError: number;
  estimatedError: number;
  status: number;
  constant: number;
  tick: number;
  tai: number;
  /** What ADJ_OFFSET_SINGLESHOT asked for. */
  slew: number;
}

/**
 * How long ago the machine booted, by a real clock. From 2^31 ns on V8 keeps times in another form, and what it has optimised for small
 * ones begins anew: so they are never small.
 */
const REAL_BOOT_NS = 5_000_000_000;

export class Clock {
  readonly isVirtual: boolean;
  readonly #host: Host;
  readonly #startNs: number;
  /** Real time minus monotonic time, in ns; clock_settime changes it. */
  #realtimeOffsetNs: bigint;
  /** The same in two numbers, so that reading the clock needs no bigint: whole seconds, and ns below one second. */
  realtimeSeconds = 0;
  realtimeFraction = 0;
  /** Woken when the real-time clock is set: absolute sleeps look again, timerfds may be cancelled. */
  readonly realtimeSet = new WaitQueue('clock_settime');
  readonly discipline: Discipline = {
    frequency: 0,
    maxError: 16_000_000,
    estimatedError: 16_000_000,
    status: 0x40, // STA_UNSYNC
    constant: 2,
    tick: 10_000,
    tai: 0,
    slew: 0,
  };
  #virtualNs = 1_000_000_000;
  /** How much of a virtual clock's time was slept through, ns. */
  jumpedNs = 0;

  constructor(host: Host, options: ClockOptions) {
    this.#host = host;
    this.isVirtual = options.virtual;
    const bootedNs = options.virtual ? this.#virtualNs : REAL_BOOT_NS;
    this.#startNs = host.monotonicNs() - bootedNs;
    const epoch = options.epochNs ?? (options.virtual ? 1_700_000_000_000_000_000n : host.realtimeNs());
    this.#realtimeOffsetNs = epoch - BigInt(bootedNs);
    this.#splitOffset();
  }

  get realtimeOffsetNs(): bigint {
    return this.#realtimeOffsetNs;
  }

  /** clock_settime: it is `ns` since 1970 now. */
  setRealtime(ns: bigint): void {
    this.#realtimeOffsetNs = ns - BigInt(this.monotonicNs());
    this.#splitOffset();
    this.realtimeSet.wake();
  }

  #splitOffset(): void {
    const seconds = this.#realtimeOffsetNs / 1_000_000_000n;
    this.realtimeSeconds = Number(seconds);
    this.realtimeFraction = Number(this.#realtimeOffsetNs - seconds * 1_000_000_000n);
  }

  /** Ns since shortly before boot: CLOCK_MONOTONIC and CLOCK_BOOTTIME. */
  monotonicNs(): number {
    return this.isVirtual ? this.#virtualNs : this.#host.monotonicNs() - this.#startNs;
  }

  /** When a real clock shows `monotonicNs`, on the host's own clock. */
  hostNs(monotonicNs: number): number {
    return monotonicNs + this.#startNs;
  }

  /** Ns since 1970: CLOCK_REALTIME. */
  realtimeNs(): bigint {
    return this.#realtimeOffsetNs + BigInt(this.monotonicNs());
  }

  /** Counts work into virtual time; nothing for a real clock. */
  advance(ticks: number, syscalls: number): void {
    if (this.isVirtual) this.#virtualNs += ticks * TICK_NS + syscalls * SYSCALL_NS;
  }

  /** All threads sleep: a virtual clock jumps to the next deadline. */
  jumpTo(deadlineNs: number): void {
    if (!this.isVirtual || deadlineNs <= this.#virtualNs) return;
    this.jumpedNs += deadlineNs - this.#virtualNs;
    this.#virtualNs = deadlineNs;
  }
}
