// A whole Linux machine as a value: processor, kernel and files, with the host behind one interface.
// Programs that embed Rivulet, the command line and the system tests use it, and nothing below it.
// Nothing is global: several machines live in one process and share no state.
import { Cpu } from '../emulator/cpu/cpu.ts';
import { hostFusesMultiplyAdd } from '../emulator/fp/fused-multiply-add.ts';
import { CodeCache, type CodeCacheOptions } from '../emulator/jit/code-cache.ts';
import { SIGKILL } from '../kernel/abi/signal.ts';
import { EINVAL, fail, isFailure } from '../kernel/errno.ts';
import { FsContext } from '../kernel/fs/fs-context.ts';
import { OverlayFileSystem } from '../kernel/fs/host/overlay-fs.ts';
import { mountProc } from '../kernel/fs/procfs/proc-fs.ts';
import { RegularInode } from '../kernel/fs/regular-inode.ts';
import {
  mountDevices,
  mountHostDirectory,
  mountMemoryRoot,
  mountOverlayRoot,
} from '../kernel/fs/root-tree.ts';
import type { Tree } from '../kernel/fs/tree.ts';
import type { Host } from '../kernel/host.ts';
import { Kernel } from '../kernel/kernel.ts';
import type { KernelObserver } from '../kernel/observer.ts';
import { credentialsFor } from '../kernel/task/credentials.ts';
import { type ResourceChanges, ResourceLimits } from '../kernel/task/rlimits.ts';
import { sendToProcess } from '../kernel/task/send-signal.ts';
import { kernelSignal } from '../kernel/task/signal-info.ts';
import { startInit } from '../kernel/task/start.ts';
import type { Thread } from '../kernel/task/thread.ts';
import { mountTerminals } from '../kernel/tty/terminals.ts';
import { Driver } from './driver.ts';
import type { EventLoop } from './event-loop.ts';
import { absolute, DEFAULT_PATH, findProgram } from './find-program.ts';
import { GuestProcess } from './guest-process.ts';
import type { MachineJournal } from './journal.ts';
import { joinObservers } from './observers.ts';
import { asSpawnError } from './spawn-error.ts';
import { type InputSource, type OutputTarget, openStreams } from './stdio.ts';
import { MachineTerminal, type TerminalOptions } from './terminal.ts';

/** A host directory seen by the guest. */
export interface MountOptions {
  /** Absolute host path of a directory. */
  readonly host: string;
  /** Absolute guest path; made when it is not there. */
  readonly guest: string;
  /** The guest may change the host's files. Otherwise changes stay in memory. */
  readonly writable?: boolean;
}

export interface MachineOptions {
  /** The way to the outside; under Node `nodeHost()` of 'rivulet/node'. */
  readonly host: Host & EventLoop;
  /** A host directory as root, copied on write; absent = a small root in memory. */
  readonly root?: string;
  readonly mounts?: readonly MountOptions[];
  /** Bytes of guest memory over all processes; 2 GiB when absent. */
  readonly memory?: number;
  /** 1024 when absent. */
  readonly maxProcesses?: number;
  /** Wall time after which every process is killed. */
  readonly timeoutMs?: number;
  /** Makes all randomness of the machine a function of this number. */
  readonly seed?: number;
  /** Time advances with the work done instead of the host's clock, and jumps while all sleep. */
  readonly virtualTime?: boolean;
  /** Real time at the start of a virtual clock, ns since 1970. */
  readonly epochNs?: bigint;
  /** Ticks of a time slice. */
  readonly quantum?: number;
  /** Spares emitting the processor's interpreter anew: see CpuOptions. */
  readonly prebuiltInterpreter?: (fusesMultiplyAdd: boolean) => WebAssembly.Module | undefined;
  /** Compiles what the second tier emits, for whoever can tell the engine how much to make of it: see CodeCacheOptions. */
  readonly compileRegion?: CodeCacheOptions['compile'];
  /** The processor of a machine that is over: its memories and compiled code serve again, `jit` and the like are its own. */
  readonly processor?: Cpu;
  /** The terminal of programs that are spawned with 'terminal' streams. */
  readonly terminal?: TerminalOptions;
  /** false: everything is interpreted. The guest cannot tell, but for the time it takes. */
  readonly jit?: boolean;
  /** How often a jump target is reached before its function is compiled; 1000 when absent. */
  readonly jitThreshold?: number;
  /** Told of everything that comes from outside: for recordings. */
  readonly journal?: MachineJournal;
}

