// The machine's kernel: owns clocks, scheduler, processes, files and sockets, and runs threads until all sleep.
// machine/ drives it (`run`), syscall handlers reach it as `thread.kernel`.
// It is synchronous: it never awaits the host, and returns when it has nothing to run.
import type { Cpu } from '../emulator/cpu/cpu.ts';
import { TrapCause } from '../emulator/cpu/trap.ts';
import type { CallHash } from './call-hash.ts';
import type { Cgroups } from './cgroup/hierarchy.ts';
import type { CoreSettings } from './coredump/core-name.ts';
import type { Programs } from './ebpf/programs.ts';
import type { OpenFile } from './file/open-file.ts';
import { Vfs } from './fs/vfs.ts';
import type { Host } from './host.ts';
import { Identity } from './identity.ts';
import type { Keys } from './keys/keys.ts';
import { late } from './late.ts';
import type { KernelLog } from './log/kernel-log.ts';
import { MemoryAccount } from './mm/account.ts';
import type { Namespaces } from './namespaces/set.ts';
import { Net } from './net/net.ts';
import type { KernelObserver } from './observer.ts';
import { PipeAccounts } from './pipe/pipe-accounts.ts';
import { Random } from './random.ts';
import { Scheduler } from './scheduler.ts';
import {
  closeSlice,
  codeBudget,
  enterCall,
  isOpen,
  openSlice,
  type Slice,
  serveCall,
  takeKernelTurn,
  takeTrap,
} from './slice.ts';
import { FutexTable } from './task/futex.ts';
import { PidTable } from './task/pid-table.ts';
import type { Process } from './task/process.ts';
import { makeInit } from './task/start.ts';
import type { Thread } from './task/thread.ts';
import { Clock, type ClockOptions } from './time/clock.ts';
import { Timers } from './time/timers.ts';
import { Terminals } from './tty/terminals.ts';
import { Rings } from './uring/rings.ts';

export interface KernelOptions {
  readonly clock: ClockOptions;
  /** Seeds the machine's own random generator; undefined = the host's entropy. */
  readonly seed: number | undefined;
  /** Bytes of guest memory over all processes. */
  readonly memoryLimit: number;
  readonly maxProcesses: number;
  readonly quantum?: number;
}

/** How many slices a run has when nothing ends it earlier. */
export const RUN_SLICES = 64;

/** Why `run` came back. */
export type RunOutcome =
  /** No process is left. */
  | { readonly kind: 'finished' }
  /** All threads sleep; something may happen at `untilNs` (monotonic), or only from outside. */
  | { readonly kind: 'idle'; readonly untilNs: number | undefined }
  /** The host's time slice is over; call `run` again. */
  | { readonly kind: 'paused' };

export class Kernel {
  readonly cpu: Cpu;
  readonly host: Host;
  readonly options: KernelOptions;
  readonly clock: Clock;
  readonly timers = new Timers();
  readonly scheduler = new Scheduler(this.timers);
  readonly pids = new PidTable();
  readonly random: Random;
  readonly vfs: Vfs;
  /** Socket names, descriptors in flight, network sysctls. */
  readonly net: Net;
  /** Process 1, which reaps orphans and has no thread. */
  readonly init: Process;
  readonly futexes = new FutexTable();
  /** uname(2). */
  readonly identity = new Identity();
  /** /dev/tty, the console and the ptys. */
  readonly terminals: Terminals;
  /** What pipes hold, by user. */
  readonly pipeAccounts: PipeAccounts;
  /** Items of all epolls, and how many there may be (fs.epoll.max_user_watches). */
  readonly epollWatches = { count: 0, limit: 1_000_000 };
  /** Eventfds made so far: the next one's id in fdinfo. */
  eventfdCount = 0;
  /** Logins so far (/proc/PID/sessionid). */
  loginCount = 0;
  /** Pages in use over all processes, and the limit. */
  readonly memory: MemoryAccount;
  #namespaces: Namespaces | undefined;
  #cgroups: Cgroups | undefined;
  #log: KernelLog | undefined;
  #keys: Keys | undefined;
  #bpfPrograms: Programs | undefined;
  /** A program of a cgroup may forbid devices: who opens one must ask (cgroup/device-programs.ts). */
  guardsDevices = false;
  /** Events of all contexts of io_setup, and how many there may be (fs.aio-nr, fs.aio-max-nr). */
  readonly aio = { count: 0, limit: 65_536 };
  /** Where ends of processes are recorded (acct(2)). */
  accounting: OpenFile | undefined;
  /** What becomes of cores (core(5)). */
  readonly cores: CoreSettings = { pattern: 'core', usesPid: 0, suidDumpable: 0, pipeLimit: 0 };
  /** vm.unprivileged_userfaultfd. */
  userfaultsForAll = 0;
  /** io_urings. */
  readonly rings = new Rings();
  /** Queued siginfos by the receiver's user, for RLIMIT_SIGPENDING. */
  readonly queuedSignals = new Map<number, number>();
  /** Tracing, debugging, recording; undefined costs nothing. */
  observer: KernelObserver | undefined;
  /** A running hash of calls and registers, for recordings; undefined costs nothing. */
  callHash: CallHash | undefined;
  /** Called when a run begins, before the clock is read: recordings count, replays let in what came from outside. */
  beforeRun: (() => void) | undefined;
  /** More is to come from outside, so an idle machine is not at its end: set by replays. */
  awaitsOutside = false;
  /** The thread whose slice is running; for reports and the debugger only. */
  running: Thread | undefined;
  /** Nobody wants to hear what is missing (no --warn). */
  isQuietAboutGaps = false;
  #stopRequested = false;
  #slice: Slice | undefined;
  readonly #serveCall = (ticks: number): number => serveCall(this, this.#slice as Slice, ticks);
  readonly #warned = new Set<string>();

