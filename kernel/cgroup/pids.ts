// The pids controller (Documentation/admin-guide/cgroup-v2.rst, "PID"; kernel/cgroup/pids.c): how many threads there may be in a group and below.
// clone asks before it makes one; membership.ts counts.
import { EAGAIN, fail } from '../errno.ts';
import { PID_MAX } from '../task/pid-table.ts';
import type { Cgroup } from './cgroup.ts';

/** pids.max below it, and more than there can be. */
export const PIDS_MAX = PID_MAX + 1;

export class PidsState {
  /** pids.max; PIDS_MAX stands for "max". */
  max = PIDS_MAX;
  peak = 0;
  /** How often its limit was reached by a fork in it or below; and the same of all limits below. */
  localEvents = 0;
  events = 0;

  /** The controller was taken away or given, which makes a new state. */
  reset(charge: number): void {
    this.max = PIDS_MAX;
    this.peak = charge;
    this.localEvents = this.events = 0;
  }
}

/** Counts threads that come to `cgroup` or, with a negative number, go. */
export function charge(cgroup: Cgroup | undefined, count: number): void {
  for (let at = cgroup; at !== undefined; at = at.parent) {
    at.charge += count;
    if (at.charge > at.pids.peak) at.pids.peak = at.charge;
  }
}

/** EAGAIN: the limit of `cgroup` or of one above is reached (pids_can_fork). */
export function demandRoom(cgroup: Cgroup): void {
  for (let at = cgroup; at.parent !== undefined; at = at.parent) {
    if (!at.has('pids') || at.charge < at.pids.max) continue;
    limitReached(at);
    fail(EAGAIN, "the cgroup's pids.max is reached");
  }
}

function limitReached(limited: Cgroup): void {
  limited.pids.localEvents++;
  limited.directory?.fileChanged('pids.events.local');
  for (let at = limited; at.parent !== undefined; at = at.parent) {
    if (!at.has('pids')) continue;
    at.pids.events++;
    at.directory?.fileChanged('pids.events');
  }
}
