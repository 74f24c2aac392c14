// One schedulable thread (Linux's task): registers, signal mask, what it shares, and the call it is in.
// The scheduler runs it, syscall handlers get it as their first argument, wait queues wake it.
// A blocked thread is all data: `call` and `parkedOn` say everything about why it waits.
import type { Hart } from '../../emulator/cpu/hart.ts';
import type { Cgroup } from '../cgroup/cgroup.ts';
import type { Questions } from '../fanotify/questions.ts';
import type { FdTable } from '../file/fd-table.ts';
import type { FragmentPage } from '../file/page-run.ts';
import type { FsContext } from '../fs/fs-context.ts';
import type { HeldFiles } from '../held-files.ts';
import type { Kernel } from '../kernel.ts';
import type { MemoryPolicy } from '../mm/memory-policy.ts';
import type { Mm } from '../mm/mm.ts';
import type { UserMemory } from '../mm/user-memory.ts';
import type { NamespaceSet } from '../namespaces/set.ts';
import type { Tracee } from '../ptrace/tracee.ts';
import type { Confinement } from '../seccomp/filters.ts';
import type { Syscall } from '../syscalls/syscall.ts';
import type { Timer } from '../time/timers.ts';
import type { SignalPolicy, Waiter, WaitQueue } from '../wait.ts';
import type { Credentials } from './credentials.ts';
import type { Process } from './process.ts';
import type { Rseq } from './rseq.ts';
import { ThreadSignals } from './thread-signals.ts';
import { noUsage } from './usage.ts';

export type ThreadState = 'runnable' | 'blocked' | 'stopped' | 'dead';

/** The system call a thread is in, kept between tries. With an observer, a fresh object for every call. */
export interface Call {
  syscall: Syscall;
  args: Readonly<Record<string, number>>;
  /** Bytes (messages, …) already moved: what a signal or timeout returns instead of EINTR. */
  progress: number;
  /** The absolute deadline computed by the first try, monotonic ns; undefined = not computed or none. */
  deadlineNs: number | undefined;
  /** This try follows the deadline of the last Wait. */
  timedOut: boolean;
  /** This try follows a signal: return progress if any; another Wait becomes EINTR or a restart. */
  interrupted: boolean;
  /** It was parked before this try. */
  hasWaited: boolean;
  /** What else a handler must remember; plain data only. */
  data: unknown;
  /** RWF_NOSIGNAL: no SIGPIPE. */
  isQuiet: boolean;
  /** Of splices that wait: where in the file they began. */
  startPosition?: number;
  /** An observer answered it; the kernel never saw it. */
  isInjected?: boolean;
}

/** A call before its first try. */
export function callOf(syscall: Syscall, args: Readonly<Record<string, number>>): Call {
  return {
    syscall,
    args,
    progress: 0,
    deadlineNs: undefined,
    timedOut: false,
    interrupted: false,
    hasWaited: false,
    data: undefined,
    isQuiet: false,
  };
}

/** A traced thread leaves a call that it was waiting in, since its tracer shall see that (ERESTART*, include/linux/errno.h). */
export interface Interruption {
  /** Registers at the call. */
  readonly a0: bigint;
  readonly pc: bigint;
  /** 512 to 516, without a sign. */
  code: number;
  /** pc is back on the ecall. */
  isSettled: boolean;
  /** restart_syscall goes on with it; undefined when the call begins anew. */
  readonly kept: Call | undefined;
}

/** sysctl_sched_base_slice of one processor. */
export const BASE_SLICE_NS = 700_000;

/** prctl PR_SET_TIMERSLACK 0 goes back to it. */
export const DEFAULT_TIMER_SLACK_NS = 50_000;

export class Thread implements Waiter {
  // What every switch touches stands together, so that it lies in few cache lines.
  readonly kernel: Kernel;
  process: Process;
  readonly hart: Hart;
  readonly signals = new ThreadSignals();
  files: FdTable;
  state: ThreadState = 'runnable';
  /** In the scheduler's run queue. */
  isQueued = false;
  /** Whose turn is after its own there. */
  nextQueued: Thread | undefined;
  /** A debugger lets others run and not this one: it keeps its place and gets no turn. */
  isHeld = false;
  /** How urgent it is, inherited or its own (task/rank.ts): 1 to 99 go before all others. To set by the scheduler only. */
  rank = 0;
  call: Call | undefined;
  /** The object of the last call, for the next one: a call is known by `syscallCount`, not by its object. */
  spareCall: Call | undefined;
  /** Queues the thread is parked on, empty unless blocked. */
  parkedOn: readonly WaitQueue[] = [];
  /** What the waiting call holds on to (kernel/held-files.ts); undefined unless the descriptor table is shared. */
  heldFiles: HeldFiles | undefined;
  /** Where it was woken in place of others, until its call has looked: if it ends before, the next one is woken. */
  wokenAlone: WaitQueue | undefined;
  parkPolicy: SignalPolicy = 'restart';
  parkTimer: Timer | undefined;
  rseq: Rseq | undefined;
  /** Its calls are looked at before they begin (kernel/ptrace/call-gate.ts). To set by `regate` only. */
  isGated = false;
  syscallCount = 0;
  /** When the running slice began, monotonic ns; undefined while the thread does not run. */
  sliceStartNs: number | undefined;
  /** CPU time spent, host ns or virtual ns. */
  userNs = 0;
  systemNs = 0;
  readonly usage = noUsage();

