// Freezing the threads of a cgroup (Documentation/admin-guide/cgroup-v2.rst, "cgroup.freeze"; kernel/cgroup/freezer.c).
// A thread that is to freeze stops where it would take a signal, and takes none but a deadly one until it may go on.
import { isFrozen, recalculateAttention, wakeForSignal } from '../task/send-signal.ts';
import type { Thread } from '../task/thread.ts';
import type { Cgroup } from './cgroup.ts';

/** cgroup.freeze is set to `freeze`. */
export function setFreeze(cgroup: Cgroup, freeze: boolean, nowNs: number): void {
  if (cgroup.freeze === freeze) return;
  cgroup.freeze = freeze;
  apply(cgroup, nowNs);
}

function apply(cgroup: Cgroup, nowNs: number): void {
  const isFreezing = cgroup.freeze || cgroup.parent?.isFreezing === true;
  if (isFreezing === cgroup.isFreezing) return;
  cgroup.isFreezing = isFreezing;
  if (isFreezing) cgroup.freezeStartNs = nowNs;
  else cgroup.frozenNs += nowNs - cgroup.freezeStartNs;
  for (const thread of cgroup.members) setFreezing(thread, isFreezing);
  for (const child of cgroup.children.values()) apply(child, nowNs);
  revisit(cgroup);
}

/** From now on `thread` is to stop, or to go on. */
export function setFreezing(thread: Thread, isFreezing: boolean): void {
  if (thread.isFreezing === isFreezing || thread.state === 'dead') return;
  const wasFrozen = isFrozen(thread);
  thread.isFreezing = isFreezing;
  if (isFreezing) wakeForSignal(thread, false);
  else recalculateAttention(thread);
  if (wasFrozen) thread.kernel.scheduler.resume(thread);
}

/** The thread's turn has come, and it is to freeze (do_freezer_trap). */
export function enterFreezer(thread: Thread): void {
  thread.state = 'stopped';
  if (thread.ownCgroup !== undefined) revisit(thread.ownCgroup);
}

/** Runs nothing until it is thawed: stopped for whatever reason, or a parent that waits for its vfork child. */
function isAtRest({ state, parkPolicy }: Thread): boolean {
  return state === 'stopped' || (state === 'blocked' && parkPolicy === 'killable');
}

/** Tells of changes through cgroup.events, upwards (cgroup_update_frozen). */
export function revisit(cgroup: Cgroup): void {
  for (let at: Cgroup | undefined = cgroup; at !== undefined; at = at.parent) {
    const isFrozen =
      at.isFreezing &&
      [...at.members].every(isAtRest) &&
      [...at.children.values()].every((child) => child.isFrozen);
    if (isFrozen === at.isFrozen) return;
    at.isFrozen = isFrozen;
    at.directory?.fileChanged('cgroup.events');
  }
}
