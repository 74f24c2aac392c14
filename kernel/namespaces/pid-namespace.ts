// A pid namespace (pid_namespaces(7), kernel/pid_namespace.c): it numbers the processes that are in it or in one inside of it.
// The kernel's own numbers are those of the first one. A thread has a number in its own namespace and in all around it.
// The number that somebody had outlives it, for who remembers it (a socket, a lock); that it had it, does not.
import {
  LINUX_REBOOT_CMD_HALT,
  LINUX_REBOOT_CMD_POWER_OFF,
  LINUX_REBOOT_CMD_RESTART,
  LINUX_REBOOT_CMD_RESTART2,
} from '../abi/reboot.ts';
import { SIGHUP, SIGINT, SIGKILL } from '../abi/signal.ts';
import { CONTEXT_REPLACED } from '../context-replaced.ts';
import { EAGAIN, EEXIST, EINVAL, ENOMEM, EPERM, fail } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
import { CAP_CHECKPOINT_RESTORE, CAP_SYS_ADMIN, type Credentials, capableIn } from '../task/credentials.ts';
import { exitProcess, exitThread } from '../task/exit.ts';
import { PID_MAX, type PidNumbers, RESERVED_PIDS } from '../task/pid-table.ts';
import type { Process } from '../task/process.ts';
import { reapProcess } from '../task/reap.ts';
import type { Thread } from '../task/thread.ts';
import { Namespace } from './namespace.ts';
import type { UserNamespace } from './user-namespace.ts';

export class PidNamespace extends Namespace implements PidNumbers {
  /** Absent for the first one. */
  readonly parent: PidNamespace | undefined;
  readonly level: number;
  /** Process 1: orphans become its children, and nobody outlives it. Absent until it was made. */
  reaper: Process | undefined;
  /** Process 1 has ended: nobody can be made here any more. */
  isClosed = false;
  #last = 0;
  /** The numbers by the kernel's, and the other way round for those that are taken. */
  readonly #shown = new Map<number, number>();
  readonly #taken = new Map<number, number>();

  constructor(ino: number, owner: UserNamespace, parent?: PidNamespace) {
    super('pid', ino, owner);
    this.parent = parent;
    this.level = parent === undefined ? 0 : parent.level + 1;
  }

