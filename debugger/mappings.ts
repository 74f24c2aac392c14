// What a thread has mapped, for names and lines of its program: they can be asked for when its process has ended, too.
// symbols.ts and dwarf/source-map.ts look here; the prompt keeps the mappings of what is about to end.
import type { Vma } from '../kernel/mm/vma.ts';
import type { Thread } from '../kernel/task/thread.ts';

export interface Mappings extends Iterable<Vma> {
  /** The area that holds `address`. */
  find(address: number): Vma | undefined;
}

/** Of threads that have ended, whose memory is gone. */
const kept = new WeakMap<Thread, Mappings>();

/** What is mapped now stays known for this thread when it has ended. */
export function keepMappings(thread: Thread): void {
  const areas = [...thread.mm.vmas];
  kept.set(thread, {
    [Symbol.iterator]: () => areas[Symbol.iterator](),
    find: (address) => areas.find(({ start, end }) => start <= address && address < end),
  });
}

export function mappingsOf(thread: Thread): Mappings {
  return (thread.state === 'dead' ? kept.get(thread) : undefined) ?? thread.mm.vmas;
}