export interface SpawnOptions {
  /** Guest path of the program, or a name that is looked up in the PATH of `env`. Byte string. */
  readonly path: string;
  /** The program's own bytes: written to `path` first. */
  readonly bytes?: Uint8Array;
  /** Arguments, argv[0] included; [path] when absent. Byte strings. */
  readonly argv?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Absolute guest path; / when absent. */
  readonly cwd?: string;
  readonly uid?: number;
  readonly gid?: number;
  readonly groups?: readonly number[];
  /** Resource limits other than those of init: bytes, seconds or counts, as getrlimit(2) says. */
  readonly limits?: ResourceChanges;
  /** 'empty' when absent. */
  readonly stdin?: InputSource;
  /** 'collect' when absent. */
  readonly stdout?: OutputTarget;
  readonly stderr?: OutputTarget;
}

/** Sees a call before the kernel does; a number becomes its result (negative errno), undefined lets it run. */
export type SyscallHook = (thread: Thread, args: Readonly<Record<string, number>>) => number | undefined;

const DEFAULT_MEMORY = 2 * 1024 ** 3;
const DEFAULT_PROCESSES = 1024;
/** Compiled regions kept at once. */
const MAX_REGIONS = 4000;
/** About where compiling begins to pay, */
const HOT_THRESHOLD = 1000;
/** and how many instructions get compiled that early at once: a small program's kernels, not a large one's start. */
const FREE_INSTRUCTIONS = 500;
/** With a threshold of its own, for each visit of it. */
const SAMPLE_TICKS = 997;

export class Machine {
  /** For observers, debuggers and tests. */
  readonly kernel: Kernel;
  readonly #tree: Tree;
  readonly #host: Host & EventLoop;
  readonly #driver: Driver;
  readonly #journal: MachineJournal | undefined;
  readonly #timeoutMs: number | undefined;
  #observers: KernelObserver[] = [];
  readonly #terminalOptions: TerminalOptions;
  #terminal: MachineTerminal | undefined;
  #cancelTimeout: (() => void) | undefined;
  /** Called between turns: whoever feeds stdin tops it up here. */
  onIdle: (() => void) | undefined;

