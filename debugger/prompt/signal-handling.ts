// What the debugger does when the program gets a signal: `handle` sets it, `info signals SIG` shows it.
// commands/catch.ts lists `handle`, stop-text.ts tells of the stops.
// The program always gets its signals: taking one away would make it another run. Deadly ones stop it before they act, whatever is set.
import { signalName, signalNumber } from '../../kernel/abi/kinds/signal-text.ts';
import { NSIG } from '../../kernel/abi/signal.ts';
import type { Debugger } from './debugger.ts';
import { PromptError } from './prompt-error.ts';
import { signalDescription } from './signal-descriptions.ts';

/** The classic ones, which `all` means and the whole table shows. */
const CLASSIC = 31;

export class SignalHandling {
  /** By signal: the stop point that makes it stop. */
  readonly #stops = new Map<number, number>();
  readonly #silent = new Set<number>();

  stopsAt(signo: number): boolean {
    return this.#stops.has(signo);
  }

  /** `SIGUSR1 SIGUSR2 stop print`. Throws PromptError. */
  handle(debugging: Debugger, argument: string): void {
    const words = argument.split(/[\s,]+/).filter((word) => word !== '');
    if (words.length === 0) throw new PromptError('Argument required (signal to handle).');
    const signals = words.filter((word) => !ACTIONS.has(word)).flatMap(signalsOf);
    for (const word of words.filter((each) => ACTIONS.has(each)))
      for (const signo of signals) this.#apply(debugging, signo, word);
    for (const line of this.table(signals)) debugging.print(line);
  }

  #apply(debugging: Debugger, signo: number, action: string): void {
    const { points } = debugging.session;
    const stop = this.#stops.get(signo);
    switch (action) {
      case 'stop':
      case 'print':
        if (action === 'stop' && stop === undefined) {
          const signals = new Set([signo]);
          const { id } = points.add({ kind: 'catch-signal', signals, isTemporary: false }, true);
          this.#stops.set(signo, id);
        }
        this.#silent.delete(signo);
        break;
      case 'nostop':
      case 'noprint':
        if (stop !== undefined) points.delete(stop);
        this.#stops.delete(signo);
        if (action === 'noprint') this.#silent.add(signo);
        break;
      case 'nopass':
      case 'ignore':
        throw new PromptError('The program gets all its signals: without one it would be another run.');
    }
  }

  /** gdb's table; of the classic signals when none is named. */
  table(signals: readonly number[]): string[] {
    const shown = signals.length > 0 ? signals : signalsOf('all');
    const rows = shown.map((signo) => {
      const name = signalName(signo);
      const stop = this.stopsAt(signo) ? 'Yes' : 'No';
      const print = this.stopsAt(signo) && !this.#silent.has(signo) ? 'Yes' : 'No';
      return `${name.padEnd(13)} ${stop}\t${print}\tYes\t\t${signalDescription(name)}`;
    });
    return ['Signal        Stop\tPrint\tPass to program\tDescription', ...rows];
  }
}

const ACTIONS: ReadonlySet<string> = new Set([
  'stop',
  'nostop',
  'print',
  'noprint',
  'pass',
  'nopass',
  'ignore',
  'noignore',
]);

export function signalsOf(word: string): number[] {
  if (word === 'all') return Array.from({ length: CLASSIC }, (_, index) => index + 1);
  const signo = /^\d+$/.test(word) ? Number(word) : signalNumber(word);
  if (signo === undefined || signo < 1 || signo > NSIG) throw new PromptError(`'${word}' is no signal.`);
  return [signo];
}
