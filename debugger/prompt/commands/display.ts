// `display` and `undisplay`: expressions shown at every stop.
// engine.ts lists them; displays.ts keeps what is typed.
// Formats are those of print, and those of x when the format wants memory: display/i $pc.
import { type Command, numberOf } from '../command.ts';
import { expressionWords } from '../completion.ts';
import type { Debugger } from '../debugger.ts';
import { examine } from '../examine.ts';
import { PromptError } from '../prompt-error.ts';
import { shownValue } from './print.ts';

export const DISPLAY_COMMANDS: readonly Command[] = [
  {
    name: 'display',
    group: 'data',
    usage: 'display[/FORMAT] [EXPRESSION]',
    help: 'Show an expression at every stop; without one, all that are shown now.\nFORMAT is that of print, or of x: display/i $pc.',
    repeats: 'same',
    complete: expressionWords,
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
      else for (const id of displayNumbers(debugging, argument)) displays.delete(id);
    },
  },
];

async function display(debugging: Debugger, argument: string): Promise<void> {
  const { displays } = debugging;
  if (argument === '') {
    await displays.show(debugging);
    return;
  }
  const match = /^\/(\d*)([a-z]*)\s*(.*)$/s.exec(argument);
  const [, count = '', letters = '', expression = ''] = match ?? ['', '', '', argument];
  if (expression === '') throw new PromptError('Argument required (expression to compute).');
  const isMemory = count !== '' || /[bhwgsi]/.test(letters);
  const text =
    match === null ? argument : `/${isMemory ? memoryFormat(count, letters) : letters} ${expression}`;
  const show = (id: number, at: Debugger): void => {
    if (!isMemory) {
      at.print(`${id}: ${text} = ${shownValue(at, argument)}`);
      return;
    }
    at.evaluate(expression);
    at.print(`${id}: x/${count}${letters} ${expression}`);
    examine(at, argument);
  };
  if (debugging.anyThread !== undefined) {
    // wrong expressions are told, not kept
    if (isMemory) debugging.evaluate(expression);
    else shownValue(debugging, argument);
  }
  const added = displays.add(text, (at) => show(added.id, at));
  if (debugging.anyThread !== undefined) await debugging.handCalls.during(() => added.show(debugging));
}

/** As gdb lists it: with a count, a size and the letter. */
function memoryFormat(count: string, letters: string): string {
  const format = letters.replace(/[bhwg]/g, '') || 'x';
  const size = /[bhwg]/.exec(letters)?.[0] ?? (format === 'i' || format === 's' ? 'b' : 'w');
  return `${count === '' ? 1 : count}${size}${format}`;
}

/** The numbers that are typed. */
export function displayNumbers(debugging: Debugger, argument: string): number[] {
  return argument
    .split(/[\s,]+/)
    .filter((word) => word !== '')
    .map((word) => {
      const id = numberOf(word, 'display');
      if (!debugging.displays.all.some((display) => display.id === id))
        throw new PromptError(`No display number ${word}.`);
      return id;
    });
}
