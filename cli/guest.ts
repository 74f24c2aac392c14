// The machine and the program that the options of a command describe, before anything runs.
// session.ts runs it on our terminal; explore, and whoever needs the same start again and again, make many of them.
import fs from 'node:fs';
import { FixedTurns } from '../debugger/explore/schedule.ts';
import type { Cpu } from '../emulator/cpu/cpu.ts';
import type { Effort } from '../emulator/jit/code-cache.ts';
import { EIO, ENOENT, errnoNumber } from '../kernel/errno.ts';
import type { Host } from '../kernel/host.ts';
import { Turns } from '../kernel/turns.ts';
import type { EventLoop } from '../machine/event-loop.ts';
import type { GuestProcess } from '../machine/guest-process.ts';
import type { MachineJournal } from '../machine/journal.ts';
import { Machine, type MountOptions, type SpawnOptions } from '../machine/machine.ts';
import { SpawnError } from '../machine/spawn-error.ts';
import { setEngineFlags } from './engine-flags.ts';
import { CommandError } from './failure.ts';
import {
  absoluteHost,
  byteString,
  currentHostDirectory,
  guestPlace,
  hostPath,
  slashed,
} from './host-paths.ts';
import { nodeHost } from './node-host.ts';
import type { RunSettings } from './run-options.ts';

/** Where the program's 0, 1 and 2 lead. */
export type GuestStreams = Required<Pick<SpawnOptions, 'stdin' | 'stdout' | 'stderr'>>;

/** Streams that are the same whatever ours are: pipes, and input that is there at once. */
export const REPEATABLE_STREAMS: GuestStreams = { stdin: 'pipe', stdout: 'collect', stderr: 'collect' };

/** Gives the guest all of its input before it runs: the file that our stdin is redirected from, or nothing. */
export function feedFile(guest: GuestProcess): void {
  try {
    if (fs.fstatSync(0).isFile()) {
      fileInput ??= fs.readFileSync(0);
      guest.write(fileInput);
    }
  } catch {
    // our stdin is closed
  }
  guest.end();
}

/** Read once: the file's position is ours to move only once. */
let fileInput: Uint8Array | undefined;

/** How much of a function V8 runs in its baseline code before optimising it: its default, and next to never. */
const TIERING_BUDGET = 1_800_000;
const LARGE_TIERING_BUDGET = 2_000_000_000;
/** An instruction's 50 bytes of baseline code, times the 40,000 runs after which optimising it has paid. */
const TIERING_BUDGET_PER_INSTRUCTION = 2_000_000;
const V8_VERSION = Number.parseFloat(process.versions.v8);
/**
 * A thread of V8 that makes code and finds the heap full waits until the main thread has collected: for ever, when that has
 * begun to exit. And the heap is as good as always full, as all of a guest's memory counts.
 */
const CODE_IS_MADE_HERE = V8_VERSION < 13 ? [] : ['--no-maglev', '--no-concurrent-sparkplug'];

/**
 * The interpreter's module from what the build left beside the bundle; undefined elsewhere. Optimising its one large
 * function takes longer than a short program runs, and the process cannot end before that is done.
 */
export function prebuiltInterpreter(fusesMultiplyAdd: boolean): WebAssembly.Module | undefined {
  if (typeof __dirname !== 'string') return undefined;
  let bytes: Uint8Array;
  try {
    bytes = fs.readFileSync(`${__dirname}/interpreter-${fusesMultiplyAdd ? 'fused' : 'exact'}.wasm`);
  } catch {
    return undefined;
  }
  setEngineFlags(`--wasm-tiering-budget=${LARGE_TIERING_BUDGET}`);
  const module = new WebAssembly.Module(bytes);
  setEngineFlags(`--wasm-tiering-budget=${TIERING_BUDGET}`);
  return module;
}

/**
 * Compiles a region of the second tier. V8 takes the length of a function off its budget whenever it returns, so with the
 * same budget for all, middle-sized regions are optimised after a hundred calls. It does not count where only baseline code is
 * asked for; newer V8s, which know no such modules, get the largest budget there is.
 */
export function compileRegion(
  bytes: Uint8Array,
  instructionCount: number,
  effort: Effort,
): WebAssembly.Module {
  const budget = budgetFor(instructionCount, effort);
  const isUncounted = effort === 'baseline' && V8_VERSION < 12;
  setEngineFlags(`--wasm-tiering-budget=${budget}`, ...(isUncounted ? ['--no-wasm-dynamic-tiering'] : []));
  const module = new WebAssembly.Module(bytes);
  setEngineFlags(
    `--wasm-tiering-budget=${TIERING_BUDGET}`,
    ...(isUncounted ? ['--wasm-dynamic-tiering'] : []),
  );
  return module;
}

function budgetFor(instructionCount: number, effort: Effort): number {
  if (effort === 'baseline') return LARGE_TIERING_BUDGET;
  if (effort === 'best') return 1;
  return Math.max(TIERING_BUDGET, instructionCount * TIERING_BUDGET_PER_INSTRUCTION);
}

