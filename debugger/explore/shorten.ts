// Shortens a schedule: leaves out delays as long as the same end comes (delta debugging, Zeller 2002), then tries fewer
// delays at other moments, which no leaving out can reach.
// explore.ts calls it for each end that was found; each try is a run of the program.
// What comes back always shows the end: it was run.
import { Dice } from './dice.ts';
import { type Delay, momentText, type Schedule } from './schedule.ts';

/** Runs a schedule; says which of its delays were used when the end is the wanted one, else undefined. */
export type Try = (schedule: Schedule) => Schedule | undefined;

/** Tries of one length at other moments. */
const MOVES = 100;

/** The shortest schedule found with at most `tries` runs. `start` must show the end. */
export function shorten(start: Schedule, attempt: Try, tries: number): { schedule: Schedule; runs: number } {
  let best = start;
  let runs = 0;
  const accept = (candidate: Schedule): boolean => {
    if (runs >= tries) return false;
    runs++;
    const used = attempt(candidate);
    if (used === undefined) return false;
    best = weight(used) < weight(candidate) ? used : candidate;
    return true;
  };
  accept([]);
  let pieces = 2;
  while (best.length > 0 && runs < tries) {
    const size = Math.ceil(best.length / pieces);
    let isShorter = false;
    for (let at = 0; at < best.length && runs < tries; ) {
      if (accept([...best.slice(0, at), ...best.slice(at + size)])) isShorter = true;
      else at += size;
    }
    if (isShorter && size > 1) pieces = Math.max(2, pieces - 1);
    else if (size > 1) pieces = Math.min(best.length, pieces * 2);
    else if (!isShorter) break;
  }
  fewerElsewhere();
  for (let at = 0; at < best.length; at++) fewerTimes(at);
  return { schedule: best, runs };

  /**
   * Two delays may only bring threads to where one elsewhere would have met them: one less, some of the others moved, by
   * chance.
   */
  function fewerElsewhere(): void {
    const dice = new Dice(best.length);
    for (let left = MOVES; left > 0 && best.length > 1 && runs < tries; left--) {
      const out = dice.below(best.length);
      const fewer = best.filter((_, at) => at !== out).map((delay) => moved(delay, best, dice));
      if (accept(fewer)) left = MOVES;
    }
  }

  /** The least repetition of one delay, halving. */
  function fewerTimes(at: number): void {
    let { times } = best[at] as Delay;
    while (times > 1) {
      const fewer = Math.floor(times / 2);
      if (accept(with_(best, at, fewer))) times = (best[at] as Delay | undefined)?.times ?? 1;
      else if (times > 2 && accept(with_(best, at, times - 1))) times--;
      else return;
    }
  }
}

/** Half of them: another number of ticks after the call, or another call or thread. */
function moved(delay: Delay, all: Schedule, dice: Dice): Delay {
  const { moment } = delay;
  if (dice.below(2) !== 0) return delay;
  if (moment.kind === 'code')
    return { ...delay, moment: { ...moment, ticks: 1 + dice.below(2 * moment.ticks) } };
  if (moment.kind !== 'entry') return delay;
  const { tid } = (all[dice.below(all.length)] as Delay).moment;
  const call = dice.below(2) === 0 ? moment.call : 1 + dice.below(2 * moment.call);
  return { ...delay, moment: { ...moment, tid, call } };
}

function with_(schedule: Schedule, at: number, times: number): Schedule {
  return schedule.map((delay, index) => (index === at ? { ...delay, times } : delay));
}

/** How long a schedule is: its delays, then how often, then its text. */
export function weight(schedule: Schedule): number {
  return schedule.reduce(
    (sum, { times, moment }) => sum + 1000 + Math.min(times, 500) + momentText(moment).length / 100,
    0,
  );
}