  constructor(cpu: Cpu, host: Host, options: KernelOptions) {
    this.cpu = cpu;
    this.host = host;
    this.options = options;
    this.memory = new MemoryAccount(options.memoryLimit);
    this.pipeAccounts = new PipeAccounts(this.memory);
    this.net = new Net(this.memory);
    this.clock = new Clock(host, options.clock);
    this.random = new Random(options.seed, (bytes) => host.random(bytes));
    this.vfs = new Vfs(this);
    this.terminals = new Terminals(this);
    this.init = makeInit(this);
  }

  /** The namespaces that it began with; made when first needed. */
  get namespaces(): Namespaces {
    this.#namespaces ??= new late.Namespaces(this);
    return this.#namespaces;
  }

  /** cgroups(7); made when first needed. */
  get cgroups(): Cgroups {
    this.#cgroups ??= new late.Cgroups(this);
    return this.#cgroups;
  }

  /** dmesg(1); made when first needed. */
  get log(): KernelLog {
    this.#log ??= late.makeLog(this);
    return this.#log;
  }

  /** keyrings(7); made when first needed. */
  get keys(): Keys {
    this.#keys ??= new late.Keys(this);
    return this.#keys;
  }

  /** bpf(2); made when first needed. */
  get bpfPrograms(): Programs {
    this.#bpfPrograms ??= new late.Programs();
    return this.#bpfPrograms;
  }

  /** The keys if anything has needed them yet. */
  get madeKeys(): Keys | undefined {
    return this.#keys;
  }

  /** The first namespaces if anything has needed them yet. */
  get madeNamespaces(): Namespaces | undefined {
    return this.#namespaces;
  }

  get processes(): Iterable<Process> {
    return this.pids.processes();
  }

  /** Tells the person once that a limit is reached. */
  warnOnce(line: string): void {
    if (this.#warned.has(line)) return;
    this.#warned.add(line);
    this.host.warn(line);
  }

  /** Says once what the guest asked for and this kernel does not have, if anybody wants to hear it (--warn). */
  reportGap(line: string): void {
    if (!this.isQuietAboutGaps) this.warnOnce(line);
  }

  /** Makes `run` return after the current slice (debugger, observers). */
  requestStop(): void {
    this.#stopRequested = true;
  }

  /**
   * Runs threads until all sleep, none is left, a stop is requested, or `sliceCount` slices have passed.
   * Never throws for what a guest does; an Error out of here is a bug of ours.
   */
  run(sliceCount = RUN_SLICES): RunOutcome {
    this.#stopRequested = false;
    this.beforeRun?.();
    // each reading of the host's clock costs, so the end of a slice is the start of the next
    let now = this.clock.monotonicNs();
    for (let slices = 0; slices < sliceCount && !this.#stopRequested; slices++) {
      this.timers.fireDue(now);
      const thread = this.scheduler.next();
      if (thread !== undefined) {
        now = this.#runSlice(thread, now);
        continue;
      }
      if (this.pids.isEmpty) return { kind: 'finished' };
      const untilNs = this.timers.nextNs;
      if (untilNs === undefined || !this.clock.isVirtual) return { kind: 'idle', untilNs };
      this.clock.jumpTo(untilNs);
      now = untilNs;
    }
    return { kind: 'paused' };
  }

  /** Returns when it ended. */
  #runSlice(thread: Thread, startNs: number): number {
    const slice = openSlice(this, thread, startNs);
    this.#slice = slice;
    if (this.scheduler.turns === undefined) this.cpu.serveCall = this.#serveCall;
    while (isOpen(slice)) {
      if (takeKernelTurn(this, slice)) continue;
      const cause = this.cpu.run(thread.hart, thread.mm.memory, codeBudget(slice));
      const ticks = this.cpu.ticksUsed;
      slice.budget -= ticks;
      this.clock.advance(ticks, 0);
      if (cause === TrapCause.Ecall) enterCall(this, slice);
      else if (cause !== TrapCause.TickBudget) takeTrap(slice, cause);
    }
    this.cpu.serveCall = undefined;
    this.#slice = undefined;
    return closeSlice(this, slice);
  }
}
