// `skip`: functions and files that `step` passes over, and `info skip`, their list.
// engine.ts lists the command, info.ts the subject.
// Options, words and the table are gdb's.
import type { Command } from '../command.ts';
import { locationWords } from '../completion.ts';
import type { Debugger } from '../debugger.ts';
import { functionName } from '../frame-text.ts';
import { PromptError } from '../prompt-error.ts';
import type { NewSkip, SkipRule } from '../skips.ts';

export const SKIP_COMMANDS: readonly Command[] = [
  {
    name: 'skip',
    group: 'running',
    usage:
      'skip [function [NAME] | file [FILE] | -fi FILE | -gfi GLOB | -fu NAME | -rfu REGEXP] | skip delete|enable|disable [N…]',
    help: 'Do not step into a function, or the functions of a file; info skip lists them.\nWithout a name, the function or file that is looked at.',
    repeats: 'no',
    complete: locationWords,
    run: skip,
  },
];

const NONE = '<none>';

function skip(debugging: Debugger, argument: string): void {
  const [, word = '', rest = ''] = /^(\S*)\s*(.*)$/s.exec(argument) ?? [];
  const plain = { file: undefined, isGlob: false, function: undefined, isRegExp: false };
  switch (word) {
    case 'delete':
      for (const { id } of chosen(debugging, rest)) debugging.skips.delete(id);
      return;
    case 'enable':
    case 'disable':
      for (const rule of chosen(debugging, rest)) rule.isDisabled = word === 'disable';
      return;
    case 'file':
      add(debugging, { ...plain, file: rest === '' ? presentFile(debugging) : rest });
      return;
    case 'function':
      add(debugging, { ...plain, function: rest === '' ? presentFunction(debugging) : rest });
      return;
    case '':
      add(debugging, { ...plain, function: presentFunction(debugging) });
      return;
    default:
      add(debugging, word.startsWith('-') ? optionsIn(argument) : { ...plain, function: argument });
  }
}

function add(debugging: Debugger, rule: NewSkip): void {
  debugging.skips.add(rule);
  const files = rule.file === undefined ? '' : `${rule.isGlob ? 'file(s)' : 'file'} ${rule.file}`;
  const functions =
    rule.function === undefined ? '' : `${rule.isRegExp ? 'function(s)' : 'function'} ${rule.function}`;
  const what = functions === '' || files === '' ? functions + files : `${functions} in ${files}`;
  debugging.print(`${what.charAt(0).toUpperCase()}${what.slice(1)} will be skipped when stepping.`);
}

/** `-gfi *.c -fu add`. */
function optionsIn(argument: string): NewSkip {
  const words = argument.split(/\s+/).filter((word) => word !== '');
  const found: { file?: string; glob?: string; function?: string; regExp?: string } = {};
  while (words.length > 0) {
    const option = words.shift() ?? '';
    const slot = OPTIONS[option];
    if (slot === undefined) throw new PromptError(`Invalid skip option: ${option}`);
    const value = words.shift();
    if (value === undefined) throw new PromptError(`Missing value for ${option} option.`);
    found[slot] = value;
  }
  if (found.file !== undefined && found.glob !== undefined)
    throw new PromptError('Cannot specify both -file and -gfile.');
  if (found.function !== undefined && found.regExp !== undefined)
    throw new PromptError('Cannot specify both -function and -rfunction.');
  return {
    file: found.file ?? found.glob,
    isGlob: found.glob !== undefined,
    function: found.function ?? found.regExp,
    isRegExp: found.regExp !== undefined,
  };
}

const OPTIONS: Readonly<Record<string, 'file' | 'glob' | 'function' | 'regExp'>> = {
  '-fi': 'file',
  '-file': 'file',
  '-gfi': 'glob',
  '-gfile': 'glob',
  '-fu': 'function',
  '-function': 'function',
  '-rfu': 'regExp',
  '-rfunction': 'regExp',
};

function presentFunction(debugging: Debugger): string {
  if (debugging.anyThread === undefined) throw new PromptError('No default function now.');
  const { scope, pc } = debugging.frames.selected;
  if (scope === undefined)
    throw new PromptError(`No function found containing current program point 0x${pc.toString(16)}.`);
  return functionName(debugging, debugging.frames.selected);
}

function presentFile(debugging: Debugger): string {
  const line = debugging.anyThread === undefined ? undefined : debugging.frames.selected.line;
  if (line === undefined) throw new PromptError('No default file now.');
  return line.file;
}

/** By `1 3-4`; all without. */
function chosen({ skips }: Debugger, text: string): readonly SkipRule[] {
  const { all } = skips;
  if (text === '') return all;
  const ranges = text.split(/\s+/).map((word) => {
    const match = /^(\d+)(?:-(\d+))?$/.exec(word);
    if (match === null) throw new PromptError(`Arguments must be skip numbers: ${word}`);
    return { first: Number(match[1]), last: Number(match[2] ?? match[1]) };
  });
  const found = all.filter(({ id }) => ranges.some(({ first, last }) => id >= first && id <= last));
  if (found.length === 0) throw new PromptError(`No skiplist entries found with number ${text}.`);
  return found;
}

/** `info skip [N…]`. */
export function skipLines(debugging: Debugger, argument: string): void {
  if (debugging.skips.all.length === 0) {
    debugging.print('Not skipping any files or functions.');
    return;
  }
  const rules = chosen(debugging, argument);
  debugging.print('Num   Enb Glob File                 RE Function');
  for (const rule of rules) {
    const enabled = rule.isDisabled ? 'n' : 'y';
    const file = `${rule.isGlob ? 'y' : 'n'} ${(rule.file ?? NONE).padEnd(20)}`;
    const name = ` ${rule.isRegExp ? 'y' : 'n'} ${rule.function ?? NONE}`;
    debugging.print(`${String(rule.id).padEnd(5)} ${enabled.padEnd(3)} ${file.padStart(25)} ${name}`);
  }
}
