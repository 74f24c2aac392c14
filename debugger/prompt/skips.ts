// Functions and files that `step` does not go into.
// The Debugger owns the list, commands/skip.ts changes it, stepping.ts asks it.
// A rule names functions, files, or functions of files; it holds for all that match.
import { PromptError } from './prompt-error.ts';

export interface SkipRule {
  readonly id: number;
  isDisabled: boolean;
  /** A path or its end; with `isGlob` a pattern with * and ?. */
  readonly file: string | undefined;
  readonly isGlob: boolean;
  /** A name, or with `isRegExp` a pattern that is found in it. */
  readonly function: string | undefined;
  readonly isRegExp: boolean;
}

export type NewSkip = Omit<SkipRule, 'id' | 'isDisabled'>;

export class Skips {
  readonly #rules = new Map<number, SkipRule>();
  #last = 0;

  get all(): readonly SkipRule[] {
    return [...this.#rules.values()];
  }

  add(rule: NewSkip): void {
    if (rule.isRegExp) regExpOf(rule.function ?? ''); // wrong ones are told now
    const id = ++this.#last;
    this.#rules.set(id, { ...rule, id, isDisabled: false });
  }

  delete(id: number): void {
    this.#rules.delete(id);
  }

  /** Is code of this function, in this file, passed over? */
  isSkipped(name: string | undefined, file: string | undefined): boolean {
    return this.all.some(
      (rule) =>
        !rule.isDisabled &&
        (rule.file === undefined || (file !== undefined && isFile(rule, file))) &&
        (rule.function === undefined || (name !== undefined && isFunction(rule, name))),
    );
  }
}

function isFunction(rule: SkipRule, name: string): boolean {
  const wanted = rule.function ?? '';
  return rule.isRegExp ? regExpOf(wanted).test(name) : wanted === name;
}

/** A relative path means any that ends in it, as gdb compares them (compare_filenames_for_search, gdb_filename_fnmatch). */
function isFile(rule: SkipRule, file: string): boolean {
  const wanted = rule.file ?? '';
  if (!rule.isGlob) return file === wanted || (!wanted.startsWith('/') && file.endsWith(`/${wanted}`));
  const pattern = globOf(wanted);
  return pattern.test(file) || (!wanted.includes('/') && pattern.test(file.replace(/^.*\//, '')));
}

function globOf(glob: string): RegExp {
  const source = glob
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  try {
    return new RegExp(`^${source}$`);
  } catch {
    throw new PromptError(`${glob}: no pattern of file names`);
  }
}

function regExpOf(source: string): RegExp {
  try {
    return new RegExp(source);
  } catch {
    throw new PromptError(`Invalid regexp: ${source}`);
  }
}
