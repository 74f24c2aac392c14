// How long the debugger takes: to the end of a run of 10^9 instructions, with breakpoints, and back again.
// bench.ts calls it for `debug`. Each figure is what a person waits for at the prompt of the built command, driven over
// a pipe: from the line that is sent to the first line of what the next command prints.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import { binaryOf } from '../guests/compile.ts';

const PROGRAM = 'bench/long-run';
const RIVULET = 'dist/rivulet.js';
/** What somebody takes to read the screen. */
const THINKING_MS = 3000;
const STEPS = 10;

interface Journey {
  readonly name: string;
  /** At the end of the run, before the time is taken. */
  readonly first?: readonly string[];
  readonly command: string;
  /** The worst of so many times in a row. */
  readonly times?: number;
}

/** HALF stands for the middle of the run. */
const JOURNEYS: readonly Journey[] = [
  { name: 'reverse-stepi', command: 'reverse-stepi' },
  { name: `reverse-stepi, worst of ${STEPS}`, command: 'reverse-stepi', times: STEPS },
  { name: 'reverse-syscall', command: 'reverse-syscall' },
  { name: 'reverse-continue to a breakpoint', first: ['break rarely'], command: 'reverse-continue' },
  { name: 'goto the middle', command: 'goto HALF' },
];

/** A debugger at its prompt. */
class Prompt {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  #output = '';
  #sent = 0;
  #heard: (() => void) | undefined;

  constructor(mode: string) {
    this.#child = spawn(process.execPath, [RIVULET, 'debug', binaryOf(PROGRAM, 'riscv64'), mode], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#child.stdout.on('data', (chunk: Buffer) => {
      this.#output += chunk.toString('latin1');
      this.#heard?.();
    });
  }

  /** What `line` printed, and how long that took. */
  async run(line: string): Promise<{ ms: number; text: string }> {
    const mark = `done-${++this.#sent}`;
    const started = performance.now();
    this.#output = '';
    this.#child.stdin.write(`${line}\necho ${mark}\\n\n`);
    await new Promise<void>((resolve) => {
      this.#heard = () => {
        if (this.#output.includes(`\n${mark}`)) resolve();
      };
    });
    return { ms: performance.now() - started, text: this.#output };
  }

  async quit(): Promise<void> {
    const over = new Promise((resolve) => this.#child.on('close', resolve));
    this.#child.stdin.end('quit\n');
    await over;
  }
}

async function atTheEnd(mode: string, first: readonly string[]): Promise<{ prompt: Prompt; ms: number }> {
  const prompt = new Prompt(mode);
  await prompt.run('catch syscall exit_group');
  for (const line of first) await prompt.run(line);
  const { ms } = await prompt.run('continue');
  return { prompt, ms };
}

async function journeyMs(mode: string, journey: Journey, thinkingMs: number): Promise<number> {
  const { prompt } = await atTheEnd(mode, []);
  for (const line of journey.first ?? []) await prompt.run(line);
  const { text } = await prompt.run('when');
  const half = Math.floor(Number(/Position (\d+)/.exec(text)?.[1]) / 2);
  await pause(thinkingMs);
  let worst = 0;
  for (let i = 0; i < (journey.times ?? 1); i++) {
    const { ms } = await prompt.run(journey.command.replace('HALF', String(half)));
    worst = Math.max(worst, ms);
  }
  await prompt.quit();
  return worst;
}

async function plainMs(mode: string): Promise<number> {
  const started = performance.now();
  await new Promise((resolve) => {
    spawn(process.execPath, [RIVULET, 'run', binaryOf(PROGRAM, 'riscv64'), mode], { stdio: 'ignore' }).on(
      'close',
      resolve,
    );
  });
  return performance.now() - started;
}

async function least(rounds: number, measure: () => Promise<number>): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) best = Math.min(best, await measure());
  return best;
}

/** Prints one table a program; each figure is the least of `rounds`. */
export async function reportDebugging(rounds: number, print: (line: string) => void): Promise<void> {
  for (const mode of ['compute', 'calls']) {
    print(`\n${mode}, ms${' '.repeat(40 - mode.length)}at once   after ${THINKING_MS / 1000} s`);
    const row = (name: string, ...figures: number[]): void =>
      print(`  ${name.padEnd(40)}${figures.map((ms) => ms.toFixed(0).padStart(7)).join('    ')}`);
    row('rivulet run, from start to end', await least(rounds, () => plainMs(mode)));
    const lines: Readonly<Record<string, readonly string[]>> = {
      'continue to the end': [],
      'with a breakpoint beside the hot loop': ['break rarely if 0'],
    };
    for (const [name, first] of Object.entries(lines)) {
      const measure = async (): Promise<number> => {
        const { prompt, ms } = await atTheEnd(mode, first);
        await prompt.quit();
        return ms;
      };
      row(name, await least(rounds, measure));
    }
    for (const journey of JOURNEYS) {
      row(
        journey.name,
        await least(rounds, () => journeyMs(mode, journey, 0)),
        await least(rounds, () => journeyMs(mode, journey, THINKING_MS)),
      );
    }
  }
}
