// Values of expressions: print, output, printf, echo, call, whatis, ptype, and set where it changes the program.
// engine.ts lists them. Reading never changes the run; an assignment is a change that time travel repeats.
// Formats are gdb's.
import { bare, type CType } from '../../values/c-types.ts';
import { typeOfText } from '../../values/evaluate.ts';
import { unescaped } from '../../values/tokens.ts';
import { layoutLines } from '../../values/type-layout.ts';
import { describedType, typeText, unrolled } from '../../values/type-text.ts';
import { shownText } from '../../values/value-text.ts';
import type { Value } from '../../values/values.ts';
import type { Command } from '../command.ts';
import { expressionWords } from '../completion.ts';
import type { Debugger } from '../debugger.ts';
import { asDynamic, dynamicPrefix, realTypeText } from '../dynamic-types.ts';
import { printedText } from '../printed-text.ts';
import { PromptError } from '../prompt-error.ts';

/** `/x EXPR` as format and expression. Throws PromptError for a format that print does not know. */
export function splitFormat(argument: string): { format: string | undefined; text: string; isRaw: boolean } {
  const match = /^\/(\w*)\s*(.*)$/s.exec(argument);
  if (match === null) return { format: undefined, text: argument, isRaw: false };
  const [, letters = '', text = ''] = match;
  const format = letters.replace(/r/g, '');
  if (/\d/.test(format)) throw new PromptError('Item count other than 1 is meaningless in "print" command.');
  if (/[bhwg]/.test(format)) throw new PromptError('Size letters are meaningless in "print" command.');
  if (format === 'i') throw new PromptError('Format letter "i" is meaningless in "print" command.');
  if (!/^[dxuotcafsz]?$/.test(format)) throw new PromptError(`Undefined output format "${format}".`);
  return { format: format === '' ? undefined : format, text, isRaw: letters.includes('r') };
}

/** What `/FORMAT EXPRESSION` is now. Throws PromptError. */
export function shownValue(debugging: Debugger, argument: string): string {
  const { format, text, isRaw } = splitFormat(argument);
  return shownText(debugging.evaluate(text), format, { ...debugging.textContext, isRaw });
}

/** `-pretty -elements 3 -- EXPRESSION`: settings of `print` for this once. */
function print(debugging: Debugger, argument: string, isSilentOfVoid = false): void {
  const { settings } = debugging;
  const before = settings.take();
  try {
    printOnce(debugging, settings.applyOptions('print', argument), isSilentOfVoid);
  } finally {
    settings.giveBack(before);
  }
}

function printOnce(debugging: Debugger, argument: string, isSilentOfVoid: boolean): void {
  const { format, text, isRaw } = splitFormat(argument);
  const value = asDynamic(debugging, text === '' ? debugging.scope.dollar('') : debugging.evaluate(text));
  const shown =
    dynamicPrefix(debugging, value) + shownText(value, format, { ...debugging.textContext, isRaw });
  if (isSilentOfVoid && bare(value.type).kind === 'void') return;
  debugging.print(`$${debugging.scope.remember(asItIs(value))} = ${shown}`);
}

/** What memory holds now, whatever becomes of it. */
function asItIs({ type, content, place, lost }: Value): Value {
  return { type, content, lost, place: place?.kind === 'memory' ? place : undefined };
}

/** Types alone are described as they are, those of expressions by their names. */
function typeLine(
  debugging: Debugger,
  argument: string,
  describe: (type: CType, isType: boolean) => string,
): void {
  if (argument === '') throw new PromptError('The history is empty.');
  const { type, isType } = typeOfText(argument, debugging.scope);
  const real = isType ? undefined : realTypeText(debugging, argument);
  debugging.print(`type = ${real === undefined ? '' : `${real}\n`}${describe(type, isType)}`);
}

export const PRINT_COMMANDS: readonly Command[] = [
  {
    name: 'print',
    aliases: ['p', 'inspect'],
    group: 'data',
    usage: 'print[/FORMAT] [EXPRESSION]',
    help: 'Print the value of a C expression: variables, s.x, p->next->name, a[3], *p@4, casts, arithmetic, x = 5, $registers.\nFORMAT: x d u o t (binary) c a (address) f s z, r (structures of libraries as they are). Results are kept as $1, $2…; $ is the last.\nTypes of variables come from -g; without it, symbols of 1, 2, 4 and 8 bytes are integers.',
    repeats: 'same',
    complete: expressionWords,
    run: (debugging, argument) => print(debugging, argument),
  },
  {
    name: 'call',
    group: 'data',
    usage: 'call EXPRESSION',
    help: 'As print, without a line for what is void.',
    repeats: 'no',
    complete: expressionWords,
    run(debugging, argument) {
      if (argument === '') throw new PromptError('The history is empty.');
      print(debugging, argument, true);
    },
  },
  {
    name: 'output',
    group: 'data',
    usage: 'output[/FORMAT] EXPRESSION',
    help: 'Print a value alone, without a number in the history and without a new line.',
    repeats: 'no',
    complete: expressionWords,
    run(debugging, argument) {
      if (splitFormat(argument).text === '')
        throw new PromptError('Argument required (expression to compute).');
      debugging.surroundings.print(shownValue(debugging, argument));
    },
  },
  {
    name: 'printf',
    group: 'data',
    usage: 'printf "FORMAT", EXPRESSION, ...',
    help: 'Print values as C does, as in: printf "%s has %d\\n", name, count.',
    repeats: 'no',
    complete: expressionWords,
    run(debugging, argument) {
      if (argument === '')
        throw new PromptError('Argument required (format-control string and values to print).');
      debugging.surroundings.print(printedText(debugging, argument));
    },
  },
  {
    name: 'echo',
    group: 'support',
    usage: 'echo TEXT',
    help: 'Print TEXT; \\n is a new line, other escapes are those of C.',
    repeats: 'no',
    run(debugging, argument) {
      debugging.surroundings.print(unescaped(argument.replace(/\\$/, '')));
    },
  },
  {
    name: 'whatis',
    group: 'data',
    usage: 'whatis EXPRESSION | TYPE',
    help: 'Show the type of an expression, or what a typedef stands for.',
    repeats: 'no',
    complete: expressionWords,
    run: (debugging, argument) =>
      typeLine(debugging, argument, (type, isType) => typeText(isType ? unrolled(type) : type)),
  },
  {
    name: 'ptype',
    group: 'data',
    usage: 'ptype[/o] EXPRESSION | TYPE',
    help: 'Show the type of an expression with all members of its structure, typedefs resolved.\n/o: with the offsets and sizes of members, holes and padding.',
    repeats: 'no',
    complete: expressionWords,
    run(debugging, argument) {
      const [, flags = '', text = ''] = /^(?:\/(\w+)\s*)?(.*)$/s.exec(argument) ?? [];
      const layout =
        flags.includes('o') && text !== '' ? layoutLines(typeOfText(text, debugging.scope).type) : undefined;
      if (layout !== undefined) {
        for (const line of layout) debugging.print(line);
        return;
      }
      typeLine(debugging, text, (type) =>
        type.kind === 'untyped' && type.of === 'text' ? '<unknown return type> ()' : describedType(type),
      );
    },
  },
];
