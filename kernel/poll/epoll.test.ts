import { beforeEach, describe, expect, it } from 'vitest';
import { EPOLLET, EPOLLONESHOT } from '../abi/epoll.ts';
import { POLLHUP, POLLIN, POLLOUT } from '../abi/poll.ts';
import { ELOOP } from '../errno.ts';
import { FileDescriptor } from '../file/file-descriptor.ts';
import { OpenFile } from '../file/open-file.ts';
import type { Inode } from '../fs/inode.ts';
import type { Thread } from '../task/thread.ts';
import { WaitQueue } from '../wait.ts';
import { Epoll } from './epoll.ts';
import { EpollItem } from './epoll-item.ts';
import { demandNoLoop } from './epoll-nesting.ts';

const INODE = {} as Inode;

/** A file whose readiness the test sets. */
class Fake extends FileDescriptor {
  readonly kind = 'fake';
  override readonly inode = INODE;
  readonly #queue = new WaitQueue();
  state = 0;
  looks = 0;

  override get changed(): WaitQueue {
    return this.#queue;
  }

  override poll(): number {
    this.looks++;
    return this.state;
  }

  become(state: number): void {
    this.state = state;
    this.#queue.wake(state);
  }
}

class Lab {
  readonly epoll = new Epoll(INODE, { count: 0 });
  readonly file = new OpenFile(this.epoll, 2);

  watch(fake: FileDescriptor, events: number, data: number, file = new OpenFile(fake, 2)): EpollItem {
    const queue = fake.changed as WaitQueue;
    const item = new EpollItem({ epoll: this.epoll, file: this.file }, file, data, queue, {
      events,
      data: BigInt(data),
    });
    this.epoll.add(item);
    return item;
  }

  /** What a wait would report, as [data, events] pairs. */
  events(limit = 16): [number, number][] {
    const found: [number, number][] = [];
    let events = 0;
    const user = {
      accessible: (_: number, length: number) => length,
      writeU32: (_: number, value: number) => {
        events = value;
      },
      writeB64: (_: number, data: bigint) => found.push([Number(data), events]),
    };
    this.epoll.collect({ user } as unknown as Thread, 0, limit);
    return found;
  }
}

let lab: Lab;
let fake: Fake;
beforeEach(() => {
  lab = new Lab();
  fake = new Fake();
});

describe('epoll', () => {
  it('reports a level as long as it holds', () => {
    lab.watch(fake, POLLIN, 1);
    fake.become(POLLIN);
    expect(lab.events()).toEqual([[1, POLLIN]]);
    expect(lab.events()).toEqual([[1, POLLIN]]);
    fake.state = 0;
    expect(lab.events()).toEqual([]);
  });

  it('reports an edge for every arrival, even when bytes were there before', () => {
    lab.watch(fake, POLLIN | EPOLLET, 1);
    fake.become(POLLIN);
    expect(lab.events().length).toBe(1);
    expect(lab.events().length).toBe(0);
    fake.become(POLLIN);
    expect(lab.events().length).toBe(1);
  });

  it('is silent after one shot until it is armed again', () => {
    const item = lab.watch(fake, POLLIN | EPOLLONESHOT, 1);
    fake.become(POLLIN);
    expect(lab.events().length).toBe(1);
    fake.become(POLLIN | POLLHUP);
    expect(lab.events()).toEqual([]);
    item.change(POLLIN, 2n);
    lab.epoll.changedItem(item);
    expect(lab.events()).toEqual([[2, POLLIN | POLLHUP]]);
  });

  it('ignores wakes for events that were not asked for', () => {
    lab.watch(fake, POLLIN, 1);
    fake.looks = 0;
    fake.become(POLLOUT);
    expect(lab.events()).toEqual([]);
    expect(fake.looks).toBe(0);
  });

  it('looks at ready files only, however many it watches', () => {
    const idle = Array.from({ length: 1000 }, () => new Fake());
    for (const [index, each] of idle.entries()) lab.watch(each, POLLIN, index);
    for (const each of idle) each.looks = 0;
    idle[500]?.become(POLLIN);
    expect(lab.events()).toEqual([[500, POLLIN]]);
    expect(idle.reduce((sum, each) => sum + each.looks, 0)).toBe(1);
  });

  it('serves all in turn when few are asked for at a time', () => {
    const three = [0, 1, 2].map((index) => {
      const each = new Fake();
      lab.watch(each, POLLIN, index);
      return each;
    });
    for (const each of three) each.become(POLLIN);
    expect(lab.events(2).map(([data]) => data)).toEqual([0, 1]);
    expect(lab.events(2).map(([data]) => data)).toEqual([2, 0]);
  });

  it('forgets a file when its last reference goes', () => {
    const file = new OpenFile(fake, 2);
    lab.watch(fake, POLLIN, 1, file);
    fake.become(POLLIN);
    file.release();
    expect(lab.events()).toEqual([]);
    expect([...lab.epoll.items()]).toEqual([]);
    expect((fake.changed as WaitQueue).isEmpty).toBe(true);
  });

  it('is readable itself while something it watches is ready', () => {
    const outer = new Lab();
    outer.watch(lab.epoll, POLLIN, 9, lab.file);
    lab.watch(fake, POLLIN, 1);
    expect(outer.events()).toEqual([]);
    fake.become(POLLIN);
    expect(outer.events()).toEqual([[9, POLLIN]]);
    fake.state = 0;
    expect(outer.events()).toEqual([]);
  });

  it('refuses circles and chains of more than five', () => {
    const chain = Array.from({ length: 6 }, () => new Lab());
    for (let at = 0; at < 4; at++) {
      const inner = chain[at + 1] as Lab;
      demandNoLoop((chain[at] as Lab).epoll, (chain[at] as Lab).file, inner.epoll);
      (chain[at] as Lab).watch(inner.epoll, POLLIN, at, inner.file);
    }
    const [first, last, extra] = [chain[0], chain[4], chain[5]] as [Lab, Lab, Lab];
    expect(() => demandNoLoop(last.epoll, last.file, first.epoll)).toThrow(
      expect.objectContaining({ errno: ELOOP }),
    );
    expect(() => demandNoLoop(last.epoll, last.file, extra.epoll)).toThrow(
      expect.objectContaining({ errno: ELOOP }),
    );
  });
});
