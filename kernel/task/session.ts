// Sessions and process groups (credentials(7), setsid(2), setpgid(2)): who gets a terminal's signals.
// Processes join and leave groups; each process knows its controlling terminal, which children inherit.
// A group exists while it has members, a session while it has groups; both keep their number taken.
import type { PidTable } from './pid-table.ts';
import type { Process } from './process.ts';

/** What a process's controlling terminal must be able to do; kernel/tty implements it. */
export interface ControllingTerminal {
  /** vhangup: its descriptors read end of file, its session gets SIGHUP. */
  hangUp(): void;
  /** Device number for /proc/PID/stat. */
  readonly rdev: number;
  /** Number of the foreground group, whether or not there is one by it; 0 = none was ever set (tcsetpgrp). */
  readonly foregroundId: number;
  /** The session leader exits: the terminal belongs to no session any more. */
  sessionEnded(): void;
}

export class Session {
  readonly id: number;
  readonly groups = new Map<number, ProcessGroup>();
  readonly #pids: PidTable;

  /** `id` is the leader's pid. */
  constructor(pids: PidTable, id: number) {
    this.#pids = pids;
    this.id = id;
    pids.hold(id);
  }

  /** The group `id` of this session, made when it does not exist. */
  group(id: number): ProcessGroup {
    let group = this.groups.get(id);
    if (group === undefined) {
      group = new ProcessGroup(id, this);
      this.groups.set(id, group);
      this.#pids.addGroup(group);
    }
    return group;
  }

  /** Any session's group: a foreground group may have left its terminal's session. */
  anyGroup(id: number): ProcessGroup | undefined {
    return this.#pids.group(id);
  }

  /** The last member of `group` has left. */
  dropGroup(group: ProcessGroup): void {
    this.groups.delete(group.id);
    this.#pids.removeGroup(group);
    if (this.groups.size === 0) this.#pids.unhold(this.id);
  }
}

export class ProcessGroup {
  readonly id: number;
  readonly session: Session;
  /** Zombies too, until they are reaped. */
  readonly members = new Set<Process>();

  constructor(id: number, session: Session) {
    this.id = id;
    this.session = session;
  }

  add(process: Process): void {
    this.members.add(process);
  }

  remove(process: Process): void {
    this.members.delete(process);
    if (this.members.size === 0) this.session.dropGroup(this);
  }

  /**
   * Orphaned: no member has a parent in another group of the same session (POSIX, 3.264).
   * Such a group cannot be continued by a shell, so terminal stops do not stop it. `ignored` counts as gone.
   */
  isOrphaned(ignored?: Process): boolean {
    for (const member of this.members) {
      if (member === ignored || member.state !== 'alive') continue;
      const { parent } = member;
      if (parent === undefined || parent.isInit) continue;
      if (parent.group !== this && parent.session === this.session) return false;
    }
    return true;
  }

  /** Some member is stopped (exit's SIGHUP and SIGCONT). */
  get hasStopped(): boolean {
    for (const member of this.members) if (member.signals.stopSignal !== 0) return true;
    return false;
  }
}

/** No process of the session has a controlling terminal any more (session_clear_tty). */
export function forgetTerminal(session: Session): void {
  for (const group of session.groups.values())
    for (const member of group.members) member.terminal = undefined;
}

/** Moves `process` into the group, which must be of its session (or a new session's). */
export function joinGroup(process: Process, group: ProcessGroup): void {
  const old = process.group;
  if (old === group) return;
  group.add(process);
  process.group = group;
  process.session = group.session;
  old.remove(process);
}
