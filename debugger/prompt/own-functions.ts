// Functions of the debugger that ask what it knows: $_caller_is("main"), $_gdb_setting("listsize"), $_as_string(RED).
// scope.ts offers them to expressions; those that only read memory are in values/calls.ts.
// Names and meaning are gdb's (python/lib/gdb/function).
import { bare, INT } from '../values/c-types.ts';
import { scalarText } from '../values/scalar-text.ts';
import { makeInteger, numberIn, stringValue, toBytes, truthValue, type Value } from '../values/values.ts';
import type { Debugger } from './debugger.ts';
import { functionName } from './frame-text.ts';
import { PromptError } from './prompt-error.ts';

type Own = (debugging: Debugger, args: readonly Value[], text: (value: Value | undefined) => string) => Value;

const matching = (pattern: string): ((name: string) => boolean) => {
  let expression: RegExp;
  try {
    expression = new RegExp(`^(?:${pattern})`);
  } catch {
    throw new PromptError(`${pattern}: no regular expression`);
  }
  return (name) => expression.test(name);
};

/** Names of the selected frame's function and of those that called it. */
function names(debugging: Debugger): string[] {
  const { frames } = debugging;
  return frames.all.slice(frames.level).map((frame) => functionName(debugging, frame));
}

/** How many frames up: the second argument, 1 when there is none. */
function distance(args: readonly Value[]): number {
  const count = args[1] === undefined ? 1 : Number(numberIn(args[1]));
  if (count < 0) throw new PromptError('nframes must be >= 0');
  return count;
}

const OWN: Readonly<Record<string, Own>> = {
  _caller_is: (debugging, args, text) => truthValue(names(debugging)[distance(args)] === text(args[0])),
  _caller_matches: (debugging, args, text) => {
    const name = names(debugging)[distance(args)];
    return truthValue(name !== undefined && matching(text(args[0]))(name));
  },
  _any_caller_is: (debugging, args, text) =>
    truthValue(
      names(debugging)
        .slice(0, distance(args) + 1)
        .includes(text(args[0])),
    ),
  _any_caller_matches: (debugging, args, text) =>
    truthValue(
      names(debugging)
        .slice(0, distance(args) + 1)
        .some(matching(text(args[0]))),
    ),
  _as_string: (_, [value]) =>
    stringValue(value === undefined ? '' : scalarText(value, undefined, () => undefined)),
  _gdb_setting: (debugging, args, text) => {
    const value = settingNamed(debugging, text(args[0]));
    if (value === 'on' || value === 'off') return makeInteger(INT, value === 'on' ? 1n : 0n);
    if (value === 'unlimited') return makeInteger(INT, 0n);
    return /^\d+$/.test(value) ? makeInteger(INT, BigInt(value)) : stringValue(value);
  },
  _gdb_setting_str: (debugging, args, text) => stringValue(settingNamed(debugging, text(args[0]))),
};

function settingNamed({ settings }: Debugger, text: string): string {
  const found = settings.find(text);
  if (found === undefined)
    throw new PromptError(`First argument of $_gdb_setting must be a valid setting of the 'show' command.`);
  return settings.get(found.name);
}

/** The function of this name, without the dollar, when there is one. */
export function ownFunctionOf(
  debugging: Debugger,
  name: string,
): ((args: readonly Value[]) => Value) | undefined {
  const own = Object.hasOwn(OWN, name) ? OWN[name] : undefined;
  if (own === undefined) return undefined;
  const text = (value: Value | undefined): string => {
    if (value === undefined || bare(value.type).kind !== 'array')
      throw new PromptError(`You must provide at least one argument for $${name}.`);
    const bytes = toBytes(value);
    const end = bytes.indexOf(0);
    return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
  };
  return (args) => {
    if (args.length === 0) throw new PromptError(`You must provide at least one argument for $${name}.`);
    return own(debugging, args, text);
  };
}
