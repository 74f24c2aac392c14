// Signals of the program: what the debugger does at them (`handle`), and which ones the program gets (`signal`, `queue-signal`).
// engine.ts lists the commands. What keeps a signal away or sends one is a change of the run.
// Names, words and sentences are gdb's.
import { signalName } from '../../../kernel/abi/kinds/signal-text.ts';
import type { Command } from '../command.ts';
import type { Debugger } from '../debugger.ts';
import { PromptError } from '../prompt-error.ts';
import { signalNames, signalsOf } from '../signal-handling.ts';

export const SIGNAL_COMMANDS: readonly Command[] = [
  {
    name: 'handle',
    group: 'stops',
    usage: 'handle SIG... [stop | nostop | print | noprint | pass | nopass]',
    help: 'What to do at a signal: stop there, say so, and let the program have it; `all` means every one.\nA signal that ends the program stops it before it acts, unless it is kept away (nostop nopass). info signals SIG shows what is set.',
    repeats: 'no',
    complete: () => [...signalNames(), 'all', 'stop', 'nostop', 'print', 'noprint', 'pass', 'nopass'],
    run: (debugging, argument) => debugging.signals.handle(debugging, argument),
  },
  {
    name: 'signal',
    group: 'running',
    usage: 'signal SIG | 0',
    help: 'Go on with a signal for the thread, instead of the one that stopped it; signal 0: with none.',
    repeats: 'no',
    complete: signalNames,
    async run(debugging, argument) {
      const signo = signalOrNone(argument);
      debugging.print(`Continuing with ${signo === 0 ? 'no signal' : `signal ${signalName(signo)}`}.`);
      replaceSignal(debugging, signo);
      await debugging.proceedAndTell({ kind: 'continue' });
    },
  },
  {
    name: 'queue-signal',
    group: 'running',
    usage: 'queue-signal SIG | 0',
    help: 'As signal, without going on.',
    repeats: 'no',
    complete: signalNames,
    run: (debugging, argument) => replaceSignal(debugging, signalOrNone(argument)),
  },
];

function signalOrNone(argument: string): number {
  if (argument === '') throw new PromptError('Argument required (signal number).');
  if (/^0+$/.test(argument)) return 0;
  const [signo = 0] = signalsOf(argument);
  return signo;
}

function replaceSignal(debugging: Debugger, signo: number): void {
  debugging.keepSignalAway();
  if (signo !== 0) debugging.sendSignal(signo);
}
