// One guest on this process's terminal: builds the machine from the options, runs PROG, returns its status.
// run.ts and trace.ts call it; observers are attached through `prepare` before the program starts.
// Signals that reach us go to the guest; the terminal is given back whatever happens.
import fs from 'node:fs';
import os from 'node:os';
import { EIO, ENOENT, errnoNumber } from '../kernel/errno.ts';
import type { GuestProcess } from '../machine/guest-process.ts';
import { Machine, type MountOptions } from '../machine/machine.ts';
import { SpawnError } from '../machine/spawn-error.ts';
import { CommandError } from './failure.ts';
import { hostPath } from './node-files.ts';
import { isNullDevice, isTerminal, type NodeHost, nodeHost } from './node-host.ts';
import { absoluteHost, type RunSettings } from './run-options.ts';
import { attachStats } from './stats.ts';
import { StdinFeeder } from './stdin-feeder.ts';
import { TerminalFeeder } from './terminal-feeder.ts';

export interface SessionOptions {
  /** Attaches observers. The returned function is called at the end. */
  readonly prepare?: (machine: Machine) => () => void;
  /** Called when the program is there and has not run yet. */
  readonly beforeRun?: (machine: Machine, guest: GuestProcess) => Promise<void>;
}

/** Accelerators only: results are the same without them. Unknown flags are ignored by V8. */
function setEngineFlags(): void {
  const v8 = process.getBuiltinModule('node:v8');
  v8.setFlagsFromString('--experimental-wasm-relaxed-simd');
  v8.setFlagsFromString('--experimental-wasm-branch-hinting');
}

/** How much of a function V8 runs in its baseline code before optimising it: its default, and next to never. */
const TIERING_BUDGET = 1_800_000;
const LARGE_TIERING_BUDGET = 2_000_000_000;

/**
 * The interpreter's module from what the build left beside the bundle; undefined elsewhere. Optimising its one large
 * function takes longer than a short program runs, and the process cannot end before that is done.
 */
function prebuiltInterpreter(fusesMultiplyAdd: boolean): WebAssembly.Module | undefined {
  if (typeof __dirname !== 'string') return undefined;
  let bytes: Uint8Array;
  try {
    bytes = fs.readFileSync(`${__dirname}/interpreter-${fusesMultiplyAdd ? 'fused' : 'exact'}.wasm`);
  } catch {
    return undefined;
  }
  const v8 = process.getBuiltinModule('node:v8');
  v8.setFlagsFromString(`--wasm-tiering-budget=${LARGE_TIERING_BUDGET}`);
  const module = new WebAssembly.Module(bytes);
  v8.setFlagsFromString(`--wasm-tiering-budget=${TIERING_BUDGET}`);
  return module;
}

/** Runs `program` with `args` to its end and returns the status for the shell. */
export async function runSession(
  program: string,
  args: readonly string[],
  settings: RunSettings,
  options: SessionOptions = {},
): Promise<number> {
  setEngineFlags();
  const host = nodeHost();
  const machine = makeMachine(host, settings);
  const finish = options.prepare?.(machine);
  const stats = settings.stats ? attachStats(machine) : undefined;
  const guest = spawn(machine, program, args, settings);
  const feeder = isTerminal(0) ? new TerminalFeeder(machine, host) : new StdinFeeder(guest);
  machine.onIdle = () => feeder.topUp();
  const stopForwarding = forwardSignals(machine, guest);
  try {
    await options.beforeRun?.(machine, guest);
    await machine.run();
  } finally {
    stopForwarding();
    feeder.close();
    finish?.();
    stats?.();
  }
  return guest.exitStatus?.code ?? 0;
}