  /** Changes only in execve by another thread than the leader, which takes over the process's number. */
  tid: number;
  /** The same as its own pid namespace counts. */
  ownTid: number;
  credentials: Credentials;
  fs: FsContext;
  /** Absent while it is in those that the machine began with. */
  ownNamespaces: NamespaceSet | undefined;
  /** cgroups(7); absent while it is in the root. */
  ownCgroup: Cgroup | undefined;
  /** Its cgroup is frozen: it stops before it runs on. */
  isFreezing = false;
  /** comm: at most 15 bytes (prctl PR_SET_NAME). */
  name: string;
  /** set_tid_address / CLONE_CHILD_CLEARTID: zeroed and futex-woken at exit; 0 = none. */
  clearChildTid = 0;
  robustList = 0;
  /** Nice value, scheduling policy and parameters; after a change the thread is ranked anew (task/rank.ts). */
  nice = 0;
  policy = 0;
  realtimePriority = 0;
  /** What it has used of its present turn (task/rank.ts). */
  turnTicks = 0;
  resetOnFork = false;
  /** sched_attr's runtime in the fair policies. */
  sliceNs = BASE_SLICE_NS;
  ioPriority = 0;
  /** What its call has asked those who watch files, and what they answered (kernel/fanotify/). */
  questions: Questions | undefined;
  timerSlackNs = DEFAULT_TIMER_SLACK_NS;
  keepCapabilities = false;
  /** PR_SET_PDEATHSIG: what the process gets when its parent ends; 0 = none. Other threads have their own. */
  parentDeathSignal = 0;
  /** seccomp: what it may still call; undefined = everything. */
  confinement: Confinement | undefined;
  /** ptrace: somebody traces it. */
  tracee: Tracee | undefined;
  /** ptrace: threads that it traces, those too that have ended unseen. */
  tracees: Set<Thread> | undefined;
  /** A call that it left because of a signal, and may start again. */
  interruption: Interruption | undefined;
  /** PR_SET_IO_FLUSHER: kept and inherited. */
  isIoFlusher = false;
  personality = 0;
  /** set_mempolicy(2). */
  memoryPolicy: MemoryPolicy | undefined;
  /** Small parts that it splices out of messages lie there. */
  fragment: FragmentPage | undefined;
  /** Reason of the last failed call, for --why: observers read it at the end of a call that failed. */
  why: string | undefined;
  startNs = 0;

  constructor(
    kernel: Kernel,
    tid: number,
    process: Process,
    hart: Hart,
    shared: { credentials: Credentials; files: FdTable; fs: FsContext; name: string },
  ) {
    this.kernel = kernel;
    this.tid = tid;
    this.ownTid = process.shownPid(tid);
    this.process = process;
    this.hart = hart;
    this.credentials = shared.credentials;
    this.files = shared.files;
    this.fs = shared.fs;
    this.name = shared.name;
  }

  /** namespaces(7); the user namespace is its credentials'. */
  get namespaces(): NamespaceSet {
    return this.ownNamespaces ?? this.kernel.namespaces.first;
  }

  get mm(): Mm {
    return this.process.mm;
  }

  /** copyin and copyout for this thread's address space. */
  get user(): UserMemory {
    return this.process.mm.user;
  }

  /** After what its calls are looked at for has changed. */
  regate(): void {
    this.isGated =
      this.confinement !== undefined ||
      this.tracee?.reportsCalls === true ||
      this.interruption?.kept !== undefined;
  }

  /** A queue this thread is parked on was woken. */
  wake(): void {
    this.kernel.scheduler.unpark(this);
  }

  /** The same, and nobody else on the queue was. */
  wakeAlone(queue: WaitQueue): void {
    if (this.state === 'blocked') this.wokenAlone = queue;
    this.wake();
  }
}

/** Has the thread not come back from the call whose `syscallCount` is given? */
export function isStillIn(thread: Thread, call: number): boolean {
  return thread.state !== 'dead' && thread.call !== undefined && thread.syscallCount === call;
}
