// `rivulet run` as it is called most: options of the table, each spelled in full, then PROG and its arguments.
// start.ts reads the words with it, for commander takes as long to load and to describe all commands as a short program
// runs. Whatever is not plain (help, mistakes, options that load more) is left to commander: the same words mean the same.
import { type RawOptions, RUN_OPTIONS } from './run-options.ts';

export interface PlainRun {
  readonly program: string;
  readonly args: readonly string[];
  readonly options: RawOptions;
}

/** What session.ts does, and the part of the debugger that it needs. */
const WATCHING = ['--strace', '--leaks', '--stats', '--schedule'];

interface Plain {
  readonly name: string;
  readonly takes: 'nothing' | 'value' | 'values';
  /** `--no-jit` makes `jit` false. */
  readonly isNegated: boolean;
}

/** From the flags as commander has them: `--root <dir>`. */
function plainOptions(): ReadonlyMap<string, Plain> {
  const options = new Map<string, Plain>();
  for (const [flags, , isRepeated] of RUN_OPTIONS) {
    const [flag = '', value] = flags.split(' ');
    const words = flag.replace(/^--(no-)?/, '');
    const name = words.replace(/-(.)/g, (_, letter: string) => letter.toUpperCase());
    const takes = value === undefined ? 'nothing' : isRepeated ? 'values' : 'value';
    if (!WATCHING.includes(flag)) options.set(flag, { name, takes, isNegated: flag.startsWith('--no-') });
  }
  return options;
}

/** What the words behind `run` say; undefined when commander has to look at them. */
export function parsePlainRun(words: readonly string[]): PlainRun | undefined {
  const known = words[0]?.startsWith('-') ? plainOptions() : undefined;
  const options: Record<string, string | string[] | boolean> = {};
  for (let at = 0; at < words.length; at++) {
    const isLast = words[at] === '--';
    const word = words[isLast ? ++at : at];
    if (word === undefined) return undefined;
    if (isLast || !word.startsWith('-')) return { program: word, args: words.slice(at + 1), options };
    const equals = word.indexOf('=');
    const option = known?.get(equals < 0 ? word : word.slice(0, equals));
    if (option === undefined) return undefined;
    const { name, takes, isNegated } = option;
    if (takes === 'nothing') {
      if (equals >= 0) return undefined;
      options[name] = !isNegated;
      continue;
    }
    const value = equals < 0 ? words[++at] : word.slice(equals + 1);
    if (value === undefined) return undefined;
    options[name] = takes === 'values' ? [...((options[name] as string[] | undefined) ?? []), value] : value;
  }
  return undefined;
}