function makeMachine(host: NodeHost, settings: RunSettings): Machine {
  const { root, mounts, memory, maxProcesses, timeoutMs, seed, virtualTime, jit } = settings;
  if (root !== undefined && kindOf(root) !== 'directory') {
    throw new CommandError(`--root ${shown(root)}: there is no such directory`);
  }
  const machine = new Machine({
    host,
    virtualTime,
    prebuiltInterpreter,
    jit,
    ...(root === undefined ? {} : { root }),
    ...(memory === undefined ? {} : { memory }),
    ...(maxProcesses === undefined ? {} : { maxProcesses }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    ...(seed === undefined ? {} : { seed }),
  });
  if (!settings.warn) machine.kernel.isQuietAboutGaps = true;
  // Without a root of its own the guest sees where we are, except that / would be the whole computer.
  const cwd = hostPath(process.cwd());
  if (root === undefined && cwd !== '/') machine.mount({ host: cwd, guest: cwd });
  for (const mount of mounts) mountHost(machine, mount);
  return machine;
}

/** Directories are mounted whole; a single file only copied on write. */
function mountHost(machine: Machine, mount: MountOptions): void {
  const kind = kindOf(mount.host);
  if (kind === 'directory') machine.mount(mount);
  else if (kind === undefined)
    throw new CommandError(`--mount ${shown(mount.host)}: there is no such file or directory`);
  else if (mount.writable === true)
    throw new CommandError(`--mount ${shown(mount.host)}: only directories can be mounted :rw`);
  else machine.mountFile(mount.host, mount.guest);
}

function kindOf(path: string): 'directory' | 'file' | undefined {
  const stats = fs.statSync(Buffer.from(path, 'latin1'), { throwIfNoEntry: false });
  if (stats?.isDirectory()) return 'directory';
  return stats?.isFile() ? 'file' : undefined;
}

/** A byte string as a person typed it. */
function shown(path: string): string {
  return Buffer.from(path, 'latin1').toString();
}

function spawn(
  machine: Machine,
  program: string,
  args: readonly string[],
  settings: RunSettings,
): GuestProcess {
  const { root, env, uid, gid } = settings;
  const name = hostPath(program);
  const cwd = settings.cwd ?? (root === undefined ? hostPath(process.cwd()) : '/');
  const path =
    root === undefined ? showHostProgram(machine, program, settings.cwd !== undefined || cwd === '/') : name;
  return machine.spawn({
    path,
    argv: [settings.argv0 ?? name, ...args.map(hostPath)],
    env,
    cwd: machine.exists(cwd) ? cwd : settings.cwd === undefined ? '/' : missingDirectory(cwd),
    uid,
    gid,
    stdin: isTerminal(0) ? 'terminal' : isNullDevice(0) ? 'null' : 'pipe',
    stdout: isTerminal(1) ? 'terminal' : 'host',
    stderr: isTerminal(2) ? 'terminal' : 'host',
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
    real = fs.realpathSync(program);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    throw new SpawnError(errnoNumber(code) ?? EIO, program, undefined);
  }
  const guestReal = hostPath(real);
  if (!machine.exists(guestReal) && fs.statSync(real).isFile()) machine.mountFile(guestReal, guestReal);
  if (!machine.exists(absoluteHost(program))) return guestReal;
  if (isElsewhere) return absoluteHost(program);
  return hostPath(program.includes('/') ? program : `./${program}`);
}

/** Signals for us are signals for the guest, as if it ran in our place. */
function forwardSignals(machine: Machine, guest: GuestProcess): () => void {
  const { SIGINT, SIGQUIT, SIGTERM, SIGHUP } = os.constants.signals;
  // what the program left running in the background is all there is when the program itself has ended
  const orElse = (send: (signal: number) => void, signal: number) => (): void => {
    if (guest.exitStatus === undefined) send(signal);
    else machine.signalAll(signal);
  };
  const toGroup = (signal: number): void => guest.killGroup(signal);
  const toProgram = (signal: number): void => guest.kill(signal);
  const handlers: [NodeJS.Signals, () => void][] = [
    ['SIGINT', orElse(toGroup, SIGINT)],
    ['SIGQUIT', orElse(toGroup, SIGQUIT)],
    ['SIGTERM', orElse(toProgram, SIGTERM)],
    ['SIGHUP', orElse(toProgram, SIGHUP)],
  ];
  for (const [signal, handler] of handlers) process.on(signal, handler);
  return () => {
    for (const [signal, handler] of handlers) process.off(signal, handler);
  };
}
