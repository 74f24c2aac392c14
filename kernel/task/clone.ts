// Making threads and processes (kernel/fork.c, copy_process): what is shared, what is copied, what starts afresh.
// clone, clone3 and their kin call cloneThread with decoded arguments; start.ts makes the very first ones.
// Everything is checked before anything is made, so that a failure leaves no trace.
import { Hart } from '../../emulator/cpu/hart.ts';
import { NSIG, SIG_IGN } from '../abi/signal.ts';
import type { Cgroup } from '../cgroup/cgroup.ts';
import { EAGAIN, EINVAL, fail } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
import { late } from '../late.ts';
import type { PidNamespace } from '../namespaces/pid-namespace.ts';
import type { NamespaceSet } from '../namespaces/set.ts';
import { WaitQueue } from '../wait.ts';
import {
  CLONE_CHILD_CLEARTID,
  CLONE_CHILD_SETTID,
  CLONE_DETACHED,
  CLONE_FILES,
  CLONE_FS,
  CLONE_NAMESPACES,
  CLONE_NEWIPC,
  CLONE_NEWNS,
  CLONE_NEWPID,
  CLONE_NEWTIME,
  CLONE_NEWUSER,
  CLONE_PARENT,
  CLONE_PARENT_SETTID,
  CLONE_PIDFD,
  CLONE_SETTLS,
  CLONE_SIGHAND,
  CLONE_SYSVSEM,
  CLONE_THREAD,
  CLONE_VFORK,
  CLONE_VM,
} from './clone-flags.ts';
import { armCpuLimit } from './cpu-limit.ts';
import { CAP_SYS_ADMIN, CAP_SYS_RESOURCE, type Credentials, capable } from './credentials.ts';
import { installPidFd } from './pid-fd.ts';
import { Process } from './process.ts';
import { DEFAULT_ACTION, ProcessSignals, type SignalActions } from './process-signals.ts';
import { isRealtime, ownRank } from './rank.ts';
import { RLIMIT_NPROC } from './rlimits.ts';
import { BASE_SLICE_NS, Thread } from './thread.ts';

const SP = 2;
const TP = 4;
const A0 = 10;

export interface CloneArguments {
  /** CLONE_* below 2^32, without the exit signal. */
  readonly flags: number;
  /** CLONE_CLEAR_SIGHAND (clone3 only). */
  readonly clearHandlers?: boolean;
  readonly exitSignal: number;
  /** The child's stack pointer; 0 = the parent's. */
  readonly stackPointer: number;
  readonly tls: number;
  readonly parentTid: number;
  readonly childTid: number;
  /** Where CLONE_PIDFD's descriptor is written. */
  readonly pidfd: number;
  /** CLONE_INTO_CGROUP: a descriptor of the cgroup's directory. */
  readonly cgroupFd?: number;
  /** clone3's set_tid: the wanted numbers, of the inmost pid namespace first. */
  readonly wantedTids?: readonly number[];
}

/**
 * Makes a thread like `parent`, which is in a clone call.
 * EINVAL for flags that contradict each other, EPERM for namespaces, EAGAIN at a limit, what cgroupBehind fails with, EFAULT for `pidfd`, EMFILE, ENOMEM.
 */
export function cloneThread(parent: Thread, wanted: CloneArguments): Thread {
  const { kernel } = parent;
  const { flags } = wanted;
  checkFlags(parent, flags);
  checkLimits(parent);
  const cgroup = cgroupFor(parent, wanted);
  const place = childPlaceFor(parent, flags);
  const tid = numberFor(parent, place.namespaces, wanted.wantedTids);
  try {
    const child = cloneInto(parent, wanted, place, tid);
    if (cgroup?.parent !== undefined) late.cgroupMembers.threadStarted(child, cgroup);
    return child;
  } catch (thrown) {
    kernel.pids.release(tid);
    throw thrown;
  }
}