/** The machine that the options ask for. Throws CommandError and SpawnError. */
export function makeMachine(
  host: Host & EventLoop,
  settings: RunSettings,
  processor?: Cpu,
  journal?: MachineJournal,
): Machine {
  const { root, mounts, memory, maxProcesses, timeoutMs, seed, virtualTime, jit } = settings;
  setEngineFlags(...CODE_IS_MADE_HERE);
  if (root !== undefined && kindOf(root) !== 'directory') {
    throw new CommandError(`--root ${shown(root)}: there is no such directory`);
  }
  const machine = new Machine({
    host,
    virtualTime,
    ...(processor === undefined ? { prebuiltInterpreter, compileRegion } : { processor }),
    jit,
    ...(journal === undefined ? {} : { journal }),
    ...(root === undefined ? {} : { root: withoutLinks(root) }),
    ...(memory === undefined ? {} : { memory }),
    ...(maxProcesses === undefined ? {} : { maxProcesses }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(seed === undefined ? {} : { seed }),
    // for the build, which fills V8's caches by running: nothing is left uncompiled
    ...(process.env.RIVULET_WRITE_CACHE === undefined ? {} : { jitThreshold: 1 }),
  });
  if (settings.schedule !== undefined)
    machine.kernel.scheduler.turns = new Turns(new FixedTurns(settings.schedule));
  if (!settings.warn) machine.kernel.isQuietAboutGaps = true;
  // Without a root of its own the guest sees where we are, except that / would be the whole computer.
  const cwd = currentHostDirectory();
  if (root === undefined && cwd !== '/') machine.mount({ host: cwd, guest: guestPlace(cwd) });
  for (const mount of mounts) mountHost(machine, mount);
  return machine;
}

/** Directories are mounted whole; a single file only copied on write. */
function mountHost(machine: Machine, mount: MountOptions): void {
  const kind = kindOf(mount.host);
  if (kind === 'directory') machine.mount({ ...mount, host: withoutLinks(mount.host) });
  else if (kind === undefined)
    throw new CommandError(`--mount ${shown(mount.host)}: there is no such file or directory`);
  else if (mount.writable === true)
    throw new CommandError(`--mount ${shown(mount.host)}: only directories can be mounted :rw`);
  else machine.mountFile(withoutLinks(mount.host), mount.guest);
}

function kindOf(path: string): 'directory' | 'file' | undefined {
  try {
    const stats = fs.statSync(Buffer.from(path, 'latin1'));
    if (stats.isDirectory()) return 'directory';
    return stats.isFile() ? 'file' : undefined;
  } catch {
    return undefined; // missing, below a file, links in a circle, out of our reach
  }
}

/** Where `path`, which exists, really leads: what is mounted is no link. */
function withoutLinks(path: string): string {
  return slashed(fs.realpathSync.native(Buffer.from(path, 'latin1'), { encoding: 'latin1' }));
}

/** A byte string as a person typed it. */
function shown(path: string): string {
  return Buffer.from(path, 'latin1').toString();
}

/** Puts `program` into the machine, ready to run. Throws CommandError and SpawnError. */
export function spawnGuest(
  machine: Machine,
  program: string,
  args: readonly string[],
  settings: RunSettings,
  streams: GuestStreams,
): GuestProcess {
  const { root, env, uid, gid, limits } = settings;
  const name = root === undefined ? asTyped(program) : byteString(program);
  const cwd = settings.cwd ?? (root === undefined ? guestPlace(currentHostDirectory()) : '/');
  const path =
    root === undefined ? showHostProgram(machine, program, settings.cwd !== undefined || cwd === '/') : name;
  return machine.spawn({
    path,
    argv: [settings.argv0 ?? name, ...args.map(byteString)],
    env,
    cwd: machine.exists(cwd) ? cwd : settings.cwd === undefined ? '/' : missingDirectory(cwd),
    uid,
    gid,
    limits,
    ...streams,
  });
}

function missingDirectory(cwd: string): never {
  throw new CommandError(`--cwd ${cwd}: there is no such directory in the guest`);
}

/**
 * Makes the host file PROG visible in the guest where it lies, and returns the guest path to run: as it was typed where
 * that means the same there. `isElsewhere`: the guest does not start in our directory.
 */
function showHostProgram(machine: Machine, program: string, isElsewhere: boolean): string {
  if (program === '') throw new SpawnError(ENOENT, program, undefined); // Node takes '' for the current directory.
  let real: string;
  try {
    real = withoutLinks(hostPath(program));
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    throw new SpawnError(errnoNumber(code) ?? EIO, program, undefined);
  }
  const guestReal = guestPlace(real);
  if (!machine.exists(guestReal) && kindOf(real) === 'file') machine.mountFile(real, guestReal);
  const place = guestPlace(absoluteHost(program));
  if (!machine.exists(place)) return guestReal;
  if (isElsewhere) return place;
  const typed = asTyped(program);
  return typed.includes('/') ? typed : `./${typed}`;
}

/** The path of a program as it was typed, in the guest's terms. */
function asTyped(program: string): string {
  return guestPlace(hostPath(program));
}

export interface RepeatableOptions {
  /** Gives all of the input at once. */
  readonly feed?: (guest: GuestProcess) => void;
  /** Told of everything that comes from outside to a machine; such a target makes one machine only. */
  readonly journal?: MachineJournal;
}

/**
 * Makes fresh machines with the program in them, each the same as the one before: virtual time, a seed, and streams that
 * do not depend on ours. They share a processor.
 */
export function repeatableTarget(
  program: string,
  args: readonly string[],
  settings: RunSettings,
  { feed = feedFile, journal }: RepeatableOptions = {},
): (output: (stream: 1 | 2, bytes: Uint8Array) => void) => Machine {
  const host = nodeHost();
  const own: RunSettings = { ...settings, virtualTime: true, seed: settings.seed ?? 0, timeoutMs: undefined };
  let processor: Cpu | undefined;
  return (output) => {
    const machine = makeMachine(host, own, processor, journal);
    processor = machine.kernel.cpu;
    const streams: GuestStreams = {
      stdin: 'pipe',
      stdout: (bytes) => output(1, bytes),
      stderr: (bytes) => output(2, bytes),
    };
    feed(spawnGuest(machine, program, args, own, streams));
    return machine;
  };
}
