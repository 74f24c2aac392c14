// Sessions shown in the docs: which commands they run, what they print, and whether that is still so.
// transcripts.test.ts runs them; with RIVULET_UPDATE_DOCS=1 it writes down what is printed now.
// A session is a code block that begins with `$ rivulet`. Its lines behind `(rivulet) ` and `>` are typed; a line `…` stands for
// any lines. Times and rates are not compared.
import { HANG_MS, run } from '../scripts/setup/command.ts';

/** A command of a code block, with what is to come after it. */
export interface Command {
  /** The line behind `$ `. */
  readonly line: string;
  /** What is typed at its prompt. */
  readonly typed: readonly string[];
  readonly expected: readonly string[];
  /** Where `expected` stands in the file: first line, and the line after the last. */
  readonly from: number;
  readonly to: number;
}

const FENCE = '```';
const SHELL = '$ ';
/** What stands behind the prompt, or in a block of a script behind `>`. */
const TYPED = /^(?:\(rivulet\) | *>)(.*)$/;
const ANY = '…';

/** All commands of all sessions, in order. */
export function commandsOf(text: string): Command[] {
  const lines = text.split('\n');
  const commands: Command[] = [];
  let isSession = false;
  let start: number | undefined;
  const close = (to: number): void => {
    if (start === undefined) return;
    const line = (lines[start] ?? '').slice(SHELL.length);
    const expected = lines.slice(start + 1, to);
    const typed = expected.flatMap((each) => TYPED.exec(each)?.[1] ?? []);
    commands.push({ line, typed, expected, from: start + 1, to });
    start = undefined;
  };
  for (const [number, line] of lines.entries()) {
    if (line.startsWith(FENCE)) {
      close(number);
      isSession = !isSession && (lines[number + 1] ?? '').startsWith(`${SHELL}rivulet `);
    } else if (isSession && line.startsWith(SHELL)) {
      close(number);
      start = number;
    }
  }
  return commands;
}

/** Runs a command in `directory`; what it prints, both streams in order. */
export async function printedBy(command: Command, dist: string, directory: string): Promise<string[]> {
  const script = `rivulet() { "${process.execPath}" "${dist}" "$@"; }\n${command.line}`;
  const { stdout } = await run('/bin/bash', ['-c', `exec 2>&1\n${script}`], {
    cwd: directory,
    // what programs find in their memory depends on the environment
    env: { TERM: 'xterm' },
    timeoutMs: HANG_MS,
    stdin: command.typed.map((line) => `${line}\n`).join(''),
  });
  const shown = stdout.replaceAll(directory, '/home/me').replaceAll(process.cwd(), '/home/me/rivulet');
  return trimmed(shown.split('\n'));
}

/** Is what was printed what stands in the docs? */
export function isAsShown(printed: readonly string[], expected: readonly string[]): boolean {
  const wanted = trimmed(expected).map(comparable);
  const seen = printed.map(comparable);
  const matches = (i: number, j: number): boolean => {
    for (; i < wanted.length; i++, j++) {
      if (wanted[i] === ANY) {
        for (let k = j; k <= seen.length; k++) if (matches(i + 1, k)) return true;
        return false;
      }
      if (wanted[i] !== seen[j]) return false;
    }
    return j === seen.length;
  };
  return matches(0, 0);
}

function comparable(line: string): string {
  return line.replace(/\d+(\.\d+)? s, \d+ a minute/, 'T').replace(/\(\d+\.\d+ s, /, '(T, ');
}

/** Without blanks at the ends of lines and blank lines at the end. */
function trimmed(lines: readonly string[]): string[] {
  const all = lines.map((line) => line.trimEnd());
  while (all.at(-1) === '') all.pop();
  return all;
}