  /** Throws SpawnError when the root or a mount is not there. */
  constructor(options: MachineOptions) {
    this.#host = options.host;
    this.#journal = options.journal;
    this.#timeoutMs = options.timeoutMs;
    this.#terminalOptions = options.terminal ?? {};
    const jit =
      options.jit === false
        ? {}
        : {
            jit: new CodeCache({
              // probed when the first region is made: most programs end before
              get fusesMultiplyAdd() {
                return hostFusesMultiplyAdd();
              },
              maxRegions: MAX_REGIONS,
              ...(options.compileRegion === undefined ? {} : { compile: options.compileRegion }),
              threshold: options.jitThreshold ?? HOT_THRESHOLD,
              ...(options.jitThreshold === undefined ? { freeInstructions: FREE_INSTRUCTIONS } : {}),
            }),
          };
    const kernel = new Kernel(
      options.processor ??
        new Cpu({
          ...jit,
          ...(options.jitThreshold === undefined ? {} : { sampleTicks: SAMPLE_TICKS * options.jitThreshold }),
          ...(options.prebuiltInterpreter === undefined
            ? {}
            : { prebuiltInterpreter: options.prebuiltInterpreter }),
        }),
      options.journal?.host(options.host) ?? options.host,
      {
        clock: {
          virtual: options.virtualTime === true,
          ...(options.epochNs === undefined ? {} : { epochNs: options.epochNs }),
        },
        seed: options.seed,
        memoryLimit: options.memory ?? DEFAULT_MEMORY,
        maxProcesses: options.maxProcesses ?? DEFAULT_PROCESSES,
        ...(options.quantum === undefined ? {} : { quantum: options.quantum }),
      },
    );
    this.kernel = kernel;
    const { root } = options;
    this.#tree = asSpawnError(root ?? '/', () =>
      root === undefined ? mountMemoryRoot(kernel) : mountOverlayRoot(kernel, root),
    );
    mountDevices(kernel, this.#tree);
    mountTerminals(kernel, this.#tree);
    mountProc(kernel, this.#tree);
    for (const mount of options.mounts ?? []) this.mount(mount);
    this.#driver = new Driver(kernel, options.host, (isFinished) => this.#betweenTurns(isFinished));
  }

  /** The machine's terminal; made at first use. */
  get terminal(): MachineTerminal {
    this.#terminal ??= new MachineTerminal(
      this.kernel,
      this.#terminalOptions,
      () => this.wake(),
      this.#journal,
    );
    return this.#terminal;
  }

  /** Makes a host directory visible to the guest. Throws SpawnError. */
  mount(options: MountOptions): void {
    const { host, guest, writable = false } = options;
    this.#journal?.setUp({ kind: 'mount', host, guest, writable });
    asSpawnError(host, () =>
      mountHostDirectory(this.kernel, this.#tree, host, guest, writable ? 'read-write' : 'overlay'),
    );
  }

  /** Makes one host file visible at `guest`, copied on write, without anything around it. Throws SpawnError. */
  mountFile(host: string, guest: string): void {
    this.#journal?.setUp({ kind: 'mount-file', host, guest });
    asSpawnError(host, () => {
      const fs = new OverlayFileSystem(this.kernel, directoryOf(host));
      const inode = fs.load(host) ?? fail(EINVAL, 'the host file has gone');
      this.kernel.vfs.mount(this.#tree.file(guest, ''), fs, inode, host);
    });
  }

  /** Makes or replaces a guest file, and the directories above it. Throws SpawnError (ENOTDIR, ENOSPC …). */
  writeFile(path: string, content: Uint8Array | string, mode = 0o644): void {
    const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
    this.#journal?.setUp({ kind: 'file', path, bytes: new Uint8Array(bytes), mode });
    asSpawnError(path, () => this.#tree.file(path, bytes, mode));
  }

  /** A guest file's bytes now. Throws SpawnError (ENOENT …; EINVAL for what is no regular file). */
  readFile(path: string): Uint8Array {
    return asSpawnError(path, () => {
      const { inode } = this.#tree.find(path);
      return inode instanceof RegularInode ? contentOf(inode) : fail(EINVAL, 'not a regular file');
    });
  }

  /** Makes a guest directory and those above it. */
  makeDirectory(path: string, mode = 0o755): void {
    this.#journal?.setUp({ kind: 'directory', path, mode });
    asSpawnError(path, () => this.#tree.directory(path, mode));
  }

  /** Is there something of this name, links followed? */
  exists(path: string): boolean {
    try {
      this.#tree.find(path);
      return true;
    } catch (thrown) {
      if (isFailure(thrown)) return false;
      throw thrown;
    }
  }

  /** Starts a program; it runs when `run` or `wait` is called. Throws SpawnError with execve's errno, EINVAL or EPERM for limits that setrlimit(2) would not take. */
  spawn(options: SpawnOptions): GuestProcess {
    const { kernel } = this;
    const { env = {}, cwd = '/', uid = 0, gid = 0 } = options;
    if (options.bytes !== undefined) this.writeFile(absolute(cwd, options.path), options.bytes, 0o755);
    const {
      argv,
      groups = [],
      limits = {},
      stdin = 'empty',
      stdout = 'collect',
      stderr = 'collect',
    } = options;
    this.#journal?.setUp({
      kind: 'spawn',
      path: options.path,
      argv,
      env,
      cwd,
      uid,
      gid,
      groups,
      limits,
      stdin,
      stdout: stdout === 'terminal' ? stdout : 'sink',
      stderr: stderr === 'terminal' ? stderr : 'sink',
    });
    const collected: Record<1 | 2, Uint8Array[]> = { 1: [], 2: [] };
    return asSpawnError(options.path, () => {
      const { path, filename } = findProgram(this.#tree, cwd, options.path, env.PATH ?? DEFAULT_PATH);
      const directory = this.#tree.find(cwd);
      const { files, input } = openStreams(
        kernel,
        { stdin, stdout, stderr, uid, gid, nullDevice: () => this.#tree.find('/dev/null') },
        () => this.terminal,
        (stream, bytes) => collected[stream].push(bytes),
      );
      const resourceLimits = new ResourceLimits();
      resourceLimits.change(limits);
      const process = startInit(kernel, {
        executable: path,
        filename,
        argv: argv ?? [filename],
        envp: Object.entries(env).map(([name, value]) => `${name}=${value}`),
        credentials: credentialsFor(uid, gid, groups),
        fs: new FsContext(this.#tree.root, directory),
        files,
        limits: resourceLimits,
      });
      if ([stdin, stdout, stderr].includes('terminal')) this.terminal.attach(process);
      this.#startTimeout();
      return new GuestProcess(process, this.#driver, input, collected, this.#journal);
    });
  }

  /** Runs until no process is left. Rejects with an Error for a fault of the machine's own. */
  run(): Promise<void> {
    return this.#driver.run();
  }

  /** Something changed outside (input arrived): a sleeping machine looks again. */
  wake(): void {
    this.#driver.wake();
  }

  /** Stops between two slices; `run` goes on. */
  pause(): void {
    this.#driver.pause();
  }

  /** Kills every process. */
  killAll(): void {
    this.signalAll(SIGKILL);
  }

  /** Sends a signal by number to every process, as from outside the machine. */
  signalAll(signal: number): void {
    this.#journal?.happened({ kind: 'kill-all', signal });
    for (const process of [...this.kernel.processes]) {
      if (!process.isInit) sendToProcess(process, kernelSignal(signal));
    }
    this.#driver.wake();
  }

  /** Adds an observer beside those that are there; the returned function takes it away. */
  observe(observer: KernelObserver): () => void {
    this.#setObservers([...this.#observers, observer]);
    return () => this.#setObservers(this.#observers.filter((other) => other !== observer));
  }

  /** Calls `hook` at the entry of every system call `name`; the returned function takes it away. */
  hookSyscall(name: string, hook: SyscallHook): () => void {
    return this.observe({
      syscallEnter: (thread, call) => (call.syscall.name === name ? hook(thread, call.args) : undefined),
    });
  }

  #setObservers(observers: KernelObserver[]): void {
    this.#observers = observers;
    this.kernel.observer = joinObservers(observers);
  }

  #startTimeout(): void {
    if (this.#timeoutMs === undefined || this.#cancelTimeout !== undefined) return;
    this.#cancelTimeout = this.#host.after(this.#timeoutMs, () => {
      this.#host.warn(
        `the time limit of ${(this.#timeoutMs ?? 0) / 1000} s is reached; every process is killed`,
      );
      this.killAll();
    });
  }

  #betweenTurns(isFinished: boolean): void {
    if (!isFinished) {
      this.onIdle?.();
      return;
    }
    this.#cancelTimeout?.();
    this.#cancelTimeout = undefined;
  }
}

/** All of a regular file. */
function contentOf(inode: RegularInode): Uint8Array {
  const bytes = new Uint8Array(inode.size);
  inode.readAt(0, bytes);
  return bytes;
}

/** The directory of a host file: `/` or a drive's `C:/` where it lies at the top. */
function directoryOf(host: string): string {
  const directory = host.slice(0, host.lastIndexOf('/'));
  return /^(\w:)?$/.test(directory) ? `${directory}/` : directory;
}
