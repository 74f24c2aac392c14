// Values of expressions: print, output, printf, echo, call, whatis, ptype, and set where it changes the program.
// engine.ts lists them. Reading never changes the run; an assignment is a change that time travel repeats.
// Formats are gdb's.
import { bare, type CType } from '../../values/c-types.ts';
import { evaluateList, typeOfText } from '../../values/evaluate.ts';
import { printfText, splitFormatString } from '../../values/printf-text.ts';
import { unescaped } from '../../values/tokens.ts';
import { describedType, typeText, unrolled } from '../../values/type-text.ts';
import { shownText } from '../../values/value-text.ts';
import type { Value } from '../../values/values.ts';
import type { Command } from '../command.ts';
import { expressionWords } from '../completion.ts';
import type { Debugger } from '../debugger.ts';
import { PromptError } from '../prompt-error.ts';

const LONGEST_TEXT = 65_536;
const TEXT_AT_ONCE = 256;

/** `/x EXPR` as format and expression. Throws PromptError for a format that print does not know. */
export function splitFormat(argument: string): { format: string | undefined; text: string } {
  const match = /^\/(\w*)\s*(.*)$/s.exec(argument);
  if (match === null) return { format: undefined, text: argument };
  const [, letters = '', text = ''] = match;
  const format = letters.replace(/r/g, '');
  if (/\d/.test(format)) throw new PromptError('Item count other than 1 is meaningless in "print" command.');
  if (/[bhwg]/.test(format)) throw new PromptError('Size letters are meaningless in "print" command.');
  if (format === 'i') throw new PromptError('Format letter "i" is meaningless in "print" command.');
  if (!/^[dxuotcafsz]?$/.test(format)) throw new PromptError(`Undefined output format "${format}".`);
  return { format: format === '' ? undefined : format, text };
}

/** What `/FORMAT EXPRESSION` is now. Throws PromptError. */
export function shownValue(debugging: Debugger, argument: string): string {
  const { format, text } = splitFormat(argument);
  return shownText(debugging.evaluate(text), format, debugging.textContext);
}

/** The bytes up to a NUL. */
function readText(debugging: Debugger, address: number): string {
  const bytes: number[] = [];
  const { session, thread } = debugging;
  for (let length = TEXT_AT_ONCE; bytes.length < LONGEST_TEXT; ) {
    const more = session.read(thread, address + bytes.length, length);
    if (more === undefined) {
      if (length === 1) break;
      length = 1; // the end of what is mapped is near
      continue;
    }
    const end = more.indexOf(0);
    bytes.push(...(end < 0 ? more : more.subarray(0, end)));
    if (end >= 0) return new TextDecoder().decode(Uint8Array.from(bytes));
  }
  throw new PromptError(`Cannot access memory at address 0x${(address + bytes.length).toString(16)}`);
}

function print(debugging: Debugger, argument: string, isSilentOfVoid = false): void {
  const { format, text } = splitFormat(argument);
  const value = text === '' ? debugging.scope.dollar('') : debugging.evaluate(text);
  const shown = shownText(value, format, debugging.textContext);
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
  debugging.print(`type = ${describe(type, isType)}`);
}

export const PRINT_COMMANDS: readonly Command[] = [
  {
    name: 'print',
    aliases: ['p', 'inspect'],
    group: 'data',
    usage: 'print[/FORMAT] [EXPRESSION]',
    help: 'Print the value of a C expression: variables, s.x, p->next->name, a[3], *p@4, casts, arithmetic, x = 5, $registers.\nFORMAT: x d u o t (binary) c a (address) f s z. Results are kept as $1, $2…; $ is the last.\nTypes of variables come from -g; without it, symbols of 1, 2, 4 and 8 bytes are integers.',
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
      const { format, values } = splitFormatString(argument);
      const all = values === '' ? [] : evaluateList(values, debugging.scope);
      debugging.surroundings.print(printfText(format, all, (address) => readText(debugging, address)));
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
    usage: 'ptype EXPRESSION | TYPE',
    help: 'Show the type of an expression with all members of its structure, typedefs resolved.',
    repeats: 'no',
    complete: expressionWords,
    run(debugging, argument) {
      typeLine(debugging, argument.replace(/^\/\w+\s*/, ''), (type) =>
        type.kind === 'untyped' && type.of === 'text' ? '<unknown return type> ()' : describedType(type),
      );
    },
  },
];
