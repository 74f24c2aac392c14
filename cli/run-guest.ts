// One guest on this process's terminal: builds the machine from the options, runs PROG, returns its status.
// start.ts calls it for a plain `run`, session.ts for all else; observers are attached through `prepare`.
// Signals that reach us go to the guest; the terminal is given back whatever happens. Imports nothing of debugger/
// that runs: a plain start would pay for it.
import { SIGHUP, SIGINT, SIGQUIT, SIGTERM } from '../kernel/abi/signal.ts';
import type { GuestProcess } from '../machine/guest-process.ts';
import type { MachineJournal } from '../machine/journal.ts';
import type { Machine } from '../machine/machine.ts';
import type { InputSource } from '../machine/stdio.ts';
import { setEngineFlags } from './engine-flags.ts';
import { feedFile, makeMachine, REPEATABLE_STREAMS, spawnGuest } from './guest.ts';
import { IS_WINDOWS } from './host-paths.ts';
import { isInputNull, isTerminal, type NodeHost, nodeHost } from './node-host.ts';
import type { RunSettings } from './run-options.ts';
import { StdinFeeder } from './stdin-feeder.ts';
import { TerminalFeeder } from './terminal-feeder.ts';

export interface GuestOptions {
  /** Told of everything that comes from outside. */
  readonly journal?: MachineJournal;
  /** Attaches observers. The returned function is called at the end. */
  readonly prepare?: (machine: Machine) => () => void;
  /** Called when the program is there and has not run yet. */
  readonly beforeRun?: (machine: Machine, guest: GuestProcess) => void;
  /** Called between turns of a run with a schedule, whose input is all there from the start. */
  readonly onIdle?: (machine: Machine) => void;
}

/** 11.3 is Node 20's, 12.4 Node 22's, 13.6 Node 24's, 14.6 Node 26's. */
const V8 = Number.parseFloat(process.versions.v8);
const FLAGS = [
  // what is always on or not there later
  ...(V8 < 11.4 ? ['--experimental-wasm-relaxed-simd'] : []),
  ...(V8 < 14 ? ['--experimental-wasm-branch-hinting'] : []),
  // V8 counts all of a guest's memory, and marks its few objects anew for each process that is made: the threads that help
  // cost three times what they spare
  ...(V8 < 13 ? ['--no-concurrent-marking', '--no-parallel-scavenge'] : []),
  // what runs nested is bounded by the region's own depth, and every region returns when its budget is used up
  '--no-wasm-stack-checks',
  // a short program would only wait at its end for what other threads of V8 still optimise; V8 goes on counting how
  // hot functions are, while with --max-optimized-bytecode-size=0 most would stay slow for good
  ...(V8 < 12 ? ['--ticks-before-optimization=1000', '--max-bytecode-size-for-early-opt=0'] : []),
  // nor is what a run of seconds does worth it: with V8's default of 67,584, optimising is a fifth of such a run
  ...(V8 < 12 ? ['--interrupt-budget=200000'] : []),
];
/**
 * A system call is some fifty small functions, of which V8's default, 920, leaves a third as calls. Where calls come so dense, more
 * are made part of their caller; elsewhere it costs time for optimising and spares none.
 */
const DENSE_CALLS = ['--max-inlined-bytecode-size-cumulative=3000'];
/** System calls in a turn (8 ms). */
const MANY_CALLS = 1000;
/** V8's defaults, once the guest had a turn. launch.cjs goes back to them as well when code gets hot before. */
const OPTIMISING = V8 < 12 ? ['--ticks-before-optimization=3', '--max-bytecode-size-for-early-opt=81'] : [];

