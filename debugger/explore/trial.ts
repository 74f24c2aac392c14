// One run of a program from start to end under one plan of turns, and how it ended, in terms that can be compared.
// explore.ts and faults.ts make thousands; the machine is a fresh one each time, and given back afterwards.
// A run is a pure function of program and plan, so whatever is found can be had again.

import { type Kernel, RUN_SLICES } from '../../kernel/kernel.ts';
import type { KernelObserver } from '../../kernel/observer.ts';
import type { Thread } from '../../kernel/task/thread.ts';
import { type TurnPlan, Turns } from '../../kernel/turns.ts';
import type { Machine } from '../../machine/machine.ts';

/** A fresh machine with the program in it that has not run; its output goes to `output`. */
export type MakeTarget = (output: (stream: 1 | 2, bytes: Uint8Array) => void) => Machine;

export interface TrialLimits {
  /** Guest time after which a run counts as endless, ns. */
  readonly timeNs: number;
  /** The same without the time that all slept, ns. */
  readonly busyNs: number;
  /** Bytes of output kept. */
  readonly outputBytes: number;
}

export interface ExitRecord {
  readonly pid: number;
  readonly name: string;
  /** As wait(2) encodes it. */
  readonly waitStatus: number;
}

/** How a run ended. */
export interface End {
  readonly kind: /** No process is left. */
    | 'finished'
    /** The program's first process has ended; others sleep for ever. */
    | 'left behind'
    /** All threads sleep, nothing will wake them. */
    | 'deadlock'
    /** The time limit came. */
    | 'endless'
    /** The emulator failed: a fault of ours. */
    | 'broken';
  /** In order of pid. */
  readonly exits: readonly ExitRecord[];
  /** What was written, both streams in order, as bytes in a string. */
  readonly output: string;
  /** Who waits for what, when some do; from `inspect`. */
  readonly notes: readonly string[];
  readonly threadCount: number;
  /** Guest time spent working, ns. */
  readonly busyNs: number;
  /** Guest time in which all threads slept until a timer fired, ns. */
  readonly sleptNs: number;
}

export interface TrialOptions {
  readonly plan?: (kernel: Kernel) => TurnPlan;
  readonly observers?: (machine: Machine) => readonly KernelObserver[];
  readonly limits: TrialLimits;
  /** Called at the end while everything is still there; its lines become `notes`. */
  readonly inspect?: (kernel: Kernel, kind: End['kind']) => readonly string[];
}

/** What a run may work when `usual` is how it goes without delays and faults: many times more, and not too little. */
export function limitsAfter(limits: TrialLimits, usual: End): TrialLimits {
  return { ...limits, busyNs: Math.min(limits.busyNs, Math.max(LEAST_BUSY_NS, 20 * usual.busyNs)) };
}

const LEAST_BUSY_NS = 2e8;

/** What clearing up may take before the machine is simply dropped. */
const CLEARING_SLICES = 100_000;

/** Runs a fresh machine to its end. */
export function runTrial(make: MakeTarget, options: TrialOptions): End {
  const pieces: Uint8Array[] = [];
  let size = 0;
  const machine = make((_stream, bytes) => {
    if (size < options.limits.outputBytes) pieces.push(bytes);
    size += bytes.length;
  });
  const { kernel } = machine;
  if (options.plan !== undefined) kernel.scheduler.turns = new Turns(options.plan(kernel));
  const exits: ExitRecord[] = [];
  const startNs = kernel.clock.monotonicNs();
  let threadCount = threadsOf(kernel).length;
  const first = Math.min(...threadsOf(kernel).map(({ process }) => process.pid));
  const remove = machine.observe({
    processExited: ({ pid, name, waitStatus }) => exits.push({ pid, name, waitStatus }),
    threadStarted: () => {
      threadCount++;
    },
  });
  for (const observer of options.observers?.(machine) ?? []) machine.observe(observer);
  let kind: End['kind'];
  let failure: string | undefined;
  try {
    kind = runToEnd(kernel, options.limits);
  } catch (error) {
    kind = 'broken';
    failure = String(error);
  }
  if (kind === 'deadlock' && exits.some(({ pid }) => pid === first)) kind = 'left behind';
  const notes = failure === undefined ? (options.inspect?.(kernel, kind) ?? []) : [failure];
  remove();
  const sleptNs = kernel.clock.jumpedNs;
  const busyNs = kernel.clock.monotonicNs() - sleptNs - startNs;
  if (kind !== 'finished' && kind !== 'broken') clear(machine);
  return {
    kind,
    exits: exits.sort((a, b) => a.pid - b.pid),
    output: pieces.map(byteString).join(''),
    notes,
    threadCount,
    busyNs,
    sleptNs,
  };
}

function runToEnd(kernel: Kernel, limits: TrialLimits): End['kind'] {
  const { clock } = kernel;
  const endNs = clock.monotonicNs() + limits.timeNs;
  const busyEndNs = clock.monotonicNs() - clock.jumpedNs + limits.busyNs;
  for (;;) {
    const outcome = kernel.run();
    if (outcome.kind === 'finished') return 'finished';
    if (outcome.kind === 'idle') return 'deadlock';
    const nowNs = clock.monotonicNs();
    if (nowNs > endNs || nowNs - clock.jumpedNs > busyEndNs) return 'endless';
  }
}

/** Ends what is left, so that memories go back to the processor for the next run. */
function clear(machine: Machine): void {
  const { kernel } = machine;
  kernel.observer = undefined;
  kernel.scheduler.turns = undefined;
  machine.killAll();
  for (let left = CLEARING_SLICES; left > 0; left -= RUN_SLICES) {
    if (kernel.run().kind !== 'paused') return;
  }
}

/** One character a byte. */
function byteString(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 4096)
    text += String.fromCharCode(...bytes.subarray(at, at + 4096));
  return text;
}

/** All threads of all processes. */
export function threadsOf(kernel: Kernel): Thread[] {
  return [...kernel.processes].flatMap(({ threads }) => [...threads.values()]);
}
