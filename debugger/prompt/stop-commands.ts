// Commands that belong to stop points (`commands N`), and which of them are to be run now.
// The Debugger says at what it stopped; engine.ts runs them.
// As in gdb, those of a new stop take the place of what is left of the ones before.
import type { PromptStop } from './debugger.ts';

const SILENT = 'silent';

export class StopCommands {
  readonly #linesOf = new Map<number, readonly string[]>();
  #due: string[] = [];

  /** These lines belong to those stop points; none when there are none. */
  give(ids: readonly number[], lines: readonly string[]): void {
    for (const id of ids) this.#linesOf.set(id, lines);
  }

  /** What is to be run at the stop point, in order. */
  linesOf(id: number): readonly string[] {
    return this.#linesOf.get(id) ?? [];
  }

  /** The machine has stopped: `always`, and its commands, are due. True when nothing is to be said of it. */
  stopped(stop: PromptStop, always: readonly string[] = []): boolean {
    const all = pointsOf(stop).map((id) => this.linesOf(id));
    const isSilent = all.length > 0 && all.every((lines) => lines[0] === SILENT);
    this.#due = [...always, ...all.flatMap((lines) => (lines[0] === SILENT ? lines.slice(1) : lines))];
    return isSilent;
  }

  takeDue(): string | undefined {
    return this.#due.shift();
  }

  /** One of them failed, or the person wants something else. */
  dropDue(): void {
    this.#due = [];
  }
}

/** Numbers of the stop points that the machine has stopped at. */
function pointsOf(stop: PromptStop): number[] {
  const points = [
    'point' in stop ? stop.point : undefined,
    ...(stop.kind === 'watch' ? [...stop.others.map(({ point }) => point), stop.reached] : []),
  ];
  return points.flatMap((point) => (point === undefined ? [] : [point.id]));
}
