// A control group (cgroups(7), "CGROUPS VERSION 2"; kernel/cgroup/cgroup.c): a node of the one hierarchy, and which threads are in it.
// cgroup-fs.ts shows it as a directory; membership.ts, freezer.ts and pids.ts are what happens to those who are in it.
// Threads that nobody moved are in the root, which keeps no list of them.
import type { Process } from '../task/process.ts';
import type { Thread } from '../task/thread.ts';
import { type CpuTime, threadCpuTime } from '../time/cpu-time.ts';
import type { CgroupDirectory } from './cgroup-fs.ts';
import { type DevicePrograms, releasePrograms } from './device-programs.ts';
import { PidsState } from './pids.ts';

/** In the order of Linux's cgroup_subsys.h. All that there are work on single threads as well. */
export const CONTROLLERS = ['pids'] as const;
export type Controller = (typeof CONTROLLERS)[number];

export class Cgroup {
  readonly name: string;
  /** Absent for the root. A removed group keeps it: zombies are still counted above. */
  readonly parent: Cgroup | undefined;
  /** Its directory, by which the file system knows it. */
  directory: CgroupDirectory | undefined;
  readonly children = new Map<string, Cgroup>();
  /** Its threads in the order in which they came, and the CPU time they had then. Empty for the root. */
  readonly #members = new Map<Thread, CpuTime>();
  /** cgroup.subtree_control: the controllers that its children have. */
  readonly subtreeControl = new Set<Controller>();
  isThreaded = false;
  /** Its directory was removed. */
  isDead = false;
  maxDepth = Number.POSITIVE_INFINITY;
  maxDescendants = Number.POSITIVE_INFINITY;
  /** It or a group below has threads; changes are told through cgroup.events. */
  isPopulated = false;
  /** cgroup.freeze. */
  freeze = false;
  /** It or a group above has cgroup.freeze set, so its threads are to stop. */
  isFreezing = false;
  /** All threads of it and below have stopped; changes are told through cgroup.events. */
  isFrozen = false;
  freezeStartNs = 0;
  /** How long it was freezing before, ns. */
  frozenNs = 0;
  /** Threads in it and below, with zombies that are not reaped. */
  charge = 0;
  readonly pids = new PidsState();
  /** Programs about devices, once bpf(2) attached one. */
  devices: DevicePrograms | undefined;
  #endedUserNs = 0;
  #endedSystemNs = 0;

  constructor(name: string, parent: Cgroup | undefined) {
    this.name = name;
    this.parent = parent;
  }

  get members(): IterableIterator<Thread> {
    return this.#members.keys();
  }

  get hasMembers(): boolean {
    return this.#members.size > 0;
  }

  has(controller: Controller): boolean {
    return this.parent === undefined || this.parent.subtreeControl.has(controller);
  }

  /** Itself and those below, parents first. */
  *family(): Generator<Cgroup> {
    yield this;
    for (const child of this.children.values()) yield* child.family();
  }

  get descendantCount(): number {
    let count = -1;
    for (const _ of this.family()) count++;
    return count;
  }

  isWithin(other: Cgroup): boolean {
    for (let at: Cgroup | undefined = this; at !== undefined; at = at.parent) if (at === other) return true;
    return false;
  }

  /** Whose resources its threads use: itself, or of a threaded one the group above that is not. */
  get domain(): Cgroup {
    let at: Cgroup = this;
    while (at.isThreaded && at.parent !== undefined) at = at.parent;
    return at;
  }

  /** Threaded groups below use its resources (cgroup_is_thread_root). */
  get isThreadRoot(): boolean {
    if (this.isThreaded) return false;
    for (const child of this.children.values()) if (child.isThreaded) return true;
    return this.hasMembers && this.subtreeControl.size > 0;
  }

  /** It may have threaded groups below (cgroup_can_be_thread_root). */
  get canBeThreadRoot(): boolean {
    if (this.parent === undefined) return true;
    if (this.isThreaded) return false;
    for (const child of this.children.values()) if (child.isPopulated && !child.isThreaded) return false;
    return true;
  }

  /** It may have processes (cgroup_is_valid_domain). */
  get isValidDomain(): boolean {
    if (this.isThreaded) return false;
    for (let at = this.parent; at !== undefined; at = at.parent)
      if (at.isThreaded || (at.parent !== undefined && at.isThreadRoot)) return false;
    return true;
  }

  /** It and the threaded groups that use its resources. */
  *threadedFamily(): Generator<Cgroup> {
    yield this;
    for (const child of this.children.values()) if (child.isThreaded) yield* child.threadedFamily();
  }

  join(thread: Thread): void {
    if (this.parent === undefined) return;
    this.#members.set(thread, threadCpuTime(thread));
    this.#updatePopulated();
  }

  leave(thread: Thread): void {
    const since = this.#members.get(thread);
    if (since === undefined) return;
    const { userNs, systemNs } = threadCpuTime(thread);
    this.#endedUserNs += userNs - since.userNs;
    this.#endedSystemNs += systemNs - since.systemNs;
    this.#members.delete(thread);
    this.#updatePopulated();
  }

  #updatePopulated(): void {
    for (let at: Cgroup | undefined = this; at !== undefined; at = at.parent) {
      const isPopulated = at.hasMembers || [...at.children.values()].some((child) => child.isPopulated);
      if (isPopulated === at.isPopulated) return;
      at.isPopulated = isPopulated;
      at.directory?.fileChanged('cgroup.events');
    }
  }

  /** CPU time of threads while they were in it or below; not for the root, which has no list. */
  get cpuTime(): CpuTime {
    let userNs = this.#endedUserNs;
    let systemNs = this.#endedSystemNs;
    for (const [thread, since] of this.#members) {
      const now = threadCpuTime(thread);
      userNs += now.userNs - since.userNs;
      systemNs += now.systemNs - since.systemNs;
    }
    for (const child of this.children.values()) {
      const below = child.cpuTime;
      userNs += below.userNs;
      systemNs += below.systemNs;
    }
    return { userNs, systemNs };
  }

  /** Its directory was removed: the group above keeps what was spent here. */
  removed(): void {
    const { parent } = this;
    this.isDead = true;
    releasePrograms(this);
    if (parent === undefined) return;
    const { userNs, systemNs } = this.cpuTime;
    parent.children.delete(this.name);
    parent.#endedUserNs += userNs;
    parent.#endedSystemNs += systemNs;
  }

  /** As /proc/PID/cgroup names it from inside of `top` (kernfs_path_from_node). */
  pathFrom(top: Cgroup): string {
    let text = '';
    let common: Cgroup = this;
    for (; !top.isWithin(common) && common.parent !== undefined; common = common.parent)
      text = `/${common.name}${text}`;
    for (let at = top; at !== common && at.parent !== undefined; at = at.parent) text = `/..${text}`;
    return text === '' ? '/' : text;
  }
}

/** The group of a process, also of a zombie; undefined: the root. */
export function ownCgroupOf({ leader, last }: Process): Cgroup | undefined {
  return (leader ?? last?.thread)?.ownCgroup;
}
