// The items of an epoll that became ready, in that order. Linked through the items themselves: an item is on the list of
// its own epoll and on no other, and a Set would make its table anew every few changes.
import type { EpollItem } from './epoll-item.ts';

export class ReadyList {
  #first: EpollItem | undefined;
  #last: EpollItem | undefined;
  #size = 0;

  get first(): EpollItem | undefined {
    return this.#first;
  }

  get size(): number {
    return this.#size;
  }

  /** Puts `item` at the end, unless it is on the list. */
  add(item: EpollItem): void {
    if (item.isListed) return;
    item.isListed = true;
    item.before = this.#last;
    if (this.#last === undefined) this.#first = item;
    else this.#last.after = item;
    this.#last = item;
    this.#size++;
  }

  /** Takes `item` off, if it is on the list. */
  remove(item: EpollItem): void {
    if (!item.isListed) return;
    const { before, after } = item;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    item.isListed = false;
    item.before = item.after = undefined;
    this.#size--;
  }
}
