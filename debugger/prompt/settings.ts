// What `set` can change of the debugger itself and `show` tells: each setting a row with its words.
// commands/settings.ts reads and writes them, everybody else asks for the value.
// Names and sentences are gdb's.
import { PromptError } from './prompt-error.ts';

type Kind = 'boolean' | 'number' | 'text' | readonly string[];

interface Setting {
  readonly name: string;
  readonly kind: Kind;
  readonly value: string;
  /** What `show` says, up to the value. */
  readonly says: string;
}

const UNLIMITED = 'unlimited';

/** Numbers: 0 and "unlimited" are without a limit. */
const SETTINGS: readonly Setting[] = [
  setting('print pretty', 'boolean', 'off', 'Pretty formatting of structures'),
  setting('print elements', 'number', '200', 'Limit on string chars or array elements to print'),
  setting(
    'print frame-arguments',
    ['all', 'scalars', 'none'],
    'scalars',
    'Printing of non-scalar frame arguments',
  ),
  setting('print array', 'boolean', 'off', 'Pretty formatting of arrays'),
  setting('print array-indexes', 'boolean', 'off', 'Printing of array indexes'),
  setting('print object', 'boolean', 'off', "Printing of object's derived type based on vtable info"),
  setting('print union', 'boolean', 'on', 'Printing of unions interior to structures'),
  setting('print null-stop', 'boolean', 'off', 'Printing of char arrays to stop at first null char'),
  setting('print repeats', 'number', '10', 'Threshold for repeated print elements'),
  setting('print max-depth', 'number', '20', 'Maximum print depth'),
  setting('print address', 'boolean', 'on', 'Printing of addresses'),
  setting('print symbol', 'boolean', 'on', 'Printing of symbol names when printing pointers'),
  setting('listsize', 'number', '10', 'Number of source lines gdb will list by default'),
  setting('backtrace past-main', 'boolean', 'off', 'Whether backtraces should continue past "main"'),
  setting(
    'backtrace limit',
    'number',
    UNLIMITED,
    'An upper bound on the number of stack frames in a backtrace',
  ),
  setting(
    'breakpoint pending',
    ['on', 'off', 'auto'],
    'auto',
    "Debugger's behavior regarding pending breakpoints",
  ),
  setting(
    'disassemble-next-line',
    ['on', 'off', 'auto'],
    'auto',
    "Debugger's willingness to use disassemble-next-line",
  ),
  setting('can-use-hw-watchpoints', 'number', '1', "Debugger's willingness to use watchpoint hardware"),
  setting('confirm', 'boolean', 'off', 'Whether to confirm potentially dangerous operations'),
  setting('pagination', 'boolean', 'off', 'State of pagination'),
  setting('width', 'number', UNLIMITED, 'Number of characters gdb thinks are in a line'),
  setting('height', 'number', UNLIMITED, 'Number of lines gdb thinks are in a page'),
  setting('logging', 'text', 'off', 'Whether logging is enabled'),
  setting('style', 'text', 'off', 'CLI output styling'),
  setting('verbose', 'boolean', 'off', 'Verbosity'),
];

const QUOTED: ReadonlySet<string> = new Set(['print frame-arguments']);

function setting(name: string, kind: Kind, value: string, says: string): Setting {
  return { name, kind, value, says };
}

export class Settings {
  readonly #values = new Map<string, string>(SETTINGS.map(({ name, value }) => [name, value]));

  get(name: string): string {
    return this.#values.get(name) ?? '';
  }

  isOn(name: string): boolean {
    return this.get(name) === 'on';
  }

  /** Infinity when there is no limit. */
  number(name: string): number {
    const value = this.get(name);
    return value === UNLIMITED ? Number.POSITIVE_INFINITY : Number(value);
  }

  get names(): readonly string[] {
    return SETTINGS.map(({ name }) => name);
  }

  /** The setting that `text` begins with, by whole words, and what follows its name. */
  find(text: string): { name: string; rest: string } | undefined {
    const words = text
      .trim()
      .replace(/^p(?:r|rint)?\s/, 'print ')
      .split(/\s+/);
    for (const { name } of SETTINGS) {
      const parts = name.split(' ');
      if (parts.every((part, at) => part === words[at]))
        return { name, rest: words.slice(parts.length).join(' ') };
    }
    return undefined;
  }

  /** Throws PromptError for a value that the setting cannot have. */
  set(name: string, typed: string): void {
    const kind = SETTINGS.find((each) => each.name === name)?.kind;
    this.#values.set(name, kind === undefined || kind === 'text' ? typed : checked(kind, typed));
  }

  /** All values as they are, for `giveBack`. */
  take(): ReadonlyMap<string, string> {
    return new Map(this.#values);
  }

  giveBack(values: ReadonlyMap<string, string>): void {
    for (const [name, value] of values) this.#values.set(name, value);
  }

  /**
   * Sets what `-pretty -elements 3 --` at the beginning of `text` says of the settings of a command. Returns the rest.
   * Words that are no such options begin the rest: -x is an expression too.
   */
  applyOptions(command: string, text: string): string {
    let rest = text;
    for (;;) {
      const [all, option = '', behind = ''] = /^-([a-z][\w-]*)\s*(.*)$/s.exec(rest) ?? [];
      const matching = SETTINGS.filter(({ name }) => name.startsWith(`${command} ${option}`));
      const found = matching.find(({ name }) => name === `${command} ${option}`) ?? matching[0];
      if (all === undefined || found === undefined || (matching.length > 1 && option.length < 2)) break;
      const isWanted = found.kind === 'boolean' ? /^(?:on|off|yes|no|1|0|enable|disable)(?=\s|$)/ : /^\S+/;
      const value = isWanted.exec(behind)?.[0] ?? '';
      this.set(found.name, value);
      rest = behind.slice(value.length).trim();
    }
    return rest.replace(/^--(?:\s+|$)/, '');
  }

  /** As gdb says it. */
  sentence(name: string): string {
    const { says } = SETTINGS.find((each) => each.name === name) as Setting;
    const value = this.get(name);
    return `${says} is ${QUOTED.has(name) ? `"${value}"` : value}.`;
  }
}

function checked(kind: Exclude<Kind, 'text'>, typed: string): string {
  if (kind === 'boolean') {
    if (['', 'on', '1', 'yes', 'enable'].includes(typed)) return 'on';
    if (['off', '0', 'no', 'disable'].includes(typed)) return 'off';
    throw new PromptError('"on" or "off" expected.');
  }
  if (kind === 'number') {
    if (typed === '0' || typed === '-1' || (typed !== '' && UNLIMITED.startsWith(typed))) return UNLIMITED;
    if (!/^\d+$/.test(typed)) throw new PromptError('integer or "unlimited" expected.');
    return typed;
  }
  const value = typed === '' && kind.includes('on') ? 'on' : kind.find((each) => each.startsWith(typed));
  if (value === undefined) throw new PromptError(`Undefined item: "${typed}".`);
  return value;
}