function cloneInto(parent: Thread, wanted: CloneArguments, place: Place, tid: number): Thread {
  const { kernel } = parent;
  const { flags } = wanted;
  const { credentials, namespaces } = place;
  const isThread = (flags & CLONE_THREAD) !== 0;
  const process = isThread ? parent.process : forkProcess(parent, tid, wanted, namespaces?.pidForChildren);
  const hart = new Hart();
  hart.copyStateFrom(parent.hart);
  hart.setXNumber(A0, 0);
  hart.pc += 4; // past the ecall, as the parent will be when its call is complete
  if (wanted.stackPointer !== 0) hart.setXNumber(SP, wanted.stackPointer);
  if ((flags & CLONE_SETTLS) !== 0) hart.setXNumber(TP, wanted.tls);
  const child = new Thread(kernel, tid, process, hart, {
    credentials,
    files: parent.files,
    fs: parent.fs,
    name: parent.name,
  });
  child.ownNamespaces = namespaces;
  inherit(parent, child, flags);
  try {
    if ((flags & CLONE_FILES) === 0) child.files = parent.files.clone();
    // after the tables part: the child does not have the descriptor
    if ((flags & CLONE_PIDFD) !== 0) installPidFd(parent, process, wanted.pidfd);
  } catch (thrown) {
    if (child.files !== parent.files) child.files.closeAll(child);
    if (!isThread) process.mm.release();
    throw thrown;
  }
  shareFiles(parent, child, flags);
  if ((flags & CLONE_NEWNS) !== 0) namespaces?.mnt.adopt(child.fs);
  if (!isThread) announceProcess(kernel, process);
  process.threads.set(tid, child);
  kernel.pids.addThread(child);
  if ((flags & CLONE_PARENT_SETTID) !== 0) writeTid(parent, wanted.parentTid, parent.process.shownPid(tid));
  if ((flags & CLONE_CHILD_SETTID) !== 0) writeTid(child, wanted.childTid, child.ownTid);
  if ((flags & CLONE_CHILD_CLEARTID) !== 0) child.clearChildTid = wanted.childTid;
  if ((flags & CLONE_VFORK) !== 0) process.vforkDone = new WaitQueue('exec or exit of the vfork child');
  if (parent.tracee !== undefined) late.tracing.inheritTracing(parent.tracee, child, wanted);
  kernel.observer?.threadStarted?.(child);
  kernel.scheduler.enqueue(child);
  return child;
}

function checkFlags(parent: Thread, flags: number): void {
  const has = (flag: number): boolean => (flags & flag) !== 0;
  if (has(CLONE_FS) && has(CLONE_NEWNS | CLONE_NEWUSER)) fail(EINVAL, 'CLONE_FS contradicts a new namespace');
  if (has(CLONE_NEWIPC) && has(CLONE_SYSVSEM)) fail(EINVAL, 'CLONE_SYSVSEM contradicts a new IPC namespace');
  if (has(CLONE_THREAD) && !has(CLONE_SIGHAND)) fail(EINVAL, 'CLONE_THREAD needs CLONE_SIGHAND');
  if (has(CLONE_SIGHAND) && !has(CLONE_VM)) fail(EINVAL, 'CLONE_SIGHAND needs CLONE_VM');
  if (has(CLONE_PARENT) && parent.process.isUnkillable)
    fail(EINVAL, 'process 1 of a pid namespace has no siblings');
  if (has(CLONE_THREAD) && (has(CLONE_NEWUSER | CLONE_NEWPID) || hasOtherPidsForChildren(parent)))
    fail(EINVAL, 'a thread stays in its namespaces');
  if (has(CLONE_PIDFD) && has(CLONE_DETACHED)) fail(EINVAL, 'CLONE_PIDFD contradicts CLONE_DETACHED');
}

/** Where a child begins: in the parent's cgroup or in the one that is given. EAGAIN at its pids.max; as cgroupBehind. */
function cgroupFor(parent: Thread, { flags, cgroupFd }: CloneArguments): Cgroup | undefined {
  const { ownCgroup } = parent;
  if (ownCgroup === undefined && cgroupFd === undefined) return undefined;
  const isThread = (flags & CLONE_THREAD) !== 0;
  const given =
    cgroupFd === undefined ? undefined : late.cgroupMembers.cgroupBehind(parent, cgroupFd, isThread);
  const cgroup = given ?? ownCgroup;
  if (cgroup !== undefined) late.cgroupMembers.demandRoom(cgroup);
  return cgroup;
}

