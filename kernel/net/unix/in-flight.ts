// Descriptors in flight: which file lies in which socket's queue, how many each user has, and their release.
// Senders attach rights to a message, receivers detach them, purged queues drop them.
// Files are released one after another, never inside each other, so that long chains do not nest.
import { ENOMEM, ETOOMANYREFS, fail } from '../../errno.ts';
import type { OpenFile } from '../../file/open-file.ts';
import type { MemoryAccount } from '../../mm/account.ts';
import { CAP_SYS_ADMIN, CAP_SYS_RESOURCE, capable } from '../../task/credentials.ts';
import { RLIMIT_NOFILE } from '../../task/rlimits.ts';
import type { Thread } from '../../task/thread.ts';
import type { Collector } from './collector.ts';
import type { Rights } from './rights.ts';
import { unixSocketOf } from './unix-file.ts';
import type { UnixSocket } from './unix-socket.ts';

/** Memory that a message with descriptors takes: Linux's list of 253, and something for each file. */
function pagesFor(count: number): number {
  return Math.ceil((2048 + 512 * count) / 4096);
}

export class InFlight {
  readonly #collector: Collector;
  readonly #memory: MemoryAccount;
  readonly #byUser = new Map<number, number>();
  readonly #toRelease: OpenFile[] = [];
  #releasing = false;

  constructor(collector: Collector, memory: MemoryAccount) {
    this.#collector = collector;
    this.#memory = memory;
  }

  /** How many descriptors of the user are in flight. */
  countOf(uid: number): number {
    return this.#byUser.get(uid) ?? 0;
  }

  /**
   * ETOOMANYREFS: the user has more in flight than RLIMIT_NOFILE, and neither capability (too_many_unix_fds).
   * ENOMEM: there is no memory for one message more (scm_fp_copy).
   */
  check(thread: Thread): void {
    const { credentials, process } = thread;
    if (this.#memory.freePages === 0) fail(ENOMEM, 'no memory for descriptors in flight');
    if (this.countOf(credentials.ruid) <= process.limits.get(RLIMIT_NOFILE).soft) return;
    this.#collector.collectAll();
    if (this.countOf(credentials.ruid) <= process.limits.get(RLIMIT_NOFILE).soft) return;
    if (capable(credentials, CAP_SYS_RESOURCE) || capable(credentials, CAP_SYS_ADMIN)) return;
    fail(ETOOMANYREFS, 'more descriptors in flight than RLIMIT_NOFILE');
  }

  /** The files begin their way to `holder`'s queue; each gets a reference. */
  attach(files: readonly OpenFile[], uid: number, holder: UnixSocket): Rights {
    for (const file of files) {
      file.retain();
      file.inFlight++;
      const socket = unixSocketOf(file);
      if (socket === undefined) continue;
      socket.holders ??= new Map();
      socket.holders.set(holder, (socket.holders.get(holder) ?? 0) + 1);
    }
    this.#byUser.set(uid, this.countOf(uid) + files.length);
    this.#memory.chargeAlways(pagesFor(files.length));
    return { files, uid };
  }

  /** The rights have left `holder`'s queue; the caller holds their references until `release`. */
  detach(rights: Rights, holder: UnixSocket): void {
    for (const file of rights.files) {
      file.inFlight--;
      const holders = unixSocketOf(file)?.holders;
      const count = holders?.get(holder);
      if (holders === undefined || count === undefined) continue;
      if (count === 1) holders.delete(holder);
      else holders.set(holder, count - 1);
    }
    this.#memory.release(pagesFor(rights.files.length));
    const left = this.countOf(rights.uid) - rights.files.length;
    // A lone user's entry stays: making and removing it with every message would cost more than all the rest here.
    if (left > 0 || this.#byUser.size === 1) this.#byUser.set(rights.uid, left);
    else this.#byUser.delete(rights.uid);
  }

  /** Gives up the references of detached rights. */
  release(rights: Rights): void {
    this.#toRelease.push(...rights.files);
    if (this.#releasing) return;
    this.#releasing = true;
    try {
      for (let file = this.#toRelease.pop(); file !== undefined; file = this.#toRelease.pop()) file.release();
    } finally {
      this.#releasing = false;
    }
  }

  /** The rights are lost with their message. */
  drop(rights: Rights, holder: UnixSocket): void {
    this.detach(rights, holder);
    this.release(rights);
  }
}
