// Descriptors in flight: which file lies in which socket's queue, how many each user has, and their release.
// Senders attach rights to a message, receivers detach them, purged queues drop them.
// Files are released one after another, never inside each other, so that long chains do not nest.
import { ETOOMANYREFS, fail } from '../../errno.ts';
import type { OpenFile } from '../../file/open-file.ts';
import { CAP_SYS_ADMIN, CAP_SYS_RESOURCE, capable } from '../../task/credentials.ts';
import { RLIMIT_NOFILE } from '../../task/rlimits.ts';
import type { Thread } from '../../task/thread.ts';
import type { Collector } from './collector.ts';
import type { Rights } from './rights.ts';
import { unixSocketOf } from './unix-file.ts';
import type { UnixSocket } from './unix-socket.ts';

export class InFlight {
  readonly #collector: Collector;
  readonly #byUser = new Map<number, number>();
  readonly #toRelease: OpenFile[] = [];
  #releasing = false;

  constructor(collector: Collector) {
    this.#collector = collector;
  }

  /** How many descriptors of the user are in flight. */
  countOf(uid: number): number {
    return this.#byUser.get(uid) ?? 0;
  }

  /** ETOOMANYREFS: the user has more in flight than RLIMIT_NOFILE, and neither capability (too_many_unix_fds). */
  check(thread: Thread): void {
    const { credentials, process } = thread;
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
    const left = this.countOf(rights.uid) - rights.files.length;
    if (left > 0) this.#byUser.set(rights.uid, left);
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
