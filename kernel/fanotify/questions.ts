// What a call has asked fanotify groups (FAN_OPEN_PERM and its like). The call is tried again after each answer, so the thread
// keeps what was answered until its next call.
import type { Inode } from '../fs/inode.ts';
import type { Thread } from '../task/thread.ts';

/** An event that waits for its answer. */
export interface Question {
  /** undefined: not yet. */
  isAllowed: boolean | undefined;
}

interface Asked {
  readonly inode: Inode;
  readonly mask: number;
  /** Groups that allowed it. */
  readonly allowed: Set<object>;
  /** Of the group that is being asked. */
  open: Question | undefined;
}

export class Questions {
  readonly #call: unknown;
  readonly #count: number;
  readonly #asked: Asked[] = [];

  private constructor(thread: Thread) {
    this.#call = thread.call;
    this.#count = thread.syscallCount;
  }

  /** Those of the thread's present call. */
  static of(thread: Thread): Questions {
    const known = thread.questions;
    if (known !== undefined && known.#call === thread.call && known.#count === thread.syscallCount)
      return known;
    thread.questions = new Questions(thread);
    return thread.questions;
  }

  about(inode: Inode, mask: number): Asked {
    let asked = this.#asked.find((one) => one.inode === inode && one.mask === mask);
    if (asked === undefined) {
      asked = { inode, mask, allowed: new Set(), open: undefined };
      this.#asked.push(asked);
    }
    return asked;
  }
}
