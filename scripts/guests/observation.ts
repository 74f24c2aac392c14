// What was seen when a guest program (and its partner) ran: the text that goldens keep and that runs are compared by.
// A golden has the form that `rivulet test` reads (docs/testing.md), and how to run the program in its header.
import { existsSync, readFileSync } from 'node:fs';
import { describeEnd, formatExpectation, splitHeader } from '../../cli/testing/expectation.ts';
import type { GuestProgram } from './catalogue.ts';

export interface Observation extends Ended {
  partner?: Ended;
}

export interface Ended {
  /** Exit status, 128 + n for signal n. */
  status: number;
  /** One character a byte. */
  stdout: string;
}

export interface Golden {
  /** Kernel release, architecture and date of the recording. */
  recorded: string;
  /** Header lines such as `args: one two`. */
  directives: string[];
  text: string;
}

export function describeObservation({ status, stdout, partner }: Observation): string {
  const own = describeEnd(status, stdout);
  return partner ? `${own}--- partner: ${describeEnd(partner.status, partner.stdout)}` : own;
}

/** The header lines that tell `rivulet test` how to run the program. */
export function directivesOf({ args, stdin, env, partner }: GuestProgram): string[] {
  const variables = Object.entries(env).map(([key, value]) => `${key}=${value}`);
  return [
    ...(partner ? [`skip: runs together with ${partner.program}, in the project's own tests`] : []),
    ...(args.length > 0 ? [`args: ${args.join(' ')}`] : []),
    ...(stdin === '' ? [] : [`stdin: ${stdin.replaceAll('\n', '\\n')}`]),
    ...(variables.length > 0 ? [`env: ${variables.join(' ')}`] : []),
  ];
}

export function formatGolden({ recorded, directives, text }: Golden): string {
  return formatExpectation([recorded, ...directives], text);
}

export function parseGolden(file: string): Golden {
  const { header, text } = splitHeader(file);
  const [recorded = '', ...directives] = header;
  return { recorded, directives, text };
}

export function readGolden(name: string): Golden {
  const path = goldenPath(name);
  if (!existsSync(path)) throw new Error(`${name} has no golden: npm run goldens -- ${name}`);
  return parseGolden(readFileSync(path, 'latin1'));
}

export function goldenPath(name: string): string {
  return `system-tests/golden/${name}.txt`;
}