/** Runs `program` with `args` to its end and returns the status for the shell. */
export async function runGuest(
  program: string,
  args: readonly string[],
  settings: RunSettings,
  options: GuestOptions = {},
): Promise<number> {
  setEngineFlags(...FLAGS);
  const host = nodeHost();
  const machine = makeMachine(host, settings, undefined, options.journal);
  const finish = options.prepare?.(machine);
  const { guest, feeder } = startGuest(machine, host, program, args, settings, options);
  const { onIdle } = machine;
  machine.onIdle = () => {
    setEngineFlags(...OPTIMISING);
    machine.onIdle = untilCallsAreDense(machine, onIdle);
    onIdle?.();
  };
  const stopForwarding = forwardSignals(machine, guest, feeder);
  try {
    options.beforeRun?.(machine, guest);
    await machine.run();
  } finally {
    stopForwarding();
    feeder?.close();
    finish?.();
  }
  return guest.exitStatus?.code ?? 0;
}

/** What `onIdle` does; and, until a turn had many system calls, a look at how many there were. */
function untilCallsAreDense(machine: Machine, onIdle: (() => void) | undefined): () => void {
  let before = countCalls(machine);
  return () => {
    const calls = countCalls(machine);
    if (calls - before > MANY_CALLS) {
      setEngineFlags(...DENSE_CALLS);
      machine.onIdle = onIdle;
    }
    before = calls;
    onIdle?.();
  };
}

/** Of the threads that are there. */
function countCalls({ kernel }: Machine): number {
  let calls = 0;
  for (const { threads } of kernel.processes)
    for (const thread of threads.values()) calls += thread.syscallCount;
  return calls;
}

/** The program on our own streams, or on such as are the same in every run when it has to be repeated exactly. */
function startGuest(
  machine: Machine,
  host: NodeHost,
  program: string,
  args: readonly string[],
  settings: RunSettings,
  options: GuestOptions,
): { guest: GuestProcess; feeder: StdinFeeder | TerminalFeeder | undefined } {
  if (settings.schedule !== undefined) {
    const streams = { ...REPEATABLE_STREAMS, stdout: 'host', stderr: 'host' } as const;
    const guest = spawnGuest(machine, program, args, settings, streams);
    feedFile(guest);
    machine.onIdle = () => options.onIdle?.(machine);
    return { guest, feeder: undefined };
  }
  const source = inputSource();
  const guest = spawnGuest(machine, program, args, settings, {
    stdin: source,
    stdout: isTerminal(1) ? 'terminal' : 'host',
    stderr: isTerminal(2) ? 'terminal' : 'host',
  });
  if (source === 'null') return { guest, feeder: undefined };
  const feeder = source === 'terminal' ? new TerminalFeeder(machine, host) : new StdinFeeder(guest);
  machine.onIdle = () => feeder.topUp();
  return { guest, feeder };
}

/** What our own stdin is, so that the guest makes of it what a program in our place would. */
function inputSource(): InputSource {
  if (isTerminal(0)) return 'terminal';
  return isInputNull() ? 'null' : 'pipe';
}

/** Signals for us are signals for the guest, as if it ran in our place. */
function forwardSignals(
  machine: Machine,
  guest: GuestProcess,
  feeder: StdinFeeder | TerminalFeeder | undefined,
): () => void {
  // what the program left running in the background is all there is when the program itself has ended
  const orElse = (send: (signal: number) => void, signal: number) => (): void => {
    if (guest.exitStatus === undefined) send(signal);
    else machine.signalAll(signal);
  };
  const toGroup = (signal: number): void => guest.killGroup(signal);
  // what a program that dies of it waited for would keep us: timeout(1) and shells end whole jobs, too
  const toProgram = (signal: number): void => {
    guest.kill(signal);
    void guest.wait().then((status) => {
      if (status.signal === signal) guest.killGroup(signal);
    });
  };
  const handlers: [NodeJS.Signals, () => void][] = [
    [
      'SIGINT',
      IS_WINDOWS && feeder instanceof TerminalFeeder ? () => feeder.interrupt() : orElse(toGroup, SIGINT),
    ],
    ['SIGQUIT', orElse(toGroup, SIGQUIT)],
    ['SIGTERM', orElse(toProgram, SIGTERM)],
    ['SIGHUP', orElse(toProgram, SIGHUP)],
  ];
  for (const [signal, handler] of handlers) process.on(signal, handler);
  return () => {
    for (const [signal, handler] of handlers) process.off(signal, handler);
  };
}