/** A child with a memory of its own enters the time namespace that is meant for it. */
function childPlaceFor(parent: Thread, flags: number): Place {
  const place = placeFor(parent, flags);
  const { namespaces } = place;
  const stays = namespaces === undefined || (flags & CLONE_VM) !== 0;
  return stays ? place : { ...place, namespaces: late.inTimeForChildren(namespaces) };
}

function hasOtherPidsForChildren({ ownNamespaces, process }: Thread): boolean {
  return ownNamespaces !== undefined && inner(ownNamespaces.pidForChildren) !== process.pidNamespace;
}

/** As processes name the pid namespace that they are in: the first one not at all. */
function inner(namespace: PidNamespace): PidNamespace | undefined {
  return namespace.level === 0 ? undefined : namespace;
}

/** The kernel's number for a child. EAGAIN, ENOMEM; with `wanted` ones also EINVAL, EPERM and EEXIST. */
function numberFor(
  { kernel, credentials }: Thread,
  namespaces: NamespaceSet | undefined,
  wanted: readonly number[] = [],
): number {
  const namespace = namespaces?.pidForChildren;
  if (wanted.length === 0 && (namespace === undefined || namespace.level === 0))
    return kernel.pids.allocate();
  return late.allocateIn(kernel, namespace ?? kernel.namespaces.pid, wanted, credentials);
}

interface Place {
  readonly credentials: Credentials;
  readonly namespaces: NamespaceSet | undefined;
}

/** In which namespaces a child is, or unshare's caller afterwards. EPERM, EINVAL, ENOSPC. */
export function placeFor(thread: Thread, flags: number): Place {
  const { ownNamespaces } = thread;
  const credentials = (flags & CLONE_NEWUSER) === 0 ? thread.credentials : late.inNewUserNamespace(thread);
  const isOld = (flags & (CLONE_NAMESPACES | CLONE_NEWTIME)) === 0;
  return { credentials, namespaces: isOld ? ownNamespaces : late.withNew(thread, flags, credentials) };
}

/** RLIMIT_NPROC counts the user's threads (getrlimit(2)); the machine has its own limit. */
function checkLimits(parent: Thread): void {
  const { kernel, credentials } = parent;
  const { pids } = kernel;
  const limit = parent.process.limits.get(RLIMIT_NPROC).soft;
  const isExempt =
    credentials.ruid === 0 || capable(credentials, CAP_SYS_RESOURCE) || capable(credentials, CAP_SYS_ADMIN);
  if (!isExempt && pids.threadCount >= limit) {
    let count = 0;
    for (const thread of pids.threads()) if (thread.credentials.ruid === credentials.ruid) count++;
    if (count >= limit) fail(EAGAIN, 'the user has RLIMIT_NPROC threads');
  }
  const { maxProcesses } = kernel.options;
  if (pids.threadCount >= maxProcesses || pids.processCount >= maxProcesses + 1) {
    kernel.warnOnce(`the machine's limit of ${maxProcesses} processes is reached (EAGAIN)`);
    fail(EAGAIN, "the machine's limit of processes is reached");
  }
}

