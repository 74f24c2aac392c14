// What was seen when a guest program (and its partner) ran: the text that goldens keep and that runs are compared by.
import { existsSync, readFileSync } from 'node:fs';

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
  text: string;
}

export function describeObservation({ status, stdout, partner }: Observation): string {
  const section = (title: string, one: Ended) =>
    `${title}exit ${one.status}\n${one.stdout}${one.stdout === '' || one.stdout.endsWith('\n') ? '' : '\n'}`;
  return section('', { status, stdout }) + (partner ? section('--- partner: ', partner) : '');
}

export function formatGolden(golden: Golden): string {
  return `# ${golden.recorded}\n${golden.text}`;
}

export function parseGolden(file: string): Golden {
  const end = file.indexOf('\n');
  return { recorded: file.slice(2, end), text: file.slice(end + 1) };
}

export function readGolden(name: string): Golden {
  const path = goldenPath(name);
  if (!existsSync(path)) throw new Error(`${name} has no golden: npm run goldens -- ${name}`);
  return parseGolden(readFileSync(path, 'latin1'));
}

export function goldenPath(name: string): string {
  return `system-tests/golden/${name}.txt`;
}
