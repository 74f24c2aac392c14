// `set` and `show`: places of the program and of the debugger, and the debugger's own settings.
// engine.ts lists them; settings.ts has the settings.
// `set var` is never a setting, so that variables of any name can be set.
import { evaluate, evaluateList } from '../../values/evaluate.ts';
import { shownText } from '../../values/value-text.ts';
import { indented } from '../block-collector.ts';
import type { Command } from '../command.ts';
import { expressionWords } from '../completion.ts';
import type { Debugger } from '../debugger.ts';
import { fixedSetting } from '../fixed-settings.ts';
import { PromptError } from '../prompt-error.ts';

/** gdb shows the last ten. */
const VALUES_SHOWN = 10;
const ELSEWHERE = /^(args|environment|env|cwd)\b/;

export const SETTING_COMMANDS: readonly Command[] = [
  {
    name: 'set',
    group: 'data',
    usage: 'set [var] PLACE = EXPRESSION | set SETTING VALUE',
    help: 'Change a variable, a register ($a0), memory ({int}0x1000), a variable of the debugger ($i), or a setting; `show` lists the settings.\nTime travel repeats the change whenever the run passes here.',
    repeats: 'no',
    complete(debugging, words) {
      const settings = settingWords(debugging, words);
      if (words.length <= 1) return ['var', 'variable', ...settings, ...expressionWords(debugging, words)];
      return settings.length > 0 ? settings : expressionWords(debugging, words.slice(-1));
    },
    run: set,
  },
  {
    name: 'show',
    group: 'support',
    usage: 'show [SETTING | values | convenience]',
    help: 'Show a setting, or all; the values printed so far; or the variables of the debugger.',
    repeats: 'no',
    complete: settingWords,
    run: show,
  },
];

function settingWords(debugging: Debugger, words: readonly string[]): readonly string[] {
  const before = words.slice(0, -1).join(' ');
  return debugging.settings.names
    .filter((name) => before === '' || name.startsWith(`${before} `))
    .map((name) => (before === '' ? name : name.slice(before.length + 1)))
    .map((name) => name.split(' ')[0] ?? name);
}

function set(debugging: Debugger, argument: string): void {
  const { settings, scope } = debugging;
  const variable = /^var(?:iable)?\s+(.*)$/s.exec(argument)?.[1];
  if (variable !== undefined) {
    evaluate(variable, scope);
    return;
  }
  if (argument === '' || /^var(?:iable)?$/.test(argument))
    throw new PromptError('Argument required (expression to compute).');
  const setting = argument.includes('=') ? undefined : settings.find(argument);
  if (setting !== undefined) {
    settings.set(setting.name, setting.rest);
    debugging.frames.forget(); // there may be others now
    return;
  }
  if (ELSEWHERE.test(argument) && !argument.includes('='))
    throw new PromptError(
      'Arguments and environment of the program stand on the command line: rivulet debug PROG ARGS...',
    );
  const fixed = argument.includes('=') ? undefined : fixedSetting(argument);
  if (fixed !== undefined) {
    const { name, value, typed, why } = fixed;
    if (why !== undefined && typed !== value)
      debugging.print(`warning: ${name} stays ${value === '' ? 'as it is' : `\`${value}'`}: ${why}.`);
    return;
  }
  const printed = /^p(?:r|rint)?\s+(\S+)$/.exec(argument.replace(/\s+(?:on|off)$/, ''))?.[1];
  if (printed !== undefined && !argument.includes('='))
    throw new PromptError(`Undefined set print command: "${printed}".  Try "help set print".`);
  evaluateList(argument, scope);
  if (!argument.includes('=') && !/\+\+|--/.test(argument))
    throw new PromptError('set PLACE = EXPRESSION, as in: set $a0 = 0');
}

function show(debugging: Debugger, argument: string): void {
  const { settings, scope } = debugging;
  if (argument === 'convenience' || argument === 'conv') {
    for (const [name, value] of scope.variables)
      debugging.print(`$${name} = ${shownText(value, undefined, debugging.textContext)}`);
    return;
  }
  if (argument === 'values') {
    const { length } = scope.pastValues;
    scope.pastValues.slice(-VALUES_SHOWN).forEach((value, index) => {
      debugging.print(
        `$${Math.max(0, length - VALUES_SHOWN) + index + 1} = ${shownText(value, undefined, debugging.textContext)}`,
      );
    });
    return;
  }
  const user = /^user\b\s*(\S*)$/.exec(argument)?.[1];
  if (user !== undefined) {
    showUser(debugging, user);
    return;
  }
  const found = argument === '' ? undefined : settings.find(argument);
  const names =
    found === undefined
      ? settings.names.filter((name) => argument === '' || name.startsWith(`${argument} `))
      : [found.name];
  const fixed = names.length === 0 ? fixedSetting(argument) : undefined;
  if (fixed !== undefined) {
    const { name, value, why } = fixed;
    debugging.print(
      `${name} is ${value === '' ? 'nothing to set' : `always "${value}"`}${why === undefined ? '' : `: ${why}`}.`,
    );
    return;
  }
  if (argument === 'version') {
    debugging.print('This is rivulet, whose commands are those of gdb.');
    return;
  }
  if (names.length === 0) throw new PromptError(`Undefined show command: "${argument}".  Try "help show".`);
  const isAlone = names.length === 1;
  for (const name of names)
    debugging.print(isAlone ? settings.sentence(name) : `${name}:  ${settings.sentence(name)}`);
}

/** Lines of commands that were defined. */
function showUser(debugging: Debugger, wanted: string): void {
  const { userCommands } = debugging;
  if (wanted !== '' && userCommands.get(wanted) === undefined) throw new PromptError('Not a user command.');
  for (const name of wanted === '' ? userCommands.names : [wanted]) {
    debugging.print(`User command "${name}":`);
    for (const line of indented(userCommands.get(name)?.lines ?? [])) debugging.print(`  ${line}`);
    debugging.print();
  }
}
