// A family of random scripts for guest-programs/fuzz/call-script.c, and the small parts that families are made of.
// The families stand beside this file; fuzz.ts runs them.
import fc from 'fast-check';

/** Lines of a script: process, call, arguments. */
export type Script = readonly string[];

export interface Family {
  readonly name: string;
  /** Generated and shrunk by fast-check. Most calls hit few names and descriptors, so that they meet. */
  readonly scripts: fc.Arbitrary<Script>;
  /** Differences that cannot be avoided are not generated; each with its reason. */
  readonly excluded: readonly string[];
  /** How many scripts of seed 1 run in `npm test`. */
  readonly inTest: number;
}

/** An argument as the guest program reads it: a number, or a text of its own small language. */
export type Argument = number | string;
export type Arguments = fc.Arbitrary<Argument>;
/** A line without its process, and how often it comes. */
export interface CallRow {
  readonly weight: number;
  readonly arbitrary: fc.Arbitrary<string>;
}

export function one(...values: readonly Argument[]): Arguments {
  return fc.constantFrom(...values);
}

/** Mostly the first, now and then another. */
export function mostly(usual: Arguments, ...others: readonly Arguments[]): Arguments {
  return fc.oneof(
    { weight: 5 * Math.max(1, others.length), arbitrary: usual },
    ...others.map((arbitrary) => ({ weight: 1, arbitrary })),
  );
}

/** Some of these bits. */
export function bits(...values: readonly number[]): fc.Arbitrary<number> {
  return fc
    .array(fc.constantFrom(...values), { maxLength: 3 })
    .map((chosen) => chosen.reduce((all, bit) => all | bit, 0) >>> 0);
}

/** Text with arguments in it: `items\`[8:${address},8:${length}]\``. */
export function items(parts: TemplateStringsArray, ...values: readonly Arguments[]): fc.Arbitrary<string> {
  return fc
    .tuple(...values)
    .map((chosen) => parts.map((part, index) => `${part}${chosen[index] ?? ''}`).join(''));
}

/** A call behind its weight: `row\`2 close ${fd}\``. */
export function row(parts: TemplateStringsArray, ...values: readonly Arguments[]): CallRow {
  const [first = ''] = parts;
  const weight = Number.parseInt(first, 10);
  const arbitrary = items(parts, ...values).map((line) => line.slice(line.indexOf(' ') + 1));
  return { weight, arbitrary };
}

/** One line: mostly of the first process. */
export function callOf(
  rows: readonly CallRow[],
  processes: Arguments = one(0, 0, 0, 0, 1, 1, 2),
): fc.Arbitrary<string> {
  return fc.tuple(processes, fc.oneof(...rows)).map((parts) => parts.join(' '));
}

/** An opening, some calls, and what always comes last. */
export function scriptOf(
  opening: fc.Arbitrary<Script>,
  call: fc.Arbitrary<string>,
  last: Script = [],
  maxLength = 34,
): fc.Arbitrary<Script> {
  return fc
    .tuple(opening, fc.array(call, { minLength: 1, maxLength, size: 'max' }))
    .map(([first, rest]) => [...first, ...rest, ...last]);
}

/** What a family is made of. */
interface Plan extends Omit<Family, 'scripts'> {
  readonly opening: fc.Arbitrary<Script>;
  readonly calls: readonly CallRow[];
  /** Calls of another process that may wait, and what wakes it: one for so many of the others. */
  readonly waiting?: { readonly calls: readonly CallRow[]; readonly by?: Arguments; readonly oneIn: number };
  /** What comes at the end of each script. */
  readonly last?: Script;
  readonly maxLength?: number;
}

/** A family whose scripts are an opening and then calls, mostly of the first process. */
export function family({ opening, calls, waiting, last, maxLength, ...about }: Plan): Family {
  const usual = callOf(calls);
  const call =
    waiting === undefined
      ? usual
      : fc.oneof(
          { weight: waiting.oneIn, arbitrary: usual },
          { weight: 1, arbitrary: callOf(waiting.calls, waiting.by ?? one(1)) },
        );
  return { ...about, scripts: scriptOf(opening, call, last, maxLength) };
}

/** The script as the guest program reads it. */
export function scriptText(script: Script): string {
  return `=\n${script.map((line) => `${line}\n`).join('')}`;
}
