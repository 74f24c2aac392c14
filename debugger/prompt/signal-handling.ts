// What the debugger does when the program gets a signal: `handle` sets it, `info signals SIG` shows it.
// commands/signals.ts lists `handle`, the Debugger asks at each signal, stop-text.ts tells of the stops.
// Keeping a signal from the program is a change of its run, as any other. Deadly ones stop it before they act, whatever is set.
import { signalName, signalNumber } from '../../kernel/abi/kinds/signal-text.ts';
import { NSIG } from '../../kernel/abi/signal.ts';
import type { Debugger } from './debugger.ts';
import { PromptError } from './prompt-error.ts';
import { signalDescription } from './signal-descriptions.ts';

/** The classic ones, which `all` means and the whole table shows. */
const CLASSIC = 31;

export interface Handling {
  readonly stops: boolean;
  readonly prints: boolean;
  readonly passes: boolean;
}

const STANDARD: Handling = { stops: false, prints: false, passes: true };

/** By word; gdb's `stop` means `print` too, and `noprint` means `nostop`. */
const ACTIONS: Readonly<Record<string, Partial<Handling>>> = {
  stop: { stops: true, prints: true },
  nostop: { stops: false },
  print: { prints: true },
  noprint: { prints: false, stops: false },
  pass: { passes: true },
  noignore: { passes: true },
  nopass: { passes: false },
  ignore: { passes: false },
};

export class SignalHandling {
  /** What was said of signals; the rest is as usual. */
  readonly #handlings = new Map<number, Partial<Handling>>();
  /** The internal stop points that see the signals which are not handled as usual. */
  readonly #points = new Map<number, number>();

  of(signo: number): Handling {
    return { ...STANDARD, ...this.#handlings.get(signo) };
  }

  /** Was it said that there is to be no stop, and that the program is not to have it? */
  isKeptAway(signo: number): boolean {
    const { stops, passes } = this.#handlings.get(signo) ?? {};
    return stops === false && passes === false;
  }

  stopsAt(signo: number): boolean {
    return this.of(signo).stops;
  }

  /** `SIGUSR1 SIGUSR2 stop print`. Throws PromptError. */
  handle(debugging: Debugger, argument: string): void {
    const words = argument.split(/[\s,]+/).filter((word) => word !== '');
    if (words.length === 0) throw new PromptError('Argument required (signal to handle).');
    const signals = words.filter((word) => ACTIONS[word] === undefined).flatMap(signalsOf);
    for (const word of words) for (const signo of signals) this.#apply(debugging, signo, ACTIONS[word] ?? {});
    for (const line of this.table(signals)) debugging.print(line);
  }

  #apply(debugging: Debugger, signo: number, action: Partial<Handling>): void {
    const { points } = debugging.session;
    this.#handlings.set(signo, { ...this.#handlings.get(signo), ...action });
    const { stops, prints, passes } = this.of(signo);
    const isUsual = !stops && !prints && passes;
    const id = this.#points.get(signo);
    if (isUsual && id !== undefined) {
      points.delete(id);
      this.#points.delete(signo);
    } else if (!isUsual && id === undefined) {
      const signals = new Set([signo]);
      this.#points.set(signo, points.add({ kind: 'catch-signal', signals, isTemporary: false }, true).id);
    }
  }

  /** gdb's table; of the classic signals when none is named. */
  table(signals: readonly number[]): string[] {
    const shown = signals.length > 0 ? signals : signalsOf('all');
    const rows = shown.map((signo) => {
      const name = signalName(signo);
      const { stops, prints, passes } = this.of(signo);
      const [stop, print, pass] = [stops, prints, passes].map((is) => (is ? 'Yes' : 'No'));
      return `${name.padEnd(13)} ${stop}\t${print}\t${pass}\t\t${signalDescription(name)}`;
    });
    return ['Signal        Stop\tPrint\tPass to program\tDescription', ...rows];
  }
}

/** A name, a number, a range of numbers, or `all`. */
export function signalsOf(word: string): number[] {
  if (word === 'all') return Array.from({ length: CLASSIC }, (_, index) => index + 1);
  const range = /^(\d+)-(\d+)$/.exec(word);
  const [from, to] = range === null ? [signalIn(word), signalIn(word)] : [Number(range[1]), Number(range[2])];
  if (from === undefined || to === undefined || from < 1 || to > NSIG || from > to)
    throw new PromptError(`Unrecognized or ambiguous flag word: "${word}".`);
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

function signalIn(word: string): number | undefined {
  return /^\d+$/.test(word) ? Number(word) : signalNumber(word);
}

export function signalNames(): string[] {
  return Array.from({ length: NSIG }, (_, index) => signalName(index + 1));
}
