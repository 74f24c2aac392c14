// A process (thread group): what its threads share by definition - memory, signal actions, ids, children, limits.
// clone makes them, exit turns them into zombies, wait reaps them; /proc shows them.
import type { CoreDump } from '../coredump/dump.ts';
import type { Inode } from '../fs/inode.ts';
import type { Path } from '../fs/path.ts';
import type { ProcessKeyrings } from '../keys/keys.ts';
import type { Mm } from '../mm/mm.ts';
import type { PidNamespace } from '../namespaces/pid-namespace.ts';
import { ProcessTimers } from '../time/process-timers.ts';
import { WaitQueue } from '../wait.ts';
import type { Credentials } from './credentials.ts';
import type { ProcessSignals } from './process-signals.ts';
import type { ResourceLimits } from './rlimits.ts';
import type { ControllingTerminal, ProcessGroup, Session } from './session.ts';
import type { Thread } from './thread.ts';
import { noUsage } from './usage.ts';

export type ProcessState = 'alive' | 'zombie' | 'reaped';

/** What the last thread leaves behind for wait(2) and /proc: a zombie has no thread. */
export interface LastThread {
  readonly name: string;
  readonly credentials: Credentials;
  /** It can still be asked about until the process is reaped; init never had one. */
  readonly thread?: Thread;
}

export class Process {
  /** Thread group id, as the kernel counts. */
  readonly pid: number;
  /** The same as its own pid namespace counts. */
  ownPid: number;
  /** pid_namespaces(7); absent in the machine's first. It never changes after clone. */
  pidNamespace: PidNamespace | undefined;
  /** Process 1 of a pid namespace: signals that it does not handle pass it by, unless they come from outside (SIGNAL_UNKILLABLE). */
  isUnkillable = false;
  parent: Process | undefined;
  readonly children = new Set<Process>();
  /** Threads by tid, the leader first while it lives. */
  readonly threads = new Map<number, Thread>();
  mm: Mm;
  readonly signals: ProcessSignals;
  readonly timers = new ProcessTimers();
  group: ProcessGroup;
  session: Session;
  /** Its controlling terminal (signal->tty): taken by a session's leader, inherited by its children. */
  terminal: ControllingTerminal | undefined;
  /** A leader whose terminal was hung up: what was its foreground group (tty_old_pgrp); 0 = none. */
  pastForegroundId = 0;
  limits: ResourceLimits;
  state: ProcessState;
  /** Wait status as wait(2) encodes it, once a zombie. */
  waitStatus: number;
  /** Signal sent to the parent at exit; SIGCHLD for fork. */
  exitSignal = 17;
  /** Set once no thread is left. */
  last: LastThread | undefined;
  /** A leader that has ended and whose tracer has not seen it yet. */
  endedLeader: Thread | undefined;
  /** Other threads that have ended and whose tracers have not seen it yet: an execve waits for them. */
  unseenThreads: Set<Thread> | undefined;
  /** Woken when a thread has ended or was seen to; undefined unless an execve waits for the others. */
  othersGone: WaitQueue | undefined;
  /** Which of the parent's threads made it. */
  makerTid = 0;
  /** exit_group or a fatal signal is ending it: the other threads go too. */
  isExiting: boolean;
  /** Woken when a child changes state (wait4, waitid). */
  readonly childChanged = new WaitQueue('child state');
  /** Woken when this process exits (pidfd, vfork parents, the machine). */
  readonly exited = new WaitQueue('process exit');
  /** /proc/PID/exe. */
  executable: { path: Path; inode: Inode } | undefined;
  commandLine: readonly string[] = [];
  environment: readonly string[] = [];
  startNs = 0;
  /** It dies, and someone reads its core. */
  coreDump: CoreDump | undefined;
  /** prctl state: PR_SET_DUMPABLE, PR_SET_CHILD_SUBREAPER. */
  dumpable = 1;
  isSubreaper = false;
  /** PR_SET_THP_DISABLE: kept and inherited; there are no huge pages. */
  isThpDisabled = false;
  /** PR_MCE_KILL, PR_SET_MDWE, PR_SET_MEMORY_MERGE. */
  machineCheckPolicy = 2;
  writeExecRules = 0;
  isMergeable = false;
  /** /proc/PID/oom_score_adj, -1000 to 1000; kept and inherited, never acted upon. */
  oomScoreAdjust = 0;
  /** /proc/PID/coredump_filter (kernel/coredump/image.ts). */
  coredumpFilter = 0x33;
  /** Woken when a vfork child gives the memory back (exec or exit); undefined unless the parent waits for it. */
  vforkDone: WaitQueue | undefined;
  /** Largest resident set of the memory that exec or exit gave back, KiB. */
  pastMaxRssKib = 0;
  childrenMaxRssKib: number;
  /** CPU time of threads that have ended, ns. */
  endedUserNs: number;
  readonly endedUsage = noUsage();
  readonly childrenUsage = noUsage();
  endedSystemNs: number;
  /** Times of reaped children, ns. */
  childrenUserNs: number;
  childrenSystemNs: number;
  /** keyrings(7). */
  readonly keyrings: ProcessKeyrings = { session: undefined, process: undefined };
  /** execve has been called since fork (setpgid's EACCES). */
  hasExecuted = false;

  constructor(
    pid: number,
    parent: Process | undefined,
    shared: { mm: Mm; group: ProcessGroup; limits: ResourceLimits; signals: ProcessSignals },
  ) {
    this.pid = pid;
    this.ownPid = pid;
    this.parent = parent;
    this.mm = shared.mm;
    this.group = shared.group;
    this.session = shared.group.session;
    this.limits = shared.limits;
    this.signals = shared.signals;
    // what its end changes: written twice when it begins (docs/decisions/0025)
    this.state = 'alive';
    this.waitStatus = 0;
    this.isExiting = false;
    this.childrenMaxRssKib = 0;
    this.endedUserNs = 0;
    this.endedSystemNs = 0;
    this.childrenUserNs = 0;
    this.childrenSystemNs = 0;
  }

  /** The reaper of orphans (start.ts): it has a number and no thread, and signals do nothing to it. */
  get isInit(): boolean {
    return this.pid === 1;
  }

  /** Largest resident set ever, KiB (getrusage). */
  get maxRssKib(): number {
    return Math.max(this.pastMaxRssKib, Math.max(this.mm.peakPresent, this.mm.rss) * 4);
  }

  /** comm of the leader, also of a zombie. */
  get name(): string {
    return this.leader?.name ?? this.last?.name ?? '';
  }

  /** The kernel's number `id` as this process's pid namespace counts; 0 when it has none there (pid_vnr). */
  shownPid(id: number): number {
    return this.pidNamespace === undefined ? id : this.pidNamespace.shown(id);
  }

  /** The kernel's number of what this process calls `number`; nobody's when there is none (find_vpid). */
  kernelPid(number: number): number {
    return this.pidNamespace === undefined ? number : this.pidNamespace.toKernel(number);
  }

  /** The leader's, also of a zombie. */
  get credentials(): Credentials {
    return (this.leader ?? (this.last as LastThread)).credentials;
  }

  /** The thread that stands for the process in /proc and for signals' default choice. */
  get leader(): Thread | undefined {
    return this.threads.get(this.pid) ?? this.threads.values().next().value;
  }
}
