// Looking at data and code: print, set, x, disassemble, bt, frame, list.
// engine.ts lists them. Reading never changes the run; `set` is a change that time travel repeats.
// Formats are gdb's.
import type { SourceLine } from '../../dwarf/source-line.ts';
import type { Command } from '../command.ts';
import type { Debugger } from '../debugger.ts';
import { disassembleCommand, examine } from '../examine.ts';
import { evaluate } from '../expression.ts';
import { aggregateText } from '../locals.ts';
import { resolveLocation } from '../locations.ts';
import { PromptError } from '../prompt-error.ts';
import { splitAssignment } from '../tokens.ts';
import { scalarText, stringText, type Value, VOID } from '../values.ts';
import { symbolNames } from './stops.ts';

const LINES_LISTED = 10;
const LONGEST_STRING = 200;

/** A value as `p` shows it: a char pointer with its string. */
function valueText(debugging: Debugger, value: Value, format?: string): string {
  if (value.type.kind === 'void') return 'void';
  const symbolOf = (address: number): string | undefined => debugging.symbolText(address);
  const text = scalarText(value, format, symbolOf);
  const isText =
    value.type.kind === 'pointer' && value.type.to.kind === 'integer' && value.type.to.size === 1;
  if (!isText || format !== undefined || value.content === 0n) return text;
  const string = readString(debugging, Number(value.content));
  return string === undefined ? text : `${text} ${string}`;
}

/** What `/FORMAT EXPRESSION` is now. Throws PromptError. */
export function shownValue(debugging: Debugger, argument: string): string {
  const { format, text } = splitFormat(argument);
  const known = format === undefined ? aggregateText(debugging, text) : undefined;
  if (known !== undefined) return known;
  return valueText(debugging, debugging.evaluate(text), format);
}

/** The NUL-terminated string at `address` in quotes; undefined where nothing can be read. */
function readString(debugging: Debugger, address: number): string | undefined {
  const bytes: number[] = [];
  const { session, thread } = debugging;
  while (bytes.length < LONGEST_STRING) {
    const byte = session.read(thread, address + bytes.length, 1)?.[0];
    if (byte === undefined) return bytes.length === 0 ? undefined : stringText(Uint8Array.from(bytes), true);
    if (byte === 0) return stringText(Uint8Array.from(bytes), false);
    bytes.push(byte);
  }
  return stringText(Uint8Array.from(bytes), true);
}

/** `/x EXPR` as format and expression. */
function splitFormat(argument: string): { format: string | undefined; text: string } {
  const match = /^\/([a-z]*)\s*(.*)$/s.exec(argument);
  if (match === null) return { format: undefined, text: argument };
  const [, format = '', text = ''] = match;
  if (!/^[dxuotcafsz]?$/.test(format)) throw new PromptError(`Undefined output format "${format}".`);
  return { format: format === '' ? undefined : format, text };
}

/** Evaluates what may be an assignment, and does it. */
function evaluateOrAssign(debugging: Debugger, text: string): Value {
  const parts = splitAssignment(text);
  if (parts === undefined) return debugging.evaluate(text);
  const target = evaluate(parts.target, debugging.scope);
  const right = evaluate(
    parts.operator === '' ? parts.value : `(${parts.target}) ${parts.operator} (${parts.value})`,
    debugging.scope,
  );
  debugging.scope.assign(target, right);
  return evaluate(parts.target, debugging.scope);
}

