// The command lines of our own scripts: options and --help by commander, under the name they are called by.
// bench.ts and the fuzzers describe theirs with it.
import { Command, InvalidArgumentError } from 'commander';

/** A command line for `npm run NAME --`; wrong ones end the process with status 2. */
export function scriptCommand(name: string, description: string): Command {
  return new Command(`npm run ${name} --`)
    .description(description)
    .allowExcessArguments(false)
    .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2));
}

/** Reads an option's value: a whole number, not negative. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < 0) {
    throw new InvalidArgumentError('It must be a whole number.');
  }
  return value;
}

/** The same, at least 1. */
export function positiveNumber(text: string): number {
  const value = wholeNumber(text);
  if (value === 0) throw new InvalidArgumentError('It must be at least 1.');
  return value;
}
