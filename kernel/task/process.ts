// A process (thread group): what its threads share by definition - memory, signal actions, ids, children, limits.
// clone makes them, exit turns them into zombies, wait reaps them; /proc shows them.
import type { Inode } from '../fs/inode.ts';
import type { Path } from '../fs/path.ts';
import type { Mm } from '../mm/mm.ts';
import { WaitQueue } from '../wait.ts';
import { ProcessSignals } from './process-signals.ts';
import type { ResourceLimits } from './rlimits.ts';
import type { ProcessGroup, Session } from './session.ts';
import type { Thread } from './thread.ts';

export type ProcessState = 'alive' | 'zombie' | 'reaped';

export class Process {
  /** Thread group id. */
  readonly pid: number;
  parent: Process | undefined;
  readonly children = new Set<Process>();
  /** Threads by tid, the leader first while it lives. */
  readonly threads = new Map<number, Thread>();
  mm: Mm;
  readonly signals: ProcessSignals;
  group: ProcessGroup;
  session: Session;
  limits: ResourceLimits;
  state: ProcessState = 'alive';
  /** Wait status as wait(2) encodes it, once a zombie. */
  waitStatus = 0;
  /** Signal sent to the parent at exit; SIGCHLD for fork. */
  exitSignal = 17;
  /** Woken when a child changes state (wait4, waitid). */
  readonly childChanged = new WaitQueue('child state');
  /** Woken when this process exits (pidfd, vfork parents, the machine). */
  readonly exited = new WaitQueue('process exit');
  /** /proc/PID/exe. */
  executable: { path: Path; inode: Inode } | undefined;
  commandLine: readonly string[] = [];
  environment: readonly string[] = [];
  startNs = 0;
  /** prctl state: PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_CHILD_SUBREAPER. */
  parentDeathSignal = 0;
  dumpable = 1;
  isSubreaper = false;
  /** Times of reaped children, ns. */
  childrenUserNs = 0;
  childrenSystemNs = 0;
  /** execve has been called since fork (setpgid's EACCES). */
  hasExecuted = false;

  constructor(
    pid: number,
    parent: Process | undefined,
    shared: { mm: Mm; group: ProcessGroup; session: Session; limits: ResourceLimits; signals: ProcessSignals },
  ) {
    this.pid = pid;
    this.parent = parent;
    this.mm = shared.mm;
    this.group = shared.group;
    this.session = shared.session;
    this.limits = shared.limits;
    this.signals = shared.signals;
  }

  /** The thread that stands for the process in /proc and for signals' default choice. */
  get leader(): Thread | undefined {
    return this.threads.get(this.pid) ?? this.threads.values().next().value;
  }
}
