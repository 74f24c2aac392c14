// How much memory pipes may hold, by user (pipe(7), "Pipe capacity"; /proc/sys/fs/pipe-*).
// Each pipe charges its capacity here by user; above the soft limit new pipes get two buffers only.
// The pages that really hold bytes are charged to the machine's memory.
// Counts are pages.
import type { MemoryAccount } from '../mm/account.ts';
import { CAP_SYS_ADMIN, CAP_SYS_RESOURCE, type Credentials, capable } from '../task/credentials.ts';

/** PIPE_MIN_DEF_BUFFERS. */
const SMALL_PIPE = 2;

export class PipeAccounts {
  /** fs.pipe-max-size: what F_SETPIPE_SZ gives without CAP_SYS_RESOURCE, in bytes. */
  maxSize = 1_048_576;
  /** fs.pipe-user-pages-soft and -hard; 0 = no limit. */
  userPagesSoft = 16_384;
  userPagesHard = 0;
  /** The machine's memory. */
  readonly memory: MemoryAccount;
  readonly #pages = new Map<number, number>();

  constructor(memory: MemoryAccount) {
    this.memory = memory;
  }

  pagesOf(uid: number): number {
    return this.#pages.get(uid) ?? 0;
  }

  /** Charges a new pipe and returns how many buffers it gets. */
  open(uid: number, wanted: number): number {
    const isOver = this.userPagesSoft > 0 && this.pagesOf(uid) + wanted > this.userPagesSoft;
    const slots = isOver && uid !== 0 ? SMALL_PIPE : wanted;
    this.change(uid, slots);
    return slots;
  }

  change(uid: number, pages: number): void {
    const now = this.pagesOf(uid) + pages;
    if (now === 0) this.#pages.delete(uid);
    else this.#pages.set(uid, now);
  }

  /** May a pipe grow so that its user holds `pages`? */
  allows(credentials: Credentials, pages: number): boolean {
    if (capable(credentials, CAP_SYS_RESOURCE) || capable(credentials, CAP_SYS_ADMIN)) return true;
    if (this.userPagesSoft > 0 && pages > this.userPagesSoft) return false;
    return this.userPagesHard === 0 || pages <= this.userPagesHard;
  }
}