function forkProcess(
  parent: Thread,
  pid: number,
  wanted: CloneArguments,
  namespace: PidNamespace | undefined,
): Process {
  const { process } = parent;
  const { flags } = wanted;
  const asSibling = (flags & CLONE_PARENT) !== 0;
  const mm = (flags & CLONE_VM) !== 0 ? process.mm.retain() : process.mm.fork();
  const child = new Process(pid, asSibling ? process.parent : process, {
    mm,
    group: process.group,
    limits: process.limits.copy(),
    signals: new ProcessSignals(forkActions(process.signals.actions, wanted)),
  });
  if (namespace !== undefined && namespace.level > 0) {
    child.pidNamespace = namespace;
    child.ownPid = namespace.shown(pid);
  }
  child.keyrings.session = process.keyrings.session;
  child.makerTid = asSibling ? process.makerTid : parent.tid;
  child.exitSignal = asSibling ? process.exitSignal : wanted.exitSignal;
  child.executable = process.executable;
  child.commandLine = process.commandLine;
  child.environment = process.environment;
  child.dumpable = process.dumpable;
  child.isThpDisabled = process.isThpDisabled;
  child.machineCheckPolicy = process.machineCheckPolicy;
  child.isMergeable = process.isMergeable;
  child.writeExecRules = (process.writeExecRules & PR_MDWE_NO_INHERIT) === 0 ? process.writeExecRules : 0;
  child.oomScoreAdjust = process.oomScoreAdjust;
  child.coredumpFilter = process.coredumpFilter;
  child.terminal = process.terminal;
  child.startNs = parent.kernel.clock.monotonicNs();
  armCpuLimit(child);
  return child;
}

function forkActions(actions: SignalActions, wanted: CloneArguments): SignalActions {
  if ((wanted.flags & CLONE_SIGHAND) !== 0) {
    actions.users++;
    return actions;
  }
  const copy = actions.copy();
  if (wanted.clearHandlers === true) resetHandlers(copy);
  return copy;
}

/** Handlers become SIG_DFL, ignored signals stay so (flush_signal_handlers; execve, CLONE_CLEAR_SIGHAND). */
export function resetHandlers(actions: SignalActions): void {
  for (let signo = 1; signo <= NSIG; signo++) {
    const { handler } = actions.get(signo);
    actions.set(signo, {
      ...DEFAULT_ACTION,
      handler: handler === SIG_IGN ? SIG_IGN : DEFAULT_ACTION.handler,
    });
  }
}

/** PR_SET_MDWE's flag: children begin without it. */
const PR_MDWE_NO_INHERIT = 2;

function inherit(parent: Thread, child: Thread, flags: number): void {
  child.signals.blocked = parent.signals.blocked;
  if ((flags & CLONE_VM) === 0 || (flags & CLONE_VFORK) !== 0)
    child.signals.altStack = parent.signals.altStack;
  if ((flags & CLONE_VM) === 0) child.rseq = parent.rseq;
  child.policy = parent.resetOnFork && isRealtime(parent.policy) ? 0 : parent.policy; // SCHED_IDLE stays (sched_fork)
  child.realtimePriority = parent.resetOnFork ? 0 : parent.realtimePriority;
  child.rank = ownRank(child);
  child.nice = parent.resetOnFork ? Math.max(0, parent.nice) : parent.nice;
  child.sliceNs = parent.resetOnFork ? BASE_SLICE_NS : parent.sliceNs;
  child.ioPriority = parent.ioPriority;
  child.timerSlackNs = parent.timerSlackNs;
  child.keepCapabilities = parent.keepCapabilities;
  child.personality = parent.personality;
  child.memoryPolicy = parent.memoryPolicy;
  child.isIoFlusher = parent.isIoFlusher;
  child.confinement = parent.confinement;
  child.regate();
  child.startNs = parent.kernel.clock.monotonicNs();
}

function shareFiles(parent: Thread, child: Thread, flags: number): void {
  if ((flags & CLONE_FILES) !== 0) parent.files.users++;
  if ((flags & CLONE_FS) !== 0) parent.fs.users++;
  else child.fs = parent.fs.clone();
}

function announceProcess(kernel: Kernel, process: Process): void {
  kernel.pids.addProcess(process);
  process.group.add(process);
  const { pidNamespace } = process;
  if (pidNamespace !== undefined && process.ownPid === 1) {
    pidNamespace.reaper = process;
    process.isUnkillable = true;
  }
  process.parent?.children.add(process);
}

/** A bad address is ignored: the thread exists already (kernel_clone, schedule_tail). */
function writeTid(thread: Thread, address: number, tid: number): void {
  if (thread.user.accessible(address, 4, true) === 4) thread.user.writeU32(address, tid);
}
