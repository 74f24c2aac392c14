// `display` and `undisplay`: expressions shown at every stop.
// engine.ts lists them; displays.ts keeps what is typed.
// Formats are those of print, and those of x when the format wants memory: display/i $pc.
import { type Command, numberOf } from '../command.ts';
import type { Debugger } from '../debugger.ts';
import { examine } from '../examine.ts';
import { PromptError } from '../prompt-error.ts';
import { shownValue } from './data.ts';
import { symbolNames } from './stops.ts';

export const DISPLAY_COMMANDS: readonly Command[] = [
  {
    name: 'display',
    group: 'data',
    usage: 'display[/FORMAT] [EXPRESSION]',
    help: 'Show an expression at every stop; without one, all that are shown now.\nFORMAT is that of print, or of x: display/i $pc.',
    repeats: 'same',
    complete: symbolNames,
    run: display,
  },
  {
    name: 'undisplay',
    group: 'data',
    usage: 'undisplay [N...]',
    help: 'Stop showing expressions, by number, or all.',
    repeats: 'no',
    run(debugging, argument) {
      const { displays } = debugging;
      if (argument === '') displays.clear();
      for (const word of argument.split(/[\s,]+/).filter((each) => each !== '')) {
        if (!displays.delete(numberOf(word, 'display')))
          throw new PromptError(`${word} is no number of a display`);
      }
    },
  },
];

function display(debugging: Debugger, argument: string): void {
  const { displays } = debugging;
  if (argument === '') {
    displays.show(debugging);
    return;
  }
  const match = /^\/(\d*[a-z]*)\s*(.*)$/s.exec(argument);
  const [, format = '', expression = ''] = match ?? ['', '', argument];
  if (expression === '') throw new PromptError('Argument required (expression to compute).');
  const isMemory = /[\dbhwgsi]/.test(format);
  const show = (id: number, at: Debugger): void => {
    if (!isMemory) {
      at.print(`${id}: ${argument} = ${shownValue(at, argument)}`);
      return;
    }
    at.evaluate(expression);
    at.print(`${id}: x${argument}`);
    examine(at, argument);
  };
  if (debugging.anyThread !== undefined) {
    // wrong expressions are told, not kept
    if (isMemory) debugging.evaluate(expression);
    else shownValue(debugging, argument);
  }
  const added = displays.add(argument, (at) => show(added.id, at));
  if (debugging.anyThread !== undefined) added.show(debugging);
}
