// Repeats a recorded run: a machine set up as it was, whose host answers as it did, with the same events at the same runs.
// `rivulet replay` runs it to its end, the debugger steps through it; both may interpret what was compiled before.
// The run is checked by the recorded hash of its system calls as it goes.
import type { Cpu } from '../../emulator/cpu/cpu.ts';
import { CallHash } from '../../kernel/call-hash.ts';
import { Turns } from '../../kernel/turns.ts';
import type { EventLoop } from '../../machine/event-loop.ts';
import type { GuestProcess } from '../../machine/guest-process.ts';
import { repeatEvent, type SetupStep } from '../../machine/journal.ts';
import { Machine, type MachineOptions } from '../../machine/machine.ts';
import { SpawnError } from '../../machine/spawn-error.ts';
import { faultObserver } from '../explore/faults.ts';
import { FixedTurns, parseSchedule } from '../explore/schedule.ts';
import type { MakeTarget } from '../session/session.ts';
import { HASH_INTERVAL, type Recording, RecordingError } from './recording.ts';
import { ReplayHost } from './replay-host.ts';

export interface ReplayOptions {
  readonly output: (stream: 1 | 2, bytes: Uint8Array) => void;
  /** Lines for the person, as the kernel's own warnings. */
  readonly warn: (line: string) => void;
  /** How this replay executes, which the guest cannot notice: jit, prebuiltInterpreter, processor … */
  readonly machine?: Partial<
    Pick<MachineOptions, 'jit' | 'jitThreshold' | 'prebuiltInterpreter' | 'processor'>
  >;
}

export interface Replay {
  readonly machine: Machine;
  readonly guest: GuestProcess;
  /** The hash over the calls made so far. */
  readonly hash: CallHash;
  /** As many runs of the kernel have begun as were recorded. */
  readonly isOver: () => boolean;
}

/** What a finished replay was, compared with the recording. */
export interface ReplayResult {
  readonly status: number | undefined;
  readonly calls: number;
  /** The first call after which the runs differed, to within HASH_INTERVAL; undefined when they were the same. */
  readonly differsBefore: number | undefined;
}

/** A replay waits for nothing, so nothing ever wakes it. */
const NO_LOOP: EventLoop = { after: () => () => {}, soon: () => {} };

/** A machine that has not run, at the start of the recorded run. Throws RecordingError. */
export function makeReplay(recording: Recording, options: ReplayOptions): Replay {
  try {
    return start(recording, options);
  } catch (error) {
    if (error instanceof SpawnError) throw new RecordingError(error.message);
    throw error;
  }
}

function start(recording: Recording, options: ReplayOptions): Replay {
  const { root, memory, maxProcesses, seed, virtualTime, quantum, schedule, fault } = recording.machine;
  const host = new ReplayHost(recording, options.output, options.warn);
  const machine = new Machine({
    host: Object.assign(host, NO_LOOP),
    virtualTime,
    ...(root === undefined ? {} : { root }),
    ...(memory === undefined ? {} : { memory }),
    ...(maxProcesses === undefined ? {} : { maxProcesses }),
    ...(seed === undefined ? {} : { seed }),
    ...(quantum === undefined ? {} : { quantum }),
    ...options.machine,
  });
  machine.kernel.isQuietAboutGaps = true;
  if (schedule !== undefined) machine.kernel.scheduler.turns = turnsOf(schedule);
  if (fault !== undefined) machine.observe(faultObserver(fault));
  let guest: GuestProcess | undefined;
  for (const step of recording.setup) guest = setUp(machine, step) ?? guest;
  if (guest === undefined) throw new RecordingError('no program was started in this recording');
  const hash = new CallHash(HASH_INTERVAL);
  machine.kernel.callHash = hash;
  const isOver = letIn(recording, machine, guest, () => virtualTime || host.isClockOver);
  return { machine, guest, hash, isOver };
}

/** What a debugger's Session runs to go through `recording`. Its output includes what went to the recorded terminal. */
export function recordedTarget(
  recording: Recording,
  options: Partial<Omit<ReplayOptions, 'output'>>,
): MakeTarget {
  let processor: Cpu | undefined;
  return (output) => {
    const machine = { ...options.machine, ...(processor && { processor }) };
    const replay = makeReplay(recording, { warn: () => {}, ...options, output, machine });
    processor = replay.machine.kernel.cpu;
    return replay.machine;
  };
}

function turnsOf(text: string): Turns {
  const schedule = parseSchedule(text);
  if (schedule === undefined) throw new RecordingError('its schedule cannot be read');
  return new Turns(new FixedTurns(schedule));
}

function setUp(machine: Machine, step: SetupStep): GuestProcess | undefined {
  switch (step.kind) {
    case 'mount':
      machine.mount(step);
      return undefined;
    case 'mount-file':
      machine.mountFile(step.host, step.guest);
      return undefined;
    case 'file':
      machine.writeFile(step.path, step.bytes, step.mode);
      return undefined;
    case 'directory':
      machine.makeDirectory(step.path, step.mode);
      return undefined;
    case 'spawn':
      return machine.spawn({
        ...step,
        argv: step.argv ?? [step.path],
        stdout: step.stdout === 'terminal' ? 'terminal' : 'host',
        stderr: step.stderr === 'terminal' ? 'terminal' : 'host',
      });
    default:
      return step satisfies never;
  }
}

/**
 * Events come in when as many runs have begun as had when they were recorded. Returns whether all runs have begun.
 * `isTimeOver`: the clock will show nothing new.
 */
function letIn(
  recording: Recording,
  machine: Machine,
  guest: GuestProcess,
  isTimeOver: () => boolean,
): () => boolean {
  const { events, end } = recording;
  let runs = 0;
  let next = 0;
  const letInUntil = (limit: number): void => {
    for (; next < events.length; next++) {
      const timed = events[next];
      if (timed === undefined || timed.runs > limit) return;
      repeatEvent(machine, guest, timed.event);
    }
  };
  machine.kernel.awaitsOutside = true;
  machine.kernel.beforeRun = () => {
    letInUntil(runs);
    runs++;
    machine.kernel.awaitsOutside = runs < end.runs && (next < events.length || !isTimeOver());
  };
  return () => runs >= end.runs;
}

/** Runs a replay to its end and compares. Returns when no process is left or the recording has no more to say. */
export function runReplay(recording: Recording, { machine, guest, hash, isOver }: Replay): ReplayResult {
  const { kernel } = machine;
  for (;;) {
    const outcome = kernel.run();
    if (outcome.kind === 'finished' || isOver()) break;
    if (outcome.kind === 'idle' && !kernel.awaitsOutside) break;
  }
  return {
    status: guest.exitStatus?.code,
    calls: hash.count,
    differsBefore: firstDifference(recording, hash),
  };
}

/** The number of calls by which the runs are known to have differed. */
function firstDifference(recording: Recording, hash: CallHash): number | undefined {
  const { checkpoints, end } = recording;
  const shared = Math.min(checkpoints.length, hash.checkpoints.length);
  for (let i = 0; i < shared; i++) {
    if (checkpoints[i] !== hash.checkpoints[i]) return (i + 1) * HASH_INTERVAL;
  }
  return end.calls === hash.count && end.hash === hash.value ? undefined : Math.min(end.calls, hash.count);
}
