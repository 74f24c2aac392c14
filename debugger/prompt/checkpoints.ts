// Moments of the run that the person keeps: `checkpoint`, `restart N`, `info checkpoints`.
// The Debugger owns them; going back keeps them, as a position means the same in every run.
import type { Position } from '../../kernel/stepper.ts';

export interface Checkpoint {
  readonly id: number;
  readonly position: Position;
  /** Where the program stood, in words. */
  readonly place: string;
}

export class Checkpoints {
  readonly #all = new Map<number, Checkpoint>();
  #last = 0;

  get all(): readonly Checkpoint[] {
    return [...this.#all.values()];
  }

  add(position: Position, place: string): number {
    const id = ++this.#last;
    this.#all.set(id, { id, position, place });
    return id;
  }

  get(id: number): Checkpoint | undefined {
    return this.#all.get(id);
  }

  /** False when there is none. */
  delete(id: number): boolean {
    return this.#all.delete(id);
  }
}