export const DATA_COMMANDS: readonly Command[] = [
  {
    name: 'print',
    aliases: ['p', 'inspect', 'call'],
    group: 'data',
    usage: 'print[/FORMAT] EXPRESSION',
    help: 'Print the value of a C expression over registers ($a0, $pc), symbols, casts and memory: *(int *)&counter.\nFORMAT: x d u o t (binary) c a (address) f s z. Types of variables come from -g; without it, symbols of 1, 2, 4 and 8 bytes are integers.',
    repeats: 'same',
    complete: symbolNames,
    run(debugging, argument) {
      const { format, text } = splitFormat(argument);
      if (text === '') throw new PromptError('Argument required (expression to compute).');
      const known = format === undefined ? aggregateText(debugging, text) : undefined;
      if (known !== undefined) {
        debugging.print(`$${debugging.scope.remember({ type: VOID, content: 0n })} = ${known}`);
        return;
      }
      const value = evaluateOrAssign(debugging, text);
      const shown = valueText(debugging, value, format === 's' ? undefined : format);
      const { place: _place, ...kept } = value;
      debugging.print(value.type.kind === 'void' ? shown : `$${debugging.scope.remember(kept)} = ${shown}`);
    },
  },
  {
    name: 'set',
    aliases: ['set variable', 'set var'],
    group: 'data',
    usage:
      'set $REGISTER = EXPRESSION | {TYPE} ADDRESS = EXPRESSION | $NAME = EXPRESSION | breakpoint pending on|off|auto',
    help: 'Change a register, memory, or a variable of the debugger.\nTime travel repeats the change whenever the run passes here.\nbreakpoint pending: whether a breakpoint at what is not loaded yet waits for it; auto asks.',
    repeats: 'no',
    run(debugging, argument) {
      const text = argument.replace(/^var(iable)?\s+/, '');
      const pending = /^breakpoint\s+pending(?:\s+(on|off|auto))?$/.exec(text);
      if (pending !== null) {
        debugging.pendingBreakpoints = (pending[1] ?? 'on') as 'on' | 'off' | 'auto';
        return;
      }
      if (splitAssignment(text) === undefined) {
        if (/^(pagination|confirm|width|height|logging|style|disassemble-next-line)\b/.test(text)) return; // gdb's own settings
        throw new PromptError('set PLACE = EXPRESSION, as in: set $a0 = 0');
      }
      evaluateOrAssign(debugging, text);
    },
  },
  {
    name: 'x',
    group: 'data',
    usage: 'x/NFU ADDRESS',
    help: 'Show memory: N units of size U (b 1, h 2, w 4, g 8 bytes) in format F (x d u o t a c f), F = s strings, i instructions.\nAs in x/8xg $sp, x/s $a1, x/5i $pc.',
    repeats: 'bare',
    complete: symbolNames,
    run: examine,
  },
  {
    name: 'disassemble',
    aliases: ['disas'],
    group: 'data',
    usage: 'disassemble [LOCATION | START,END | START,+LENGTH]',
    help: 'Show the instructions of the function at pc, of another, or of a range.',
    repeats: 'no',
    complete: symbolNames,
    run: disassembleCommand,
  },
  {
    name: 'backtrace',
    aliases: ['bt', 'where'],
    group: 'data',
    usage: 'backtrace [N]',
    help: 'Show the call stack of the thread, innermost first; at most N frames.\nBy unwind tables where the program has them, else by frame pointers.',
    repeats: 'same',
    run(debugging, argument) {
      const most = argument === '' ? Number.POSITIVE_INFINITY : Number(debugging.evaluate(argument).content);
      const { all } = debugging.frames;
      for (let level = 0; level < Math.min(all.length, most); level++)
        debugging.print(debugging.frames.text(level));
      if (all.length > most) debugging.print('(More stack frames follow...)');
    },
  },
  {
    name: 'frame',
    aliases: ['f'],
    group: 'data',
    usage: 'frame [N]',
    help: 'Look at frame N of the stack, or show which one is looked at.',
    repeats: 'no',
    run(debugging, argument) {
      const { frames } = debugging;
      if (argument !== '') {
        const level = Number(debugging.evaluate(argument).content);
        if (!(level >= 0 && level < frames.all.length))
          throw new PromptError(`No frame at level ${argument}.`);
        frames.select(level);
      }
      tellFrame(debugging);
    },
  },
  {
    name: 'up',
    group: 'data',
    usage: 'up [N]',
    help: 'Look at the frame of the caller.',
    repeats: 'same',
    run: (debugging, argument) => moveFrame(debugging, argument, 1),
  },
  {
    name: 'down',
    aliases: ['dow'],
    group: 'data',
    usage: 'down [N]',
    help: 'Look at the frame that was called.',
    repeats: 'same',
    run: (debugging, argument) => moveFrame(debugging, argument, -1),
  },
  {
    name: 'list',
    aliases: ['l'],
    group: 'data',
    usage: 'list [LOCATION]',
    help: 'Show lines of source around the present one, or around LOCATION; again: the lines that follow; list -: those before.',
    repeats: 'bare',
    complete: symbolNames,
    run: list,
  },
];