  /** The number here of what has, or had, the kernel's number `id`; 0 when it was never here (pid_nr_ns). */
  shown(id: number): number {
    return this.level === 0 ? id : (this.#shown.get(id) ?? 0);
  }

  /** The kernel's number of what is called `number` here; 0 when nobody is (find_pid_ns). */
  toKernel(number: number): number {
    return this.level === 0 ? number : (this.#taken.get(number) ?? 0);
  }

  get last(): number {
    return this.#last;
  }

  /** /proc/sys/kernel/ns_last_pid: where counting goes on. */
  set last(number: number) {
    this.#last = number;
  }

  /** A free number as PidTable.allocate finds one. EAGAIN. */
  free(): number {
    for (let tries = 0; tries < PID_MAX; tries++) {
      this.#last = this.#last + 1 >= PID_MAX ? RESERVED_PIDS : this.#last + 1;
      if (!this.#taken.has(this.#last)) return this.#last;
    }
    return fail(EAGAIN, 'no process id is free');
  }

  isTaken(number: number): boolean {
    return this.#taken.has(number);
  }

  take(number: number, id: number): void {
    this.#shown.set(id, number);
    this.#taken.set(number, id);
  }

  release(id: number): void {
    this.#taken.delete(this.shown(id));
    this.parent?.release(id);
  }

  forgetReleased(): void {
    for (const [id, number] of this.#shown) if (this.#taken.get(number) !== id) this.#shown.delete(id);
    this.parent?.forgetReleased();
  }

  /** Is it `other`, or inside of it? */
  isWithin(other: PidNamespace): boolean {
    for (let at: PidNamespace | undefined = this; at !== undefined; at = at.parent)
      if (at === other) return true;
    return false;
  }
}

/** Namespaces nest as deep at most (MAX_PID_NS_LEVEL). */
export const DEEPEST_PID_NAMESPACE = 32;

/** The pid namespace that a process is in, as an object. */
export function pidNamespaceOf(kernel: Kernel, { pidNamespace }: Process): PidNamespace {
  return pidNamespace ?? kernel.namespaces.pid;
}

/**
 * The kernel's number for a new thread in `namespace`, which gets one in each namespace around it too: those of `wanted`,
 * from the inmost outwards, then free ones (alloc_pid). EINVAL, EPERM, EEXIST, EAGAIN; ENOMEM: process 1 has ended.
 */
export function allocateIn(
  kernel: Kernel,
  namespace: PidNamespace,
  wanted: readonly number[],
  credentials: Credentials,
): number {
  const { pids } = kernel;
  if (wanted.length > namespace.level + 1) fail(EINVAL, 'more ids than namespaces');
  const numbers: number[] = [];
  let id = 0;
  for (let at: PidNamespace | undefined = namespace; at !== undefined; at = at.parent) {
    const number = wanted[namespace.level - at.level];
    if (number !== undefined) demandSettable(at, number, credentials);
    if (at.level === 0) id = number === undefined ? pids.allocate() : pids.claim(number);
    else {
      if (number !== undefined && at.isTaken(number)) fail(EEXIST, 'the id is in use');
      numbers.push(number ?? at.free());
    }
  }
  if (namespace.isClosed) fail(ENOMEM, 'process 1 of the pid namespace has ended');
  if (namespace.level === 0) return id;
  let at: PidNamespace | undefined = namespace;
  for (const number of numbers) {
    at?.take(number, id);
    at = at?.parent;
  }
  pids.place(id, namespace);
  return id;
}

/** checkpoint_restore_ns_capable. EINVAL, EPERM. */
function demandSettable(namespace: PidNamespace, number: number, credentials: Credentials): void {
  if (number < 1 || number >= PID_MAX) fail(EINVAL, 'no such process id');
  if (number !== 1 && namespace.level > 0 && namespace.reaper === undefined)
    fail(EINVAL, 'the first process of a pid namespace is 1');
  demandRestore(namespace, credentials);
}

/** EPERM unless the holder may restore processes in the namespace. */
export function demandRestore({ owner }: PidNamespace, credentials: Credentials): void {
  const may = [CAP_CHECKPOINT_RESTORE, CAP_SYS_ADMIN].some((one) => capableIn(credentials, one, owner));
  if (!may) fail(EPERM, 'needs CAP_CHECKPOINT_RESTORE or CAP_SYS_ADMIN');
}

/** How process 1 ends when somebody asks for what `reboot` names; other commands are refused. */
const REBOOT_SIGNALS = new Map([
  [LINUX_REBOOT_CMD_RESTART, SIGHUP],
  [LINUX_REBOOT_CMD_RESTART2, SIGHUP],
  [LINUX_REBOOT_CMD_POWER_OFF, SIGINT],
  [LINUX_REBOOT_CMD_HALT, SIGINT],
]);

/** reboot(2) in a pid namespace: process 1 ends, and with it all others; so does the caller (reboot_pid_ns). EINVAL. */
export function rebootPidNamespace(thread: Thread, { reaper }: PidNamespace, command: number): never {
  const signo = REBOOT_SIGNALS.get(command) ?? fail(EINVAL, 'no command that a pid namespace has');
  if (reaper !== thread.process) exitThread(thread, 0);
  if (reaper !== undefined) exitProcess(reaper, signo);
  throw CONTEXT_REPLACED;
}

/** Process 1 has ended: so do all that are in the namespace, and nobody comes into it any more (zap_pid_ns_processes). */
export function endPidNamespace(kernel: Kernel, namespace: PidNamespace): void {
  const { reaper } = namespace;
  namespace.isClosed = true;
  for (const process of [...kernel.pids.processes()]) {
    if (process !== reaper && namespace.shown(process.pid) !== 0) exitProcess(process, SIGKILL);
  }
  for (const child of [...(reaper?.children ?? [])]) {
    if (child.state === 'zombie' && child.endedLeader === undefined) reapProcess(kernel, child);
  }
}
