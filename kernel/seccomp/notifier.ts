// Calls that a filter gives to a supervisor to answer (seccomp_unotify(2); kernel/seccomp.c, struct notification).
// A filter with a listener has one Notifier; the confined thread waits in a Notice of it, listener-file.ts answers.
// A notice that a signal or the thread's end takes away is forgotten; the request that announced it stays counted.
import { POLLHUP, READ_EVENTS, WRITE_EVENTS } from '../abi/poll.ts';
import { ENOSYS } from '../errno.ts';
import type { Kernel } from '../kernel.ts';
import type { Handler, Syscall } from '../syscalls/syscall.ts';
import type { Thread } from '../task/thread.ts';
import { WaitQueue, wait } from '../wait.ts';
import type { Confinement, Filter } from './filters.ts';

/** One call that waits for its answer. */
export class Notice {
  readonly id: bigint;
  readonly thread: Thread;
  /** struct seccomp_data. */
  readonly data: Uint8Array;
  state: 'new' | 'sent' | 'answered' = 'new';
  readonly answered = new WaitQueue('a supervisor that answers the call');
  value = 0;
  error = 0;
  /** SECCOMP_USER_NOTIF_FLAG_CONTINUE. */
  goesOn = false;

  constructor(id: bigint, thread: Thread, data: Uint8Array) {
    this.id = id;
    this.thread = thread;
    this.data = data;
  }

  answer(value: number, error: number, goesOn: boolean): void {
    this.value = value;
    this.error = error;
    this.goesOn = goesOn;
    this.state = 'answered';
    this.answered.wake();
  }
}

export class Notifier {
  readonly changed = new WaitQueue('a call for a supervisor');
  /** SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV: what the supervisor has received only a fatal signal interrupts. */
  readonly waitsKillably: boolean;
  /** The listener is closed. */
  isClosed = false;
  /** Calls announced and not yet received; those taken away meanwhile count. */
  requests = 0;
  readonly notices: Notice[] = [];
  readonly #kernel: Kernel;
  #nextId: bigint;

  constructor(kernel: Kernel, waitsKillably: boolean) {
    this.#kernel = kernel;
    this.#nextId = new DataView(kernel.random.fill(new Uint8Array(8)).buffer).getBigUint64(0);
    this.waitsKillably = waitsKillably;
  }

  announce(thread: Thread, data: Uint8Array): Notice {
    const notice = new Notice(this.#nextId, thread, data);
    this.#nextId = BigInt.asUintN(64, this.#nextId + 1n);
    this.notices.push(notice);
    this.requests++;
    this.changed.wake(READ_EVENTS);
    return notice;
  }

  find(id: bigint): Notice | undefined {
    return this.notices.find((notice) => notice.id === id);
  }

  forget(notice: Notice): void {
    const at = this.notices.indexOf(notice);
    if (at >= 0) this.notices.splice(at, 1);
  }

  /** Is a thread confined by the filter? */
  get isUsed(): boolean {
    for (const { threads } of this.#kernel.processes) {
      for (const { confinement } of threads.values())
        if (filtersOf(confinement).some(({ notifier }) => notifier === this)) return true;
    }
    return false;
  }

  poll(): number {
    let events = 0;
    if (this.notices.some(({ state }) => state === 'new')) events |= READ_EVENTS;
    if (this.notices.some(({ state }) => state === 'sent')) events |= WRITE_EVENTS;
    if (!this.isUsed) events |= POLLHUP;
    return events;
  }

  /** The listener's last descriptor is closed: nobody will answer. */
  close(): void {
    this.isClosed = true;
    for (const notice of this.notices.splice(0)) notice.answer(0, -ENOSYS, false);
  }
}

/** All that hold, the newest first. */
function filtersOf(confinement: Confinement | undefined): Filter[] {
  const filters: Filter[] = [];
  let filter = confinement !== undefined && 'last' in confinement ? confinement.last : undefined;
  for (; filter !== undefined; filter = filter.earlier) filters.push(filter);
  return filters;
}

/** Has a listener that is still open among them? There can be one only. */
export function hasListener(confinement: Confinement | undefined): boolean {
  return filtersOf(confinement).some(({ notifier }) => notifier?.isClosed === false);
}

/** A confined thread is gone: nobody has to answer it, and the supervisors of filters without users hear of it. */
export function confinedThreadEnded(thread: Thread): void {
  for (const { notifier } of filtersOf(thread.confinement)) {
    if (notifier === undefined) continue;
    for (const notice of [...notifier.notices]) if (notice.thread === thread) notifier.forget(notice);
    if (!notifier.isUsed) notifier.changed.wake(POLLHUP);
  }
}

/** The handler of a call that a supervisor answers: it waits, and is made after all if the answer says so. */
export function askedHandler(
  notifier: Notifier | undefined,
  called: Syscall,
  data: () => Uint8Array,
): Handler<Record<string, never>> {
  let notice: Notice | undefined;
  return (thread, args) => {
    if (notifier === undefined) return -ENOSYS;
    if (notice === undefined) {
      if (notifier.isClosed) return -ENOSYS;
      notice = notifier.announce(thread, data());
    }
    if (notice.state === 'answered') {
      notifier.forget(notice);
      if (notice.goesOn) return called.handler(thread, args);
      return notice.error !== 0 ? notice.error : notice.value;
    }
    const isKillable = notifier.waitsKillably && notice.state === 'sent';
    const { answered } = notice;
    if (thread.call?.interrupted === true && !isKillable) {
      notifier.forget(notice);
      notice = undefined; // it asks anew when the signal does not end the call
    }
    return wait(answered, isKillable ? 'killable' : 'restart');
  };
}