function moveFrame(debugging: Debugger, argument: string, direction: 1 | -1): void {
  const { frames } = debugging;
  const count = argument === '' ? 1 : Number(debugging.evaluate(argument).content);
  const wanted = frames.level + direction * count;
  const isAtEdge = frames.level === (direction === 1 ? frames.all.length - 1 : 0);
  frames.select(isAtEdge ? wanted : Math.min(Math.max(wanted, 0), frames.all.length - 1));
  tellFrame(debugging);
}

function tellFrame(debugging: Debugger): void {
  const { frames } = debugging;
  debugging.print(frames.text(frames.level));
  const line = frames.line(frames.selected.address);
  const text = line === undefined ? undefined : frames.sourceText(line);
  if (line !== undefined && text !== undefined) debugging.print(`${line.line}\t${text}`);
}

function list(debugging: Debugger, argument: string): void {
  const { frames } = debugging;
  const shown = frames.listed;
  let file: string;
  let first: number;
  if (argument === '-' && shown !== undefined) {
    file = shown.file;
    first = shown.first - LINES_LISTED;
    if (shown.first <= 1) throw new PromptError(`Already at the start of ${file}.`);
    first = Math.max(1, first);
  } else if (argument === '' && shown !== undefined) {
    file = shown.file;
    first = shown.next;
  } else {
    const typed = /^(?:(.+):)?(\d+)$/.exec(argument);
    const line =
      typed !== null
        ? typedLine(debugging, typed[1], Number(typed[2]))
        : argument === ''
          ? presentLine(debugging)
          : frames.line(resolveLocation(debugging, argument).address);
    if (line === undefined)
      throw new PromptError('No line information here; `disassemble` shows the instructions.');
    file = line.file;
    first = Math.max(1, line.line - LINES_LISTED / 2);
  }
  const lines = frames.source(file);
  if (lines === undefined) throw new PromptError(`${file}: No such file or directory.`);
  if (first > lines.length)
    throw new PromptError(`Line number ${first} out of range; "${file}" has ${lines.length} lines.`);
  for (let number = first; number < first + LINES_LISTED && number <= lines.length; number++) {
    debugging.print(`${number}\t${lines[number - 1]}`);
  }
  frames.listed = { file, first, next: first + LINES_LISTED };
}

/** A line by its number, whether there is code for it or not. */
function typedLine(
  debugging: Debugger,
  file: string | undefined,
  line: number,
): { file: string; line: number } {
  const { frames } = debugging;
  const name = file ?? frames.listed?.file ?? frames.currentFile();
  if (name === undefined)
    throw new PromptError('No symbol table is loaded: there is no line information here.');
  const path = frames.pathOf(name);
  if (path === undefined) throw new PromptError(`No source file named ${name}.`);
  return { file: path, line };
}

/** Where the selected frame is, or main where the program has not come to its own code. */
function presentLine(debugging: Debugger): SourceLine | undefined {
  const { frames, session, thread } = debugging;
  const here = frames.line(frames.selected.address);
  if (here !== undefined) return here;
  const main = session.symbols.find(thread, 'main');
  return main && frames.line(main.address);
}
